//! The virtual schema: the tables that a query sees, defined over what a source really has.
//!
//! A [`Table`] is a list of [`Field`]s. A field is a column of the source, an expression in HogQL over other fields, a path
//! to another field, or a join that is made only when a field behind it is used. `events` stands on the source's rows;
//! `persons`, `sessions` and the other derived tables are HogQL queries over them, of which only the fields that a query
//! asks for are computed. Nothing is computed here: the resolver reads these definitions.

mod channel;
mod definition;
mod distinct_ids;
mod events;
mod groups;
mod memory;
mod persons;
mod registry;
mod schema;
mod sessions;

pub use definition::{Base, Field, FieldKind, Join, Table};
pub(crate) use events::forced_kind;
pub use memory::MemorySchema;
pub use registry::{names, source_table, table};
pub use schema::{Identity, PropertyOwner, Schema, column_type};
