//! `sessions`: events grouped by session id.

use super::Schema;
use super::channel::channel_type;
use super::definition::{Base, Field, Table};
use ::events::source::TableKind;

/// Properties that are kept as they were at a session's first event, as `$entry_<name>`.
const ENTRY: &[&str] = &[
    "utm_source",
    "utm_campaign",
    "utm_medium",
    "utm_term",
    "utm_content",
    "gclid",
    "gad_source",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "twclid",
    "li_fat_id",
    "mc_cid",
    "igshid",
    "ttclid",
    "_kx",
    "irclid",
];

/// Events that count against a bounce.
const ACTIVE: &str = "event IN ('$pageview', '$screen', '$autocapture')";

/// Seconds after which a session is no bounce.
const BOUNCE_SECONDS: u32 = 10;

/// The table; `None` if the source has no events.
pub(super) fn sessions(schema: &dyn Schema) -> Option<Table> {
    let source = schema.source(TableKind::Events)?;
    let mut fields = own_fields();
    if source.column("created_at").is_some() {
        fields.push(Field::item("max_inserted_at", "max(created_at)"));
    }
    fields.extend(url_fields());
    fields.extend(entry_fields());
    fields.extend(count_fields());
    fields.extend(derived_fields());
    let base = Base::Query("FROM events WHERE notEmpty($session_id) GROUP BY $session_id".into());
    Some(Table { name: "sessions", base, fields })
}

fn own_fields() -> Vec<Field> {
    vec![
        Field::item("session_id", "$session_id"),
        Field::expr("id", "session_id"),
        Field::item("distinct_id", "argMax(distinct_id, timestamp)"),
        Field::item("person_id", "argMax(person_id, timestamp)"),
        Field::join("person", "persons", "person_id", "id"),
        Field::item("session_timestamp", "min(timestamp)"),
        Field::item("$start_timestamp", "min(timestamp)"),
        Field::item("$end_timestamp", "max(timestamp)"),
    ]
}

fn url_fields() -> Vec<Field> {
    vec![
        Field::item("$urls", "groupUniqArray(properties.$current_url)"),
        Field::expr("$num_uniq_urls", "length($urls)"),
        Field::item("$entry_current_url", at("argMin", "$current_url")),
        Field::item("$end_current_url", at("argMax", "$current_url")),
        Field::expr("$entry_pathname", "path($entry_current_url)"),
        Field::expr("$entry_hostname", "domain($entry_current_url)"),
        Field::expr("$end_pathname", "path($end_current_url)"),
        Field::expr("$end_hostname", "domain($end_current_url)"),
        Field::expr("$exit_current_url", "$end_current_url"),
        Field::expr("$exit_pathname", "$end_pathname"),
        Field::item("$last_external_click_url", at("argMax", "$external_click_url")),
    ]
}

fn entry_fields() -> Vec<Field> {
    let referrer = Field::item("$entry_referring_domain", at("argMin", "$referring_domain"));
    let entry = ENTRY.iter().map(|name| Field::item(format!("$entry_{name}"), at("argMin", name)));
    let has = ["gclid", "fbclid"].into_iter();
    let has = has
        .map(|name| Field::expr(format!("$entry_has_{name}"), format!("isNotNull($entry_{name})")));
    std::iter::once(referrer).chain(entry).chain(has).collect()
}

fn count_fields() -> Vec<Field> {
    vec![
        Field::item("$pageview_count", "countIf(event = '$pageview')"),
        Field::item("$autocapture_count", "countIf(event = '$autocapture')"),
        Field::item("$screen_count", "countIf(event = '$screen')"),
        Field::item("$page_screen_autocapture_count_up_to", format!("least(countIf({ACTIVE}), 2)")),
    ]
}

fn derived_fields() -> Vec<Field> {
    let active = "$page_screen_autocapture_count_up_to";
    let bounce = format!(
        "if({active} = 0, NULL, not({active} > 1 or $session_duration >= {BOUNCE_SECONDS}))"
    );
    vec![
        Field::expr("$session_duration", "dateDiff('second', $start_timestamp, $end_timestamp)"),
        Field::expr("duration", "$session_duration"),
        Field::expr("$is_bounce", bounce),
        Field::expr("$channel_type", channel_type("$entry_")),
        Field::item("$vitals_lcp", "argMin(toFloat(properties.$web_vitals_LCP_value), timestamp)"),
    ]
}

/// The property at a session's first or last event that has it; the texts `` and `null` count as missing.
fn at(aggregate: &str, property: &str) -> String {
    format!("nullIf(nullIf({aggregate}(properties.{property}, timestamp), ''), 'null')")
}
