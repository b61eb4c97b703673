//! Distinct ids and the persons behind them.

use super::dice::{Dice, Purpose, mix};
use super::person::Person;
use super::profile;
use uuid::{Builder, Uuid};

/// The project that the data belongs to.
pub(super) const TEAM: i64 = 1;

/// PostHog's namespace of person uuids.
const PERSONS: Uuid = Uuid::from_u128(0x9329_79b4_65c3_4424_8467_0b66_ec27_bc22);

/// A distinct id and the person it stands for.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// The distinct id.
    pub(super) distinct_id: String,
    /// The person.
    pub(super) person: Uuid,
}

/// The person that PostHog creates for a distinct id.
pub(super) fn first_person(distinct_id: &str) -> Uuid {
    Uuid::new_v5(&PERSONS, format!("{TEAM}:{distinct_id}").as_bytes())
}

/// The anonymous id of a person's first or second device, made at its first visit.
pub(super) fn anonymous(seed: u64, person: &Person, device: u8) -> Identity {
    let second = person.account.as_ref().and_then(|account| account.second_device_visit);
    let since = if device == 2 { second.unwrap_or(person.birth) } else { person.birth };
    let mut dice = Dice::new(seed, Purpose::Traits, person.index, u64::from(device));
    let distinct_id = time_ordered(since, dice.next(), dice.next()).to_string();
    let person = first_person(&distinct_id);
    Identity { distinct_id, person }
}

/// The identity of a person's account.
pub(super) fn account(seed: u64, person: &Person) -> Identity {
    let number = base36(person.index.wrapping_mul(31_415_926_535) % 36_u64.pow(7));
    let distinct_id = match mix(person.traits ^ seed) % 12 {
        0 => format!("{}+{number}@mail.example", profile::mailbox(person)),
        _ => format!("user_{number}"),
    };
    let keeps_anonymous = person.anonymous_profile
        && person.account.as_ref().is_some_and(|account| !account.server_first);
    let id = if keeps_anonymous {
        anonymous(seed, person, 1).person
    } else {
        first_person(&distinct_id)
    };
    Identity { distinct_id, person: id }
}

/// A version 7 uuid of a moment (microseconds).
pub(super) fn time_ordered(micros: i64, high: u64, low: u64) -> Uuid {
    let mut random = [0_u8; 10];
    random[..2].copy_from_slice(&high.to_le_bytes()[..2]);
    random[2..].copy_from_slice(&low.to_le_bytes());
    Builder::from_unix_timestamp_millis((micros / 1000) as u64, &random).into_uuid()
}

/// A version 4 uuid.
pub(super) fn random(high: u64, low: u64) -> Uuid {
    Builder::from_random_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
        .into_uuid()
}

/// Seven digits of base 36.
fn base36(mut number: u64) -> String {
    let mut digits = [b'0'; 7];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_uuids_are_posthogs() {
        assert_eq!(first_person("user_1").to_string(), "131ecd7b-7aa1-5121-8fd3-5353d39dd23e");
        assert_eq!(first_person("distinct_id").to_string(), "90f26d77-1832-5e44-8796-eec309e68010");
    }
}
