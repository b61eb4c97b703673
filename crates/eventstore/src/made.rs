//! Columns that no file has: made of a row's place, or looked up by what the file has.

use crate::columns::{row_place, row_uuid};
use crate::store::{ACTOR_COLUMN, PERSON_COLUMN, Persons, actor_of, person_of};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::lit;
use events::column;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A column that no file has.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// `uuid`, made of the row's place.
    Uuid,
    /// The place itself.
    Row,
    /// The person of the row's bucket and ordinal. Files of a store are numbered by their buckets.
    Person(Arc<Persons>),
    /// The same as a number: bucket, then ordinal, of 32 bits each.
    Actor,
}

/// A row's place: the file's number, and the row's where it is read.
pub(crate) type RowPlace = (Arc<dyn PhysicalExpr>, Option<Arc<dyn PhysicalExpr>>);

impl Made {
    pub(crate) fn field(&self) -> Field {
        match self {
            Self::Uuid => Field::new(column::UUID, DataType::Utf8View, false),
            Self::Row => Field::new(column::ROW, DataType::Int64, false),
            Self::Person(_) => Field::new(PERSON_COLUMN, DataType::Utf8View, false),
            Self::Actor => Field::new(ACTOR_COLUMN, DataType::UInt64, false),
        }
    }

    /// Its value for a row at that place, and of that ordinal where files have such.
    pub(crate) fn expr(
        &self,
        place: Option<&RowPlace>,
        ordinal: Option<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(match (self, place, ordinal) {
            (Self::Uuid, Some((file, Some(row))), _) => row_uuid(Arc::clone(file), Arc::clone(row)),
            (Self::Row, Some((file, Some(row))), _) => row_place(Arc::clone(file), Arc::clone(row)),
            (Self::Person(persons), Some((bucket, _)), Some(ordinal)) => {
                person_of(persons, Arc::clone(bucket), ordinal)
            }
            (Self::Actor, Some((bucket, _)), Some(ordinal)) => {
                actor_of(Arc::clone(bucket), ordinal)
            }
            _ => lit(ScalarValue::try_new_null(self.field().data_type())?),
        })
    }

    /// The persons that one of them looks up.
    pub(crate) fn persons(all: &[Self]) -> Option<&Arc<Persons>> {
        all.iter().find_map(|made| match made {
            Self::Person(persons) => Some(persons),
            Self::Uuid | Self::Row | Self::Actor => None,
        })
    }

    /// Whether it is made of the row's number, and not of the file's alone.
    pub(crate) const fn needs_row(&self) -> bool {
        matches!(self, Self::Uuid | Self::Row)
    }

    /// Reads what the values are looked up in: for files of some numbers, or of all.
    pub(crate) async fn prepare(&self, files: Option<&BTreeSet<i64>>) -> Result<()> {
        match self {
            Self::Person(persons) => persons.load(files).await,
            Self::Uuid | Self::Row | Self::Actor => Ok(()),
        }
    }
}
