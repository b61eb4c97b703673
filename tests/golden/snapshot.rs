//! Plans and errors beside the query they belong to.

use crate::{bless, fixture};
use hoglet::Session;
use hogql_syntax::{RenderOptions, render};
use std::path::Path;

/// A file holds a query, a line of dashes, and the plans.
pub(crate) fn plan(path: &Path) -> Result<(), String> {
    bless::check(path, |query| {
        fixture::block_on(async {
            let session = fixture::session("UTC").await?;
            Ok(without_paths(&explained(&session, query).await?))
        })
    })
}

/// The same over a store, and neither sorts nor exchanges are in the plan.
pub(crate) fn store_plan(path: &Path) -> Result<(), String> {
    let store = fixture::store()?;
    bless::check(path, |query| {
        fixture::block_on(async {
            let session = fixture::stored(store.path()).await?;
            let plan = explained(&session, query).await?;
            match ["SortExec", "RepartitionExec"].iter().find(|name| plan.contains(*name)) {
                Some(name) => Err(format!("there is a {name}:\n{plan}")),
                None => Ok(without_store(&plan, store.path())),
            }
        })
    })
}

async fn explained(session: &Session, query: &str) -> Result<String, String> {
    let compiled = session.hogql(query).await.map_err(|error| error.to_string())?;
    compiled.explain().await.map_err(|error| error.to_string())
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

/// The same plan wherever the store is. The folders of its writers end in a random word of 16 digits.
fn without_store(plan: &str, store: &Path) -> String {
    let store = store.to_string_lossy().trim_start_matches('/').to_owned();
    let plan = plan.replace(&format!("{store}/"), "");
    let mut parts = plan.split('-');
    let mut same = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_word = part.find('/') == Some(16)
            && part.bytes().take(16).all(|digit| digit.is_ascii_hexdigit());
        let (word, rest) = part.split_at(if is_word { 16 } else { 0 });
        same.push('-');
        same.push_str(if word.is_empty() { "" } else { "WORD" });
        same.push_str(rest);
    }
    same
}
