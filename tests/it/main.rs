//! The library as a program that embeds it uses it, and answers that have a second way to them. One binary: each that links
//! DataFusion costs seconds.

mod api;
mod cancel;
mod captures;
mod errors;
mod nan;
mod oracle;
mod rows;
mod store_persons;
mod stores;

/// What a test gives: any error fails it, with its text.
type Tested = Result<(), Box<dyn std::error::Error>>;
