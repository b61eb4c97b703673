//! `hogql functions`.

use crate::args::FunctionsArgs;
use crate::failure::Failure;
use crate::output;
use hoglet::functions::{self, Function};
use std::fmt::Write;

/// What there is of the dialect's functions.
struct Coverage {
    covered: usize,
    known: usize,
    missing: Vec<&'static str>,
}

/// Lists functions and what is covered of the dialect's.
pub(crate) fn run(args: &FunctionsArgs) -> Result<(), Failure> {
    // `countIf` is `count` with a suffix.
    let suffixed = args.part.as_deref().and_then(functions::aggregate_name);
    let wanted = |name: &str| {
        args.part.as_ref().is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
            || suffixed.is_some_and(|aggregate| aggregate.function.name == name)
    };
    let mut listed: Vec<&Function> =
        functions::all().filter(|function| wanted(function.name)).collect();
    listed.sort_by_key(|function| (function.group, function.name));
    let (covered, missing) = functions::coverage();
    let coverage =
        Coverage { covered: covered.len(), known: covered.len() + missing.len(), missing };
    let text = match (args.json, args.missing) {
        (true, _) => json(&listed, &coverage, wanted),
        (false, true) => coverage
            .missing
            .iter()
            .filter(|name| wanted(name))
            .fold(String::new(), |text, name| text + name + "\n"),
        (false, false) => plain(&listed, &coverage),
    };
    Ok(output::print(&text)?)
}

fn plain(listed: &[&Function], coverage: &Coverage) -> String {
    let mut text = String::new();
    let mut group = None;
    for function in listed {
        if group != Some(function.group) {
            group = Some(function.group);
            let _ = writeln!(text, "{:?}", function.group);
        }
        let _ = writeln!(text, "  {:<48} {}", function.signature, function.meaning);
    }
    let _ = writeln!(text, "{} of the dialect's {} functions", coverage.covered, coverage.known);
    text
}

fn json(listed: &[&Function], coverage: &Coverage, wanted: impl Fn(&str) -> bool) -> String {
    let rows: Vec<_> = listed
        .iter()
        .map(|function| {
            serde_json::json!({
                "name": function.name, "group": format!("{:?}", function.group),
                "signature": function.signature, "meaning": function.meaning,
            })
        })
        .collect();
    let missing: Vec<_> = coverage.missing.iter().filter(|name| wanted(name)).collect();
    let all = serde_json::json!({"functions": rows, "covered": coverage.covered, "known": coverage.known, "missing": missing});
    format!("{all}\n")
}
