//! What a line of a case file is.

use serde_json::Value;

/// Kinds of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `kind`, `hogql`, `accepts`: a text and the reference parser's verdict and tree.
    HogQLSyntax,
    /// `function`, `args`, `rows`: ClickHouse's sequence aggregates.
    ClickHouseSequence,
    /// `letter_to_steps`: worked examples of the funnel state machines.
    FunnelWorkedExample,
    /// Whole questions, by the `kind` of their `query` or the form of their events.
    Funnel,
    Retention,
    Cohort,
    Lifecycle,
    Stickiness,
    Trends,
    Paths,
    /// Nothing that is known.
    Unknown,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// What was expected and what was found.
    Failed(String),
    /// The kind's name.
    Skipped(&'static str),
}

impl Kind {
    /// The kind that the fields say.
    pub(crate) fn of(case: &Value) -> Self {
        let has = |name: &str| case.get(name).is_some();
        if has("hogql") && has("accepts") {
            return Self::HogQLSyntax;
        }
        if has("function") || has("raw_sql") {
            return Self::ClickHouseSequence;
        }
        if has("letter_to_steps") {
            return Self::FunnelWorkedExample;
        }
        let kind = case
            .pointer("/query/kind")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let known = [
            ("retention", Self::Retention),
            ("cohort", Self::Cohort),
            ("lifecycle", Self::Lifecycle),
            ("stickiness", Self::Stickiness),
            ("trends", Self::Trends),
            ("paths", Self::Paths),
            ("funnel", Self::Funnel),
        ];
        match known.iter().find(|(name, _)| kind.contains(name)) {
            Some((_, found)) => *found,
            None if has("events") && has("query") => Self::Funnel,
            None => Self::Unknown,
        }
    }

    /// The kind's name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HogQLSyntax => "hogql syntax",
            Self::ClickHouseSequence => "clickhouse sequence",
            Self::FunnelWorkedExample => "funnel worked example",
            Self::Funnel => "funnel",
            Self::Retention => "retention",
            Self::Cohort => "cohort",
            Self::Lifecycle => "lifecycle",
            Self::Stickiness => "stickiness",
            Self::Trends => "trends",
            Self::Paths => "paths",
            Self::Unknown => "unknown",
        }
    }
}
