//! Looking for the first reading that fits.
//!
//! A rule that fails is run again from its beginning with the next reading of its last choice; when it has none left,
//! the rule around it goes on in the same way. What has to be read again is therefore short. How often is bounded too:
//! what may follow a choice depends on where it stands and on the rules at work only, not on the readings of what is
//! complete before it. Where nothing fitted once, nothing fits later, so that no place is gone through twice in vain.
//! A limit on the work remains, for texts made to have many places.

use std::collections::HashSet;
use std::panic::Location;

use super::choice::Choices;
use super::{Parse, Parser, Stop};

/// Tokens that may be read or looked at again in any text.
const TOKENS: usize = 200_000;

/// How often, on top of that, each token of a text may be: the items of a long list may all need another reading.
const TIMES: usize = 4;

/// If the first reading fails behind so many tokens, no other is looked for.
pub(super) const FAR: usize = 100_000;

/// What the search knows.
#[derive(Debug)]
pub(super) struct Search {
    /// Choices all of whose readings have failed.
    hopeless: HashSet<u64>,
    /// How many tokens may still be read again.
    tokens: usize,
    /// The reading at hand does not fit.
    stuck: bool,
    /// There were readings left to try, but too many tokens had been read.
    exhausted: bool,
    /// The token where the reading that got furthest failed; that reading is the one that the choices keep.
    furthest: usize,
}

impl Search {
    /// For a text of so many tokens.
    pub(super) fn new(tokens: usize) -> Self {
        Self {
            hopeless: HashSet::new(),
            tokens: TOKENS + TIMES * tokens,
            stuck: false,
            exhausted: false,
            furthest: 0,
        }
    }

    /// Notes that the reading at hand fails at a token.
    pub(super) fn fail(&mut self, at: usize, choices: &mut Choices) {
        if at > self.furthest && !self.stuck {
            self.furthest = at;
            choices.keep();
        }
        self.stuck = true;
    }

    /// Where the reading that got furthest failed.
    pub(super) fn furthest(&self) -> usize {
        self.furthest
    }

    /// Whether there were readings left to try when the search ended.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}

/// The state at the beginning of a rule.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    scanned: usize,
    depth: usize,
    height: usize,
    frame: u64,
    met: usize,
    refusals: usize,
    cast_as: usize,
    names_until: usize,
    brackets: usize,
    percent_ends: Option<usize>,
    as_ends: Option<usize>,
    cte_ends: Option<usize>,
    in_ends: Option<usize>,
}

impl Parser<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            scanned: self.scanned.get(),
            depth: self.depth,
            height: self.height,
            frame: self.frame,
            met: self.choices.met(),
            refusals: self.refusals.len(),
            cast_as: self.cast_as,
            names_until: self.names_until,
            brackets: self.brackets,
            percent_ends: self.percent_ends,
            as_ends: self.as_ends,
            cte_ends: self.cte_ends,
            in_ends: self.in_ends,
        }
    }

    fn rewind(&mut self, mark: &Mark) {
        self.at = mark.at;
        self.scanned.set(mark.scanned);
        self.depth = mark.depth;
        self.height = mark.height;
        self.flattened = false;
        self.frame = mark.frame;
        self.refusals.truncate(mark.refusals);
        self.cast_as = mark.cast_as;
        self.names_until = mark.names_until;
        self.brackets = mark.brackets;
        self.percent_ends = mark.percent_ends;
        self.as_ends = mark.as_ends;
        self.cte_ends = mark.cte_ends;
        self.in_ends = mark.in_ends;
    }

    /// Whether this attempt looks for a reading that fits.
    pub(super) fn searching(&self) -> bool {
        self.search.is_some()
    }

    /// Runs a rule; in a search again and again, while its choices have readings left.
    #[track_caller]
    pub(super) fn retried<T>(&mut self, rule: impl Fn(&mut Self) -> Parse<T>) -> Parse<T> {
        if !self.searching() {
            return rule(self);
        }
        let outer = self.frame;
        self.frame = mix(mix(outer, here(Location::caller())), self.at as u64);
        let mark = self.mark();
        let result = loop {
            if self.is_stuck() {
                break Err(Stop);
            }
            let result = rule(self);
            if !self.is_stuck() {
                break result;
            }
            if !self.try_next(&mark) {
                break Err(Stop);
            }
        };
        self.frame = outer;
        result
    }

    fn is_stuck(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.stuck)
    }

    /// Goes back to the beginning of a rule for another reading of the choices in it, if there is one.
    fn try_next(&mut self, mark: &Mark) -> bool {
        let tokens = self.at.saturating_sub(mark.at) + self.scanned.get() - mark.scanned + 1;
        let Some(search) = &mut self.search else { return false };
        if search.exhausted || !self.choices.advance(mark.met, &mut search.hopeless) {
            return false;
        }
        search.exhausted = search.tokens < tokens;
        if search.exhausted {
            return false;
        }
        search.tokens -= tokens;
        search.stuck = false;
        self.rewind(mark);
        true
    }

    /// One of several readings of this place.
    #[track_caller]
    pub(super) fn choose(&mut self, options: u32) -> u32 {
        let Some(search) = &mut self.search else {
            return self.choices.take(options, 0, None).unwrap_or_default();
        };
        if search.stuck {
            return 0;
        }
        let bounds = [
            self.at,
            self.names_until.saturating_sub(self.at),
            self.cast_as,
            self.brackets,
            self.percent_ends.map_or(0, |brackets| brackets + 1),
            self.as_ends.map_or(0, |brackets| brackets + 1),
            self.cte_ends.map_or(0, |brackets| brackets + 1),
            self.in_ends.map_or(0, |brackets| brackets + 1),
        ];
        let frame = mix(self.frame, here(Location::caller()));
        let place = bounds.into_iter().fold(frame, |place, bound| mix(place, bound as u64));
        let Some(taken) = self.choices.take(options, place, Some(&search.hopeless)) else {
            search.stuck = true;
            return 0;
        };
        self.frame = mix(place, u64::from(taken));
        taken
    }

    /// As [`Self::choose`], where the first reading means to go on as if nothing had been chosen.
    #[track_caller]
    pub(super) fn choose_to_leave(&mut self, options: u32) -> u32 {
        let frame = self.frame;
        let taken = self.choose(options);
        if taken == 0 {
            self.frame = frame;
        }
        taken
    }

    /// Whether a choice has been met since a mark.
    pub(super) fn has_chosen_since(&self, mark: &Mark) -> bool {
        self.choices.met() > mark.met
    }

    /// Begins an item of a select again, knowing that its readings without an alias go first.
    pub(super) fn begin_aliased(&mut self, mark: &Mark) {
        self.choices.add_aliased(mark.at, mark.met);
        self.rewind(mark);
    }
}

/// A place in this program as a number.
fn here(location: &Location<'_>) -> u64 {
    let place = u64::from(location.line()) << 32 | u64::from(location.column());
    mix(place, location.file().len() as u64)
}

/// A number that stands for two.
fn mix(one: u64, other: u64) -> u64 {
    (one.rotate_left(23) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
