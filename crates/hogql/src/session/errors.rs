//! DataFusion's and the store's errors as ours, by blame.

use crate::error::{Blame, Error};
use datafusion::common::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use hogql_syntax::{Diagnostic, Span};

/// An error while a query is planned or runs.
#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
pub(super) fn from_datafusion(error: DataFusionError) -> Error {
    if let Some(store) = store_error(&error) {
        return Error::from(store.clone());
    }
    let (blame, code) = match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => (Blame::Limit, "H0801"),
        DataFusionError::NotImplemented(_) => (Blame::NotSupported, "H0900"),
        DataFusionError::Execution(_) | DataFusionError::ArrowError(_, _) => (Blame::Data, "H0701"),
        DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_) => (Blame::Data, "H0702"),
        DataFusionError::Plan(_) => (Blame::Query, "H0399"),
        _ => (Blame::Internal, "H0999"),
    };
    // Whose defect an internal error is cannot be told from here.
    const TAIL: &str = ".\nThis issue was likely caused by a bug in DataFusion's code.";
    let message = error.find_root().strip_backtrace();
    let message = message.split_once(TAIL).map_or(message.as_str(), |(told, _)| told).to_owned();
    if blame == Blame::Limit {
        return Error::new(blame, out_of_memory(code, &message));
    }
    let message = match blame {
        // What is needed to find a defect stands on the lines that follow.
        Blame::Internal => message.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => first_line(&message),
    };
    Error::new(blame, Diagnostic::error(code, Span::default(), message))
}

/// Who asked for how much, who holds the rest, and what to do.
fn out_of_memory(code: &'static str, message: &str) -> Diagnostic {
    const HELD: &str = " with top memory consumers (across reservations) as:\n";
    let told = message.strip_prefix("Resources exhausted: ").unwrap_or(message);
    let (asked, held) = match told.split_once(HELD) {
        Some((_, rest)) => {
            rest.split_once("\nError: ").map_or((told, ""), |(held, asked)| (asked, held))
        }
        None => (told, ""),
    };
    let asked = asked.lines().next().unwrap_or_default();
    let mut diagnostic =
        Diagnostic::error(code, Span::default(), format!("the memory limit is reached: {asked}"));
    if !held.is_empty() {
        let holders: Vec<&str> =
            held.lines().map(|line| line.trim().trim_end_matches([',', '.'])).collect();
        diagnostic = diagnostic.with_hint(format!("it is held by {}", holders.join(", ")));
    }
    diagnostic
        .with_hint("raise the memory limit, or ask for less: a shorter time range, fewer groups")
}

/// An error in the text of a standard-SQL query.
pub(super) fn from_sql(error: DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::SQL(_, _)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(_, _) => {
            Error::query("H0398", Span::default(), first_line(&error.strip_backtrace()))
        }
        _ => from_datafusion(error),
    }
}

/// Standard SQL may only read.
pub(super) fn refuse_writes(plan: &LogicalPlan) -> Result<(), Error> {
    let what = match plan {
        LogicalPlan::Ddl(_) => "a statement that creates or drops something",
        LogicalPlan::Dml(_) => "a statement that changes rows",
        LogicalPlan::Copy(_) => "COPY",
        LogicalPlan::Statement(_) => "a statement that changes the session",
        _ => return Ok(()),
    };
    Err(Error::not_supported(Span::default(), what))
}

fn store_error(error: &DataFusionError) -> Option<&eventstore::Error> {
    match error.find_root() {
        DataFusionError::External(inner) => inner.downcast_ref::<eventstore::Error>(),
        _ => None,
    }
}

fn first_line(message: &str) -> String {
    const PREFIXES: [&str; 3] = ["Execution error: ", "Error during planning: ", "Arrow error: "];
    let line = message.lines().next().unwrap_or_default();
    PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line).to_owned()
}

impl From<eventstore::Error> for Error {
    fn from(error: eventstore::Error) -> Self {
        let (blame, code) = match error.blame() {
            eventstore::Blame::Usage => (Blame::Usage, "H0703"),
            eventstore::Blame::Data => (Blame::Data, "H0702"),
            eventstore::Blame::Internal => (Blame::Internal, "H0999"),
        };
        let message = match error.place() {
            Some(place) => format!("{place}: {}", error.message()),
            None => error.message().to_owned(),
        };
        let mut diagnostic = Diagnostic::error(code, Span::default(), message);
        diagnostic.hints.extend(error.hint().map(str::to_owned));
        Self::new(blame, diagnostic)
    }
}
