//! The settled columns of a table.

use super::derived::Derived;
use super::functions::{from_text, json_text, or_default};
use super::types::{arrow_type, is_nested};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::lit;
use events::source::ColumnType;
use std::collections::HashMap;
use std::sync::Arc;

/// Columns of a scan that are not the table's: the file's number and the row's number in the file. Scans tell columns apart by
/// their names alone, so no file may have such.
pub(crate) const FILE_NUMBER: &str = "$hoglet.file";
pub(crate) const ROW_NUMBER: &str = "$hoglet.row_number";

/// A column of a table: what it is called, and which column of the files stands for it.
#[derive(Debug, Clone)]
pub(crate) struct LayoutColumn {
    /// Its name in the table.
    pub(crate) name: String,
    /// Its name in the files.
    pub(crate) source: String,
    /// Its type in the table.
    pub(crate) ty: ColumnType,
    /// Whether it can be NULL in the table.
    pub(crate) nullable: bool,
    /// What stands for NULL and for a file without the column.
    pub(crate) default: Option<&'static str>,
    /// Whether files that have it hold NULL, or may.
    pub(crate) has_nulls: bool,
    /// Type in which the column is read if it becomes text only then: of nested values, or of bytes.
    pub(crate) raw: Option<DataType>,
    /// NULL gives way to a UUID made of the row's place.
    pub(crate) filled: bool,
}

impl LayoutColumn {
    /// The value of the column as the table shows it, from the value that is read.
    pub(crate) fn shown(&self, value: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        let text = match &self.raw {
            None => return value,
            Some(ty) if is_nested(ty) => json_text(value),
            Some(_) => from_text(value, &self.name, DataType::Utf8View),
        };
        match self.default {
            Some(default) => {
                let default = ScalarValue::Utf8View(Some(default.to_owned()));
                or_default(text, lit(default), DataType::Utf8View)
            }
            None => text,
        }
    }

    /// The column as it is read from files: raw ones as they are, all others converted.
    fn read_field(&self) -> Field {
        let ty = self.raw.clone().unwrap_or_else(|| arrow_type(self.ty));
        Field::new(&self.source, ty, self.nullable || self.raw.is_some())
    }
}

/// The settled columns of a table.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The columns that files stand for: canonical ones, then property columns.
    pub(crate) columns: Vec<LayoutColumn>,
    /// Schema to read files with: their own names, the table's types. Parallel to `columns`.
    pub(crate) read_schema: SchemaRef,
    /// Columns that each file gives in its own way, by name.
    pub(crate) derived: HashMap<String, Derived>,
}

impl Layout {
    /// The layout of those columns.
    pub(crate) fn new(columns: Vec<LayoutColumn>) -> Self {
        let fields: Vec<Field> = columns.iter().map(LayoutColumn::read_field).collect();
        Self { columns, read_schema: Arc::new(Schema::new(fields)), derived: HashMap::new() }
    }

    /// The same with columns that each file gives in its own way.
    pub(crate) fn with_derived(mut self, derived: HashMap<String, Derived>) -> Self {
        self.derived = derived;
        self
    }

    /// Lets UUIDs made of the rows' places stand for NULL in a column. It is read as one that may hold NULL all the same.
    pub(crate) fn fill(&mut self, name: &str) {
        for column in self.columns.iter_mut().filter(|column| column.name == name) {
            column.filled = true;
            column.nullable = false;
        }
    }

    /// The table's own schema, without synthetic columns.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.columns
            .iter()
            .map(|column| Field::new(&column.name, arrow_type(column.ty), column.nullable))
    }

    /// Defaults by the files' column names. Raw columns get theirs after they became text.
    pub(crate) fn defaults(&self) -> HashMap<String, Default> {
        let with_default = self.columns.iter().filter(|column| column.raw.is_none());
        with_default
            .filter_map(|column| {
                let value = ScalarValue::Utf8View(Some(column.default?.to_owned()));
                Some((column.source.clone(), Default { value, has_nulls: column.has_nulls }))
            })
            .collect()
    }
}

/// What stands for a missing value.
#[derive(Debug, Clone)]
pub(crate) struct Default {
    /// The value.
    pub(super) value: ScalarValue,
    /// Whether a file that has the column holds NULL, or may.
    pub(super) has_nulls: bool,
}
