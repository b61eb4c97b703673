//! `hogql schema`.

use crate::args::SchemaArgs;
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{output, source};
use hoglet::SchemaListing;
use std::fmt::Write;

/// Lists tables, columns and properties.
pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let source = args.source.clone();
    let listing = Workers::new(args.source.threads)?.answer(async move {
        let session = source::open(&source).await?;
        session.schema_listing().await.map_err(Failure::from_error)
    })?;
    let text = if args.json { json(&listing) } else { plain(&listing) };
    Ok(output::print(&text)?)
}

fn json(listing: &SchemaListing) -> String {
    let tables: Vec<_> = listing
        .tables
        .iter()
        .map(|table| {
            let columns: Vec<_> = table
                .columns
                .iter()
                .map(|(name, ty)| serde_json::json!({"name": name, "type": ty}))
                .collect();
            serde_json::json!({"name": table.name, "columns": columns})
        })
        .collect();
    let properties: Vec<_> = listing
        .properties
        .iter()
        .map(|(of, name, kind)| serde_json::json!({"of": of, "name": name, "type": kind}))
        .collect();
    format!("{}\n", serde_json::json!({"tables": tables, "properties": properties}))
}

fn plain(listing: &SchemaListing) -> String {
    let mut text = String::new();
    for table in &listing.tables {
        let _ = writeln!(text, "{}", table.name);
        for (name, ty) in &table.columns {
            let _ = writeln!(text, "  {name:<28} {ty}");
        }
    }
    let mut last = "";
    for (of, name, kind) in &listing.properties {
        if *of != last {
            let _ = writeln!(text, "{of} properties");
            last = of;
        }
        let _ = writeln!(text, "  {name:<28} {kind}");
    }
    text
}
