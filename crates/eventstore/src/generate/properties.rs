//! The properties of one event, as JSON text.

use super::catalog::{FEATURES, PAGES, PLANS, QUERIES};
use super::dice::{Dice, Purpose};
use super::event::Event;
use super::identity;
use super::json::{Json, integer};
use super::options::DAY;
use super::person::STEPS;
use super::plan::Planned;
use super::seasons::SECOND;
use super::world::World;
use super::{elements, profile};

/// The site's address.
const HOST: &str = "www.larkspur.example";

/// Appends the properties of a row.
pub(super) fn write(world: &World, row: &Planned, out: &mut Vec<u8>) {
    let mut dice = Dice::new(row.visit.key, Purpose::Event, u64::from(row.number), 1);
    let begin = out.len();
    // Members are separated by looking back, so an object begins with its brace.
    out.push(b'{');
    let mut json = Json::new(out);
    if row.step.back_end {
        back_end_members(world, row, &mut json);
    } else {
        browser_members(world, row, &mut json);
    }
    group_members(row, &mut json);
    event_members(world, row, &mut dice, &mut json);
    json.close();
    debug_assert!(out.len() > begin);
}

fn back_end_members(world: &World, row: &Planned, json: &mut Json<'_>) {
    json.plain("$lib", "posthog-python");
    json.plain("$lib_version", "7.9.1");
    json.flag("$is_server", true);
    json.flag("$geoip_disable", true);
    if !world.compact {
        json.plain("$python_runtime", "CPython");
        json.plain("$python_version", "3.13.7");
        json.plain("$os", "Linux");
        json.null("$ip");
    }
    if row.is_personless() {
        json.flag("$process_person_profile", false);
    }
}

fn browser_members(world: &World, row: &Planned, json: &mut Json<'_>) {
    let (visit, fragments) = (&row.visit, &world.fragments);
    json.members(
        &fragments.devices[usize::from(visit.profile.devices[usize::from(visit.device)])].0,
    );
    let place = &fragments.places[usize::from(visit.profile.place)];
    address(row, json);
    json.plain("$lib", "web");
    if !world.compact {
        json.members(&place.1);
        json.plain("$lib_version", "1.297.0");
    }
    json.members(&fragments.channels[usize::from(visit.channel)]);
    json.plain("$device_id", &visit.anonymous.distinct_id);
    session(row, json);
    if row.step.known {
        json.array_at("$active_feature_flags");
        json.element("new-editor");
        json.close_array();
        json.plain(
            "$feature/new-editor",
            if visit.person.traits & 4 == 4 { "test" } else { "control" },
        );
    }
    json.flag("$is_identified", row.step.known);
    if row.is_personless() {
        json.flag("$process_person_profile", false);
    }
    json.members(&place.0);
    if !world.compact {
        let octet = |shift: u32| (visit.person.traits >> shift) as i64 & 0x7f;
        let mut text = Vec::with_capacity(16);
        for (index, part) in
            [100 + octet(8), octet(16), octet(24), 1 + octet(32)].into_iter().enumerate()
        {
            if index > 0 {
                text.push(b'.');
            }
            integer(&mut text, part);
        }
        json.plain("$ip", std::str::from_utf8(&text).unwrap_or_default());
        json.decimal("$time", row.step.at / 1000, 3);
    }
}

fn address(row: &Planned, json: &mut Json<'_>) {
    let page = &PAGES[usize::from(row.step.page) % PAGES.len()];
    let mut number = Vec::with_capacity(8);
    if page.numbered {
        integer(&mut number, 100 + (row.visit.key >> 13) as i64 % 9000);
    }
    let number = std::str::from_utf8(&number).unwrap_or_default();
    json.pieces("$current_url", &["https://", HOST, page.path, number]);
    json.plain("$host", HOST);
    json.pieces("$pathname", &[page.path, number]);
    if matches!(row.step.event, Event::Pageview | Event::Pageleave) {
        json.text("title", page.title);
    }
}

fn session(row: &Planned, json: &mut Json<'_>) {
    let visit = &row.visit;
    let (first, second) = visit.sessions;
    let begin = second.filter(|second| row.step.at >= *second).unwrap_or(first);
    let mut dice = Dice::new(visit.key, Purpose::Visit, begin as u64, 1);
    let mut buffer = [0; 36];
    let id = identity::time_ordered(begin, dice.next(), dice.next());
    json.plain("$session_id", id.hyphenated().encode_lower(&mut buffer));
    let window = identity::time_ordered(begin, dice.next(), dice.next());
    json.plain("$window_id", window.hyphenated().encode_lower(&mut buffer));
}

fn group_members(row: &Planned, json: &mut Json<'_>) {
    if !row.step.known {
        return;
    }
    let facts = row.visit.profile;
    let company = profile::company_key(facts.company);
    let project = profile::project_key(facts.company, facts.project);
    json.open_at("$groups");
    json.plain("company", &company);
    json.plain("project", &project);
    json.close();
    json.plain("$group_0", &company);
    json.plain("$group_1", &project);
}

