//! Golden files: one test a file, no recompilation for a new one.
//!
//! - `tests/slt/*.slt`: HogQL statements with the answers that ClickHouse gave to their twins (see `tests/oracle`);
//! - `tests/plans/*.sql`: a query, then its logical and physical plan;
//! - `tests/plans/stores/*.sql`: the same over a store, where no plan may sort rows or exchange them;
//! - `tests/errors/*.sql`: a query, then the rendered diagnostics.
//!
//! `HOGQL_BLESS=1` rewrites plans and errors from what the code gives now; read the diff before committing it.

mod bless;
mod fixture;
mod slt;
mod snapshot;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(files("tests/slt", "slt").map(|path| trial("slt", path, slt::run)));
    trials.extend(files("tests/plans", "sql").map(|path| trial("plans", path, snapshot::plan)));
    let stores = files("tests/plans/stores", "sql");
    trials.extend(stores.map(|path| trial("stores", path, snapshot::store_plan)));
    trials.extend(files("tests/errors", "sql").map(|path| trial("errors", path, snapshot::errors)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(kind: &str, path: PathBuf, run: fn(&Path) -> Result<(), String>) -> Trial {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Trial::test(format!("{kind}/{name}"), move || run(&path).map_err(Failed::from))
}

/// Files of a folder of the package with an extension, in order of their names.
fn files(folder: &str, extension: &str) -> impl Iterator<Item = PathBuf> {
    let folder = fixture::root().join(folder);
    let entries = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect());
    let mut paths: Vec<PathBuf> = entries.unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths.into_iter()
}
