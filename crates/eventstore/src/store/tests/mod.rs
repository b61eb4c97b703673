//! Tests of stores.

mod import;
mod info;
mod versions;
