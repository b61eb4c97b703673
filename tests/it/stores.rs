//! A store answers as the files do that it was made of: random questions over rows of every odd kind.

use crate::Tested;
use crate::rows::{NOW, ask};
use hoglet::store::{ImportOptions, import};
use hoglet::{Session, SourceOptions};
use serde_json::{Value, json};
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::Path;

/// Questions that are asked unless `HOGLET_QUESTIONS` says how many.
const QUESTIONS: usize = 120;

/// Rows of the files.
const ROWS: u64 = 2_500;

/// Random numbers: SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % most
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let place = usize::try_from(self.below(from.len() as u64)).unwrap_or_default();
        from.get(place).copied().unwrap_or_default()
    }
}

const EVENTS: [&str; 6] = ["$pageview", "sign up", "paid", "it's", "\u{e9}t\u{e9}", "rare"];

/// Texts of properties: plain, spaced, escaped, repeated, nested, broken.
fn properties(dice: &mut Dice) -> String {
    let odd = [
        r#"{"plan":"free","n":1}"#,
        r#"{ "plan" : "pro" , "n" : 2.50 }"#,
        r#"{"plan":null,"n":"3"}"#,
        r#"{"pl\u0061n":"escaped","n":-0.0}"#,
        r#"{"plan":"first","plan":"second","n":1e3}"#,
        r#"{"plan":{"tier":[1,{"x":2}]},"n":true}"#,
        r#"{"plan":"say \"x\"\/","n":12345678901234567890}"#,
        r#"{"plan":"cut","n":"#,
        r#"not json"#,
        r#"{}"#,
        r#"{"n":1e400,"plan":""}"#,
    ];
    if dice.below(4) == 0 {
        return dice.pick(&odd).to_owned();
    }
    let plan = dice.pick(&["free", "pro", "team", "\u{65e5}\u{672c}"]);
    let mut text = format!(
        r#"{{"plan":"{plan}","count":{},"seen":{},"at":"2024-0{}-1{}T00:00:00Z""#,
        dice.below(50),
        dice.below(2) == 0,
        1 + dice.below(3),
        dice.below(9)
    );
    if dice.below(2) == 0 {
        let _ = write!(text, r#","path":"/{}","deep":{{"a":{}}}"#, dice.below(20), dice.below(3));
    }
    text.push('}');
    text
}

/// Rows with ties, and some that arrive late.
fn events(dice: &mut Dice) -> String {
    let mut text = String::new();
    for row in 0..ROWS {
        let late = if dice.below(20) == 0 { 40 * 86_400 } else { 0 };
        let second = 1_704_067_200 + row * 2_000 / 7 * 7 - late.min(row * 1_000);
        let second = second - second % 60;
        let person = dice.below(60);
        let line = json!({
            "uuid": format!("00000000-0000-4000-8000-{row:012x}"),
            "event": dice.pick(&EVENTS),
            "distinct_id": format!("id-{}", person * 2 + dice.below(2)),
            "person_id": format!("person-{person}"),
            "timestamp": chrono(second),
            "properties": properties(dice),
            "person_properties": format!(r#"{{"plan":"{}","age":{}}}"#, person % 3, person),
        });
        let _ = writeln!(text, "{line}");
    }
    text
}

/// ISO 8601 of seconds since 1970.
fn chrono(second: u64) -> String {
    let (day, time) = (second / 86_400, second % 86_400);
    // Days of 2024 and the months before it are enough.
    let mut rest = day - 19_600;
    let months =
        [(2023, 8, 31 - 29), (2023, 9, 30), (2023, 10, 31), (2023, 11, 30), (2023, 12, 31)];
    let more = [(2024, 1, 31), (2024, 2, 29), (2024, 3, 31), (2024, 4, 30), (2024, 5, 31)];
    for (year, month, days) in months.into_iter().chain(more) {
        let first = if month == 8 { 30 } else { 1 };
        if rest < days {
            let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
            return format!(
                "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
                first + rest
            );
        }
        rest -= days;
    }
    "2024-06-01T00:00:00Z".to_owned()
}

const KEYS: [&str; 16] = [
    "event",
    "properties.plan",
    "properties.n",
    "properties.count",
    "properties.seen",
    "properties.at",
    "properties.path",
    "properties.deep.a",
    "toStartOfDay(timestamp)",
    "toStartOfWeek(timestamp)",
    "toStartOfMonth(timestamp)",
    "person_id",
    "distinct_id",
    "poe.properties.plan",
    "person.properties.age",
    "JSONExtractString(properties, 'plan')",
];

pub(crate) const AGGREGATES: [&str; 14] = [
    "count()",
    "uniq(person_id)",
    "uniq(distinct_id)",
    "uniqIf(person_id, event = 'paid')",
    "sum(properties.count)",
    "avg(properties.count)",
    "max(properties.count)",
    "min(properties.plan)",
    "max(timestamp)",
    "countIf(properties.seen = true)",
    "uniq(properties.path)",
    "count(DISTINCT uuid)",
    "countIf(properties.plan IS NULL)",
    "arraySort(groupUniqArray(event))",
];

pub(crate) const CONDITIONS: [&str; 16] = [
    "event = '$pageview'",
    "event IN ('paid', 'rare')",
    "event != 'it\\'s'",
    "properties.plan = 'pro'",
    "properties.plan != 'free'",
    "properties.plan IS NULL",
    "properties.plan LIKE '%r%'",
    "properties.count > 20",
    "properties.n > 1",
    "properties.seen = false",
    "timestamp >= '2024-01-10'",
    "timestamp < '2024-02-01 10:00:00'",
    "toString(person_id) = 'person-7'",
    "distinct_id IN ('id-3', 'id-44')",
    "poe.properties.age < 30",
    "properties.path ILIKE '/1%'",
];

fn question(dice: &mut Dice) -> String {
    let mut conditions = Vec::new();
    for _ in 0..dice.below(3) {
        conditions.push(dice.pick(&CONDITIONS));
    }
    let filter = match conditions.as_slice() {
        [] => String::new(),
        some => format!(" WHERE {}", some.join(dice.pick(&[" AND ", " OR "]))),
    };
    if dice.below(5) == 0 {
        let columns = [dice.pick(&KEYS), dice.pick(&KEYS), "uuid", "properties"];
        return format!(
            "SELECT {} FROM events{filter} ORDER BY timestamp, uuid LIMIT {}",
            columns.join(", "),
            1 + dice.below(40)
        );
    }
    let keys: Vec<&str> = (0..dice.below(3)).map(|_| dice.pick(&KEYS)).collect();
    let aggregates: Vec<&str> = (0..=dice.below(2)).map(|_| dice.pick(&AGGREGATES)).collect();
    let named = |prefix: &str, items: &[&str]| {
        let items = items.iter().enumerate();
        items.map(|(number, item)| format!("{item} AS {prefix}{number}")).collect::<Vec<_>>()
    };
    let mut columns = named("k", &keys);
    columns.extend(named("a", &aggregates));
    let names: Vec<String> = (0..keys.len()).map(|number| format!("k{number}")).collect();
    let group = match names.as_slice() {
        [] => String::new(),
        names => format!(" GROUP BY {}", names.join(", ")),
    };
    format!("SELECT {} FROM events{filter}{group}", columns.join(", "))
}

/// The answer with its rows in an order of their own, or the error.
pub(crate) async fn answer(session: &Session, question: &str) -> Result<Vec<Vec<Value>>, String> {
    let mut rows = ask(session, question).await.map_err(|error| error.to_string())?;
    rows.sort_by_key(|row| Value::from(row.clone()).to_string());
    Ok(rows)
}

/// The files in place, and a store of them below `folder`.
pub(crate) async fn sessions(
    folder: &Path,
) -> Result<(Session, Session), Box<dyn std::error::Error>> {
    let text = events(&mut Dice(7));
    let half = text.len() / 2
        + text.get(text.len() / 2..).and_then(|rest| rest.find('\n')).unwrap_or(0)
        + 1;
    let (first, second) = text.split_at(half);
    let export = folder.join("export");
    std::fs::create_dir(&export)?;
    let store = folder.join("store").display().to_string();
    // Two imports: a store of several generations, with rows that came late.
    for (name, part) in [("1.jsonl", first), ("2.jsonl", second)] {
        let path = export.join(name);
        std::fs::write(&path, part)?;
        let source =
            SourceOptions { events: vec![path.display().to_string()], ..SourceOptions::default() };
        let mut options = ImportOptions::new(source, &store, NOW);
        options.threads = NonZeroUsize::MIN;
        let summary = import(&options, &|_| {}).await?;
        assert_eq!(summary.rejected, 0, "{:?}", summary.reasons);
    }
    let in_place = Session::builder().events(export.display().to_string()).now(NOW).open().await?;
    let stored = Session::builder().store(store).now(NOW).open().await?;
    assert_eq!(stored.property_definitions().await?, in_place.property_definitions().await?);
    Ok((in_place, stored))
}

/// How many questions are asked.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for from outside")]
pub(crate) fn questions() -> usize {
    std::env::var("HOGLET_QUESTIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(QUESTIONS)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_questions_have_one_answer() -> Tested {
    let folder = tempfile::tempdir()?;
    let (in_place, stored) = sessions(folder.path()).await?;
    let mut dice = Dice(11);
    let mut different = Vec::new();
    for _ in 0..questions() {
        let question = question(&mut dice);
        let (expected, found) =
            (answer(&in_place, &question).await, answer(&stored, &question).await);
        if expected != found {
            let brief = |answer: &Result<Vec<Vec<Value>>, String>| {
                format!("{answer:?}").chars().take(300).collect::<String>()
            };
            different.push(format!(
                "{question}\n in place {}\n store {}",
                brief(&expected),
                brief(&found)
            ));
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_few_persons_or_rare_events_read_few_files() -> Tested {
    let folder = tempfile::tempdir()?;
    let (in_place, stored) = sessions(folder.path()).await?;
    for condition in [
        "toString(person_id) = 'person-7'",
        "toString(person_id) IN ('person-7', 'person-8', 'nobody')",
        "toString(person.id) = 'person-7' AND event = 'paid'",
        "toString(person_id) = 'person-7' AND timestamp >= '2024-01-10'",
    ] {
        let question = format!("SELECT uuid, event, properties FROM events WHERE {condition}");
        let plan = stored.hogql(&question).await?.explain().await?;
        assert!(plan.contains(", files="), "{condition}\n{plan}");
        let expected = answer(&in_place, &question).await;
        assert!(expected.as_ref().is_ok_and(|rows| !rows.is_empty()), "{condition}");
        assert_eq!(answer(&stored, &question).await, expected, "{condition}");
    }
    let nothing = "SELECT properties FROM events WHERE event = 'no such event'";
    let plan = stored.hogql(nothing).await?.explain().await?;
    assert!(plan.contains("EmptyExec") && answer(&stored, nothing).await?.is_empty(), "{plan}");
    Ok(())
}
