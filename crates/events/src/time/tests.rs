//! Cases with ClickHouse's answers.

use super::*;

fn clock(zone: &str) -> Clock {
    Clock::new(zone).unwrap()
}

fn utc(text: &str) -> i64 {
    parse_strict(text, &mut Clock::utc()).unwrap()
}

fn day(text: &str) -> i64 {
    utc(text) / DAY
}

fn best(text: &str, zone: &str) -> Option<String> {
    let instant = parse_best_effort(text, &mut clock(zone), false)?;
    let mut out = String::new();
    write_instant(instant, 6, &mut out);
    let (whole, fraction) = out.split_once('.')?;
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[test]
fn local_times_that_occur_twice_or_never() {
    for (zone, local, instant) in [
        ("America/New_York", "2024-03-10 02:30:00", 1_710_052_200),
        ("America/New_York", "2024-11-03 01:30:00", 1_730_611_800),
        ("Europe/Berlin", "2024-03-31 02:30:00", 1_711_845_000),
        ("Europe/Berlin", "2024-10-27 02:30:00", 1_729_989_000),
        ("Australia/Lord_Howe", "2024-10-06 02:15:00", 1_728_141_300),
        ("Australia/Lord_Howe", "2024-04-07 01:45:00", 1_712_414_700),
        ("Asia/Kolkata", "2024-04-07 01:45:00", 1_712_434_500),
    ] {
        assert_eq!(parse_strict(local, &mut clock(zone)), Some(instant * SECOND), "{zone} {local}");
    }
    let mut sao_paulo = clock("America/Sao_Paulo");
    assert_eq!(sao_paulo.start_of_day(day("2018-11-04")), 1_541_300_400 * SECOND);
    assert_eq!(sao_paulo.start_of_day(day("2018-02-18")), 1_518_922_800 * SECOND);
    assert!(Clock::new("Mars/Olympus").is_err());
}

#[test]
fn spans_agree_with_the_database() {
    use chrono::{Offset, TimeZone};
    for zone in [
        "America/New_York",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Europe/Dublin",
        "Africa/Cairo",
    ] {
        let tz: chrono_tz::Tz = zone.parse().unwrap();
        let mut clock = clock(zone);
        let mut instant = utc("1990-01-01");
        while instant < utc("2060-01-01") {
            let expected = tz.offset_from_utc_datetime(
                &chrono::DateTime::from_timestamp_micros(instant).unwrap().naive_utc(),
            );
            assert_eq!(
                clock.offset(instant),
                i64::from(expected.fix().local_minus_utc()) * SECOND,
                "{zone} {instant}"
            );
            instant += 7 * HOUR;
        }
    }
}

#[test]
fn days_and_civil_dates_are_each_other_s_inverse() {
    for day in -800_000..800_000 {
        let civil = Civil::from_day(day);
        assert_eq!(civil.to_day(), day);
        assert!(
            (1..=12).contains(&civil.month)
                && civil.day >= 1
                && civil.day <= days_in_month(civil.year, civil.month)
        );
    }
    assert_eq!(Civil::from_day(0), Civil { year: 1970, month: 1, day: 1 });
}

#[test]
fn starts_of_instants() {
    let new_york = "America/New_York";
    for (zone, instant, unit, count, expected) in [
        (new_york, 1_730_615_400, InstantUnit::Hour, 1, 1_730_613_600),
        (new_york, 1_710_053_400, InstantUnit::Hour, 1, 1_710_050_400),
        (new_york, 1_704_344_767, InstantUnit::Day, 3, 1_704_258_000),
        (new_york, 1_704_344_767, InstantUnit::Hour, 35, 1_704_344_400),
        ("UTC", 1_704_344_767, InstantUnit::Day, 3, 1_704_240_000),
        ("UTC", 1_704_344_767, InstantUnit::SECOND, 7, 1_704_344_761),
        ("Asia/Kolkata", 1_704_324_967, InstantUnit::MINUTE, 7, 1_704_324_720),
    ] {
        let found = truncate_instant(&mut clock(zone), instant * SECOND + 800_000, unit, count);
        assert_eq!(found, expected * SECOND, "{zone} {instant} {unit:?}");
    }
    assert_eq!(
        truncate_instant(&mut Clock::utc(), utc("1969-12-31 23:30:00.5"), InstantUnit::Hour, 1),
        utc("1969-12-31 23:00:00")
    );
}

#[test]
fn starts_of_days() {
    for (from, unit, count, expected) in [
        ("2024-01-03", DayUnit::Sunday, 1, "2023-12-31"),
        ("2024-01-03", DayUnit::Monday, 1, "2024-01-01"),
        ("2024-01-24", DayUnit::Monday, 2, "2024-01-22"),
        ("2024-01-04", DayUnit::Month, 5, "2023-10-01"),
        ("2024-01-04", DayUnit::Quarter, 3, "2023-10-01"),
        ("2024-01-04", DayUnit::Year, 3, "2022-01-01"),
        ("2024-05-01", DayUnit::Quarter, 1, "2024-04-01"),
        ("2021-01-02", DayUnit::IsoYear, 1, "2019-12-30"),
        ("2024-02-05", DayUnit::LastOfMonth, 1, "2024-02-29"),
        ("2024-05-01", DayUnit::LastOfSundayWeek, 1, "2024-05-04"),
        ("2024-05-01", DayUnit::LastOfMondayWeek, 1, "2024-05-05"),
        ("1960-05-05", DayUnit::Month, 1, "1960-05-01"),
    ] {
        assert_eq!(truncate_day(day(from), unit, count), day(expected), "{from} {unit:?} {count}");
    }
}

#[test]
fn weeks_by_mode() {
    for (from, mode, expected) in [
        ("2024-05-01", 0, (2024, 17)),
        ("2024-01-01", 9, (2024, 1)),
        ("2024-01-01", 2, (2023, 53)),
        ("2024-01-01", 3, (2024, 1)),
        ("2024-01-01", 0, (2024, 0)),
        ("2021-01-02", 3, (2020, 53)),
        ("2021-01-02", 1, (2021, 0)),
    ] {
        assert_eq!(week_of_year(day(from), mode), expected, "{from} {mode}");
    }
}

#[test]
fn shifts() {
    let new_york = || clock("America/New_York");
    let add = |text: &str, days| {
        let instant = parse_strict(text, &mut new_york()).unwrap();
        add_days(&mut new_york(), instant, days)
    };
    assert_eq!(add("2024-03-09 02:30:00", 1), 1_710_052_200 * SECOND);
    assert_eq!(add("2024-11-02 01:30:00", 1), 1_730_611_800 * SECOND);
    assert_eq!(add_days(&mut new_york(), 1_730_615_400 * SECOND, 0), 1_730_611_800 * SECOND);
    assert_eq!(add_months(utc("2024-01-31 10:00:00"), 1), utc("2024-02-29 10:00:00"));
    assert_eq!(add_months(utc("2024-02-29"), 12), utc("2025-02-28"));
    assert_eq!(add_months(utc("2024-01-31"), -14), utc("2022-11-30"));
    assert_eq!(add_months(0, i64::MAX), add_months(0, 200_000));
    assert_eq!(add_days(&mut Clock::utc(), i64::MIN, i64::MIN), MIN_INSTANT);
}

#[test]
fn distances() {
    let mut utc_clock = Clock::utc();
    let mut new_york = clock("America/New_York");
    let ny = |text: &str| parse_strict(text, &mut clock("America/New_York")).unwrap();
    let (a, b) = (ny("2024-03-10 00:30:00"), ny("2024-03-10 03:30:00"));
    assert_eq!(boundaries(&mut new_york, "hour", a, b), Some(2));
    assert_eq!(boundaries(&mut new_york, "day", a, ny("2024-03-11 00:00:00")), Some(1));
    for (unit, from, to, crossed, whole) in [
        ("week", "2024-03-10", "2024-03-11", 1, 0),
        ("week", "2024-03-11", "2024-03-10", -1, 0),
        ("second", "2024-01-01 00:00:00.9", "2024-01-01 00:00:01.1", 1, 0),
        ("millisecond", "2024-01-01 00:00:00.9", "2024-01-01 00:00:01.1", 200, 200),
        ("day", "2024-01-01 20:00:00", "2024-01-03 19:00:00", 2, 1),
        ("day", "2024-01-03 19:00:00", "2024-01-01 20:00:00", -2, -1),
        ("month", "2024-01-31", "2024-02-29", 1, 0),
        ("year", "2024-02-29", "2025-02-28", 1, 0),
        ("quarter", "2024-01-31", "2024-04-30", 1, 0),
        ("hour", "2024-01-01 00:00:00.5", "2024-01-01 01:00:00.4", 1, 0),
    ] {
        assert_eq!(
            boundaries(&mut utc_clock, unit, utc(from), utc(to)),
            Some(crossed),
            "{unit} {from} {to}"
        );
        assert_eq!(
            age(&mut utc_clock, unit, utc(from), utc(to)),
            Some(whole),
            "age {unit} {from} {to}"
        );
    }
    assert_eq!(boundaries(&mut utc_clock, "fortnight", 0, 0), None);
}

#[test]
fn formats() {
    let write = |format: &str, zone: &str, local: &str| {
        let mut clock = clock(zone);
        let instant = parse_strict(local, &mut clock).unwrap();
        let mut out = String::new();
        Template::parse(format).unwrap().write(&mut clock, instant, &mut out);
        out
    };
    assert_eq!(
        write(
            "%a|%b|%c|%C|%d|%D|%e|%f|%F|%g|%G|%h|%H|%i|%I|%j|%k|%l|%m|%M",
            "America/New_York",
            "2024-03-05 14:07:09.012345"
        ),
        "Tue|Mar|03|20|05|03/05/24|5|012345|2024-03-05|24|2024|02|14|07|02|065|14|02|03|March"
    );
    assert_eq!(
        write(
            "%n|%p|%Q|%r|%R|%s|%S|%t|%T|%u|%V|%w|%W|%y|%Y|%z|%%|x é",
            "America/New_York",
            "2024-03-05 14:07:09.012345"
        ),
        "\n|PM|1|02:07 PM|14:07|09|09|\t|14:07:09|2|10|2|Tuesday|24|2024|-0500|%|x é"
    );
    assert_eq!(
        write("%l %I %h %p %r %k %z", "Asia/Kolkata", "2024-03-05 00:07:09"),
        "12 12 12 AM 12:07 AM 00 +0530"
    );
    assert_eq!(write("%u %w %a %W %V %G %j", "UTC", "2024-03-10"), "7 0 Sun Sunday 10 2024 070");
    assert_eq!(Template::parse("%E"), Err("%E".to_owned()));
    assert_eq!(Template::parse("x%"), Err("%".to_owned()));
    let read =
        |format: &str, text: &str| Template::parse(format).unwrap().read(text, &mut Clock::utc());
    assert_eq!(read("%Y-%m-%d %H:%i:%s", "2024-03-05 04:07:09"), Some(utc("2024-03-05 04:07:09")));
    assert_eq!(read("%d/%b/%Y", "05/Mar/2024"), Some(utc("2024-03-05")));
    assert_eq!(read("%M %e %Y %l %p", "March 5 2024 4 PM"), Some(utc("2024-03-05 16:00:00")));
    assert_eq!(read("%Y-%m-%d", "2024-03-05 04:07:09"), None);
}

#[test]
fn days_from_text() {
    for (text, expected) in [
        ("2024-01-05 10:20:30", Some("2024-01-05")),
        ("2024-1-5", Some("2024-01-05")),
        ("20240105", Some("2024-01-05")),
        ("2024/01/05", Some("2024-01-05")),
        ("2024-02-30", Some("2024-03-01")),
        ("2024-13-01", Some("1970-01-01")),
        ("2024-01-05x", None),
        ("2024-01-05T10:20:30", Some("2024-01-05")),
        ("2024-01-05T10:20:30.5", Some("2024-01-05")),
        ("2024-01-05 99:99:99", Some("2024-01-05")),
        ("2024-01-05T10:20:30Z", None),
        ("2024-01-05 10:20", None),
        ("2024-01-05 1:20:30", None),
        (" 2024-01-05", None),
        ("", None),
    ] {
        assert_eq!(parse_day(text), expected.map(day), "{text}");
    }
}

#[test]
fn best_effort() {
    for (text, expected) in [
        ("2024-01-05 10:20:30.1234567", "2024-01-05 10:20:30.123456"),
        ("2024-01-05T10:20:30.5+02:00", "2024-01-05 08:20:30.5"),
        ("2024-01-05T10:20:30.5+0230", "2024-01-05 07:50:30.5"),
        ("2024-01-05T10:20:30-05", "2024-01-05 15:20:30"),
        ("2024-01-05 10", "2024-01-05 10:00:00"),
        ("2024-01-05 10:20", "2024-01-05 10:20:00"),
        ("2024-01", "2024-01-01 00:00:00"),
        ("2024", "2024-01-01 00:00:00"),
        ("1704067200", "2024-01-01 00:00:00"),
        ("1704067200.5", "2024-01-01 00:00:00.5"),
        ("1704067200123", "2024-01-01 00:00:00.123"),
        ("1704067200123456", "2024-01-01 00:00:00.123456"),
        ("1704067200123456789", "2024-01-01 00:00:00.123456"),
        ("170406720", "1975-05-27 07:12:00"),
        ("9999999999", "2286-11-20 17:46:39"),
        ("20240105", "2024-01-05 00:00:00"),
        ("20240105102030", "2024-01-05 10:20:30"),
        ("202401", "2024-01-01 00:00:00"),
        ("20240105T102030", "2024-01-05 10:20:30"),
        ("01/02/2024", "2024-02-01 00:00:00"),
        ("25/02/2024", "2024-02-25 00:00:00"),
        ("02/25/2024", "2024-02-25 00:00:00"),
        ("1/2/2024 3:04", "2024-02-01 03:04:00"),
        ("01-02-2024", "2024-02-01 00:00:00"),
        ("01.02.2024", "2024-02-01 00:00:00"),
        ("2024.02.01", "2024-02-01 00:00:00"),
        ("Jan 5 2024 10:20", "2024-01-05 10:20:00"),
        ("Jan 5, 2024 10:20:30 PM", "2024-01-05 22:20:30"),
        ("5 January 2024", "2024-01-05 00:00:00"),
        ("Fri, 05 Jan 2024 10:20:30 GMT", "2024-01-05 10:20:30"),
        ("Fri Jan  5 10:20:30 2024", "2024-01-05 10:20:30"),
        ("12:00 AM 2024-01-05", "2024-01-05 00:00:00"),
        ("2024-01-05 1:30PM", "2024-01-05 13:30:00"),
        ("2024-01-05 13:30PM", "2024-01-05 13:30:00"),
        ("2024-01-05 25:00:00", "2024-01-06 01:00:00"),
        ("2024-01-05 10:60:00", "2024-01-05 11:00:00"),
        ("1960-01-05 10:00:00", "1960-01-05 10:00:00"),
        (" 2024-01-05 10:00:00 ", "2024-01-05 10:00:00"),
        ("2024-01-05 10:00:00 MSK", "2024-01-05 07:00:00"),
        ("24-01-05", "2005-01-24 00:00:00"),
        ("2024-01-05 10:20:30 +02:00", "2024-01-05 08:20:30"),
        ("2024-01-05T10:20:30.Z", "2024-01-05 10:20:30"),
        ("2024-1-5 1:2:3", "2024-01-05 01:02:03"),
        ("May 2024", "2024-05-01 00:00:00"),
        ("10000101", "1000-01-01 00:00:00"),
        ("2024-01-05T10:20:30+14:00", "2024-01-04 20:20:30"),
    ] {
        assert_eq!(best(text, "UTC").as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "x",
        "0",
        "12345",
        "2024-02-30",
        "2024-13-01",
        "2024-01-32",
        "2024-01-05 10:00:00 EST",
        "2024-01-05_10:00:00",
        "2024-001",
        "-5",
        "true",
        "1704067200 ",
        "Monday",
        "123456",
        "12345678901234",
        "170406720012345678",
        "2024-01-05T10:20:30,5Z",
        "Fri Jan 05 2024 10:20:30 GMT+0200 (CET)",
    ] {
        assert_eq!(best(text, "UTC"), None, "{text}");
    }
    assert_eq!(
        best("2024-03-10 02:30:00", "America/New_York").as_deref(),
        Some("2024-03-10 06:30:00")
    );
    assert_eq!(
        best("2024-01-05 10:00:00 UTC", "America/New_York").as_deref(),
        Some("2024-01-05 10:00:00")
    );
    let us = |text: &str| parse_best_effort(text, &mut Clock::utc(), true);
    assert_eq!(us("01/02/2024"), Some(utc("2024-01-02")));
    assert_eq!(us("25/02/2024"), Some(utc("2024-02-25")));
}
