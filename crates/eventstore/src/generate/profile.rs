//! What a person is like: name, company, place, devices, and the person properties that follow.

use super::catalog::{COMPANIES, FAMILY_NAMES, FIRST_NAMES, INDUSTRIES, PLANS};
use super::dice::{Dice, Purpose, mix};
use super::json::Json;
use super::person::Person;
use super::world::World;

/// Facts about a person that never change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    pub(super) place: u8,
    pub(super) devices: [u8; 2],
    /// The channel of the first visit.
    pub(super) channel: u8,
    pub(super) company: u64,
    pub(super) project: u8,
}

impl Profile {
    /// The facts about a person.
    pub(super) fn new(world: &World, person: &Person) -> Self {
        let mut dice = Dice::new(person.traits, Purpose::Traits, 0, 0);
        let fragments = &world.fragments;
        let place = dice.weighted(fragments.places.iter().map(|place| place.2)) as u8;
        let device =
            |dice: &mut Dice| dice.weighted(fragments.devices.iter().map(|device| device.1)) as u8;
        let devices = [device(&mut dice), device(&mut dice)];
        let channel =
            dice.weighted(super::fragments::CHANNELS.iter().map(|channel| channel.3)) as u8;
        // The lower of two draws: small numbers are the large companies.
        let company = dice.below(world.companies).min(dice.below(world.companies));
        Self { place, devices, channel, company, project: dice.below(3) as u8 }
    }
}

/// First and family name.
pub(super) fn name(person: &Person) -> (&'static str, &'static str) {
    let number = mix(person.traits);
    let first = FIRST_NAMES[(number % FIRST_NAMES.len() as u64) as usize];
    (first, FAMILY_NAMES[(number / 64 % FAMILY_NAMES.len() as u64) as usize])
}

/// The local part of a mail address: plain lower-case letters.
pub(super) fn mailbox(person: &Person) -> String {
    name(person)
        .0
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// The key of a company (group type 0).
pub(super) fn company_key(company: u64) -> String {
    format!("company-{company:05}")
}

/// The key of a project (group type 1).
pub(super) fn project_key(company: u64, project: u8) -> String {
    format!("project-{company:05}-{project}")
}

/// The properties of a company, as JSON members.
pub(super) fn company_members(seed: u64, company: u64, json: &mut Json<'_>) {
    let mut dice = Dice::new(seed, Purpose::Group, company, 0);
    let word = COMPANIES[dice.below(COMPANIES.len() as u64) as usize];
    json.text("name", &format!("{word} {company}"));
    json.plain("industry", INDUSTRIES[dice.below(INDUSTRIES.len() as u64) as usize]);
    json.int("employees", dice.tail(2, 8192));
    match dice.below(4) {
        0 => json.null("plan"),
        plan => json.plain("plan", PLANS[(plan - 1) as usize].0),
    }
    json.flag("is_partner", dice.chance(800));
}

/// The person properties at a moment, as a whole object; nothing for someone without a profile.
pub(super) fn person_properties(
    world: &World,
    person: &Person,
    profile: Profile,
    time: i64,
    out: &mut Vec<u8>,
) {
    let fragments = &world.fragments;
    let mut json = Json::new(out);
    json.open();
    json.members(&fragments.initial[usize::from(profile.channel)]);
    json.members(&fragments.device_of_person[usize::from(profile.devices[0])]);
    json.members(&fragments.place_of_person[usize::from(profile.place)]);
    if let Some(account) = person.account.as_ref().filter(|account| account.exists_at(time)) {
        let (first, family) = name(person);
        json.text("name", &format!("{first} {family}"));
        json.text("email", &format!("{}.{}@mail.example", mailbox(person), person.index));
        json.moment("signed_up_at", account.signup);
        json.plain("role", ["member", "admin", "owner"][(mix(person.traits) >> 40) as usize % 3]);
        let plan =
            if account.subscribes_at(time) { PLANS[usize::from(account.plan)].0 } else { "free" };
        json.plain("plan", plan);
        json.int("seats", 1 + (mix(person.traits) >> 50) as i64 % 40);
        json.flag("newsletter", person.traits & 1 == 1);
        if person.traits & 2 == 2 {
            json.null("phone");
        }
    }
    json.close();
}
