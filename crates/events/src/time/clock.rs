//! A zone as a piecewise constant offset.

use super::{DAY, HOUR, SECOND};
use chrono::{NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// The name of a zone that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone(
    /// The name.
    pub String,
);

impl std::fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown time zone {:?}", self.0)
    }
}

impl std::error::Error for UnknownZone {}

/// Converts between instants and local time of one zone.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: Tz,
    /// The span of the last question.
    span: Span,
    /// Spans that were found before.
    known: Vec<Span>,
}

/// Instants `start..end` have one offset.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    offset: i64,
}

impl Span {
    #[inline]
    const fn contains(&self, instant: i64) -> bool {
        self.start <= instant && instant < self.end
    }
}

/// Offsets of a zone last longer than this, else a change and its undoing are overlooked.
const STEP: i64 = 5 * DAY;
/// How far from an instant a change of the offset is looked for.
const STEPS: i64 = 45;

impl Clock {
    /// The clock of a zone of the IANA database, in any case.
    ///
    /// # Errors
    /// If there is no such zone.
    pub fn new(zone: &str) -> Result<Self, UnknownZone> {
        let zone = Tz::from_str_insensitive(zone).map_err(|_| UnknownZone(zone.to_owned()))?;
        let everywhere = Span { start: i64::MIN, end: i64::MAX, offset: 0 };
        let nowhere = Span { start: 0, end: 0, offset: 0 };
        let span = if is_utc(zone) { everywhere } else { nowhere };
        Ok(Self { zone, span, known: Vec::new() })
    }

    /// The clock of UTC.
    #[must_use]
    pub const fn utc() -> Self {
        Self {
            zone: Tz::UTC,
            span: Span { start: i64::MIN, end: i64::MAX, offset: 0 },
            known: Vec::new(),
        }
    }

    /// Whether local time is UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        is_utc(self.zone)
    }

    /// The zone's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.zone.name()
    }

    /// What the zone's offset is called at an instant: `CET`, or `+03` where it has no letters.
    #[must_use]
    pub fn abbreviation(&self, instant: i64) -> String {
        use chrono_tz::OffsetName;
        let offset = self.zone.offset_from_utc_datetime(&naive(instant));
        offset.abbreviation().map_or_else(String::new, str::to_owned)
    }

    /// Local time minus UTC at an instant, in microseconds.
    #[inline]
    pub fn offset(&mut self, instant: i64) -> i64 {
        if !self.span.contains(instant) {
            self.move_to(instant);
        }
        self.span.offset
    }

    /// The offset of all instants from a first to a last one, if days that any of them belongs to began with it, too.
    #[must_use]
    pub fn offset_throughout(&mut self, first: i64, last: i64) -> Option<i64> {
        let offset = self.offset(first);
        let is_one = first.saturating_sub(2 * DAY) >= self.span.start && last < self.span.end;
        is_one.then_some(offset)
    }

    /// Local time of an instant.
    #[inline]
    pub fn local(&mut self, instant: i64) -> i64 {
        instant + self.offset(instant)
    }

    /// The instant of a local time. Of two instants the first one; a local time that the clocks skip counts with the offset
    /// behind the gap, as in ClickHouse.
    #[inline]
    pub fn instant(&mut self, local: i64) -> i64 {
        let guess = local.saturating_sub(self.span.offset);
        if guess >= self.span.start.saturating_add(DAY) && guess < self.span.end {
            return guess;
        }
        self.instant_near_change(local)
    }

    /// The first instant of a day.
    #[inline]
    pub fn start_of_day(&mut self, day: i64) -> i64 {
        let midnight = day.saturating_mul(DAY);
        let instant = self.instant(midnight);
        if self.local(instant) == midnight {
            return instant;
        }
        // The clocks skip midnight: the day starts where they do.
        self.span.end
    }

    /// The first instant of the local day whose midnight is given, for an instant in the span of the last question.
    #[inline]
    pub(super) fn start_of_local_day(&mut self, midnight: i64, instant: i64) -> i64 {
        let guess = midnight - self.span.offset;
        // A change on the day before might have set the clocks back over this midnight.
        if guess >= self.span.start.saturating_add(DAY) && instant < self.span.end {
            return guess;
        }
        self.start_of_day(super::day_of_local(midnight))
    }

    #[cold]
    fn instant_near_change(&mut self, local: i64) -> i64 {
        let before = self.offset(local.saturating_sub(DAY));
        let after = self.offset(local.saturating_add(DAY));
        let first = local.saturating_sub(before);
        if before == after || self.offset(first) == before {
            first
        } else {
            local.saturating_sub(after)
        }
    }

    #[cold]
    fn move_to(&mut self, instant: i64) {
        if let Some(span) = self.known.iter().find(|span| span.contains(instant)) {
            self.span = *span;
            return;
        }
        self.span = self.find_span(instant);
        if self.known.len() < 1024 {
            self.known.push(self.span);
        }
    }

    /// Offsets from the database at steps to both sides, then halving.
    fn find_span(&self, instant: i64) -> Span {
        let offset = self.lookup(instant);
        let (mut start, mut end) = (instant, instant.saturating_add(1));
        for step in 1..=STEPS {
            let probe = instant.saturating_sub(step * STEP);
            if self.lookup(probe) != offset {
                start = self.change_between(probe, start);
                break;
            }
            start = probe;
        }
        for step in 1..=STEPS {
            let probe = instant.saturating_add(step * STEP);
            if self.lookup(probe) != offset {
                end = self.change_between(end - 1, probe);
                break;
            }
            end = probe.saturating_add(1);
        }
        Span { start, end, offset }
    }

    /// First whole second with the offset of `high`, given that the offset changes once between the two.
    fn change_between(&self, low: i64, high: i64) -> i64 {
        let (mut low, mut high) = (low.div_euclid(SECOND), high.div_euclid(SECOND));
        let behind = self.lookup(high * SECOND);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.lookup(middle * SECOND) == behind {
                high = middle;
            } else {
                low = middle;
            }
        }
        high * SECOND
    }

    fn lookup(&self, instant: i64) -> i64 {
        i64::from(self.zone.offset_from_utc_datetime(&naive(instant)).fix().local_minus_utc())
            * SECOND
    }
}

fn naive(instant: i64) -> NaiveDateTime {
    let end = if instant < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
    chrono::DateTime::from_timestamp_micros(instant).map_or(end, |time| time.naive_utc())
}

const fn is_utc(zone: Tz) -> bool {
    matches!(
        zone,
        Tz::UTC
            | Tz::Etc__UTC
            | Tz::Etc__GMT
            | Tz::GMT
            | Tz::Etc__UCT
            | Tz::UCT
            | Tz::Zulu
            | Tz::Etc__Zulu
    )
}

/// Offsets of all zones are below a day: local times near the ends of the range stay in it.
const _: () = assert!(super::MAX_INSTANT < i64::MAX - 400 * DAY && HOUR > 0);
