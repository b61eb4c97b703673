//! The range of time that a query is about, and the one it is compared with.

use super::{BadDate, Calendar, DateText, Edge, RelativeDate, Unit};

/// How far back a query goes that does not say.
const DEFAULT: RelativeDate =
    RelativeDate { unit: Some(Unit::Day), count: 7, edge: None, is_whole: true };

/// A range of time as a query writes it.
#[derive(Debug, Clone, Copy)]
pub struct RangeSpec<'a> {
    /// Begin; seven days ago by default.
    pub date_from: Option<&'a str>,
    /// End; now by default.
    pub date_to: Option<&'a str>,
    /// Takes both to the microsecond, instead of whole days or hours.
    pub exact: bool,
    /// The length of the query's periods.
    pub interval: Unit,
    /// Now, in microseconds.
    pub now: i64,
    /// The earliest event, which `all` begins with; the default begin if there is none.
    pub earliest: Option<i64>,
}

/// A range of time, both ends included, in microseconds. It is empty if `to` is less than `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// First instant.
    pub from: i64,
    /// Last instant.
    pub to: i64,
}

impl RangeSpec<'_> {
    /// The range.
    ///
    /// A relative begin is cut to its day, or to the hour, minute or second if that is its unit; a day or an instant stays
    /// as it is. The end goes to the end of its day, or of its hour, minute or second for periods that short.
    ///
    /// # Errors
    /// If one of the texts is no date.
    pub fn resolve(&self, calendar: &mut Calendar) -> Result<DateRange, BadDate> {
        let from = match self.begin(calendar)? {
            DateText::All => self.earliest.unwrap_or_else(|| self.cut(DEFAULT, calendar)),
            DateText::Day(at) | DateText::Instant(at) => at,
            DateText::Relative(date) if self.exact => date.resolve(self.now, calendar),
            DateText::Relative(date) => self.cut(date, calendar),
        };
        let to = match self.end(calendar)? {
            None => self.now,
            Some(DateText::Day(at) | DateText::Instant(at)) => at,
            Some(DateText::Relative(date)) => date.resolve(self.now, calendar),
            Some(DateText::All) => return Err(BadDate("all".to_owned())),
        };
        let to = if self.exact { to } else { calendar.next(to, self.interval.min(Unit::Day)) - 1 };
        Ok(DateRange { from, to })
    }

    /// The range directly before `range`, which this has resolved to.
    ///
    /// Whole weeks up to now (`-7d`, `-14d`, `-1w`) are compared with the same weekdays, hours with as many hours; the unit
    /// begun (`mStart` until now) with the whole unit before; `all` with as much time before it; any other range with as
    /// many days.
    ///
    /// # Errors
    /// If one of the texts is no date.
    pub fn previous(
        &self,
        range: DateRange,
        calendar: &mut Calendar,
    ) -> Result<DateRange, BadDate> {
        let before = DateRange {
            from: range.from.saturating_sub(range.length()),
            to: range.from.saturating_sub(1),
        };
        let begin = self.begin(calendar)?;
        if begin == DateText::All || self.exact {
            return Ok(before);
        }
        if let (DateText::Relative(date), None) = (begin, self.end(calendar)?) {
            match date {
                RelativeDate { unit: Some(unit), count: 0, edge: Some(Edge::Start), .. }
                    if unit >= Unit::Week =>
                {
                    return Ok(DateRange {
                        from: calendar.truncate(before.to, unit),
                        to: before.to,
                    });
                }
                RelativeDate { unit: Some(unit @ Unit::Day), count, edge: None, .. }
                    if count > 0 && count % 7 == 0 =>
                {
                    return Ok(range.moved(unit, -count, calendar));
                }
                RelativeDate { unit: Some(unit), count: 1.., edge: None, .. }
                    if unit < Unit::Day || unit == Unit::Week =>
                {
                    return Ok(range.moved(unit, -date.count, calendar));
                }
                _ => {}
            }
        }
        if self.interval < Unit::Day && range.length() < super::DAY {
            return Ok(before);
        }
        let days = calendar.starts(range.from, range.to, Unit::Day).count();
        Ok(range.moved(Unit::Day, -(days as i64), calendar))
    }

    /// The begin cut to its unit.
    fn cut(&self, date: RelativeDate, calendar: &mut Calendar) -> i64 {
        let unit = date.unit.unwrap_or(Unit::Day).min(Unit::Day);
        let at = date.resolve(self.now, calendar);
        calendar.truncate(at, unit)
    }

    fn begin(&self, calendar: &mut Calendar) -> Result<DateText, BadDate> {
        match self.date_from.filter(|text| !text.trim().is_empty()) {
            None => Ok(DateText::Relative(DEFAULT)),
            Some(text) => DateText::parse(text, calendar),
        }
    }

    fn end(&self, calendar: &mut Calendar) -> Result<Option<DateText>, BadDate> {
        self.date_to
            .filter(|text| !text.trim().is_empty())
            .map(|text| DateText::parse(text, calendar))
            .transpose()
    }
}

impl DateRange {
    /// Microseconds from the first instant to the last, both included; 0 if empty.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.to.saturating_sub(self.from).saturating_add(1).max(0)
    }

    /// Both ends moved by units.
    #[must_use]
    pub fn moved(&self, unit: Unit, count: i64, calendar: &mut Calendar) -> Self {
        let from = calendar.step(self.from, unit, count);
        Self { from, to: calendar.step(self.to.saturating_add(1), unit, count) - 1 }
    }

    /// Both ends moved back as `compare_to` says (`-2d`, `-1w`). Months, quarters and years are 4, 13 and 52 weeks here, so
    /// that weekdays are compared with their like.
    ///
    /// # Errors
    /// If the text is not a number of units.
    pub fn compared_to(&self, text: &str, calendar: &mut Calendar) -> Result<Self, BadDate> {
        let RelativeDate { unit: Some(unit), count: count @ 1.., edge: None, is_whole: true } =
            RelativeDate::search(text.trim())
        else {
            return Err(BadDate(text.to_owned()));
        };
        let (unit, each) = match unit {
            Unit::Month => (Unit::Week, 4),
            Unit::Quarter => (Unit::Week, 13),
            Unit::Year => (Unit::Week, 52),
            unit => (unit, 1),
        };
        Ok(self.moved(unit, count.saturating_mul(-each), calendar))
    }
}
