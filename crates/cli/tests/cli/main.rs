//! The `hogql` command as a process: what it prints where, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod commands;
mod errors;
mod formats;
mod interrupts;
mod kill_nine;
mod process;
mod readme;
mod store_faults;
mod stores;
