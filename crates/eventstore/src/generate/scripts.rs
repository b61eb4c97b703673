//! What happens in a visit, step by step.

use super::catalog::{
    APP, APP_WEIGHTS, BILLING, FEATURES, HOME, LOGIN, ONBOARDING, PRICING, SIGNUP, SITE_WEIGHTS,
};
use super::dice::Dice;
use super::event::{BACK_END, Event, LOOK, WORK};
use super::person::{Account, Person, STEPS};
use super::seasons::{MINUTE, SECOND};

/// Why there is a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first one of a person, with the sign-up of some.
    First,
    /// The sign-up of those who came before.
    Signup,
    /// The rest of the onboarding.
    Onboarding,
    /// The subscription.
    Subscription,
    /// First login on a second device.
    SecondDevice,
    /// Any other.
    Drawn,
    /// Not a visit: the back end reports something.
    BackEnd,
}

/// One event of a visit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The event's time in microseconds.
    pub(super) at: i64,
    pub(super) event: Event,
    pub(super) page: u8,
    pub(super) previous: u8,
    /// The step, feature or variant that the event is about.
    pub(super) argument: u8,
    /// Whether the event has the id of the account, not of the device.
    pub(super) known: bool,
    /// Whether the back end sends it.
    pub(super) back_end: bool,
}

/// No new page after this long.
const LONGEST: i64 = 45 * MINUTE;

/// The steps of a visit, in order of time.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// When a second session began, because nothing happened for half an hour.
    pub(super) second_session: Option<i64>,
    start: i64,
    now: i64,
    page: Option<u8>,
    previous: u8,
    known: bool,
    features: bool,
    subscribes: bool,
}

impl Script {
    /// Writes the script of one visit over the one before.
    pub(super) fn write(&mut self, person: &Person, kind: Kind, start: i64, dice: &mut Dice) {
        self.steps.clear();
        let account = person.account.as_ref();
        self.known = account.is_some_and(|account| account.exists_at(start))
            && !matches!(kind, Kind::First | Kind::SecondDevice);
        self.subscribes = account.is_some_and(|account| account.subscribes_at(start));
        self.features = account.is_some_and(|account| account.uses_features_at(start));
        (self.second_session, self.start, self.now, self.page, self.previous) =
            (None, start, start, None, HOME);
        match (kind, account) {
            (Kind::First, Some(account)) if account.signup_visit == start => {
                self.sign_up(account, dice)
            }
            (Kind::First, _) => self.browse(dice.tail(1, 4), dice),
            (Kind::Signup, Some(account)) => self.sign_up(account, dice),
            (Kind::Onboarding, Some(account)) => {
                self.onboard(account, account.steps_at_signup, dice)
            }
            (Kind::Subscription, Some(account)) => self.subscribe(account, dice),
            (Kind::SecondDevice, Some(_)) => self.second_device(dice),
            (Kind::BackEnd, _) => return self.report(dice),
            (_, _) => self.browse(dice.tail(1, 16), dice),
        }
        if dice.chance(8500) {
            self.wait(2, 120, dice);
            self.leave();
        }
    }

    /// Looks at pages and does things on them.
    fn browse(&mut self, pages: i64, dice: &mut Dice) {
        for number in 0..pages {
            if self.now - self.start > LONGEST {
                return;
            }
            if number > 0 {
                self.idle(dice);
            }
            let page = match self.known {
                true => APP + dice.weighted(APP_WEIGHTS.into_iter()) as u8,
                false => dice.weighted(SITE_WEIGHTS.into_iter()) as u8,
            };
            self.view(page, dice);
            self.look_around(dice);
        }
    }

    /// Time on a page; now and then more than half an hour, which ends the session.
    fn idle(&mut self, dice: &mut Dice) {
        if dice.chance(150) && self.now - self.start < 10 * MINUTE {
            self.now += 30 * MINUTE + dice.between(1, 400) * SECOND;
            self.second_session = Some(self.now);
        } else {
            self.wait(2, 128, dice);
        }
    }

    fn look_around(&mut self, dice: &mut Dice) {
        if dice.chance(600) {
            self.wait(1, 3, dice);
            self.act(Event::WebVitals, 0);
        }
        for _ in 0..dice.below(3) {
            self.wait(1, 32, dice);
            self.act(Event::Autocapture, dice.below(250) as u8);
            if dice.chance(80) {
                self.act(Event::Rageclick, 0);
            }
        }
        if self.features && dice.chance(3500) {
            self.use_feature(dice);
        }
        let (table, chance): (&[(Event, u32)], u64) =
            if self.known { (&WORK, 4500) } else { (&LOOK, 900) };
        if dice.chance(chance) {
            // One in eight comes in the same moment as what was before it.
            if !dice.chance(1250) {
                self.wait(1, 16, dice);
            }
            let picked = table[dice.weighted(table.iter().map(|entry| entry.1))].0;
            self.act(picked, dice.below(250) as u8);
            if picked == Event::SurveyShown && dice.chance(3000) {
                self.wait(4, 64, dice);
                self.act(Event::SurveySent, 0);
            }
        }
        if dice.chance(60) {
            self.act(Event::Exception, dice.below(250) as u8);
        }
    }

