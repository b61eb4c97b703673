//! Virtual tables.
