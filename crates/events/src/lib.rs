//! What an event row is: columns, property typing, time zones and periods. No Arrow, no files, no queries.
//!
//! - [`mod@column`]: the canonical columns of each table, as PostHog exports them.
//! - [`source`]: what a source of rows really has, as plain data for the resolver.
//! - [`property`]: property values in JSON text.
//! - [`time`]: instants, days, zones: truncation, calendar arithmetic, text.

pub mod column;
pub mod property;
pub mod source;
pub mod time;
