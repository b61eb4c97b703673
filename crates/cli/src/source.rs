//! Source options to a session.

use crate::args::{DEFAULT_STORE, IdentityArg, SourceArgs, WeekStartArg};
use crate::failure::Failure;
use crate::output;
use hoglet::{Identity, Project, Session, SessionBuilder, WeekStart};
use std::path::Path;

/// Opens the session that the options describe.
pub(crate) async fn open(args: &SourceArgs) -> Result<Session, Failure> {
    let session = builder(args)?.open().await.map_err(Failure::from_error)?;
    for notice in session.notices() {
        output::tell(&format!("note: {notice}"));
    }
    Ok(session)
}

fn builder(args: &SourceArgs) -> Result<SessionBuilder, Failure> {
    let builder = Session::builder().now(args.now.unwrap_or_else(clock)).environment(environment());
    let mut builder = sourced(builder, args)?;
    if let Some(path) = &args.project {
        builder = builder.project(project(path)?);
    }
    if let Some(zone) = &args.timezone {
        builder = builder.timezone(zone);
    }
    if let Some(start) = args.week_start {
        builder = builder.week_start(match start {
            WeekStartArg::Sunday => WeekStart::Sunday,
            WeekStartArg::Monday => WeekStart::Monday,
        });
    }
    if let Some(bytes) = args.memory_limit {
        builder = builder.memory_limit(bytes);
    }
    if let Some(threads) = args.threads {
        builder = builder.threads(threads);
    }
    Ok(builder.identity(match args.identity {
        Some(IdentityArg::AsOfEvent) => Identity::AsOfEvent,
        Some(IdentityArg::Now) | None => Identity::Now,
    }))
}

/// What the questions are about: a store or event files that are named, the store that lies here, or the sample.
fn sourced(builder: SessionBuilder, args: &SourceArgs) -> Result<SessionBuilder, Failure> {
    if let Some(store) = &args.store {
        return with_store(builder, store, args);
    }
    if !args.events.is_empty() {
        return Ok(with_files(builder, args));
    }
    if let Some(option) = option_of_files(args) {
        return Err(belongs_to_files(option));
    }
    if Path::new(DEFAULT_STORE).exists() {
        return with_store(builder, DEFAULT_STORE, args);
    }
    if !args.overrides.is_empty() {
        return Err(belongs_to_files("--overrides"));
    }
    output::tell(
        "note: no source given: answering from the built-in sample; point --events at your own files",
    );
    Ok(builder.sample())
}

fn with_store(
    builder: SessionBuilder,
    store: &str,
    args: &SourceArgs,
) -> Result<SessionBuilder, Failure> {
    let option = if args.events.is_empty() { option_of_files(args) } else { Some("--events") };
    if let Some(option) = option {
        return Err(Failure::Usage(format!(
            "{option} and --store exclude each other: a store answers from what was imported; add files to it with \
             hogql import SRC --store {store}, or leave out --store"
        )));
    }
    Ok(args.overrides.iter().fold(builder.store(store), SessionBuilder::overrides))
}

fn with_files(mut builder: SessionBuilder, args: &SourceArgs) -> SessionBuilder {
    for location in &args.events {
        builder = builder.events(location);
    }
    for location in &args.persons {
        builder = builder.persons(location);
    }
    for location in &args.overrides {
        builder = builder.overrides(location);
    }
    for location in &args.groups {
        builder = builder.groups(location);
    }
    for (canonical, column) in &args.map {
        builder = builder.map(canonical, column);
    }
    builder
}

/// The first option that says more of event files, where there is one.
fn option_of_files(args: &SourceArgs) -> Option<&'static str> {
    let options = [
        ("--persons", args.persons.is_empty()),
        ("--groups", args.groups.is_empty()),
        ("--map", args.map.is_empty()),
    ];
    options.into_iter().find(|(_, is_empty)| !is_empty).map(|(option, _)| option)
}

fn belongs_to_files(option: &str) -> Failure {
    Failure::Usage(format!("{option} belongs to event files: name them with --events"))
}

fn project(path: &Path) -> Result<Project, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("--project {}: {error}", path.display())))?;
    Project::parse(&text).map_err(Failure::from_error)
}

/// The present.
#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is read")]
pub(crate) fn clock() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

/// Settings for `s3://` addresses.
pub(crate) fn environment() -> std::collections::HashMap<String, String> {
    std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect()
}
