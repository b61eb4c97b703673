//! `hogql`: product analytics over stores and event files from the command line.
//!
//! Arguments become a [`hoglet::Session`] and a question; results go to stdout, everything else to stderr. Exit codes: 0
//! answered, 1 the query or the data is wrong, 2 the arguments are, or the output cannot be written; 130 after Ctrl-C, 143 after
//! SIGTERM.

mod args;
mod commands;
mod drawing;
mod failure;
mod memory;
mod output;
mod phases;
mod placeholders;
mod progress;
mod prompt;
mod source;
mod target;
mod workers;

use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    memory::keep_freed_pages();
    let cli = args::Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: args::Cli) -> Result<(), Failure> {
    use args::Command;
    match cli.command {
        Some(Command::Parse(args)) => commands::parse::run(&args),
        Some(Command::Functions(args)) => commands::functions::run(&args),
        Some(Command::Generate(args)) => commands::generate::run(&args),
        Some(Command::Query(args)) => commands::query::run(args),
        Some(Command::Run(args)) => commands::run::run(args),
        Some(Command::Check(args)) => commands::check::run(&args),
        Some(Command::Explain(args)) => commands::explain::run(args),
        Some(Command::Schema(args)) => commands::schema::run(&args),
        Some(Command::Import(args)) => commands::import::run(&args),
        Some(Command::Optimize(args)) => commands::optimize::run(&args),
        Some(Command::Info(args)) => commands::info::run(&args),
        Some(Command::Serve(_)) => Err(absent("serve")),
        None => prompt::run(cli.source),
    }
}

/// Why a command of the server does nothing.
fn absent(command: &str) -> Failure {
    Failure::Usage(format!(
        "`hogql {command}` is not there yet; ask on the command line: \
         hogql query --store DIR \"SELECT count() FROM events\""
    ))
}
