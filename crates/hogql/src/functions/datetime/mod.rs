//! The catalog's table of date and time functions.
//!
//! A day stands for its first instant in the project's zone. An instant is read in the zone of its type.

mod convert;
mod fields;
mod moment;
mod shift;
mod text;
mod truncate;

pub(super) use convert::{to_date, to_datetime};
pub(super) use moment::zone_argument;

use super::scalar::scalar;
use super::{Function, Group};
use crate::types::IntervalUnit;

use Group::DateTime;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        DateTime,
        "now([zone])",
        "The present, in microseconds, in the project's zone.",
        (0, 1),
        convert::now,
    )
    .any_case(),
    scalar(DateTime, "current_timestamp()", "The present, as `now`.", (0, 0), convert::now),
    scalar(DateTime, "nowInBlock(zone)", "The present, as `now`.", (1, 1), convert::now),
    scalar(DateTime, "today()", "The present day in UTC.", (0, 0), |call| {
        Ok(convert::today(call, 0))
    }),
    scalar(DateTime, "current_date()", "The present day in UTC.", (0, 0), |call| {
        Ok(convert::today(call, 0))
    }),
    scalar(DateTime, "yesterday()", "The day before the present one in UTC.", (0, 0), |call| {
        Ok(convert::today(call, -1))
    }),
    scalar(
        DateTime,
        "toDate(value)",
        "The day of an instant in its zone, or in a text (NULL if there is none).",
        (1, 1),
        to_date,
    ),
    scalar(DateTime, "to_date(value)", "As `toDate`.", (1, 1), to_date),
    scalar(DateTime, "_toDate(value)", "As `toDate`.", (1, 1), to_date),
    scalar(
        DateTime,
        "toDateTime(value[, zone])",
        "The instant of a text (NULL if there is none), a number of seconds or a day.",
        (1, 2),
        |call| to_datetime(call, false),
    ),
    scalar(
        DateTime,
        "toDateTimeUS(value[, zone])",
        "As `toDateTime`, months before days.",
        (1, 2),
        |call| to_datetime(call, true),
    ),
    scalar(
        DateTime,
        "parseDateTimeBestEffort(text[, zone])",
        "The instant that a text in nearly any form means; NULL if none.",
        (1, 2),
        convert::best_effort,
    ),
    scalar(
        DateTime,
        "toDateTime64(value[, digits[, zone]])",
        "An instant with up to six digits of the second's fraction.",
        (1, 3),
        convert::to_datetime64,
    ),
    scalar(
        DateTime,
        "to_timestamp(seconds)",
        "The instant of a number of seconds since 1970.",
        (1, 1),
        convert::from_seconds,
    ),
    scalar(
        DateTime,
        "fromUnixTimestamp(seconds)",
        "The instant of a number of seconds since 1970.",
        (1, 1),
        convert::from_seconds,
    ),
    scalar(
        DateTime,
        "fromUnixTimestamp64Milli(milliseconds)",
        "The instant of a number of milliseconds since 1970.",
        (1, 1),
        convert::from_millis,
    ),
    scalar(
        DateTime,
        "toUnixTimestamp(moment[, zone])",
        "Whole seconds since 1970.",
        (1, 2),
        convert::to_seconds,
    ),
    scalar(
        DateTime,
        "toUnixTimestamp64Milli(instant)",
        "Whole milliseconds since 1970.",
        (1, 1),
        convert::to_millis,
    ),
    scalar(
        DateTime,
        "make_date(year, month, day)",
        "A day; 1970-01-01 if there is no such one.",
        (3, 3),
        convert::make_date,
    ),
    scalar(
        DateTime,
        "make_timestamp(year, month, day, hour, minute, second[, zone])",
        "An instant from local time.",
        (6, 7),
        convert::make_datetime,
    ),
    scalar(
        DateTime,
        "make_timestamptz(year, month, day, hour, minute, second, zone)",
        "An instant from local time of the project's zone, shown in a zone.",
        (7, 7),
        convert::make_datetime_in,
    ),
    scalar(
        DateTime,
        "UUIDv7ToDateTime(uuid)",
        "The milliseconds in a UUID of version 7.",
        (1, 1),
        convert::uuid_v7,
    ),
    scalar(
        DateTime,
        "toTimeZone(instant[, zone])",
        "The same instant, read in another zone.",
        (1, 2),
        convert::to_zone,
    ),
    scalar(
        DateTime,
        "timezone(zone, instant)",
        "The same instant, read in another zone.",
        (2, 2),
        convert::in_zone,
    ),
    scalar(
        DateTime,
        "timeZoneOf(instant)",
        "The name of the zone an instant is read in.",
        (1, 1),
        convert::zone_of,
    ),
    scalar(
        DateTime,
        "timeZoneOffset(instant)",
        "Local time minus UTC, in seconds.",
        (1, 1),
        convert::zone_offset,
    ),
    scalar(DateTime, "toStartOfSecond(instant)", "The start of the second.", (1, 1), |call| {
        truncate::instant(call, "second", 1)
    }),
    scalar(DateTime, "toStartOfMinute(instant)", "The start of the minute.", (1, 1), |call| {
        truncate::instant(call, "minute", 1)
    }),
    scalar(
        DateTime,
        "toStartOfFiveMinutes(instant)",
        "The start of the five minutes.",
        (1, 1),
        |call| truncate::instant(call, "minute", 5),
    ),
    scalar(
        DateTime,
        "toStartOfTenMinutes(instant)",
        "The start of the ten minutes.",
        (1, 1),
        |call| truncate::instant(call, "minute", 10),
    ),
    scalar(
        DateTime,
        "toStartOfFifteenMinutes(instant)",
        "The start of the quarter of an hour.",
        (1, 1),
        |call| truncate::instant(call, "minute", 15),
    ),
    scalar(DateTime, "timeSlot(instant)", "The start of the half hour.", (1, 1), |call| {
        truncate::instant(call, "minute", 30)
    }),
    scalar(DateTime, "toStartOfHour(instant)", "The start of the hour.", (1, 1), |call| {
        truncate::instant(call, "hour", 1)
    }),
    scalar(
        DateTime,
        "toStartOfDay(moment[, zone])",
        "The first instant of the day.",
        (1, 2),
        |call| truncate::instant(call, "day", 1),
    ),
    scalar(
        DateTime,
        "toStartOfWeek(moment[, mode])",
        "The first day of the week: as the project says, or Sunday for even modes, Monday for odd ones.",
        (1, 2),
        truncate::week,
    ),
    scalar(
        DateTime,
        "toLastDayOfWeek(moment[, mode])",
        "The last day of the week that starts on Sunday, or Monday for odd modes.",
        (1, 2),
        truncate::last_of_week,
    ),
    scalar(DateTime, "toMonday(moment)", "The Monday of the week.", (1, 1), |call| {
        truncate::day(call, "week")
    }),
    scalar(DateTime, "toStartOfMonth(moment)", "The first day of the month.", (1, 1), |call| {
        truncate::day(call, "month")
    }),
    scalar(DateTime, "toLastDayOfMonth(moment)", "The last day of the month.", (1, 1), |call| {
        truncate::day(call, "last_of_month")
    }),
    scalar(DateTime, "toStartOfQuarter(moment)", "The first day of the quarter.", (1, 1), |call| {
        truncate::day(call, "quarter")
    }),
    scalar(DateTime, "toStartOfYear(moment)", "The first day of the year.", (1, 1), |call| {
        truncate::day(call, "year")
    }),
    scalar(
        DateTime,
        "toStartOfISOYear(moment)",
        "The first day of the ISO year.",
        (1, 1),
        |call| truncate::day(call, "iso_year"),
    ),
    scalar(
        DateTime,
        "toStartOfInterval(moment, interval[, origin or zone])",
        "The start of the interval, counted from 1970 (months: 1900) or from the origin.",
        (2, 3),
        truncate::interval,
    ),
    scalar(
        DateTime,
        "date_bin(interval, moment, origin)",
        "The start of the interval, counted from the origin.",
        (3, 3),
        truncate::date_bin,
    ),
    scalar(
        DateTime,
        "dateTrunc(unit, moment[, zone])",
        "The start of the unit: a day from weeks on, else an instant.",
        (2, 3),
        truncate::date_trunc,
    ),
    scalar(
        DateTime,
        "date_trunc(unit, moment[, zone])",
        "The start of the unit, as `dateTrunc`.",
        (2, 3),
        truncate::date_trunc,
    ),
    scalar(DateTime, "toYear(moment)", "The year.", (1, 1), |call| fields::part(call, "year")),
    scalar(DateTime, "toQuarter(moment)", "The quarter, 1 to 4.", (1, 1), |call| {
        fields::part(call, "quarter")
    }),
    scalar(DateTime, "toMonth(moment)", "The month, 1 to 12.", (1, 1), |call| {
        fields::part(call, "month")
    }),
    scalar(DateTime, "toISOYear(moment)", "The ISO year.", (1, 1), |call| {
        fields::part(call, "iso_year")
    }),
    scalar(DateTime, "toISOWeek(moment)", "The ISO week, 1 to 53.", (1, 1), |call| {
        fields::part(call, "iso_week")
    }),
    scalar(
        DateTime,
        "toWeek(moment[, mode[, zone]])",
        "The week of the year by MySQL's mode.",
        (1, 3),
        |call| fields::week(call, "week_number"),
    ),
    scalar(
        DateTime,
        "toYearWeek(moment[, mode[, zone]])",
        "Year and week as six digits, by MySQL's mode.",
        (1, 3),
        |call| fields::week(call, "year_week"),
    ),
    scalar(DateTime, "toDayOfYear(moment)", "The day of the year, from 1.", (1, 1), |call| {
        fields::part(call, "day_of_year")
    }),
    scalar(DateTime, "toDayOfMonth(moment)", "The day of the month, from 1.", (1, 1), |call| {
        fields::part(call, "day_of_month")
    }),
    scalar(
        DateTime,
        "toDayOfWeek(moment[, mode[, zone]])",
        "1 is Monday, 7 is Sunday; mode 1: 0 is Monday, 2: 0 is Sunday, 3: 1 is Sunday.",
        (1, 3),
        fields::day_of_week,
    ),
    scalar(DateTime, "toHour(instant)", "The hour, 0 to 23.", (1, 1), |call| {
        fields::clock(call, "hour")
    }),
    scalar(DateTime, "toMinute(instant)", "The minute, 0 to 59.", (1, 1), |call| {
        fields::clock(call, "minute")
    }),
    scalar(DateTime, "toSecond(instant)", "The second, 0 to 59.", (1, 1), |call| {
        fields::clock(call, "second")
    }),
    scalar(DateTime, "toYYYYMM(moment)", "Year and month as six digits.", (1, 1), |call| {
        fields::part(call, "year_month")
    }),
    scalar(
        DateTime,
        "toYYYYMMDD(moment)",
        "Year, month and day as eight digits.",
        (1, 1),
        |call| fields::part(call, "date_digits"),
    ),
    scalar(
        DateTime,
        "toYYYYMMDDhhmmss(moment)",
        "Year to second as fourteen digits.",
        (1, 1),
        |call| fields::part(call, "date_digits_and_time"),
    ),
    scalar(
        DateTime,
        "date_part(unit, moment)",
        "A part of a moment by its name: year, quarter, month, day, hour, minute, second, dow (1 is Monday), doy.",
        (2, 2),
        fields::date_part,
    ),
    scalar(
        DateTime,
        "dateDiff(unit, from, to)",
        "How many starts of the unit lie between two moments.",
        (3, 3),
        |call| shift::difference(call, "date_diff"),
    ),
    scalar(DateTime, "date_diff(unit, from, to)", "As `dateDiff`.", (3, 3), |call| {
        shift::difference(call, "date_diff")
    }),
    scalar(
        DateTime,
        "age(unit, from, to)",
        "How many whole units lie between two moments.",
        (3, 3),
        |call| shift::difference(call, "date_age"),
    ),
    scalar(
        DateTime,
        "dateAdd(moment, interval)",
        "A later moment; also dateAdd(unit, number, moment).",
        (2, 3),
        |call| shift::by_interval(call, false),
    ),
    scalar(DateTime, "date_add(moment, interval)", "A later moment.", (2, 2), |call| {
        shift::by_interval(call, false)
    }),
    scalar(DateTime, "timeStampAdd(moment, interval)", "A later moment.", (2, 2), |call| {
        shift::by_interval(call, false)
    }),
    scalar(
        DateTime,
        "dateSub(moment, interval)",
        "An earlier moment; also dateSub(unit, number, moment).",
        (2, 3),
        |call| shift::by_interval(call, true),
    ),
    scalar(DateTime, "date_subtract(moment, interval)", "An earlier moment.", (2, 2), |call| {
        shift::by_interval(call, true)
    }),
    scalar(DateTime, "timeStampSub(moment, interval)", "An earlier moment.", (2, 2), |call| {
        shift::by_interval(call, true)
    }),
    later("addSeconds(moment, number)", |call| shift::by(call, IntervalUnit::Second, false)),
    later("addMinutes(moment, number)", |call| shift::by(call, IntervalUnit::Minute, false)),
    later("addHours(moment, number)", |call| shift::by(call, IntervalUnit::Hour, false)),
    later("addDays(moment, number)", |call| shift::by(call, IntervalUnit::Day, false)),
    later("addWeeks(moment, number)", |call| shift::by(call, IntervalUnit::Week, false)),
    later("addMonths(moment, number)", |call| shift::by(call, IntervalUnit::Month, false)),
    later("addQuarters(moment, number)", |call| shift::by(call, IntervalUnit::Quarter, false)),
    later("addYears(moment, number)", |call| shift::by(call, IntervalUnit::Year, false)),
    earlier("subtractSeconds(moment, number)", |call| shift::by(call, IntervalUnit::Second, true)),
    earlier("subtractMinutes(moment, number)", |call| shift::by(call, IntervalUnit::Minute, true)),
    earlier("subtractHours(moment, number)", |call| shift::by(call, IntervalUnit::Hour, true)),
    earlier("subtractDays(moment, number)", |call| shift::by(call, IntervalUnit::Day, true)),
    earlier("subtractWeeks(moment, number)", |call| shift::by(call, IntervalUnit::Week, true)),
    earlier("subtractMonths(moment, number)", |call| shift::by(call, IntervalUnit::Month, true)),
    earlier("subtractQuarters(moment, number)", |call| {
        shift::by(call, IntervalUnit::Quarter, true)
    }),
    earlier("subtractYears(moment, number)", |call| shift::by(call, IntervalUnit::Year, true)),
    interval("toIntervalSecond(number)", |call| shift::interval(call, IntervalUnit::Second)),
    interval("toIntervalMinute(number)", |call| shift::interval(call, IntervalUnit::Minute)),
    interval("toIntervalHour(number)", |call| shift::interval(call, IntervalUnit::Hour)),
    interval("toIntervalDay(number)", |call| shift::interval(call, IntervalUnit::Day)),
    interval("toIntervalWeek(number)", |call| shift::interval(call, IntervalUnit::Week)),
    interval("toIntervalMonth(number)", |call| shift::interval(call, IntervalUnit::Month)),
    interval("toIntervalQuarter(number)", |call| shift::interval(call, IntervalUnit::Quarter)),
    interval("toIntervalYear(number)", |call| shift::interval(call, IntervalUnit::Year)),
    scalar(
        DateTime,
        "formatDateTime(moment, format[, zone])",
        "A moment as text by MySQL's specifiers: `%Y-%m-%d %H:%i:%S`.",
        (2, 3),
        text::format,
    ),
    scalar(
        DateTime,
        "to_char(moment, format[, zone])",
        "As `formatDateTime`.",
        (2, 3),
        text::format,
    ),
    scalar(
        DateTime,
        "parseDateTime(text, format[, zone])",
        "An instant by MySQL's specifiers; NULL if the text does not match.",
        (2, 3),
        text::parse,
    ),
    scalar(
        DateTime,
        "dateName(unit, moment)",
        "A part of a moment as text; months and weekdays by their English names.",
        (2, 2),
        text::date_name,
    ),
    scalar(DateTime, "monthName(moment)", "The English name of the month.", (1, 1), |call| {
        text::formatted(call, 0, "%M")
    }),
];

const fn later(signature: &'static str, build: super::scalar::Builder) -> Function {
    scalar(DateTime, signature, "A moment later by that number of units.", (2, 2), build)
}

const fn earlier(signature: &'static str, build: super::scalar::Builder) -> Function {
    scalar(DateTime, signature, "A moment earlier by that number of units.", (2, 2), build)
}

const fn interval(signature: &'static str, build: super::scalar::Builder) -> Function {
    scalar(DateTime, signature, "An interval, to be added to moments.", (1, 1), build)
}
