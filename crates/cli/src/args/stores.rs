//! Arguments of the commands that make, rewrite and describe stores.

use super::values::{bytes, duration, instant, mapping, thread_count};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// More buckets than any store needs.
const MOST_BUCKETS: i64 = 4096;

/// Where a store lies if nothing else is said.
pub(crate) const DEFAULT_STORE: &str = "./hoglet-store";

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hogql import export/ --store hoglet-store\n\nAn import that was interrupted goes on when the same command \
                  runs again. Rows whose uuid the store has are left out, so an import may be repeated."
)]
pub(crate) struct ImportArgs {
    /// Event files: a file, folder, glob or s3:// address. The folder of a whole export gives persons and groups too
    #[arg(value_name = "SRC", required = true)]
    pub(crate) sources: Vec<String>,
    /// The store: a folder or s3:// address; made if it is not there, else added to
    #[arg(long, value_name = "DIR|URL", default_value = DEFAULT_STORE)]
    pub(crate) store: String,
    /// Person files (PostHog's persons export; repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) persons: Vec<String>,
    /// Distinct id overrides (repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) overrides: Vec<String>,
    /// Group files (repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) groups: Vec<String>,
    /// Takes a column of the files for one of PostHog's: --map uuid=commit (repeatable)
    #[arg(long, value_name = "CANONICAL=COLUMN", value_parser = mapping)]
    pub(crate) map: Vec<(String, String)>,
    /// Parts that persons are spread over, for a store that is new; chosen by the number of rows if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_BUCKETS))]
    pub(crate) buckets: Option<u32>,
    /// The present (ISO 8601; UTC without an offset); the clock's if not given
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) now: Option<i64>,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql optimize hoglet-store --grace 1d")]
pub(crate) struct OptimizeArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// How long files that were replaced stay for readers of earlier versions, and imports that broke off to be gone on
    /// with: 30min, 1h, 7d; 0 removes them at once
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(crate) grace: i64,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql info hoglet-store")]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Prints all that is known as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which store.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// The store: a folder or s3:// address; ./hoglet-store if not given
    #[arg(value_name = "STORE", conflicts_with = "store")]
    place: Option<String>,
    /// The store, as on other commands
    #[arg(long, value_name = "DIR|URL")]
    store: Option<String>,
}

impl PlaceArgs {
    /// The store's address.
    pub(crate) fn location(&self) -> &str {
        self.place.as_deref().or(self.store.as_deref()).unwrap_or(DEFAULT_STORE)
    }
}

/// What work on a store may take.
#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// Most memory that the work may hold: 512MiB, 2GB; beyond it, it goes through files
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = bytes)]
    pub(crate) memory_limit: usize,
    /// Parallel parts of the work; the number of cores if not given
    #[arg(long, value_name = "N", value_parser = thread_count)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Local folder for the files of unfinished work. If not given: one in the store, or the system's for temporary files if
    /// the store is remote
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
}
