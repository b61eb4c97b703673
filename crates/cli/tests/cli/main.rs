//! The `hogql` command as a process: what it prints where, and how it ends.

mod commands;
mod errors;
mod formats;
mod interrupts;
mod process;
mod readme;