fn event_members(world: &World, row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    match row.step.event {
        Event::Pageleave
        | Event::Autocapture
        | Event::Rageclick
        | Event::WebVitals
        | Event::Exception
        | Event::FlagCalled => {
            captured(row, dice, json);
        }
        Event::Identify | Event::GroupIdentify | Event::Set => person_members(world, row, json),
        Event::SignedUp | Event::OnboardingStep | Event::FeatureUsed => onboarding(row, dice, json),
        Event::SubscriptionCreated
        | Event::SubscriptionUpgraded
        | Event::SubscriptionCancelled
        | Event::TrialStarted
        | Event::CheckoutStarted
        | Event::CouponApplied
        | Event::InvoicePaid => money(row, dice, json),
        Event::ApiRequest
        | Event::EmailSent
        | Event::EmailOpened
        | Event::WebhookDelivered
        | Event::JobFailed => {
            operations(row, dice, json);
        }
        Event::Pageview => {}
        _ => work(row, dice, json),
    }
}

fn captured(row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    match row.step.event {
        Event::Pageleave => {
            json.plain(
                "$prev_pageview_pathname",
                PAGES[usize::from(row.step.previous) % PAGES.len()].path,
            );
            json.decimal("$prev_pageview_duration", dice.tail(1000, 256_000), 3);
            json.decimal("$prev_pageview_max_scroll_percentage", dice.between(5, 100), 2);
        }
        Event::Autocapture | Event::Rageclick => {
            json.plain(
                "$event_type",
                ["click", "click", "click", "change", "submit"][dice.below(5) as usize],
            );
            json.int("$ce_version", 1);
            json.text("$el_text", elements::text(u64::from(row.step.argument)));
        }
        Event::WebVitals => {
            json.decimal("$web_vitals_LCP_value", dice.tail(300_000, 8_000_000), 3);
            json.decimal("$web_vitals_CLS_value", dice.between(0, 900), 4);
        }
        Event::Exception => {
            json.array_at("$exception_list");
            json.open();
            json.plain("type", "TypeError");
            json.text(
                "value",
                "Cannot read properties of undefined (reading 'length')\n  at \"render\"",
            );
            json.open_at("mechanism");
            json.flag("handled", dice.chance(5000));
            json.flag("synthetic", false);
            json.close();
            json.close();
            json.close_array();
            json.plain("$exception_level", "error");
        }
        _ => {
            json.plain("$feature_flag", "new-editor");
            if dice.chance(7000) {
                json.plain(
                    "$feature_flag_response",
                    if row.visit.person.traits & 4 == 4 { "test" } else { "control" },
                );
            } else {
                json.flag("$feature_flag_response", false);
            }
        }
    }
}

fn person_members(world: &World, row: &Planned, json: &mut Json<'_>) {
    let visit = &row.visit;
    let (first, family) = profile::name(&visit.person);
    match row.step.event {
        Event::Identify => {
            json.plain("$anon_distinct_id", &visit.anonymous.distinct_id);
            json.open_at("$set");
            json.text("name", &format!("{first} {family}"));
            json.text(
                "email",
                &format!("{}.{}@mail.example", profile::mailbox(&visit.person), visit.person.index),
            );
            json.close();
            json.open_at("$set_once");
            json.members(&world.fragments.initial[usize::from(visit.profile.channel)]);
            json.close();
        }
        Event::GroupIdentify => {
            json.plain("$group_type", "company");
            json.plain("$group_key", &profile::company_key(visit.profile.company));
            json.open_at("$group_set");
            profile::company_members(world.seed, visit.profile.company, json);
            json.close();
        }
        _ => {
            json.open_at("$set");
            json.plain(
                "plan",
                plan(row.visit.person.account.as_ref().map_or(0, |account| account.plan)).0,
            );
            json.close();
        }
    }
}

fn onboarding(row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    let argument = row.step.argument;
    match row.step.event {
        Event::SignedUp => {
            json.plain("method", ["email", "google", "github", "sso"][dice.below(4) as usize]);
            json.flag("is_invited", dice.chance(2500));
            json.plain("plan", "free");
            json.null("referral_code");
            json.moment("trial_ends_at", row.step.at + 14 * DAY);
        }
        Event::OnboardingStep => {
            let names = ["profile", "workspace", "invite", "import", "first_document"];
            json.int("step_number", i64::from(argument));
            json.plain("step_name", names[usize::from(argument.clamp(1, STEPS)) - 1]);
            json.flag("skipped", dice.chance(1200));
            json.decimal("duration_seconds", dice.tail(40, 2560), 1);
        }
        _ => {
            json.plain("feature", FEATURES[usize::from(argument) % FEATURES.len()].0);
            json.int("duration_ms", dice.tail(20, 40_960));
            json.flag("shortcut", dice.chance(2000));
        }
    }
}

