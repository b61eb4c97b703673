//! The command line's grammar.

mod stores;
mod values;

pub(crate) use stores::{DEFAULT_STORE, ImportArgs, InfoArgs, OptimizeArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use values::{bytes, instant, mapping, thread_count};

/// Product analytics straight from Parquet event files.
///
/// Without a command, on a terminal: an interactive prompt.
#[derive(Debug, Parser)]
#[command(name = "hogql", version, propagate_version = true, max_term_width = 100)]
// `hogql --events a query ..` is refused: options stand behind the command that takes them.
#[command(args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Example:\n  hogql query \"SELECT event, count() FROM events GROUP BY event ORDER BY 2 DESC\""
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answers a HogQL query
    Query(QueryArgs),
    /// Runs one of PostHog's query nodes (JSON) and prints PostHog's response
    Run(RunArgs),
    /// Tells whether a query is right, without running it
    Check(CheckArgs),
    /// Shows how a query is answered
    Explain(ExplainArgs),
    /// Lists tables, columns and properties
    Schema(SchemaArgs),
    /// Lists the functions of the dialect and how many are covered
    Functions(FunctionsArgs),
    /// Prints the syntax tree of HogQL texts as JSON
    Parse(ParseArgs),
    /// Makes a deterministic, PostHog-shaped export to try things on
    Generate(GenerateArgs),
    /// Reads event files into a store, or adds them to it
    Import(ImportArgs),
    /// Rewrites a store so that it answers faster, and removes what it no longer needs
    Optimize(OptimizeArgs),
    /// Tells what a store holds, and how well it lies
    Info(InfoArgs),
    /// Serves PostHog's HTTP API from a store; not there yet
    #[command(hide = true, disable_help_flag = true)]
    Serve(AbsentArgs),
}

/// Whatever stands behind a command that is not there yet: the command is refused, not its arguments.
#[derive(Debug, Args)]
pub(crate) struct AbsentArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    _arguments: Vec<OsString>,
}

/// Where events come from and what their project's settings are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArgs {
    /// A store that `hogql import` has made: a folder or s3:// address. Without a source: ./hoglet-store if it is there, else
    /// the built-in sample
    #[arg(long, value_name = "URL|DIR")]
    pub(crate) store: Option<String>,
    /// Event files: a file, folder, glob or s3:// address (repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) events: Vec<String>,
    /// Person files (PostHog's persons export; repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) persons: Vec<String>,
    /// Distinct id overrides; beside a store, merges that came after its imports (repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) overrides: Vec<String>,
    /// Group files (repeatable)
    #[arg(long, value_name = "PATH|GLOB|URL")]
    pub(crate) groups: Vec<String>,
    /// Takes a column of the files for one of PostHog's: --map uuid=commit (repeatable)
    #[arg(long, value_name = "CANONICAL=COLUMN", value_parser = mapping)]
    pub(crate) map: Vec<(String, String)>,
    /// The project's settings and property types (TOML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) project: Option<PathBuf>,
    /// Whose events count as one person's
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) identity: Option<IdentityArg>,
    /// The project's time zone
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// The project's first day of a week
    #[arg(long, value_enum, value_name = "DAY")]
    pub(crate) week_start: Option<WeekStartArg>,
    /// The present (ISO 8601; UTC without an offset); the clock's if not given
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) now: Option<i64>,
    /// Most memory a query may hold: 512MiB, 2GB, 1TB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory_limit: Option<usize>,
    /// Parallel parts of a query; the number of cores if not given
    #[arg(long, value_name = "N", value_parser = thread_count)]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum IdentityArg {
    Now,
    AsOfEvent,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WeekStartArg {
    Sunday,
    Monday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    Table,
    Json,
    Jsonl,
    Csv,
    Parquet,
    Arrow,
}

/// Forms of a query node's response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeFormatArg {
    Json,
    Table,
}

/// A query's text, from the command line or a file.
#[derive(Debug, Args)]
pub(crate) struct TextArgs {
    /// The query; read from stdin if neither it nor a file is given
    #[arg(value_name = "HOGQL")]
    pub(crate) text: Option<String>,
    /// Reads the query from a file, or from stdin if it is `-`
    #[arg(short, long, value_name = "FILE|-", conflicts_with = "text")]
    pub(crate) file: Option<String>,
}

