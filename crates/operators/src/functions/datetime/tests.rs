//! The kernels through their names; the calendar itself is tested in `events::time`.

use crate::functions::{KernelArgs, kernel};
use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;
use events::time::{Clock, InstantUnit, parse_strict, truncate_instant, write_instant};
use std::sync::Arc;

fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

fn call(name: &str, args: &[ColumnarValue], return_type: &DataType) -> ArrayRef {
    let rows = args.iter().find_map(|arg| {
        if let ColumnarValue::Array(array) = arg { Some(array.len()) } else { None }
    });
    let (_, function) = kernel(name).unwrap();
    let args = KernelArgs { args, rows: rows.unwrap_or(1), return_type };
    function(&args).unwrap().into_array(args.rows).unwrap()
}

fn text(text: &str) -> ColumnarValue {
    ColumnarValue::Scalar(ScalarValue::Utf8View(Some(text.to_owned())))
}

fn int(value: i64) -> ColumnarValue {
    ColumnarValue::Scalar(ScalarValue::Int64(Some(value)))
}

fn instants(values: &[Option<&str>]) -> ColumnarValue {
    let parse = |text: &str| parse_strict(text, &mut Clock::utc()).unwrap();
    let array: TimestampMicrosecondArray = values.iter().map(|value| value.map(parse)).collect();
    ColumnarValue::Array(Arc::new(array.with_timezone("UTC")))
}

fn days(values: &[Option<i32>]) -> ColumnarValue {
    ColumnarValue::Array(Arc::new(Date32Array::from(values.to_vec())))
}

/// Instants in UTC as text, NULL as a dash.
fn shown(array: &ArrayRef) -> Vec<String> {
    let array = array.as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
    let show = |instant: i64| {
        let mut out = String::new();
        write_instant(instant, 1, &mut out);
        out
    };
    array.iter().map(|instant| instant.map_or_else(|| "-".to_owned(), show)).collect()
}

#[test]
fn days_start_beside_null_as_well() {
    let moments = instants(&[Some("2024-07-10 22:30:00"), None, Some("2024-07-08 21:59:59")]);
    let args = [moments, text("day"), int(1), text("Europe/Berlin")];
    assert_eq!(
        shown(&call("truncate_instant", &args, &instant_type())),
        ["2024-07-10 22:00:00.0", "-", "2024-07-07 22:00:00.0"]
    );
    let args = [instants(&[None, None]), text("day"), int(1), text("UTC")];
    assert_eq!(shown(&call("truncate_instant", &args, &instant_type())), ["-", "-"]);
}

/// Columns of one offset take another way than those around a change, and both the way of the calendar.
#[test]
fn days_start_where_the_calendar_says() {
    const HOURS: i64 = 3_600_000_000;
    for zone in ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"] {
        for (from, hours, step) in [
            // Two years, two weeks around a change of the clocks, a week without one, the first and the last DateTime.
            (1_700_000_000, 2 * 365 * 24, 7 * HOURS + 1),
            (1_711_000_000, 14 * 24, HOURS / 2),
            (1_720_000_000, 7 * 24, HOURS / 3),
            (-100_000, 7 * 24, HOURS),
            (4_294_800_000, 7 * 24, HOURS),
        ] {
            let from = from * 1_000_000;
            let values: Vec<i64> = (0..hours * HOURS / step).map(|n| from + n * step).collect();
            let mut clock = Clock::new(zone).unwrap();
            let mut start = |value: i64| {
                let day = truncate_instant(&mut clock, value, InstantUnit::Day, 1);
                day.clamp(0, i64::from(u32::MAX) * 1_000_000)
            };
            let expected: Vec<i64> = values.iter().map(|value| start(*value)).collect();
            let array = TimestampMicrosecondArray::from(values).with_timezone("UTC");
            let args = [ColumnarValue::Array(Arc::new(array)), text("day"), int(1), text(zone)];
            let found = call("truncate_instant", &args, &instant_type());
            let found = found.as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
            assert_eq!(found.values().as_ref(), expected, "{zone}, from {from}");
        }
    }
}

#[test]
fn truncating_keeps_null_and_range() {
    let moments = instants(&[Some("2024-03-10 12:34:56.7"), None, Some("1960-05-05 12:00:00")]);
    let args = [moments.clone(), text("day"), int(1), text("America/New_York")];
    assert_eq!(
        shown(&call("truncate_instant", &args, &instant_type())),
        ["2024-03-10 05:00:00.0", "-", "1970-01-01 00:00:00.0"]
    );
    let args = [moments.clone(), text("second"), int(1), text("UTC")];
    assert_eq!(
        shown(&call("truncate_instant", &args, &instant_type())),
        ["2024-03-10 12:34:56.0", "-", "1960-05-05 12:00:00.0"]
    );
    let args = [moments, text("sunday_week"), int(1), text("UTC")];
    let found = call("truncate_day", &args, &DataType::Date32);
    assert_eq!(found.as_ref(), &Date32Array::from(vec![Some(19_792), None, Some(0)]));
    let args = [days(&[Some(19_726), None]), text("month"), int(1), text("UTC")];
    assert_eq!(
        call("truncate_day", &args, &DataType::Date32).as_ref(),
        &Date32Array::from(vec![Some(19_723), None])
    );
}

