//! Dates of queries and the periods of calendars: worked examples, and what holds for all zones.

use super::{
    Calendar, Clock, DAY, DateRange, DateText, HOUR, RangeSpec, Unit, WeekStart, parse_strict,
    write_instant,
};
use proptest::prelude::*;

fn utc(text: &str) -> i64 {
    parse_strict(text, &mut Clock::utc()).unwrap()
}

fn calendar(zone: &str, week_start: WeekStart) -> Calendar {
    Calendar::new(zone, week_start).unwrap()
}

/// The local text of an instant, without a zero time of day.
fn local(instant: i64, calendar: &mut Calendar) -> String {
    let mut text = String::new();
    let micros = calendar.clock().local(instant);
    write_instant(micros, 6, &mut text);
    text.trim_end_matches(".000000").trim_end_matches(" 00:00:00").to_owned()
}

fn resolved(text: &str, now: &str, week_start: WeekStart) -> String {
    let mut calendar = calendar("UTC", week_start);
    let instant = match DateText::parse(text, &mut calendar).unwrap() {
        DateText::Relative(date) => date.resolve(utc(now), &mut calendar),
        DateText::Day(at) | DateText::Instant(at) => at,
        DateText::All => panic!("all has no instant"),
    };
    local(instant, &mut calendar)
}

#[test]
fn relative_dates_step_and_snap() {
    for (text, expected) in [
        ("-1m", "2019-12-31"),
        ("-2m", "2019-11-30"),
        ("mStart", "2020-01-01"),
        ("-1mStart", "2019-12-01"),
        ("-1mEnd", "2019-12-31 23:59:59.999999"),
        ("-2mEnd", "2019-11-30 23:59:59.999999"),
        ("qStart", "2020-01-01"),
        ("qEnd", "2020-03-31 23:59:59.999999"),
        ("-1q", "2019-10-31"),
        ("-2q", "2019-07-31"),
        ("-1qStart", "2019-10-01"),
        ("-1qEnd", "2019-12-31 23:59:59.999999"),
        ("-2qStart", "2019-07-01"),
        ("-2qEnd", "2019-09-30 23:59:59.999999"),
        ("yStart", "2020-01-01"),
        ("-1yStart", "2019-01-01"),
        ("-1y", "2019-01-31"),
        ("wStart", "2020-01-26"),
        ("-7d", "2020-01-24"),
        ("7d", "2020-01-24"),
        ("+7d", "2020-01-24"),
        ("on -7d", "2020-01-24"),
        ("last 7d", "2020-01-31"),
        ("-2w", "2020-01-17"),
        ("-48h", "2020-01-29"),
        ("-90M", "2020-01-30 22:30:00"),
        ("-30s", "2020-01-30 23:59:30"),
        ("dEnd", "2020-01-31 23:59:59.999999"),
        ("0", "2020-01-31"),
        ("-99999999999999999999d", "0001-01-01"),
    ] {
        assert_eq!(resolved(text, "2020-01-31 00:00:00", WeekStart::Sunday), expected, "{text}");
    }
    assert_eq!(resolved("wStart", "2020-01-31 00:00:00", WeekStart::Monday), "2020-01-27");
    assert_eq!(resolved("hStart", "2020-01-31 10:20:30", WeekStart::Sunday), "2020-01-31 10:00:00");
    assert_eq!(resolved("-1m", "2024-03-30 00:00:00", WeekStart::Sunday), "2024-02-29");
}

