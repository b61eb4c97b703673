//! The interactive prompt: history, completion, queries of several lines. Ctrl-C cancels the query that runs, or what is typed.

mod complete;
mod entry;

use crate::args::SourceArgs;
use crate::commands::query::{Asked, collect, tell_notices};
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{drawing, output, source};
use complete::Completion;
use entry::{Entry, HELP};
use hoglet::{Options, SchemaListing, Session};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

/// Entries of the history that are kept.
const REMEMBERED: usize = 10_000;

/// Asks for queries until the input ends.
pub(crate) fn run(args: SourceArgs) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "no command given, and stdin is no terminal; try hogql --help".to_owned(),
        ));
    }
    let workers = Workers::new(args.threads)?;
    let (session, listing) = workers.run(async move {
        let session = source::open(&args).await?;
        let listing = session.schema_listing().await.map_err(Failure::from_error)?;
        Ok((session, listing))
    })?;
    let mut lines = Lines::new(&listing)?;
    output::tell(HELP);
    let outcome = answer_all(&workers, &session, &listing, &mut lines);
    workers.leave();
    outcome
}

fn answer_all(
    workers: &Workers,
    session: &Session,
    listing: &SchemaListing,
    lines: &mut Lines,
) -> Result<(), Failure> {
    while let Some(text) = lines.next()? {
        let outcome = match Entry::of(&text) {
            Entry::Query(query) => workers.run(answer(session.clone(), query.to_owned())),
            Entry::Schema => print_schema(listing),
            Entry::Functions => print_functions(),
            Entry::Help => {
                output::tell(HELP);
                Ok(())
            }
            Entry::Unknown(command) => {
                output::tell(&format!("there is no command `{command}`; .help lists all"));
                Ok(())
            }
            Entry::Nothing => Ok(()),
            Entry::Quit => return Ok(()),
        };
        if let Err(failure) = outcome {
            failure.report();
        }
    }
    Ok(())
}

/// What is typed, entry by entry.
struct Lines {
    editor: Editor<Completion, FileHistory>,
    history: Option<PathBuf>,
}

impl Lines {
    fn new(listing: &SchemaListing) -> Result<Self, Failure> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .auto_add_history(true)
            .max_history_size(REMEMBERED)
            .map_err(terminal)?
            .build();
        let mut editor = Editor::with_config(config).map_err(terminal)?;
        editor.set_helper(Some(Completion::new(listing)));
        let history = history();
        if let Some(path) = &history {
            // No history yet is no error.
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, history })
    }

    /// The next entry; `None` at the end of the input.
    fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            match self.editor.readline("hogql> ") {
                Ok(text) => {
                    self.remember();
                    return Ok(Some(text));
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(None),
                Err(error) => return Err(terminal(error)),
            }
        }
    }

    /// Writes the history after each entry: a prompt that is killed loses nothing.
    fn remember(&mut self) {
        let Some(path) = &self.history else { return };
        if let Err(error) = self.editor.append_history(path) {
            output::tell(&format!("note: {} keeps no history: {error}", path.display()));
            self.history = None;
        }
    }
}

async fn answer(session: Session, text: String) -> Result<(), Failure> {
    let started = Instant::now();
    let options = Options::default();
    let asked = Asked { text: &text, origin: "query", options: &options };
    let query = asked.compile(&session).await?;
    tell_notices(&query, &text, "query");
    let batches = collect(&query).await.map_err(|failure| asked.explained(failure))?;
    let table = drawing::draw(query.columns(), &batches).map_err(Failure::from_error)?;
    output::print(&table)?;
    output::tell(&format!("{:.3} s", started.elapsed().as_secs_f64()));
    Ok(())
}

fn print_schema(listing: &SchemaListing) -> Result<(), Failure> {
    for table in &listing.tables {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        output::print(&format!("{}: {}\n", table.name, columns.join(", ")))?;
    }
    Ok(())
}

fn print_functions() -> Result<(), Failure> {
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