#[test]
fn truncating_from_an_origin() {
    let origin = instants(&[Some("2024-01-15 03:00:00")]);
    for (unit, count, expected) in [
        ("month", 1, "2024-02-15 03:00:00.0"),
        ("day", 1, "2024-03-04 03:00:00.0"),
        ("week", 1, "2024-03-04 03:00:00.0"),
    ] {
        let args = [
            instants(&[Some("2024-03-04 05:06:07.8")]),
            text(unit),
            int(count),
            origin.clone(),
            text("UTC"),
        ];
        assert_eq!(shown(&call("truncate_from", &args, &instant_type())), [expected], "{unit}");
    }
}

#[test]
fn shifting() {
    let moments = instants(&[Some("2024-01-31 10:00:00"), None]);
    for (name, count, expected) in [
        ("add_seconds", -1, "2024-01-31 09:59:59.0"),
        ("add_minutes", 1, "2024-01-31 10:01:00.0"),
        ("add_hours", 24, "2024-02-01 10:00:00.0"),
        ("add_days", 1, "2024-02-01 10:00:00.0"),
        ("add_weeks", -1, "2024-01-24 10:00:00.0"),
        ("add_months", 1, "2024-02-29 10:00:00.0"),
        ("add_quarters", 1, "2024-04-30 09:00:00.0"),
        ("add_years", 1, "2025-01-31 10:00:00.0"),
    ] {
        let args = [moments.clone(), int(count), text("Europe/Berlin")];
        assert_eq!(shown(&call(name, &args, &instant_type())), [expected, "-"], "{name}");
    }
    let counts = ColumnarValue::Array(Arc::new(Int64Array::from(vec![Some(1), Some(1), None])));
    let found = call(
        "add_months",
        &[days(&[Some(19_753), None, Some(1)]), counts, text("UTC")],
        &DataType::Date32,
    );
    assert_eq!(found.as_ref(), &Date32Array::from(vec![Some(19_782), None, None]));
    let found = call(
        "add_hours",
        &[days(&[Some(19_723)]), int(1), text("America/New_York")],
        &instant_type(),
    );
    assert_eq!(shown(&found), ["2024-01-01 06:00:00.0"]);
    let found = call("add_seconds", &[moments, int(i64::MAX), text("UTC")], &instant_type());
    assert_eq!(shown(&found), ["9999-12-31 23:59:59.9", "-"]);
}

#[test]
fn text_of_instants() {
    let moments = instants(&[Some("2024-03-01 10:00:00.25"), None]);
    let found = call(
        "format_instant",
        &[moments.clone(), text("America/New_York"), int(6)],
        &DataType::Utf8View,
    );
    assert_eq!(
        found.as_string_view().iter().collect::<Vec<_>>(),
        [Some("2024-03-01 05:00:00.250000"), None]
    );
    let found =
        call("format_instant", &[moments.clone(), text("UTC"), int(0)], &DataType::Utf8View);
    assert_eq!(found.as_string_view().value(0), "2024-03-01 10:00:00");
    let found =
        call("format_datetime", &[moments, text("%Y/%c %W"), text("UTC")], &DataType::Utf8View);
    assert_eq!(found.as_string_view().value(0), "2024/03 Friday");
    let texts: StringViewArray =
        [Some("2024-03-01T10:00:00Z"), Some("x"), None].into_iter().collect();
    let texts = ColumnarValue::Array(Arc::new(texts));
    let found =
        call("parse_datetime_best_effort", &[texts.clone(), text("Asia/Tokyo")], &instant_type());
    assert_eq!(shown(&found), ["2024-03-01 10:00:00.0", "-", "-"]);
    assert_eq!(call("parse_day", &[texts], &DataType::Date32).null_count(), 3);
}

#[test]
fn numbers_and_parts() {
    let found = call("instant_from_number", &[int(-5), int(1_000_000), int(0)], &instant_type());
    assert_eq!(shown(&found), ["1970-01-01 00:00:00.0"]);
    let found = call("instant_from_number", &[int(-5), int(1_000), int(3)], &instant_type());
    assert_eq!(found.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0), -5_000);
    let parts = [2024, 2, 29, 25, 1, 1].map(int);
    let mut args = parts.to_vec();
    args.push(text("UTC"));
    assert_eq!(shown(&call("make_datetime", &args, &instant_type())), ["2024-03-01 01:01:01.0"]);
    for (year, month, day, expected) in
        [(2024, 2, 30, 19_783), (2024, 13, 1, 0), (1969, 12, 1, 0), (2024, 2, 29, 19_782)]
    {
        let found = call("make_date", &[int(year), int(month), int(day)], &DataType::Date32);
        assert_eq!(found.as_ref(), &Date32Array::from(vec![expected]));
    }
    let uuid = text("0190af3c-1234-7000-8000-000000000000");
    assert_eq!(
        shown(&call("uuid_v7_instant", &[uuid], &instant_type())),
        ["2024-07-14 03:14:28.0"]
    );
    let moments = instants(&[Some("2024-03-05 14:07:09")]);
    for (field, expected) in [
        ("hour", 9),
        ("day_of_week", 2),
        ("iso_week", 10),
        ("year_month", 202_403),
        ("date_digits", 20_240_305),
    ] {
        let found = call(
            "date_field",
            &[moments.clone(), text(field), text("America/New_York")],
            &DataType::UInt32,
        );
        assert_eq!(
            found.as_primitive::<arrow::datatypes::UInt32Type>().value(0),
            expected,
            "{field}"
        );
    }
}