fn money(row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    let (name, price) = plan(row.step.argument);
    let seats = dice.tail(1, 64);
    json.plain("plan", name);
    match row.step.event {
        Event::SubscriptionCancelled => {
            json.plain("reason", ["price", "missing feature", "closed"][dice.below(3) as usize])
        }
        Event::CouponApplied => {
            json.plain("coupon", ["WELCOME10", "FALL25"][dice.below(2) as usize])
        }
        Event::CheckoutStarted | Event::TrialStarted => json.int("seats", seats),
        Event::InvoicePaid => {
            json.decimal("amount", price * seats, 2);
            json.plain("currency", ["EUR", "USD", "USD"][dice.below(3) as usize]);
            json.open_at("invoice");
            json.int("number", 100_000 + dice.below(900_000) as i64);
            json.array_at("lines");
            json.open();
            json.plain("sku", name);
            json.int("quantity", seats);
            json.close();
            json.close_array();
            json.close();
        }
        _ => {
            json.decimal("mrr", price * seats, 2);
            json.plain("currency", "USD");
            json.int("seats", seats);
            json.flag("annual", dice.chance(3000));
            json.null("coupon");
            json.moment("renews_at", row.step.at + 30 * DAY);
        }
    }
}

fn operations(row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    match row.step.event {
        Event::ApiRequest => {
            json.plain("method", ["GET", "GET", "GET", "POST", "DELETE"][dice.below(5) as usize]);
            json.plain("path", ["/v1/documents", "/v1/search", "/v1/me"][dice.below(3) as usize]);
            json.int("status", [200, 200, 200, 201, 404, 429, 500][dice.below(7) as usize]);
            json.decimal("latency_ms", dice.tail(1000, 4_096_000), 3);
        }
        Event::EmailSent | Event::EmailOpened => {
            json.plain(
                "template",
                ["welcome", "digest", "mention", "invoice"][dice.below(4) as usize],
            );
            match row.step.event {
                Event::EmailOpened => {
                    json.moment("sent_at", row.step.at - dice.tail(60 * SECOND, DAY))
                }
                _ => json.null("opened_at"),
            }
        }
        Event::WebhookDelivered => {
            json.plain("url", "https://hooks.partner.example/in?x=1&y=2");
            json.int("attempts", dice.tail(1, 8));
            json.flag("delivered", dice.chance(9500));
        }
        _ => {
            json.text("error", "Traceback:\n\tline 7, in <module>\nValueError: \"x\" \\ 0");
            json.array_at("retries");
            for retry in 0..dice.between(1, 3) {
                json.element_int(1 << retry);
            }
            json.close_array();
        }
    }
}

fn work(row: &Planned, dice: &mut Dice, json: &mut Json<'_>) {
    match row.step.event {
        Event::SearchPerformed => {
            json.text("query", QUERIES[dice.below(QUERIES.len() as u64) as usize]);
            json.int("results", dice.below(200) as i64);
            json.array_at("filters");
            for filter in ["mine", "recent"].into_iter().take(dice.below(3) as usize) {
                json.element(filter);
            }
            json.close_array();
        }
        Event::FileUploaded => {
            json.text(
                "file_name",
                ["Übersicht \"final\".pdf", "a\\b.csv", "photo.jpg"][dice.below(3) as usize],
            );
            json.int("size_bytes", dice.tail(1024, 8_589_934_592));
        }
        Event::VideoPlayed => {
            json.plain("video", ["tour", "pricing explained"][dice.below(2) as usize]);
            json.decimal("progress", dice.between(0, 100), 2);
        }
        Event::SurveyShown | Event::SurveySent => {
            json.plain("$survey_id", "0198c1f0-3a5e-7000-8a55-1f6f0d0c9b11");
            if row.step.event == Event::SurveySent {
                json.text(
                    "$survey_response",
                    ["great", "it's \"ok\"", "très bien 👍", "7"][dice.below(4) as usize],
                );
            }
        }
        Event::SettingsChanged | Event::NotificationClicked | Event::IntegrationConnected => {
            json.plain("name", ["theme", "digest", "language"][dice.below(3) as usize]);
            json.flag("enabled", dice.chance(6000));
        }
        Event::CartUpdated | Event::Legacy => loose(dice, json),
        _ => document(dice, json),
    }
}

/// One key with values of every kind, as clients without a schema send.
fn loose(dice: &mut Dice, json: &mut Json<'_>) {
    match dice.below(6) {
        0 => json.int("value", dice.between(-50, 50)),
        1 => json.plain("value", "12.5"),
        2 => json.flag("value", true),
        3 => json.null("value"),
        4 => json.plain("value", "2025-11-03T08:15:00+01:00"),
        _ => json.plain("value", ""),
    }
}

fn document(dice: &mut Dice, json: &mut Json<'_>) {
    json.int("document_id", 100 + dice.below(9000) as i64);
    json.int("words", dice.tail(8, 16_384));
    json.array_at("tags");
    for tag in ["draft", "weekly", "Größe"].into_iter().take(dice.below(4) as usize) {
        json.element(tag);
    }
    json.close_array();
    if dice.chance(3000) {
        json.open_at("author");
        json.int("id", dice.below(500) as i64);
        json.null("team");
        json.close();
    }
}

fn plan(argument: u8) -> (&'static str, i64) {
    PLANS[usize::from(argument) % PLANS.len()]
}
