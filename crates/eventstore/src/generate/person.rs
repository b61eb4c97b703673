//! A person's life, from the seed and the person's number alone.

use super::dice::{Dice, Purpose};
use super::options::DAY;
use super::seasons::{HOUR, MINUTE, SECOND};
use super::world::World;

/// Number of rungs of the ladder of delays.
pub(super) const RUNGS: usize = 43;

/// Delays after birth, in microseconds: 20 minutes, each a fifth longer than the one before, to about 30 days.
pub(super) const DELAYS: [i64; RUNGS] = {
    let mut delays = [20 * MINUTE; RUNGS];
    let mut rung = 1;
    while rung < RUNGS {
        delays[rung] = delays[rung - 1] / 5 * 6;
        rung += 1;
    }
    delays
};

/// The number of onboarding steps.
pub(super) const STEPS: u8 = 5;

/// Who someone is, and when what happens.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The person's number.
    pub(super) index: u64,
    /// Begin of the first visit, in microseconds.
    pub(super) birth: i64,
    /// Whether events before an account exists make a person profile.
    pub(super) anonymous_profile: bool,
    /// Moment after which there are no further visits.
    pub(super) leaves: i64,
    /// What a person with an account does.
    pub(super) account: Option<Account>,
    /// Chooses place, devices, name and company.
    pub(super) traits: u64,
}

/// The life of someone who signs up. Times are microseconds.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Begin of the visit with the sign-up; the first visit for many.
    pub(super) signup_visit: i64,
    /// The sign-up.
    pub(super) signup: i64,
    /// Whether the back end reports the sign-up before the browser identifies.
    pub(super) server_first: bool,
    /// Onboarding steps that are ever completed.
    pub(super) steps: u8,
    /// Those of them completed in the visit of the sign-up.
    pub(super) steps_at_signup: u8,
    /// Begin of the visit with the other steps.
    pub(super) onboarding_visit: Option<i64>,
    /// Whether features are used, once all steps are completed.
    pub(super) uses_features: bool,
    /// Begin of the visit with the subscription.
    pub(super) subscription_visit: Option<i64>,
    /// Which plan is subscribed.
    pub(super) plan: u8,
    /// Begin of the visit with the first login on a second device.
    pub(super) second_device_visit: Option<i64>,
}

/// On which rungs the later visits of a life lie.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rungs {
    /// The sign-up, unless it is in the first visit.
    pub(super) signup: Option<u8>,
    /// The rest of the onboarding.
    pub(super) onboarding: Option<u8>,
    /// The subscription.
    pub(super) subscription: Option<u8>,
    /// The second device.
    pub(super) second_device: Option<u8>,
}

/// The part of a life that does not depend on the moment of birth.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outline {
    /// Rungs of the later visits.
    pub(super) rungs: Rungs,
    has_account: bool,
    server_first: bool,
    steps: u8,
    steps_at_signup: u8,
    uses_features: bool,
    plan: u8,
    jitter: u64,
}

impl Outline {
    /// The outline of a person.
    pub(super) fn new(seed: u64, person: u64) -> Self {
        let mut dice = Dice::new(seed, Purpose::Life, person, 0);
        if !dice.chance(3800) {
            return Self::default();
        }
        let mut outline = Self {
            has_account: true,
            jitter: dice.next(),
            server_first: dice.chance(5000),
            ..Self::default()
        };
        let first_visit = dice.chance(5500);
        let signup = dice.below(19).min(dice.below(19)) as u8;
        outline.rungs.signup = (!first_visit).then_some(signup);
        let signup = if first_visit { 0 } else { signup };
        outline.steps = [9000, 8700, 8900, 8800, 9000]
            .into_iter()
            .take_while(|kept| dice.chance(*kept))
            .count() as u8;
        outline.steps_at_signup =
            if dice.chance(4500) { outline.steps.min(2) } else { outline.steps };
        let mut rung = signup;
        if outline.steps > outline.steps_at_signup {
            rung += 4 + dice.below(8) as u8;
            outline.rungs.onboarding = Some(rung);
        }
        outline.uses_features = outline.steps == STEPS && dice.chance(7800);
        outline.plan = dice.weighted([60_u32, 30, 10].into_iter()) as u8;
        if outline.uses_features && dice.chance(3600) {
            outline.rungs.subscription = Some(rung + 4 + dice.below(10) as u8);
        }
        if dice.chance(2500) {
            outline.rungs.second_device = Some(signup + 6 + dice.below(16) as u8);
        }
        outline
    }
}

