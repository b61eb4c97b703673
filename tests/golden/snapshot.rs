//! Plans and errors beside the query they belong to.

use crate::{bless, fixture};
use hogql_syntax::{RenderOptions, render};
use std::path::Path;

/// A file holds a query, a line of dashes, and the plans.
pub(crate) fn plan(path: &Path) -> Result<(), String> {
    bless::check(path, |query| {
        fixture::block_on(async {
            let session = fixture::session("UTC").await?;
            let compiled = session.hogql(query).await.map_err(|error| error.to_string())?;
            let plan = compiled.explain().await.map_err(|error| error.to_string())?;
            Ok(without_paths(&plan))
        })
    })
}

/// A file holds a query, a line of dashes, and its diagnostics as a terminal shows them.
pub(crate) fn errors(path: &Path) -> Result<(), String> {
    bless::check(path, |query| {
        fixture::block_on(async {
            let session = fixture::session("UTC").await?;
            let findings = session.check(query).await.map_err(|error| error.to_string())?;
            if findings.is_empty() {
                return Err("the query is right, no error to show".to_owned());
            }
            Ok(render(query, "query", &findings, RenderOptions { color: false }))
        })
    })
}

/// The same plan on every machine.
fn without_paths(plan: &str) -> String {
    let root = fixture::root().to_string_lossy().trim_start_matches('/').to_owned();
    plan.replace(&format!("{root}/"), "")
}
