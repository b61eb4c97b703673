//! One module a command.

pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod functions;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod optimize;
pub(crate) mod parse;
pub(crate) mod query;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod text;