impl Outline {
    /// How often in ten thousand a draw of this person is taken.
    pub(super) const fn eagerness(&self) -> u64 {
        match self {
            Self { has_account: false, .. } => 1500,
            Self { uses_features: true, .. } => 10_000,
            _ => 4000,
        }
    }
}

impl Person {
    /// The whole life of a person.
    pub(super) fn new(world: &World, index: u64) -> Self {
        Self::with_outline(world, index, Outline::new(world.seed, index))
    }

    /// The same, from an outline that is known already.
    pub(super) fn with_outline(world: &World, index: u64, outline: Outline) -> Self {
        let mut dice = Dice::new(world.seed, Purpose::Birth, index, 0);
        let birth = world.seasons.moment(world.seasons.birth_cell(index), &mut dice) / 1000 * 1000;
        let anonymous_profile = dice.chance(4000);
        let account = outline.has_account.then(|| Account::new(world, birth, &outline, &mut dice));
        let stay = match &account {
            None => dice.tail(HOUR, 12 * DAY),
            Some(Account { subscription_visit: Some(_), .. }) => dice.tail(60 * DAY, 480 * DAY),
            Some(Account { uses_features: true, .. }) => dice.tail(8 * DAY, 256 * DAY),
            Some(_) => dice.tail(DAY / 2, 32 * DAY),
        };
        Self { index, birth, anonymous_profile, leaves: birth + stay, account, traits: dice.next() }
    }

    /// Whether a visit can be drawn at a moment: the person is around, and no visit of the plan of life is near.
    pub(super) fn is_free_at(&self, time: i64) -> bool {
        let near = |visit: i64| (time - visit).abs() < 2 * HOUR;
        if time < self.birth + 2 * HOUR || time > self.leaves {
            return false;
        }
        let Some(account) = &self.account else { return true };
        let visits =
            [account.onboarding_visit, account.subscription_visit, account.second_device_visit];
        !near(account.signup_visit) && !visits.into_iter().flatten().any(near)
    }
}

impl Account {
    fn new(world: &World, birth: i64, outline: &Outline, dice: &mut Dice) -> Self {
        let rungs = outline.rungs;
        let at = |rung: Option<u8>| rung.map(|rung| birth + delay(world, rung, outline.jitter));
        let signup_visit = at(rungs.signup).unwrap_or(birth);
        Self {
            signup_visit,
            signup: signup_visit + dice.between(60, 360) * SECOND + dice.between(0, 999) * 1000,
            server_first: outline.server_first,
            steps: outline.steps,
            steps_at_signup: outline.steps_at_signup,
            onboarding_visit: at(rungs.onboarding),
            uses_features: outline.uses_features,
            subscription_visit: at(rungs.subscription),
            plan: outline.plan,
            second_device_visit: at(rungs.second_device),
        }
    }

    /// Whether the account exists.
    pub(super) const fn exists_at(&self, time: i64) -> bool {
        self.signup <= time
    }

    /// Whether features are in use.
    pub(super) fn uses_features_at(&self, time: i64) -> bool {
        self.uses_features && self.onboarding_visit.unwrap_or(self.signup_visit) + HOUR < time
    }

    /// Whether there is a subscription.
    pub(super) fn subscribes_at(&self, time: i64) -> bool {
        self.subscription_visit.is_some_and(|visit| visit + HOUR < time)
    }
}

/// The delay of a rung: the ladder's, and a jitter shorter than a cell and than an eighth of the delay.
fn delay(world: &World, rung: u8, jitter: u64) -> i64 {
    let delay = DELAYS[usize::from(rung).min(RUNGS - 1)];
    let most = (delay / 8).min(world.seasons.cell_length());
    (delay + ((u128::from(jitter) * most as u128) >> 64) as i64) / 1000 * 1000
}
