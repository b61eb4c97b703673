//! Random events, grouped and aggregated by the engine and by testkit's oracle.

use crate::Tested;
use crate::rows::{self, NOW};
use hoglet::{Project, Session};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as StdError;
use testkit::{Event, oracle, strategy};

/// What rows are grouped by.
#[derive(Debug, Clone, Copy)]
struct Key {
    text: &'static str,
    of: fn(&Event) -> Value,
}

/// Which rows count.
#[derive(Debug, Clone, Copy)]
struct Filter {
    text: &'static str,
    holds: fn(&Event) -> bool,
}

const KEYS: &[Key] = &[
    Key { text: "event", of: |event| json!(event.event) },
    Key { text: "toDate(timestamp)", of: |event| json!(oracle::day(event)) },
    Key { text: "properties.plan", of: |event| json!(oracle::property(event, "plan")) },
    Key { text: "properties.price", of: |event| json!(oracle::number(event, "price")) },
    Key { text: "properties.ok", of: |event| json!(oracle::truth(event, "ok")) },
    Key { text: "properties.odd", of: |event| json!(oracle::property(event, "odd")) },
    Key {
        text: "(event, properties.ok)",
        of: |event| json!([event.event, oracle::truth(event, "ok")]),
    },
];

const FILTERS: &[Filter] = &[
    Filter { text: "1", holds: |_| true },
    Filter {
        text: "properties.plan = 'pro'",
        holds: |event| oracle::property(event, "plan").as_deref() == Some("pro"),
    },
    Filter {
        text: "properties.plan != 'pro'",
        holds: |event| oracle::property(event, "plan").as_deref() != Some("pro"),
    },
    Filter {
        text: "properties.price > 0",
        holds: |event| oracle::number(event, "price").is_some_and(|price| price > 0.0),
    },
    Filter {
        text: "NOT properties.price > 0",
        holds: |event| !oracle::number(event, "price").is_some_and(|price| price > 0.0),
    },
    Filter { text: "properties.ok", holds: |event| oracle::truth(event, "ok") == Some(true) },
    Filter {
        text: "properties.odd IS NULL",
        holds: |event| oracle::property(event, "odd").is_none(),
    },
    Filter {
        text: "properties.plan IN ('', 'free', NULL)",
        holds: |event| {
            matches!(oracle::property(event, "plan").as_deref(), None | Some("" | "free"))
        },
    },
];

const AGGREGATES: &str = "count(), countIf(properties.price >= 100), uniq(distinct_id), uniqExact(properties.plan), \
    sum(properties.price), avg(properties.price), min(properties.price), max(properties.price), \
    quantile(0.25)(properties.price), median(properties.price), \
    argMin(event, (timestamp, uuid)), argMax(event, (timestamp, uuid)), \
    arraySort(groupArray(properties.odd)), arraySort(groupUniqArray(properties.plan)), \
    sumIf(1, properties.ok), count(properties.price)";

/// The same by hand; `rows` are in the order of the file, so that a number is an event's uuid.
fn aggregates(rows: &[(usize, &Event)]) -> Vec<Value> {
    let events: Vec<&Event> = rows.iter().map(|(_, event)| *event).collect();
    let prices = oracle::numbers(&events, "price");
    let plans = oracle::texts(&events, "plan");
    let unique: BTreeSet<String> = plans.into_iter().collect();
    let at = |(number, event): &&(usize, &Event)| (event.timestamp, *number);
    let name = |row: Option<&(usize, &Event)>| json!(row.map(|(_, event)| &event.event));
    vec![
        json!(events.len()),
        json!(prices.iter().filter(|price| **price >= 100.0).count()),
        json!(oracle::distinct_persons(&events)),
        json!(unique.len()),
        json!(oracle::sum(&prices)),
        json!(oracle::mean(&prices)),
        json!(oracle::smallest(&prices)),
        json!(oracle::largest(&prices)),
        json!(oracle::quantile(&prices, 0.25)),
        json!(oracle::median(&prices)),
        name(rows.iter().min_by_key(at)),
        name(rows.iter().max_by_key(at)),
        json!(oracle::texts(&events, "odd")),
        json!(unique),
        json!(events.iter().filter(|event| oracle::truth(event, "ok") == Some(true)).count()),
        json!(prices.len()),
    ]
}

#[test]
fn groups_and_aggregates() -> Tested {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let cases = (
        strategy::odd_events(60),
        proptest::sample::select(KEYS.to_vec()),
        proptest::sample::select(FILTERS.to_vec()),
    );
    let config = Config {
        cases: 48,
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    TestRunner::new(config).run(&cases, |(events, key, filter)| {
        let failed = |error: Box<dyn StdError>| TestCaseError::fail(error.to_string());
        let mut found = runtime.block_on(answer(&events, key, filter)).map_err(failed)?;
        let expected = expected(&events, key, filter);
        for (group, row) in &mut found {
            let top = row.pop();
            if let Some(known) = expected.get(group).and_then(|(_, top)| top.clone()) {
                prop_assert_eq!(top, Some(known), "topK of {}", group);
            }
        }
        let expected: Groups = expected.into_iter().map(|(group, (row, _))| (group, row)).collect();
        prop_assert_eq!(found, expected);
        Ok(())
    })?;
    Ok(())
}

/// Groups by the text of their key.
type Groups = BTreeMap<String, Vec<Value>>;

/// The aggregates, and the events by number of rows if no two have one number.
fn expected(
    events: &[Event],
    key: Key,
    filter: Filter,
) -> BTreeMap<String, (Vec<Value>, Option<Value>)> {
    let mut groups: BTreeMap<String, Vec<(usize, &Event)>> = BTreeMap::new();
    for (number, event) in events.iter().enumerate().filter(|(_, event)| (filter.holds)(event)) {
        groups.entry((key.of)(event).to_string()).or_default().push((number, event));
    }
    let top = |rows: &[(usize, &Event)]| {
        let rows: Vec<Event> = rows.iter().map(|(_, event)| (*event).clone()).collect();
        let top = oracle::top(&rows);
        let counts: BTreeSet<usize> = top.iter().map(|(_, rows)| *rows).collect();
        let names: Vec<&String> = top.iter().map(|(name, _)| name).collect();
        (counts.len() == top.len()).then(|| json!(names))
    };
    groups.into_iter().map(|(key, rows)| (key, (aggregates(&rows), top(&rows)))).collect()
}

async fn answer(events: &[Event], key: Key, filter: Filter) -> Result<Groups, Box<dyn StdError>> {
    let folder = tempfile::tempdir()?;
    // Two files, so that groups meet from several partitions.
    let half = events.len() / 2;
    rows::write_parquet(&events[..half], 0, &folder.path().join("a.parquet"))?;
    rows::write_parquet(&events[half..], half, &folder.path().join("b.parquet"))?;
    let project =
        "[properties.event]\nprice = 'Numeric'\nok = 'Boolean'\nplan = 'String'\nodd = 'String'";
    let session = Session::builder()
        .events(folder.path().to_string_lossy())
        .project(Project::parse(project)?)
        .now(NOW)
        .open()
        .await?;
    let (text, condition) = (key.text, filter.text);
    let query = format!(
        "SELECT {text} AS k, {AGGREGATES}, topK(9)(event) FROM events WHERE {condition} GROUP BY k"
    );
    let mut groups = Groups::new();
    for mut row in rows::ask(&session, &query).await? {
        let key = row.remove(0).to_string();
        if groups.insert(key.clone(), row).is_some() {
            return Err(format!("{key} is two groups").into());
        }
    }
    Ok(groups)
}
