//! The text of a query, and a runtime to answer it in.

use crate::args::{SourceArgs, TextArgs};
use crate::failure::Failure;
use std::io::Read;

/// A query's text and what to call it in messages.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) origin: String,
}

impl TextArgs {
    /// The text, from the command line, a file or stdin.
    pub(crate) fn read(&self) -> Result<Text, Failure> {
        match (&self.text, self.file.as_deref()) {
            (Some(text), _) => Ok(Text { text: text.clone(), origin: "query".to_owned() }),
            (None, Some(file)) => Ok(Text { text: read(file)?, origin: file.to_owned() }),
            (None, None) => Err(Failure::Usage("no query given".to_owned())),
        }
    }
}

/// The text of a file, or of stdin if it is `-`.
pub(crate) fn read(file: &str) -> Result<String, Failure> {
    if file != "-" {
        return std::fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("{file}: {error}")));
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::Usage(format!("stdin: {error}")))?;
    Ok(text)
}

/// A runtime with as many threads as the query may use.
pub(crate) fn runtime(source: &SourceArgs) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = source.threads {
        builder.worker_threads(threads.get());
    }
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::Usage(format!("threads cannot be started: {error}")))
}
