//! What an event row is: columns, property typing, time zones, periods and runs. No Arrow, no files, no queries.
//!
//! - [`mod@column`]: the canonical columns of each table, as PostHog exports them.
//! - [`layout`]: how rows of actors lie in ordered streams.
//! - [`source`]: what a source of rows really has, as plain data for the resolver.
//! - [`property`]: property values in JSON text.
//! - [`runs`]: an actor's rows in time order, merged from ordered streams.
//! - [`time`]: instants, days, zones: truncation, calendar arithmetic, text.

pub mod column;
pub mod layout;
pub mod property;
pub mod runs;
pub mod source;
pub mod time;
