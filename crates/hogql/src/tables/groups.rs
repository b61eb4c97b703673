//! `groups`: the newest state of each group.

use super::definition::{Base, Field, Table};
use super::persons::newest;
use super::{PropertyOwner, Schema};
use ::events::source::TableKind;

/// Of the groups source; `None` without one.
pub(super) fn groups(schema: &dyn Schema) -> Option<Table> {
    let source = schema.source(TableKind::Groups)?;
    let order = newest(source, &["updated_at", "created_at"]);
    let latest = |name: &'static str, aggregate: &str| match source.column(name) {
        Some(_) => Field::item(name, format!("{aggregate}({name}, {order})")),
        None => Field::absent(name, "the groups source has no such column"),
    };
    let fields = vec![
        Field::item("index", "index"),
        Field::item("key", "key"),
        latest("created_at", "argMax"),
        latest("updated_at", "argMax"),
        Field::item("properties", format!("argMax(properties, {order})"))
            .owned_by(PropertyOwner::Group),
        latest("team_id", "argMax").hidden(),
    ];
    let base = Base::Query("FROM `source.groups` GROUP BY index, key".into());
    Some(Table { name: "groups", base, fields })
}