#[test]
fn dates_are_days_or_instants() {
    for (text, expected) in [
        ("2020-02-29", "2020-02-29"),
        ("2020-02-29T10:20:30Z", "2020-02-29 10:20:30"),
        ("2020-02-29 10:20", "2020-02-29 10:20:00"),
        ("2020-02-29T10:20:30.123456789+05:45", "2020-02-29 04:35:30.123456"),
        ("2020-02-29T10:20:30-03", "2020-02-29 13:20:30"),
    ] {
        assert_eq!(resolved(text, "2020-01-31 00:00:00", WeekStart::Sunday), expected, "{text}");
    }
    let mut berlin = calendar("Europe/Berlin", WeekStart::Monday);
    assert_eq!(
        DateText::parse("2024-07-01", &mut berlin),
        Ok(DateText::Day(utc("2024-06-30 22:00:00")))
    );
    assert_eq!(
        DateText::parse("2024-07-01T01:00:00", &mut berlin),
        Ok(DateText::Instant(utc("2024-06-30 23:00:00")))
    );
    assert_eq!(DateText::parse(" all ", &mut berlin), Ok(DateText::All));
    for text in [
        "",
        "2023-02-29",
        "2020-13-01",
        "2020-01-01T25:00",
        "2020-01-01Tx",
        "2020-1-1",
        "2020-01-01T10:00+99",
    ] {
        assert!(DateText::parse(text, &mut berlin).is_err(), "{text}");
    }
    for (text, whole) in [
        ("-7d", true),
        ("+7d", true),
        ("mStart", true),
        ("today", false),
        ("soon!", false),
        ("now", true),
    ] {
        let Ok(DateText::Relative(date)) = DateText::parse(text, &mut berlin) else {
            panic!("{text}")
        };
        assert_eq!(date.is_whole, whole, "{text}");
    }
}

fn spec<'a>(date_from: &'a str, date_to: &'a str, interval: Unit, now: &str) -> RangeSpec<'a> {
    let date_to = Some(date_to).filter(|text| !text.is_empty());
    RangeSpec {
        date_from: Some(date_from),
        date_to,
        exact: false,
        interval,
        now: utc(now),
        earliest: None,
    }
}

fn shown(range: DateRange, calendar: &mut Calendar) -> String {
    format!("{} .. {}", local(range.from, calendar), local(range.to, calendar))
}

#[test]
fn ranges_are_cut_to_days_and_hours() {
    let mut utc_calendar = calendar("UTC", WeekStart::Sunday);
    let now = "2021-08-25 00:00:00";
    for (from, to, interval, expected) in [
        ("-48h", "", Unit::Day, "2021-08-23 .. 2021-08-25 23:59:59.999999"),
        ("-20h", "", Unit::Day, "2021-08-24 04:00:00 .. 2021-08-25 23:59:59.999999"),
        ("", "", Unit::Day, "2021-08-18 .. 2021-08-25 23:59:59.999999"),
        ("-7d", "", Unit::Week, "2021-08-18 .. 2021-08-25 23:59:59.999999"),
        ("2021-08-01", "2021-08-02", Unit::Hour, "2021-08-01 .. 2021-08-02 00:59:59.999999"),
        (
            "2021-08-01",
            "2021-08-02T10:20:30Z",
            Unit::Minute,
            "2021-08-01 .. 2021-08-02 10:20:59.999999",
        ),
        (
            "2021-08-01T05:00:00Z",
            "2021-08-02 23:59:59",
            Unit::Day,
            "2021-08-01 05:00:00 .. 2021-08-02 23:59:59.999999",
        ),
        ("-1mStart", "-1mEnd", Unit::Day, "2021-07-01 .. 2021-07-31 23:59:59.999999"),
        ("all", "", Unit::Day, "2021-08-18 .. 2021-08-25 23:59:59.999999"),
    ] {
        let range = spec(from, to, interval, now).resolve(&mut utc_calendar).unwrap();
        assert_eq!(shown(range, &mut utc_calendar), expected, "{from} to {to}");
    }
    let exact = RangeSpec { exact: true, ..spec("-36h", "", Unit::Day, "2021-08-25 10:20:30") };
    let range = exact.resolve(&mut utc_calendar).unwrap();
    assert_eq!(shown(range, &mut utc_calendar), "2021-08-23 22:20:30 .. 2021-08-25 10:20:30");
    let earliest =
        RangeSpec { earliest: Some(utc("2020-05-05 05:05:05")), ..spec("all", "", Unit::Day, now) };
    assert_eq!(earliest.resolve(&mut utc_calendar).unwrap().from, utc("2020-05-05 05:05:05"));
    assert!(spec("-7d", "all", Unit::Day, now).resolve(&mut utc_calendar).is_err());
}

