//! Source options to a session.

use crate::args::{IdentityArg, SourceArgs, WeekStartArg};
use crate::failure::Failure;
use crate::output;
use hoglet::{Identity, Project, Session, SessionBuilder, WeekStart};
use std::path::Path;

/// Where a store will lie if nothing else is said. A folder of this name is refused, as the sample would answer in its place.
const DEFAULT_STORE: &str = "hoglet-store";

/// Opens the session that the options describe.
pub(crate) async fn open(args: &SourceArgs) -> Result<Session, Failure> {
    let session = builder(args)?.open().await.map_err(Failure::from_error)?;
    for notice in session.notices() {
        output::tell(&format!("note: {notice}"));
    }
    Ok(session)
}

fn builder(args: &SourceArgs) -> Result<SessionBuilder, Failure> {
    let mut builder =
        Session::builder().now(args.now.unwrap_or_else(clock)).environment(environment());
    builder = if has_no_source(args) {
        without_source(builder, args)?
    } else {
        with_source(builder, args)?
    };
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

fn has_no_source(args: &SourceArgs) -> bool {
    args.store.is_none() && args.events.is_empty()
}

fn with_source(mut builder: SessionBuilder, args: &SourceArgs) -> Result<SessionBuilder, Failure> {
    if let Some(store) = &args.store {
        return Err(Failure::Usage(format!(
            "--store {store}: stores are not supported yet; read event files in place with --events"
        )));
    }
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
    Ok(builder)
}

fn without_source(builder: SessionBuilder, args: &SourceArgs) -> Result<SessionBuilder, Failure> {
    let beside_events = [
        ("--persons", args.persons.is_empty()),
        ("--overrides", args.overrides.is_empty()),
        ("--groups", args.groups.is_empty()),
        ("--map", args.map.is_empty()),
    ];
    if let Some((option, _)) = beside_events.iter().find(|(_, is_empty)| !is_empty) {
        return Err(Failure::Usage(format!(
            "{option} belongs to event files: name them with --events"
        )));
    }
    if Path::new(DEFAULT_STORE).exists() {
        return Err(Failure::Usage(format!(
            "./{DEFAULT_STORE} is here, but stores are not supported yet; read event files in place with --events"
        )));
    }
    output::tell(
        "note: no source given: answering from the built-in sample; point --events at your own files",
    );
    Ok(builder.sample())
}

fn project(path: &Path) -> Result<Project, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("--project {}: {error}", path.display())))?;
    Project::parse(&text).map_err(Failure::from_error)
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is read")]
fn clock() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

/// Settings for `s3://` addresses.
fn environment() -> std::collections::HashMap<String, String> {
    std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect()
}
