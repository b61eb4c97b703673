//! How a virtual table is defined.

use super::PropertyOwner;
use ::events::source::{ShreddedProperty, SourceColumn, TableKind};
use std::borrow::Cow;

/// Text of a definition: mostly constant, sometimes made from the schema.
pub(super) type Text = Cow<'static, str>;

/// A virtual table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name in `FROM`.
    pub name: &'static str,
    /// Where its rows come from.
    pub base: Base,
    /// Its fields, in the order of `*`.
    pub fields: Vec<Field>,
}

/// Where a table's rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// The rows of a source's table as they are.
    Source(TableKind),
    /// The rest of a query behind its select list, `FROM .. WHERE .. GROUP BY ..`, over the source's tables
    /// (`source.events`, a spelling that only definitions may use) or other virtual tables.
    Query(Text),
}

/// A field of a virtual table.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Text,
    /// What it stands for.
    pub kind: FieldKind,
    /// Whose properties it holds, if it is the text of a JSON object.
    pub owner: Option<PropertyOwner>,
    /// Left out by `*`.
    pub hidden: bool,
}

/// What a field stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    /// A column of the source's table.
    Stored(SourceColumn),
    /// Properties that the source keeps in columns of their own, beside a column of JSON text if it has one.
    Columns {
        /// The properties that are columns only.
        columns: Vec<SourceColumn>,
        /// The properties that are in the JSON text and in columns as well.
        shredded: Vec<ShreddedProperty>,
        /// The column of JSON text.
        rest: Option<SourceColumn>,
    },
    /// HogQL over other fields of this table.
    Expr(Text),
    /// HogQL within the query of [`Base::Query`]: an item of its select list.
    Item(Text),
    /// Another field by its path.
    Path(Vec<Text>),
    /// Another table, joined when a field behind the name is used.
    Join(Join),
    /// Fields grouped under a name.
    Nested(Vec<Field>),
    /// The source lacks it: why, and what to do.
    Absent(String),
}

/// A table joined on demand, at most one row of it to each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The virtual table.
    pub table: &'static str,
    /// Pairs of an expression over this table and a field of the joined one, which must be equal.
    pub on: Vec<(Text, &'static str)>,
}

impl Table {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        find(&self.fields, name)
    }
}

/// The field of that name among several.
#[must_use]
pub(crate) fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == name)
}

impl Field {
    fn new(name: impl Into<Text>, kind: FieldKind) -> Self {
        Self { name: name.into(), kind, owner: None, hidden: false }
    }

    /// HogQL over other fields of the table.
    pub(super) fn expr(name: impl Into<Text>, text: impl Into<Text>) -> Self {
        Self::new(name, FieldKind::Expr(text.into()))
    }

    /// An item of the table's query.
    pub(super) fn item(name: impl Into<Text>, text: impl Into<Text>) -> Self {
        Self::new(name, FieldKind::Item(text.into()))
    }

    /// A column of the source.
    pub(super) fn stored(name: impl Into<Text>, column: &SourceColumn) -> Self {
        Self::new(name, FieldKind::Stored(column.clone()))
    }

    /// Another field by its path; never part of `*`.
    pub(super) fn path(name: impl Into<Text>, path: &[&'static str]) -> Self {
        let path = path.iter().map(|&step| Cow::Borrowed(step)).collect();
        Self { hidden: true, ..Self::new(name, FieldKind::Path(path)) }
    }

    /// A table joined on one pair; never part of `*`.
    pub(super) fn join(
        name: impl Into<Text>,
        table: &'static str,
        from: impl Into<Text>,
        to: &'static str,
    ) -> Self {
        Self::join_on(name, table, vec![(from.into(), to)])
    }

    /// A table joined on several pairs; never part of `*`.
    pub(super) fn join_on(
        name: impl Into<Text>,
        table: &'static str,
        on: Vec<(Text, &'static str)>,
    ) -> Self {
        Self { hidden: true, ..Self::new(name, FieldKind::Join(Join { table, on })) }
    }

    /// Fields under a name; never part of `*`.
    pub(super) fn nested(name: impl Into<Text>, fields: Vec<Self>) -> Self {
        Self { hidden: true, ..Self::new(name, FieldKind::Nested(fields)) }
    }

    /// A field of another kind.
    pub(super) fn of(name: impl Into<Text>, kind: FieldKind) -> Self {
        Self::new(name, kind)
    }

    /// A field that the source lacks.
    pub(super) fn absent(name: impl Into<Text>, reason: impl Into<String>) -> Self {
        Self { hidden: true, ..Self::new(name, FieldKind::Absent(reason.into())) }
    }

    /// The same, holding properties of an owner.
    pub(super) fn owned_by(mut self, owner: PropertyOwner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The same, left out by `*`.
    pub(super) fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}