/// What placeholders stand for.
#[derive(Debug, Args)]
pub(crate) struct FillArgs {
    /// A value for a placeholder, as JSON or plain text: --value country=DE (repeatable)
    #[arg(long = "value", value_name = "NAME=VALUE", value_parser = mapping)]
    pub(crate) values: Vec<(String, String)>,
    /// Start of the date range that {filters} stands for: -7d, mStart, 2024-01-01, all
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(crate) date_from: Option<String>,
    /// End of the date range that {filters} stands for
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(crate) date_to: Option<String>,
}

/// How often a query runs, and what is told about it.
#[derive(Debug, Clone, Args)]
pub(crate) struct MeasureArgs {
    /// Runs the query so often in one process, caches off, then prints {"wall_ms":[..]} on stderr
    #[arg(long, value_name = "N")]
    pub(crate) repeat: Option<NonZeroUsize>,
    /// Lets repeated runs use result caches (there are none yet)
    #[arg(long, requires = "repeat")]
    pub(crate) cached: bool,
    /// Prints how long each phase took on stderr
    #[arg(long)]
    pub(crate) timing: bool,
}

impl MeasureArgs {
    /// How often the query runs.
    pub(crate) fn runs(&self) -> usize {
        self.repeat.map_or(1, NonZeroUsize::get)
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hogql query --events export/ --format csv \"SELECT event, count() FROM events GROUP BY event\""
)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// Form of the result; what the name of the output file says if not given, else a table
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// Writes the result to a file instead of stdout: the whole result, or nothing
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) fill: FillArgs,
    #[command(flatten)]
    pub(crate) measure: MeasureArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo '{\"kind\": \"HogQLQuery\", \"query\": \"SELECT count() FROM events\"}' | hogql run -"
)]
pub(crate) struct RunArgs {
    /// The query node's file, or `-` for stdin
    #[arg(value_name = "QUERY.json|-")]
    pub(crate) file: String,
    /// Form of the result
    #[arg(long, value_enum, default_value = "json")]
    pub(crate) format: NodeFormatArg,
    #[command(flatten)]
    pub(crate) measure: MeasureArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql check \"SELECT evnt FROM events\"")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) text: TextArgs,
    #[command(flatten)]
    pub(crate) fill: FillArgs,
    /// Prints the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hogql explain --analyze \"SELECT count() FROM events WHERE event = '$pageview'\""
)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) text: TextArgs,
    #[command(flatten)]
    pub(crate) fill: FillArgs,
    /// Prints the compiled plan as standard SQL
    #[arg(long, conflicts_with = "analyze")]
    pub(crate) sql: bool,
    /// Runs the query and prints the plan with what each part did
    #[arg(long)]
    pub(crate) analyze: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql schema --events export/")]
pub(crate) struct SchemaArgs {
    /// Prints the schema as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql functions toStartOf")]
pub(crate) struct FunctionsArgs {
    /// Lists only functions whose name contains this
    #[arg(value_name = "PART")]
    pub(crate) part: Option<String>,
    /// Lists the dialect's functions that are known and not covered
    #[arg(long)]
    pub(crate) missing: bool,
    /// Prints the list as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KindArg {
    Select,
    Expr,
    Order,
    Template,
    Program,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql parse --kind expr \"properties.price > 10\"")]
pub(crate) struct ParseArgs {
    /// What the text is
    #[arg(long, value_enum, default_value = "select")]
    pub(crate) kind: KindArg,
    /// The text; stdin if not given
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Prints errors as JSON too, as the reference parser has them
    #[arg(long)]
    pub(crate) json: bool,
    /// Reads {"kind","hogql"} lines from stdin and writes a line each
    #[arg(long, conflicts_with_all = ["text", "kind"])]
    pub(crate) jsonl: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hogql generate --events 1000000 --seed 7 --out export/")]
pub(crate) struct GenerateArgs {
    /// Number of events
    #[arg(long, value_name = "N")]
    pub(crate) events: u64,
    /// Number of persons; about one for 30 events if not given
    #[arg(long, value_name = "N")]
    pub(crate) persons: Option<u64>,
    /// Number of days that the events spread over
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder for the export; it must be empty or not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
