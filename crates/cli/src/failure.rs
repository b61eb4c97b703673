//! What ends a command early, and its exit code.

use crate::output;
use hoglet::{Blame, Error};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are wrong, or an option's file.
    Usage(String),
    /// The query or the data is wrong; with the query's text, if it is about the text.
    Query { error: Error, text: Option<String>, origin: String },
    /// The findings were printed already.
    Reported,
    /// Whoever read the output went away; nothing is wrong.
    OutputClosed,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// One of these two, with what becomes of the work that was stopped.
    Unfinished { by: Box<Self>, note: &'static str },
    /// A defect of Hoglet, of which the thread that had it has told.
    Stopped,
}

impl Failure {
    /// An error without a query's text.
    pub(crate) fn from_error(error: Error) -> Self {
        Self::Query { error, text: None, origin: String::new() }
    }

    /// An error in a query's text.
    pub(crate) fn in_text(error: Error, text: &str, origin: &str) -> Self {
        Self::Query { error, text: Some(text.to_owned()), origin: origin.to_owned() }
    }

    /// The same, with what becomes of the work if it was stopped by a signal.
    pub(crate) fn with_note(self, note: &'static str) -> Self {
        match self {
            Self::Interrupted | Self::Terminated => Self::Unfinished { by: Box::new(self), note },
            other => other,
        }
    }

    /// Tells what is wrong on stderr and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                output::tell(&format!("error: {message}"));
                ExitCode::from(2)
            }
            Self::Query { error, text, origin } => {
                let text = text.as_deref().filter(|_| error.is_about_query()).unwrap_or_default();
                output::tell(&output::rendered(text, &origin, error.diagnostics()));
                ExitCode::from(if error.blame() == Blame::Usage { 2 } else { 1 })
            }
            Self::Reported => ExitCode::from(1),
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Interrupted => {
                // The terminal has written ^C behind whatever stood there.
                output::tell(if std::io::stderr().is_terminal() {
                    "\ninterrupted"
                } else {
                    "interrupted"
                });
                ExitCode::from(130)
            }
            Self::Terminated => {
                output::tell("terminated");
                ExitCode::from(143)
            }
            Self::Unfinished { by, note } => {
                let code = by.report();
                output::tell(note);
                code
            }
            Self::Stopped => {
                output::tell("error[H0999]: the command broke off; this is a defect of Hoglet");
                ExitCode::from(1)
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Usage(format!("stdout cannot be written: {error}")),
        }
    }
}
