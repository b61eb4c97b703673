//! The interactive prompt: history, completion, Ctrl-C cancels the query that runs.

mod complete;

use crate::args::SourceArgs;
use crate::commands::query::{Asked, collect, tell_notices};
use crate::commands::text::runtime;
use crate::failure::Failure;
use crate::{drawing, output, source};
use complete::Completion;
use hoglet::{Options, Session};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

const HELP: &str = "End a query with ; to run it. \\d lists tables and columns, \\f lists functions, \\q leaves. Ctrl-C cancels.";

/// Asks for queries until the input ends.
pub(crate) fn run(args: &SourceArgs) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "no command given, and stdin is no terminal; try hogql --help".to_owned(),
        ));
    }
    let runtime = runtime(args)?;
    let session = runtime.block_on(source::open(args))?;
    let words = runtime.block_on(session.schema_listing()).map_err(Failure::from_error)?;
    let config =
        Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let mut editor: Editor<Completion, FileHistory> =
        Editor::with_config(config).map_err(terminal)?;
    editor.set_helper(Some(Completion::new(&words)));
    let history = history();
    if let Some(path) = &history {
        // No history yet is no error.
        let _ = editor.load_history(path);
    }
    output::tell(HELP);
    while let Some(text) = ask(&mut editor)? {
        if !text.is_empty() {
            runtime.block_on(answer(&session, &text));
        }
    }
    if let Some(path) = &history {
        editor.save_history(path).map_err(terminal)?;
    }
    Ok(())
}

/// The next query, without its semicolon; `None` at the end of the input.
fn ask(editor: &mut Editor<Completion, FileHistory>) -> Result<Option<String>, Failure> {
    let mut text = String::new();
    loop {
        let prompt = if text.is_empty() { "hogql> " } else { "    -> " };
        let line = match editor.readline(prompt) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => {
                text.clear();
                continue;
            }
            Err(ReadlineError::Eof) => return Ok(None),
            Err(error) => return Err(terminal(error)),
        };
        match line.trim() {
            "\\q" | "exit" | "quit" if text.is_empty() => return Ok(None),
            command @ ("\\d" | "\\f" | "\\h") if text.is_empty() => {
                return Ok(Some(command.to_owned()));
            }
            _ => {}
        }
        text.push_str(&line);
        text.push('\n');
        if let Some(query) = text.trim_end().strip_suffix(';') {
            return Ok(Some(query.trim().to_owned()));
        }
    }
}

async fn answer(session: &Session, text: &str) {
    let outcome = match text {
        "\\d" => describe(session).await,
        "\\f" => functions(),
        "\\h" => {
            output::tell(HELP);
            Ok(())
        }
        _ => query(session, text).await,
    };
    if let Err(failure) = outcome {
        failure.report();
    }
}

async fn query(session: &Session, text: &str) -> Result<(), Failure> {
    let started = Instant::now();
    let query =
        Asked { text, origin: "query", options: &Options::default() }.compile(session).await?;
    tell_notices(&query, text);
    let batches = collect(&query).await?;
    let table = drawing::draw(query.columns(), &batches).map_err(Failure::from_error)?;
    output::print(&table)?;
    output::tell(&format!("{:.3} s", started.elapsed().as_secs_f64()));
    Ok(())
}

async fn describe(session: &Session) -> Result<(), Failure> {
    let listing = session.schema_listing().await.map_err(Failure::from_error)?;
    for table in &listing.tables {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        output::print(&format!("{}: {}\n", table.name, columns.join(", ")))?;
    }
    Ok(())
}

fn functions() -> Result<(), Failure> {
    let names: Vec<&str> = hoglet::functions::all().map(|function| function.name).collect();
    Ok(output::print(&format!("{}\n", names.join(" ")))?)
}

#[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
fn history() -> Option<PathBuf> {
    std::env::var("HOME").ok().map(|home| PathBuf::from(home).join(".hogql_history"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
fn terminal(error: ReadlineError) -> Failure {
    Failure::Usage(format!("the terminal cannot be read: {error}"))
}
