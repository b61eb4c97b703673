//! Instants and days. Every kernel takes a `Timestamp(Microsecond, "UTC")` or a `Date32` as a moment; a day stands for its first
//! instant in the zone. Results that ClickHouse keeps as `DateTime` or `Date` stay in those types' ranges: 1970 to 2106 and 2149.

mod convert;
mod distance;
mod fields;
mod moment;
mod shift;
mod text;
mod truncate;

#[cfg(test)]
mod tests;

pub(super) use moment::{clock as zone_clock, constant_int};

use super::Kernel;

/// The kernels of this module.
pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("truncate_instant", truncate::truncate_instant),
    ("truncate_day", truncate::truncate_day),
    ("truncate_from", truncate::truncate_from),
    ("date_field", fields::date_field),
    ("week_number", fields::week_number),
    ("year_week", fields::year_week),
    ("zone_offset", fields::zone_offset),
    ("date_diff", distance::date_diff),
    ("date_age", distance::date_age),
    ("add_seconds", shift::add_seconds),
    ("add_minutes", shift::add_minutes),
    ("add_hours", shift::add_hours),
    ("add_days", shift::add_days),
    ("add_weeks", shift::add_weeks),
    ("add_months", shift::add_months),
    ("add_quarters", shift::add_quarters),
    ("add_years", shift::add_years),
    ("format_instant", text::format_instant),
    ("format_datetime", text::format_datetime),
    ("parse_datetime_best_effort", text::parse_best_effort),
    ("parse_datetime_best_effort_us", text::parse_best_effort_us),
    ("parse_datetime_strict", text::parse_strict),
    ("parse_datetime_format", text::parse_format),
    ("parse_day", text::parse_day),
    ("instant_from_number", convert::instant_from_number),
    ("unix_seconds", convert::unix_seconds),
    ("unix_units", convert::unix_units),
    ("make_date", convert::make_date),
    ("make_datetime", convert::make_datetime),
    ("uuid_v7_instant", convert::uuid_v7_instant),
];
