//! Periods of a project: truncation and succession in its zone, with its first day of the week.

use super::{Clock, DAY, DayUnit, HOUR, InstantUnit, MINUTE, SECOND, UnknownZone};
use super::{add_months, day_of_local, in_range, truncate_day, truncate_instant, zone};

/// The first day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeekStart {
    /// Sunday, as projects have it by default.
    #[default]
    Sunday,
    /// Monday.
    Monday,
}

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the units' names")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// The unit of a name such as `day`, as queries have it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// Microseconds of a unit shorter than a day, which is the same length on every day.
    pub(super) const fn fixed(self) -> Option<i64> {
        match self {
            Self::Second => Some(SECOND),
            Self::Minute => Some(MINUTE),
            Self::Hour => Some(HOUR),
            _ => None,
        }
    }
}

/// A zone and a first day of the week: what periods depend on. Times are instants in microseconds.
#[derive(Debug, Clone)]
pub struct Calendar {
    clock: Clock,
    week_start: WeekStart,
}

impl Calendar {
    /// The calendar of a zone of the IANA database.
    ///
    /// # Errors
    /// If there is no such zone.
    pub fn new(zone: &str, week_start: WeekStart) -> Result<Self, UnknownZone> {
        Ok(Self { clock: Clock::new(zone)?, week_start })
    }

    /// The calendar of a clock.
    #[must_use]
    pub const fn of(clock: Clock, week_start: WeekStart) -> Self {
        Self { clock, week_start }
    }

    /// The clock of the zone.
    pub const fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// The first day of the week.
    #[must_use]
    pub const fn week_start(&self) -> WeekStart {
        self.week_start
    }

    /// The begin of the period that holds an instant.
    #[must_use]
    pub fn truncate(&mut self, instant: i64, unit: Unit) -> i64 {
        let instant = in_range(instant);
        match unit {
            Unit::Second => truncate_instant(&mut self.clock, instant, InstantUnit::SECOND, 1),
            Unit::Minute => truncate_instant(&mut self.clock, instant, InstantUnit::MINUTE, 1),
            Unit::Hour => truncate_instant(&mut self.clock, instant, InstantUnit::Hour, 1),
            _ => {
                let day = day_of_local(self.clock.local(instant));
                self.clock.start_of_day(truncate_day(day, self.day_unit(unit), 1))
            }
        }
    }

    /// The begin of the next period after an instant; later than it, except at the end of the range of instants.
    #[must_use]
    pub fn next(&mut self, instant: i64, unit: Unit) -> i64 {
        let instant = in_range(instant);
        if let Some(length) = unit.fixed() {
            let next = self.truncate(instant.saturating_add(length), unit);
            // Where an offset changes by half an hour, the hour begun is not a whole one.
            return if next > instant { next } else { in_range(instant.saturating_add(length)) };
        }
        let day = truncate_day(day_of_local(self.clock.local(instant)), self.day_unit(unit), 1);
        let mut after = following(day, unit);
        let mut next = self.clock.start_of_day(after);
        while next <= instant && next < super::MAX_INSTANT - 400 * DAY {
            // The clocks were set back over the begin of the period, which has begun twice.
            after = following(after, unit);
            next = self.clock.start_of_day(after);
        }
        in_range(next)
    }

    /// The instant `count` units later (earlier if negative). Hours and shorter units count elapsed time; days and
    /// longer ones keep the local time of day, and a day that the month does not have becomes its last one.
    #[must_use]
    pub fn step(&mut self, instant: i64, unit: Unit, count: i64) -> i64 {
        let instant = in_range(instant);
        if let Some(length) = unit.fixed() {
            return in_range(instant.saturating_add(count.saturating_mul(length)));
        }
        let local = self.clock.local(instant);
        let days = |days: i64| in_range(local.saturating_add(count.saturating_mul(days * DAY)));
        let moved = match unit {
            Unit::Week => days(7),
            Unit::Month => add_months(local, count),
            Unit::Quarter => add_months(local, count.saturating_mul(3)),
            Unit::Year => add_months(local, count.saturating_mul(12)),
            _ => days(1),
        };
        if moved == local {
            return instant;
        }
        in_range(zone::instant_of(&mut self.clock, moved))
    }

    /// The begins of all periods from that of `from` to that of `to`, both included.
    pub fn starts(&mut self, from: i64, to: i64, unit: Unit) -> impl Iterator<Item = i64> {
        let first = self.truncate(from, unit);
        let mut upcoming = (first <= to).then_some(first);
        std::iter::from_fn(move || {
            let start = upcoming?;
            let next = self.next(start, unit);
            upcoming = (next <= to && next > start).then_some(next);
            Some(start)
        })
    }

    const fn day_unit(&self, unit: Unit) -> DayUnit {
        match unit {
            Unit::Week => match self.week_start {
                WeekStart::Sunday => DayUnit::Sunday,
                WeekStart::Monday => DayUnit::Monday,
            },
            Unit::Month => DayUnit::Month,
            Unit::Quarter => DayUnit::Quarter,
            Unit::Year => DayUnit::Year,
            _ => DayUnit::Day,
        }
    }
}

/// The first day of the period after the one that begins on a day.
fn following(day: i64, unit: Unit) -> i64 {
    let months = |months: i64| {
        let civil = super::Civil::from_day(day);
        super::Civil::first_of(civil.months() + months).to_day()
    };
    match unit {
        Unit::Week => day + 7,
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        _ => day + 1,
    }
}
