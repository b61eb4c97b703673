//! Which visits a cell has, and when each of their events is ingested.

use super::dice::{Dice, Purpose, mix};
use super::identity::{self, Identity};
use super::options::DAY;
use super::person::{DELAYS, Outline, Person};
use super::profile::{self, Profile};
use super::scripts::{Kind, Script, Step};
use super::seasons::{HOUR, MINUTE, SECOND};
use super::world::World;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// No row of a visit is ingested later than this after the begin of its cell's end.
pub(super) const LONGEST_VISIT: i64 = 75 * MINUTE;

/// So many draws without success, and whoever is born is taken.
const PATIENCE: u32 = 400;

/// A visit that has rows still to be written.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) person: Person,
    pub(super) profile: Profile,
    /// Chooses everything random about the rows.
    pub(super) key: u64,
    /// First or second device, 0 or 1.
    pub(super) device: u8,
    /// Begin of the session and of the one after a long pause.
    pub(super) sessions: (i64, Option<i64>),
    /// The channel of this visit.
    pub(super) channel: u8,
    /// Who the device is before login.
    pub(super) anonymous: Identity,
    /// Who the account is.
    pub(super) account: Option<Identity>,
    anonymous_properties: OnceCell<Vec<u8>>,
    account_properties: OnceCell<Vec<u8>>,
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// When the row is ingested, in microseconds.
    pub(super) inserted: i64,
    /// The position of the event in its visit.
    pub(super) number: u16,
    pub(super) step: Step,
    pub(super) visit: Rc<Visit>,
}

impl Planned {
    /// The order in which rows are written.
    pub(super) fn order(&self) -> (i64, u64, u16) {
        (self.inserted, self.visit.key, self.number)
    }

    /// Whose event it is.
    pub(super) fn identity(&self) -> &Identity {
        match &self.visit.account {
            Some(account) if self.step.known => account,
            _ => &self.visit.anonymous,
        }
    }

    /// Whether the event is processed without a person.
    pub(super) fn is_personless(&self) -> bool {
        !self.step.known && !self.visit.person.anonymous_profile
    }
}

impl Visit {
    /// The person properties as of the visit; none for a personless event.
    pub(super) fn person_properties(&self, world: &World, row: &Planned) -> Option<&[u8]> {
        if row.is_personless() {
            return None;
        }
        let (cell, time) = match &self.person.account {
            Some(account) if row.step.known => {
                (&self.account_properties, self.sessions.0.max(account.signup))
            }
            _ => (&self.anonymous_properties, self.person.birth),
        };
        Some(cell.get_or_init(|| {
            let mut out = Vec::new();
            profile::person_properties(world, &self.person, self.profile, time, &mut out);
            out
        }))
    }
}

/// Plans cells for one interval of ingestion.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    world: &'a World,
    /// Rows ingested outside are left out.
    kept: Range<i64>,
    script: Script,
}

impl<'a> Planner<'a> {
    /// A planner of the rows ingested in `kept`.
    pub(super) fn new(world: &'a World, kept: Range<i64>) -> Self {
        Self { world, kept, script: Script::default() }
    }

    /// Appends the rows of a cell that are kept.
    pub(super) fn plan(&mut self, cell: usize, rows: &mut Vec<Planned>) {
        let mut left = self.world.seasons.quota(cell);
        if left == 0 {
            return;
        }
        let mut due = Vec::new();
        self.due_visits(cell, &mut due);
        for (person, kind, start) in due {
            left = self.lay(&person, kind, start, 0, left, rows);
        }
        let (mut draw, mut misses) = (0, 0);
        while left > 0 {
            let mut dice = Dice::new(self.world.seed, Purpose::Draw, cell as u64, draw);
            draw += 1;
            match self.draw(cell, misses >= PATIENCE, &mut dice) {
                Some((person, kind, time, late)) => {
                    misses = 0;
                    left = self.lay(&person, kind, time, late, left, rows);
                }
                None => misses += 1,
            }
        }
    }

    /// The visits that the lives of persons put into a cell.
    fn due_visits(&self, cell: usize, due: &mut Vec<(Person, Kind, i64)>) {
        let seasons = &self.world.seasons;
        for index in seasons.born_before(cell)..seasons.born_before(cell + 1) {
            let person = Person::new(self.world, index);
            let birth = person.birth;
            due.push((person, Kind::First, birth));
        }
        let span = seasons.begin(cell)..seasons.begin(cell + 1);
        for (rung, delay) in DELAYS.into_iter().enumerate() {
            let latest = span.end - delay;
            if latest <= seasons.begin(0) {
                break;
            }
            let earliest =
                seasons.cell_at(span.start - delay - seasons.cell_length().min(delay / 8) - SECOND);
            let born =
                seasons.born_before(earliest)..seasons.born_before(seasons.cell_at(latest) + 1);
            for index in born {
                self.due_on_rung(index, rung as u8, &span, due);
            }
        }
    }

    fn due_on_rung(
        &self,
        index: u64,
        rung: u8,
        span: &Range<i64>,
        due: &mut Vec<(Person, Kind, i64)>,
    ) {
        let outline = Outline::new(self.world.seed, index);
        let rungs = outline.rungs;
        if ![rungs.signup, rungs.onboarding, rungs.subscription, rungs.second_device]
            .contains(&Some(rung))
        {
            return;
        }
        let person = Person::with_outline(self.world, index, outline);
        let Some(account) = &person.account else { return };
        let visits = [
            (rungs.signup, Kind::Signup, Some(account.signup_visit)),
            (rungs.onboarding, Kind::Onboarding, account.onboarding_visit),
            (rungs.subscription, Kind::Subscription, account.subscription_visit),
            (rungs.second_device, Kind::SecondDevice, account.second_device_visit),
        ];
        for (on, kind, start) in visits {
            if let Some(start) = start.filter(|start| on == Some(rung) && span.contains(start)) {
                due.push((person.clone(), kind, start));
            }
        }
    }

