//! What a source of rows really has: its tables, their columns and the kinds of its properties. Plain data.

use crate::property::PropertyKind;
use std::collections::BTreeMap;
use std::fmt;

/// Tables that a source may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableKind {
    /// Event rows.
    Events,
    /// Person rows, one for each change of a distinct id.
    Persons,
    /// Distinct id to person overrides.
    Overrides,
    /// Group rows.
    Groups,
}

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Persons, Self::Overrides, Self::Groups];

    /// The word for it in options and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Persons => "persons",
            Self::Overrides => "overrides",
            Self::Groups => "groups",
        }
    }
}

impl fmt::Display for TableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Types of source columns. The memory layout of each is fixed: see the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Text.
    String,
    /// 64-bit whole number with sign.
    Integer,
    /// 64-bit whole number without sign.
    UInteger,
    /// 64-bit float.
    Float,
    /// Truth value.
    Boolean,
    /// Calendar day: days since 1970-01-01.
    Date,
    /// Instant: microseconds since 1970-01-01 UTC.
    DateTime,
    /// UUID as text. It is not checked: exports may hold other text there.
    Uuid,
    /// The text of a JSON value; of an object in canonical columns.
    Json,
    /// List of texts.
    StringList,
}

/// A column of a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceColumn {
    /// Its name in the source's table: canonical, or the file's own for property columns.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may hold NULL.
    pub nullable: bool,
}

/// A column that a table could have and has not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AbsentColumn {
    /// Its canonical name.
    pub name: String,
    /// Why, and what to do: a sentence for people, without a full stop.
    pub reason: String,
}

/// A property that the source also keeps in columns of its own, beside the JSON text. Which of them a query reads changes
/// no answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShreddedProperty {
    /// The column of JSON text that has it: `properties` or `person_properties`.
    pub of: String,
    /// Its key in the outer object.
    pub key: String,
    /// Column of texts that may be NULL: exactly what reading the property from the JSON text gives.
    pub text: String,
    /// Column of floats that may be NULL: the text as a 64-bit float, NULL where it is none.
    pub number: Option<String>,
    /// Column of truth values that may be NULL: the texts `true` and `false`, NULL for any other.
    pub boolean: Option<String>,
}

/// What a table of a source really has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceTable {
    /// Canonical columns that exist, in canonical order. One that is not here must be derived, or its use refused:
    /// `$session_id`, `$window_id` and `$group_N` are then the properties of that name, `person_id` the distinct id's
    /// own person.
    pub columns: Vec<SourceColumn>,
    /// Other columns: they count as properties of the row under their own names.
    pub property_columns: Vec<SourceColumn>,
    /// Canonical columns that are missing for a reason worth telling.
    pub absent: Vec<AbsentColumn>,
    /// Name of the column that gives a row's place in the source as a 64-bit whole number, unique in the table and
    /// rising in order of arrival; `None` if rows have no place that can be known. It is no part of `*`.
    pub row: Option<String>,
    /// Properties that have columns of their own beside the JSON text. These columns are not among `columns` and
    /// `property_columns`, and no part of `*`.
    pub shredded: Vec<ShreddedProperty>,
    /// Name of the column of UUIDs, never NULL, with the row's person as the source resolved it when it took the row in: by
    /// its persons and overrides, else from the row. It is no part of `*`.
    pub person: Option<String>,
    /// Name of the column of 64-bit whole numbers without sign that stand for `person` one to one: the upper half is a bucket,
    /// the lower a number that is dense in it. It is no part of `*`.
    pub actor: Option<String>,
    /// Whether that column has the answers of the overrides too: then queries need not ask them.
    pub is_settled: bool,
}

impl SourceTable {
    /// A canonical column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// A property column by name.
    #[must_use]
    pub fn property_column(&self, name: &str) -> Option<&SourceColumn> {
        self.property_columns.iter().find(|column| column.name == name)
    }

    /// The properties of a column of JSON text that have columns of their own.
    pub fn shredded_of<'t>(&'t self, json: &str) -> impl Iterator<Item = &'t ShreddedProperty> {
        self.shredded.iter().filter(move |property| property.of == json)
    }

    /// Why a canonical column is missing, if there is something to tell.
    #[must_use]
    pub fn absent(&self, name: &str) -> Option<&AbsentColumn> {
        self.absent.iter().find(|column| column.name == name)
    }
}

/// The tables of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceTables {
    /// Event rows.
    pub events: Option<SourceTable>,
    /// Person rows.
    pub persons: Option<SourceTable>,
    /// Distinct id to person overrides.
    pub overrides: Option<SourceTable>,
    /// Group rows.
    pub groups: Option<SourceTable>,
}

impl SourceTables {
    /// The table of a kind.
    #[must_use]
    pub const fn get(&self, kind: TableKind) -> Option<&SourceTable> {
        match kind {
            TableKind::Events => self.events.as_ref(),
            TableKind::Persons => self.persons.as_ref(),
            TableKind::Overrides => self.overrides.as_ref(),
            TableKind::Groups => self.groups.as_ref(),
        }
    }

    /// Sets the table of a kind.
    pub fn set(&mut self, kind: TableKind, table: SourceTable) {
        let place = match kind {
            TableKind::Events => &mut self.events,
            TableKind::Persons => &mut self.persons,
            TableKind::Overrides => &mut self.overrides,
            TableKind::Groups => &mut self.groups,
        };
        *place = Some(table);
    }
}

/// Kinds of properties by name. A name that is missing is read as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropertyDefinitions {
    /// Of events.
    pub event: BTreeMap<String, PropertyKind>,
    /// Of persons.
    pub person: BTreeMap<String, PropertyKind>,
    /// Of groups, all types together.
    pub group: BTreeMap<String, PropertyKind>,
}

impl PropertyDefinitions {
    /// These definitions, with those of `other` taking their place where both name a property.
    #[must_use]
    pub fn overridden_by(mut self, other: Self) -> Self {
        self.event.extend(other.event);
        self.person.extend(other.person);
        self.group.extend(other.group);
        self
    }
}
