//! The time range cut into cells, each with its exact share of events and births.

use super::dice::Dice;
use super::options::{DAY, GenerateOptions};

/// One hour in microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;

/// One minute in microseconds.
pub(super) const MINUTE: i64 = 60_000_000;

/// One second in microseconds.
pub(super) const SECOND: i64 = 1_000_000;

/// How busy an hour of the day is (UTC): two continents, quiet nights.
const HOURS: [u64; 24] = [
    24, 19, 15, 13, 14, 19, 32, 51, 74, 92, 98, 96, 90, 94, 100, 99, 93, 86, 78, 70, 61, 50, 40, 31,
];

/// How busy a day is, from Monday.
const WEEKDAYS: [u64; 7] = [96, 104, 106, 102, 90, 44, 41];

/// Births begin this many days before the range, and at least two thirds of its length.
const DAYS_BEFORE: i64 = 21;

/// A cell has this many events on average, if a day is enough for it.
const EVENTS_PER_CELL: u64 = 300;

/// The cells of a run. Cells are counted from the first one in which persons are born.
#[derive(Debug)]
pub(super) struct Seasons {
    origin: i64,
    cell: i64,
    first: usize,
    /// `running[c]` is the weight of all cells before `c`.
    running: Vec<u64>,
    hours: Vec<u64>,
    events: u64,
    persons: u64,
}

impl Seasons {
    /// The cells that `options` ask for.
    pub(super) fn new(options: &GenerateOptions) -> Self {
        let days = i64::from(options.days);
        let before = DAYS_BEFORE.max(days * 2 / 3);
        let cell = cell_length(options.events / days as u64);
        let origin = options.start() - before * DAY;
        let hours = hourly_weights(origin, ((before + days) * 24) as usize);
        let per_day = (DAY / cell) as usize;
        let count = (before + days) as usize * per_day;
        let mut running = Vec::with_capacity(count + 1);
        let mut total = 0;
        running.push(0);
        for index in 0..count {
            let minutes = cell / MINUTE;
            let begin = index as i64 * cell;
            let span = (begin / HOUR) as usize..((begin + cell - 1) / HOUR + 1) as usize;
            total += hours[span].iter().sum::<u64>() * minutes.min(60) as u64;
            running.push(total);
        }
        let persons = options.person_count();
        Self {
            origin,
            cell,
            first: before as usize * per_day,
            running,
            hours,
            events: options.events,
            persons,
        }
    }

    /// Length of a cell in microseconds; it divides the day.
    pub(super) const fn cell_length(&self) -> i64 {
        self.cell
    }

    /// The cells that have events.
    pub(super) fn cells(&self) -> std::ops::Range<usize> {
        self.first..self.running.len() - 1
    }

    /// Begin of a cell, in microseconds.
    pub(super) const fn begin(&self, cell: usize) -> i64 {
        self.origin + cell as i64 * self.cell
    }

    /// The cell of a moment; those before the first are the first.
    pub(super) fn cell_at(&self, time: i64) -> usize {
        (time - self.origin).div_euclid(self.cell).max(0) as usize
    }

    /// The number of events planned in a cell; over all cells exactly the number asked for.
    pub(super) fn quota(&self, cell: usize) -> u64 {
        let from = self.running[self.first];
        let whole = u128::from(self.running[self.running.len() - 1] - from);
        let before = |c: usize| {
            (u128::from(self.events) * u128::from(self.running[c] - from) / whole) as u64
        };
        before(cell + 1) - before(cell)
    }

    /// The number of persons born before a cell. Cells after the last one count as its end.
    pub(super) fn born_before(&self, cell: usize) -> u64 {
        let last = self.running.len() - 1;
        let whole = u128::from(self.running[last]);
        (u128::from(self.persons) * u128::from(self.running[cell.min(last)])).div_ceil(whole) as u64
    }

    /// The cell in which a person is born.
    pub(super) fn birth_cell(&self, person: u64) -> usize {
        let (mut low, mut high) = (0, self.running.len() - 1);
        while low + 1 < high {
            let middle = usize::midpoint(low, high);
            if self.born_before(middle) <= person { low = middle } else { high = middle }
        }
        low
    }

    /// A moment of a cell, by the weight of its hours.
    pub(super) fn moment(&self, cell: usize, dice: &mut Dice) -> i64 {
        let begin = self.begin(cell);
        if self.cell <= HOUR {
            return begin + dice.below(self.cell as u64) as i64;
        }
        let hour = ((begin - self.origin) / HOUR) as usize;
        let hours = &self.hours[hour..hour + (self.cell / HOUR) as usize];
        let picked = dice.weighted(hours.iter().map(|weight| *weight as u32));
        begin + picked as i64 * HOUR + dice.below(HOUR as u64) as i64
    }
}

/// The shortest length, of a few that divide the day, with enough events on average.
fn cell_length(events_per_day: u64) -> i64 {
    let lengths = [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR];
    let enough = |length: &i64| events_per_day / (DAY / length) as u64 >= EVENTS_PER_CELL;
    lengths.into_iter().find(enough).unwrap_or(DAY)
}

fn hourly_weights(origin: i64, count: usize) -> Vec<u64> {
    let weight = |hour: usize| {
        let day = origin / DAY + (hour / 24) as i64;
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3).rem_euclid(7) as usize;
        HOURS[hour % 24] * WEEKDAYS[weekday] * (1000 + 1000 * hour as u64 / count as u64) / 1000
    };
    (0..count).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_and_births_are_exact() {
        for (events, days) in [(1, 1), (10_007, 30), (250_000, 3)] {
            let mut options = GenerateOptions::new(events, "x".as_ref());
            options.days = days;
            let seasons = Seasons::new(&options);
            assert_eq!(seasons.cells().map(|cell| seasons.quota(cell)).sum::<u64>(), events);
            assert_eq!(seasons.born_before(usize::MAX), options.person_count());
            for person in 0..options.person_count() {
                let cell = seasons.birth_cell(person);
                assert!(
                    seasons.born_before(cell) <= person && person < seasons.born_before(cell + 1)
                );
            }
            assert_eq!(seasons.begin(seasons.cells().start), options.start());
            assert_eq!(seasons.begin(seasons.cells().end), options.end);
        }
    }
}