#[test]
fn periods_of_a_range_may_begin_before_it() {
    let starts = |from: &str, interval, week_start| {
        let mut calendar = calendar("UTC", week_start);
        let range = spec(from, "", interval, "2021-08-25 00:00:00").resolve(&mut calendar).unwrap();
        let starts: Vec<i64> = calendar.starts(range.from, range.to, interval).collect();
        starts
            .into_iter()
            .map(|start| local(start, &mut calendar)[8..].to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(starts("-20h", Unit::Day, WeekStart::Sunday), "24 25");
    assert_eq!(starts("-48h", Unit::Day, WeekStart::Sunday), "23 24 25");
    assert_eq!(starts("-20d", Unit::Week, WeekStart::Sunday), "01 08 15 22");
    assert_eq!(starts("-20d", Unit::Week, WeekStart::Monday), "02 09 16 23");
    assert_eq!(starts("", Unit::Day, WeekStart::Sunday).split(' ').count(), 8);
}

#[test]
fn ranges_are_compared_with_like_ranges() {
    let mut utc_calendar = calendar("UTC", WeekStart::Sunday);
    let now = "2020-01-24 12:00:00";
    for (from, to, expected) in [
        ("2020-01-15", "2020-01-19", "2020-01-10 .. 2020-01-14 23:59:59.999999"),
        ("-7d", "", "2020-01-10 .. 2020-01-17 23:59:59.999999"),
        ("-14d", "", "2019-12-27 .. 2020-01-10 23:59:59.999999"),
        ("-2w", "", "2019-12-27 .. 2020-01-10 23:59:59.999999"),
        ("mStart", "", "2019-12-01 .. 2019-12-31 23:59:59.999999"),
        ("yStart", "", "2019-01-01 .. 2019-12-31 23:59:59.999999"),
        ("wStart", "", "2020-01-12 .. 2020-01-18 23:59:59.999999"),
        ("dStart", "", "2020-01-23 .. 2020-01-23 23:59:59.999999"),
    ] {
        let spec = spec(from, to, Unit::Day, now);
        let range = spec.resolve(&mut utc_calendar).unwrap();
        let previous = spec.previous(range, &mut utc_calendar).unwrap();
        assert_eq!(shown(previous, &mut utc_calendar), expected, "{from}");
    }
    let all =
        RangeSpec { earliest: Some(utc("2020-01-20 00:00:00")), ..spec("all", "", Unit::Day, now) };
    let range = all.resolve(&mut utc_calendar).unwrap();
    let previous = all.previous(range, &mut utc_calendar).unwrap();
    assert_eq!((previous.to, previous.length()), (range.from - 1, range.length()));
    let range =
        spec("2020-01-15", "2020-01-19", Unit::Day, now).resolve(&mut utc_calendar).unwrap();
    for (text, days) in
        [("-2d", 2), ("-1w", 7), ("-1m", 28), ("-1q", 91), ("-1y", 364), ("-48h", 2)]
    {
        let moved = range.compared_to(text, &mut utc_calendar).unwrap();
        assert_eq!(
            (range.from - moved.from, range.to - moved.to),
            (days * DAY, days * DAY),
            "{text}"
        );
    }
    assert!(
        range.compared_to("mStart", &mut utc_calendar).is_err()
            && range.compared_to("soon", &mut utc_calendar).is_err()
    );
}

#[test]
fn days_have_the_hours_that_the_clocks_give_them() {
    for (zone, day, hours) in [
        ("America/New_York", "2024-03-10", 23),
        ("America/New_York", "2024-11-03", 25),
        ("Europe/Berlin", "2024-03-31", 23),
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("Asia/Kathmandu", "2024-06-01", 24),
    ] {
        let mut calendar = calendar(zone, WeekStart::Monday);
        let Ok(DateText::Day(start)) = DateText::parse(day, &mut calendar) else { panic!("{day}") };
        let next = calendar.next(start, Unit::Day);
        assert_eq!(next - start, hours * HOUR, "{zone}");
        assert_eq!(calendar.starts(start, next - 1, Unit::Hour).count() as i64, hours, "{zone}");
    }
    let mut lord_howe = calendar("Australia/Lord_Howe", WeekStart::Monday);
    let start = utc("2024-04-05 13:00:00");
    assert_eq!(lord_howe.next(start, Unit::Day) - start, 24 * HOUR);
    let start = lord_howe.next(start, Unit::Day);
    assert_eq!(2 * (lord_howe.next(start, Unit::Day) - start), 49 * HOUR);
    // A day that one island group never had.
    let mut apia = calendar("Pacific/Apia", WeekStart::Monday);
    let Ok(DateText::Day(start)) = DateText::parse("2011-12-29", &mut apia) else {
        panic!("no day")
    };
    let next = apia.next(start, Unit::Day);
    assert_eq!(local(next, &mut apia), "2011-12-31");
    assert_eq!(next - start, 24 * HOUR);
}

#[test]
fn steps_of_days_keep_the_time_of_day() {
    let mut berlin = calendar("Europe/Berlin", WeekStart::Monday);
    let Ok(DateText::Instant(now)) = DateText::parse("2024-04-02 09:00:00", &mut berlin) else {
        panic!("no instant")
    };
    let earlier = berlin.step(now, Unit::Day, -7);
    assert_eq!(
        (local(earlier, &mut berlin).as_str(), now - earlier),
        ("2024-03-26 09:00:00", 7 * DAY - HOUR)
    );
    assert_eq!(now - berlin.step(now, Unit::Hour, -168), 7 * DAY);
}

const UNITS: [Unit; 8] = [
    Unit::Second,
    Unit::Minute,
    Unit::Hour,
    Unit::Day,
    Unit::Week,
    Unit::Month,
    Unit::Quarter,
    Unit::Year,
];

fn any_calendar() -> impl Strategy<Value = Calendar> {
    let zones = prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec());
    (zones, any::<bool>()).prop_map(|(zone, monday)| {
        let week_start = if monday { WeekStart::Monday } else { WeekStart::Sunday };
        Calendar::new(zone.name(), week_start).unwrap()
    })
}

proptest! {
    #[test]
    fn periods_hold_their_instants(
        mut calendar in any_calendar(),
        instant in utc("1990-01-01 00:00:00")..utc("2060-01-01 00:00:00"),
        unit in prop::sample::select(UNITS.to_vec()),
    ) {
        let start = calendar.truncate(instant, unit);
        let next = calendar.next(instant, unit);
        prop_assert!(start <= instant && instant < next);
        prop_assert_eq!(calendar.truncate(start, unit), start);
        prop_assert_eq!(calendar.truncate(next, unit), next);
    }

    #[test]
    fn a_range_has_a_start_for_every_day(
        mut calendar in any_calendar(),
        instant in utc("1990-01-01 00:00:00")..utc("2060-01-01 00:00:00"),
        days in 0_i64..400,
    ) {
        let to = calendar.step(instant, Unit::Day, days);
        let starts: Vec<i64> = calendar.starts(instant, to, Unit::Day).collect();
        prop_assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        // A zone that moves across the date line loses a day, or has one twice.
        let missing = days + 1 - starts.len() as i64;
        prop_assert!((-1..=1).contains(&missing), "{} starts", starts.len());
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,24}", now in any::<i64>()) {
        let mut calendar = calendar("Europe/Berlin", WeekStart::Sunday);
        if let Ok(DateText::Relative(date)) = DateText::parse(&text, &mut calendar) {
            let _ = date.resolve(super::in_range(now), &mut calendar);
        }
    }

    #[test]
    fn no_relative_text_breaks_the_reader(text in "-?[0-9]{0,22}[hdwmqyMs](Start|End)?", now in any::<i64>()) {
        let mut calendar = calendar("America/Havana", WeekStart::Monday);
        let spec = RangeSpec { date_from: Some(&text), date_to: Some(&text), exact: false, interval: Unit::Hour, now: super::in_range(now), earliest: None };
        prop_assert!(spec.resolve(&mut calendar).is_ok());
    }
}
