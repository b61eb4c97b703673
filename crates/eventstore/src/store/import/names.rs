//! Names that columns of a source cannot have in a store, as columns of its own have them.

use super::ImportOptions;
use crate::Error;
use crate::store::manifest::Manifest;
use crate::store::schema::SOURCE_ORDINAL;
use crate::store::{ACTOR_COLUMN, ORDINAL_COLUMN, PERSON_COLUMN, open};
use events::source::SourceColumn;

/// Columns that every store has, in its table or in its files.
const OWN: [&str; 4] = [PERSON_COLUMN, ACTOR_COLUMN, ORDINAL_COLUMN, SOURCE_ORDINAL];

/// Refuses a column of a source that has the name of one of the store's own: no query could tell the two apart. Those of
/// its properties are among them.
pub(super) fn check(
    columns: &[SourceColumn],
    base: Option<&Manifest>,
    options: &ImportOptions,
) -> Result<(), Error> {
    let is_own = |name: &str| {
        let mut shredded = base.into_iter().flat_map(|base| &base.shredded);
        OWN.contains(&name) || shredded.any(|at| open::shows(&at.column, name))
    };
    let Some(column) = columns.iter().find(|column| is_own(&column.name)) else { return Ok(()) };
    let name = &column.name;
    Err(Error::data(format!("a store has a column `{name}` of its own, and so have the events"))
        .at(options.source.events.join(", "))
        .with_hint(format!(
            "rename it in the files, or say which column it stands for with --map 'COLUMN={name}'"
        )))
}
