//! Moments as text and from text.

use super::moment::{Moment, clock, constant_int, constant_text, days, instants};
use crate::functions::KernelArgs;
use crate::functions::input::{Text, write_texts};
use arrow::array::{Date32Array, TimestampMicrosecondArray};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use events::time::{self, Clock, DAY, Template, write_day, write_instant};

/// `format_instant(moment, zone, digits)`: as ClickHouse's `toString` of an instant with that many digits of the second's fraction.
pub(super) fn format_instant(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock, digits) =
        (Moment::of(args, 0)?, clock(args, 1)?, constant_int(args, 2)?);
    let digits = u32::try_from(digits.clamp(0, 6)).unwrap_or(0);
    let is_days = moment.is_days();
    write_texts(args.rows, |row, out| {
        let Some(instant) = moment.get(row, &mut clock) else { return Ok(false) };
        let local = clock.local(instant);
        if is_days {
            write_day(local.div_euclid(DAY), out)
        } else {
            write_instant(local, digits, out)
        }
        Ok(true)
    })
}

/// `format_datetime(moment, format, zone)`: by MySQL's specifiers; the format may differ from row to row.
pub(super) fn format_datetime(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, formats, mut clock) = (Moment::of(args, 0)?, Text::of(args, 1)?, clock(args, 2)?);
    let mut last: Option<(String, Template)> = None;
    write_texts(args.rows, |row, out| {
        let (Some(instant), Some(format)) = (moment.get(row, &mut clock), formats.get(row)) else {
            return Ok(false);
        };
        let template = match &mut last {
            Some((known, template)) if known == format => template,
            slot => &mut slot.insert((format.to_owned(), template(format)?)).1,
        };
        template.write(&mut clock, instant, out);
        Ok(true)
    })
}

fn template(format: &str) -> Result<Template> {
    Template::parse(format).or_else(|specifier| exec_err!("formats of times have no {specifier}"))
}

/// `parse_datetime_best_effort(text, zone)`: NULL if the text is no instant; day before month.
pub(super) fn parse_best_effort(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    parsed(args, 1, |text, clock| time::parse_best_effort(text, clock, false))
}

/// `parse_datetime_best_effort_us(text, zone)`: the same with month before day.
pub(super) fn parse_best_effort_us(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    parsed(args, 1, |text, clock| time::parse_best_effort(text, clock, true))
}

/// `parse_datetime_strict(text, zone)`: `YYYY-MM-DD[ hh:mm:ss[.f..]]`, else NULL.
pub(super) fn parse_strict(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    parsed(args, 1, time::parse_strict)
}

/// `parse_datetime_format(text, format, zone)`: by a constant format, NULL if the text does not match.
pub(super) fn parse_format(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let template = template(&constant_text(args, 1)?)?;
    parsed(args, 2, |text, clock| template.read(text, clock))
}

fn parsed(
    args: &KernelArgs<'_>,
    zone: usize,
    parse: impl Fn(&str, &mut Clock) -> Option<i64>,
) -> Result<ColumnarValue> {
    let (text, mut clock) = (Text::of(args, 0)?, clock(args, zone)?);
    let found: TimestampMicrosecondArray =
        (0..args.rows).map(|row| parse(text.get(row)?, &mut clock)).collect();
    Ok(instants(found))
}

/// `parse_day(text)`: NULL if the text does not start with a day; days beyond the range of `Date` are its ends.
pub(super) fn parse_day(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    let found: Date32Array = (0..args.rows)
        .map(|row| time::parse_day(text.get(row)?).map(super::moment::as_date))
        .collect();
    Ok(days(found))
}