    fn use_feature(&mut self, dice: &mut Dice) {
        self.wait(1, 32, dice);
        let feature = dice.weighted(FEATURES.iter().map(|feature| feature.1)) as u8;
        self.act(Event::FeatureUsed, feature);
        if dice.chance(1500) {
            // A burst in the same microsecond.
            self.act(Event::FeatureUsed, (feature + 1) % FEATURES.len() as u8);
        }
    }

    fn sign_up(&mut self, account: &Account, dice: &mut Dice) {
        self.browse(1, dice);
        while self.now < account.signup - 40 * SECOND {
            self.wait(10, 60, dice);
            self.view(dice.weighted(SITE_WEIGHTS.into_iter()) as u8, dice);
        }
        // What was still to come when the form was sent did not happen.
        let form = account.signup - 9 * SECOND;
        self.steps.retain(|step| step.at < form);
        self.now = form;
        self.view(SIGNUP, dice);
        self.now = account.signup;
        self.known = true;
        if account.server_first {
            self.now += dice.between(1, 999);
            self.report_now(Event::SignedUp, account.plan);
            self.now = account.signup + dice.between(300, 2000) * 1000;
            self.act(Event::Identify, 1);
        } else {
            self.act(Event::Identify, 1);
            self.act(Event::SignedUp, account.plan);
        }
        if dice.chance(4000) {
            self.act(Event::TrialStarted, account.plan);
        }
        self.now += dice.between(50, 400) * 1000;
        if dice.chance(3000) {
            self.act(Event::GroupIdentify, 0);
        }
        self.view(ONBOARDING, dice);
        self.complete_steps(account, 0, account.steps_at_signup, dice);
    }

    fn onboard(&mut self, account: &Account, done: u8, dice: &mut Dice) {
        self.view(APP, dice);
        self.wait(2, 16, dice);
        self.view(ONBOARDING, dice);
        self.complete_steps(account, done, account.steps, dice);
    }

    fn complete_steps(&mut self, account: &Account, done: u8, to: u8, dice: &mut Dice) {
        for step in done + 1..=to {
            self.wait(8, 128, dice);
            self.act(Event::OnboardingStep, step);
        }
        if to == STEPS && account.uses_features && dice.chance(6000) {
            self.wait(4, 64, dice);
            self.view(APP, dice);
            self.use_feature(dice);
        }
    }

    fn subscribe(&mut self, account: &Account, dice: &mut Dice) {
        self.browse(1, dice);
        self.use_feature(dice);
        self.wait(4, 128, dice);
        self.view(PRICING, dice);
        self.wait(4, 64, dice);
        self.act(Event::CheckoutStarted, account.plan);
        if dice.chance(2000) {
            self.wait(4, 32, dice);
            self.act(Event::CouponApplied, dice.below(250) as u8);
        }
        self.wait(16, 256, dice);
        self.act(Event::SubscriptionCreated, account.plan);
        self.report_now(Event::InvoicePaid, account.plan);
        self.act(Event::Set, 0);
        self.now += dice.between(200, 900) * 1000;
        self.view(BILLING, dice);
    }

    fn second_device(&mut self, dice: &mut Dice) {
        self.browse(dice.tail(1, 4), dice);
        self.wait(2, 16, dice);
        self.view(LOGIN, dice);
        self.wait(4, 32, dice);
        self.known = true;
        self.act(Event::Identify, 2);
        self.view(APP, dice);
        self.browse(dice.tail(1, 4), dice);
    }

    /// A few events of the back end, some of them in one microsecond.
    fn report(&mut self, dice: &mut Dice) {
        for _ in 0..dice.tail(1, 8) {
            let picked = BACK_END[dice.weighted(BACK_END.iter().map(|entry| entry.1))].0;
            let billing = matches!(
                picked,
                Event::InvoicePaid | Event::SubscriptionUpgraded | Event::SubscriptionCancelled
            );
            let event = if billing && !self.subscribes { Event::ApiRequest } else { picked };
            self.report_now(event, dice.below(250) as u8);
            if dice.chance(7000) {
                self.now += dice.tail(1000, 60 * SECOND);
            }
        }
    }

    fn view(&mut self, page: u8, dice: &mut Dice) {
        self.leave();
        self.now += dice.between(0, 19) * 1000;
        self.page = Some(page);
        self.act(Event::Pageview, 0);
        if dice.chance(400) {
            self.act(Event::FlagCalled, dice.below(250) as u8);
        }
    }

    fn leave(&mut self) {
        if let Some(page) = self.page {
            self.act(Event::Pageleave, 0);
            (self.previous, self.page) = (page, None);
        }
    }

    fn wait(&mut self, low: i64, high: i64, dice: &mut Dice) {
        self.now += dice.tail(low * 1000, high * 1000) * 1000;
    }

    fn act(&mut self, event: Event, argument: u8) {
        self.push(event, argument, false);
    }

    fn report_now(&mut self, event: Event, argument: u8) {
        self.push(event, argument, true);
    }

    fn push(&mut self, event: Event, argument: u8, back_end: bool) {
        let (page, previous) = (self.page.unwrap_or(self.previous), self.previous);
        self.steps.push(Step {
            at: self.now,
            event,
            page,
            previous,
            argument,
            known: self.known,
            back_end,
        });
    }
}