    /// A visit of someone by activity: the person, the kind, the moment and how late it is ingested.
    fn draw(&self, cell: usize, anyone: bool, dice: &mut Dice) -> Option<(Person, Kind, i64, i64)> {
        let seasons = &self.world.seasons;
        let born = seasons.born_before(cell + 1).max(1);
        let index = if anyone { dice.below(born) } else { self.world.draw_person(dice) };
        if index >= born {
            return None;
        }
        let outline = Outline::new(self.world.seed, index);
        if !anyone && !dice.chance(outline.eagerness()) {
            return None;
        }
        let now = seasons.moment(cell, dice) / 1000 * 1000;
        let late = if dice.chance(150) {
            dice.tail(4 * HOUR, 8 * DAY).min(5 * DAY) / 1000 * 1000
        } else {
            0
        };
        let late = late.min((now - self.world.start) / 1000 * 1000);
        let person = Person::with_outline(self.world, index, outline);
        if !anyone && !person.is_free_at(now - late) {
            return None;
        }
        let known = person.account.as_ref().is_some_and(|account| account.exists_at(now - late));
        let kind = if known && dice.chance(2500) { Kind::BackEnd } else { Kind::Drawn };
        Some((person, kind, now - late, late))
    }

    /// Lays down the rows of a visit, at most `left`; gives how many are left after it.
    fn lay(
        &mut self,
        person: &Person,
        kind: Kind,
        start: i64,
        late: i64,
        mut left: u64,
        rows: &mut Vec<Planned>,
    ) -> u64 {
        if left == 0 {
            return 0;
        }
        let key = mix(mix(person.index ^ self.world.seed).wrapping_add(start as u64) ^ kind as u64);
        let mut dice = Dice::new(self.world.seed, Purpose::Visit, key, 0);
        self.script.write(person, kind, start, &mut dice);
        let mut steps = std::mem::take(&mut self.script.steps);
        self.fit_before_end(&mut steps, start, late);
        steps.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let mut visit = None;
        for (number, step) in steps.iter().enumerate() {
            let mut dice = Dice::new(key, Purpose::Event, number as u64, 0);
            let inserted = (step.at + late + latency(key, step.at)).min(self.world.end - 1);
            let repeated = dice
                .chance(5)
                .then(|| (inserted + dice.tail(2 * SECOND, 512 * SECOND)).min(self.world.end - 1));
            for inserted in [Some(inserted), repeated].into_iter().flatten() {
                if left == 0 {
                    break;
                }
                left -= 1;
                if self.kept.contains(&inserted) {
                    let visit =
                        visit.get_or_insert_with(|| Rc::new(self.visit(person, kind, start, key)));
                    rows.push(Planned {
                        inserted,
                        number: number as u16,
                        step: *step,
                        visit: Rc::clone(visit),
                    });
                }
            }
        }
        self.script.steps = steps;
        left
    }

    fn visit(&self, person: &Person, kind: Kind, start: i64, key: u64) -> Visit {
        let profile = Profile::new(self.world, person);
        let account = person.account.as_ref();
        let has_two = account
            .and_then(|account| account.second_device_visit)
            .is_some_and(|second| second < start);
        let second =
            kind == Kind::SecondDevice || (has_two && kind == Kind::Drawn && key.is_multiple_of(3));
        let first_visits = matches!(kind, Kind::First | Kind::SecondDevice);
        let channel =
            if first_visits { profile.channel } else { ((key >> 20) % 11).saturating_sub(8) as u8 };
        Visit {
            profile,
            key,
            device: u8::from(second),
            sessions: (start, self.script.second_session),
            channel,
            anonymous: identity::anonymous(self.world.seed, person, 1 + u8::from(second)),
            account: account.map(|_| identity::account(self.world.seed, person)),
            anonymous_properties: OnceCell::new(),
            account_properties: OnceCell::new(),
            person: person.clone(),
        }
    }

    /// A visit that would be ingested after the end of the data goes faster.
    fn fit_before_end(&self, steps: &mut [Step], start: i64, late: i64) {
        let room = self.world.end - late - start - 20 * SECOND;
        let length = steps.last().map_or(0, |last| last.at - start);
        for step in steps {
            step.at = start + fitted(step.at - start, length, room.max(0));
        }
    }
}

/// When something happens that was to happen `after` so long, if what was to take a `length` has only so much room.
fn fitted(after: i64, length: i64, room: i64) -> i64 {
    if length <= room {
        return after;
    }
    (i128::from(after) * i128::from(room) / i128::from(length)) as i64
}

/// From the event to its ingestion: clients send what they have every three seconds.
fn latency(key: u64, at: i64) -> i64 {
    let batch = at.div_euclid(3 * SECOND);
    SECOND + (mix(key ^ batch as u64) % 9_000_000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_fit_before_the_end() {
        assert_eq!(fitted(30, 60, 100), 30);
        assert_eq!(fitted(30, 60, 10), 5);
        assert_eq!(fitted(60, 60, 0), 0);
        // A visit of one step has no length that could shrink.
        assert_eq!(fitted(0, 0, 0), 0);
    }
}
