//! What an embedder calls.

use crate::Tested;
use crate::rows::{NOW, ask, golden, rows, sample, value, write_parquet};
use futures::{StreamExt, TryStreamExt};
use hoglet::{
    Constant, Filters, Options, Project, PropertyKind, Session, SourceOptions, Type, Value,
    WeekStart, insight,
};
use serde_json::json;
use std::num::NonZeroUsize;
use testkit::{
    Event,
    strategy::{DAY, START},
};

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN)
}

#[tokio::test]
async fn sources() -> Tested {
    let folder = tempfile::tempdir()?;
    let events = [
        Event::new("a", "ada", START).with("k", json!("1")),
        Event::new("b", "bob", START + DAY).with("k", json!("2")),
    ];
    write_parquet(&events[..1], 0, &folder.path().join("1.parquet"))?;
    write_parquet(&events[1..], 1, &folder.path().join("2.parquet"))?;
    std::fs::create_dir(folder.path().join("more"))?;
    std::fs::write(
        folder.path().join("more/3.jsonl"),
        testkit::ndjson(&[Event::new("c", "cyd", START)]),
    )?;
    let at = |below: &str| folder.path().join(below).to_string_lossy().into_owned();
    let cases = [
        (vec![at("")], json!(["a", "b", "c"])),
        (vec![at("1.parquet")], json!(["a"])),
        (vec![at("*.parquet")], json!(["a", "b"])),
        (vec![at("1.parquet"), at("more")], json!(["a", "c"])),
    ];
    for (locations, expected) in cases {
        let builder = locations.iter().fold(Session::builder(), |builder, at| builder.events(at));
        let session = builder.now(NOW).open().await?;
        let names = "SELECT arraySort(groupArray(event)) FROM events";
        assert_eq!(value(&session, names).await?, expected, "{locations:?}");
        let options = SourceOptions { events: locations.clone(), ..SourceOptions::default() };
        let session = Session::builder().source(options).now(NOW).open().await?;
        assert_eq!(value(&session, names).await?, expected, "{locations:?}");
    }
    Ok(())
}

#[tokio::test]
async fn mapped_columns() -> Tested {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.csv");
    std::fs::write(
        &path,
        "when,who,what,size\n2024-03-01 10:00:00,ada,save,3\n2024-03-02 10:00:00,bob,load,4\n",
    )?;
    let builder = Session::builder().events(path.to_string_lossy()).now(NOW);
    let session = builder
        .map("timestamp", "when")
        .map("distinct_id", "who")
        .map("event", "what")
        .open()
        .await?;
    let found = ask(
        &session,
        "SELECT event, distinct_id, properties.size + 1, timestamp FROM events ORDER BY event",
    )
    .await?;
    assert_eq!(
        json!(found),
        json!([
            ["load", "bob", 5.0, "2024-03-02T10:00:00Z"],
            ["save", "ada", 4.0, "2024-03-01T10:00:00Z"]
        ])
    );
    Ok(())
}

#[tokio::test]
async fn settings() -> Tested {
    let session = sample().timezone("europe/berlin").week_start(WeekStart::Monday).open().await?;
    let settings = session.settings();
    assert_eq!(
        (&*settings.zone, settings.week_start, settings.now),
        ("Europe/Berlin", WeekStart::Monday, NOW)
    );
    assert_eq!(value(&session, "SELECT now()").await?, json!("2024-03-15T13:00:00+01:00"));
    assert_eq!(value(&session, "SELECT toStartOfWeek(now())").await?, json!("2024-03-11"));

    let text = "timezone = 'Asia/Tokyo'\nweek_start = 'monday'\n[properties.event]\nk = 'Numeric'";
    let project = Project::parse(text)?;
    assert_eq!(project.properties.event.get("k"), Some(&PropertyKind::Numeric));
    let session = sample().project(project.clone()).open().await?;
    assert_eq!(&*session.settings().zone, "Asia/Tokyo");
    assert_eq!(session.property_definitions().await?.event.get("k"), Some(&PropertyKind::Numeric));
    // What is said to the builder goes before the project.
    let session = sample().project(project).timezone("UTC").open().await?;
    assert_eq!(
        (&*session.settings().zone, session.settings().week_start),
        ("UTC", WeekStart::Monday)
    );
    Ok(())
}

#[tokio::test]
async fn batches_streams_and_columns() -> Tested {
    let session = sample().open().await?;
    let query = session
        .hogql(
            "SELECT event, count() AS n, event FROM events GROUP BY event ORDER BY n DESC, event",
        )
        .await?;
    let names: Vec<&str> = query.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["event", "n", "event"]);
    assert_eq!(query.columns()[1].ty, Some(Type::UINT64));
    let result = query.collect().await?;
    assert!(
        result.rows() > 10 && result.progress.rows == 15_000 && result.progress.bytes > 0,
        "{:?}",
        result.progress
    );

    // The same query again, as a stream: the same rows, under the schema that was told before the first batch.
    let mut stream = query.stream().await?;
    let schema = std::sync::Arc::clone(stream.schema());
    assert_eq!(
        schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
        names
    );
    let mut batches = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        assert_eq!(batch.schema(), schema);
        batches.push(batch);
    }
    assert!(stream.next().await.is_none(), "an ended stream stays at its end");
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), result.rows());
    assert_eq!(rows(&hoglet::QueryResult { batches, ..result.clone() })?, rows(&result)?);

    // No row, but columns.
    let none =
        session.hogql("SELECT event FROM events WHERE event = 'never'").await?.collect().await?;
    assert_eq!((none.rows(), none.columns.len()), (0, 1));
    Ok(())
}

#[tokio::test]
async fn placeholders_and_filters() -> Tested {
    let session = golden().open().await?;
    let mut options = Options::default();
    options.placeholders.insert("name".to_owned(), insight::constant(&json!("$pageview"))?);
    options
        .placeholders
        .insert("variables.names".to_owned(), insight::constant(&json!(["$pageview", "x"]))?);
    options
        .placeholders
        .insert("most".to_owned(), Constant { value: Value::Int(1), ty: Type::INT64 });
    let text = "SELECT event FROM events WHERE event = {name} AND event IN {variables.names} AND length({name}) > {most} LIMIT 1";
    let found = session.hogql_with(text, &options).await?.collect().await?;
    assert_eq!(rows(&found)?, [[json!("$pageview")]]);

    let count = |filters: Option<Filters>| {
        let options = Options { filters, ..Options::default() };
        let session = session.clone();
        async move {
            let text = "SELECT count(), min(timestamp) >= '2024-03-10' FROM events WHERE {filters}";
            let found = session.hogql_with(text, &options).await?.collect().await?;
            rows(&found)
        }
    };
    let filters = Filters {
        date_from: Some("2024-03-10".to_owned()),
        date_to: Some("2024-03-12".to_owned()),
    };
    let (all, some) = (count(None).await?, count(Some(filters)).await?);
    let number = |rows: &[Vec<serde_json::Value>]| rows[0][0].as_u64();
    assert!(number(&some) < number(&all), "{some:?} of {all:?}");
    Ok(())
}

#[tokio::test]
async fn plans() -> Tested {
    let session = sample().open().await?;
    let query = session
        .hogql("SELECT event, count() FROM events WHERE event = '$pageview' GROUP BY event")
        .await?;
    let plan = query.explain().await?;
    assert!(plan.contains("logical plan") && plan.contains("physical plan"), "{plan}");
    assert!(plan.contains("DataSourceExec") && plan.contains("AggregateExec"), "{plan}");
    let analyzed = query.explain_analyze().await?;
    assert!(analyzed.contains("output_rows="), "{analyzed}");
    assert!(query.to_sql()?.contains("GROUP BY"), "{}", query.to_sql()?);
    Ok(())
}

#[tokio::test]
async fn notices_and_checks() -> Tested {
    let session = sample().open().await?;
    let text = "SELECT count() FROM events WHERE properties.$screen_height > 'tall'";
    let found = session.check("SELECT event FROM events").await?;
    assert!(found.is_empty(), "{found:?}");
    match session.hogql(text).await {
        Ok(query) => assert_eq!(session.check(text).await?, query.notices()),
        Err(error) => assert_eq!(session.check(text).await?, error.diagnostics()),
    }
    Ok(())
}

#[tokio::test]
async fn listing() -> Tested {
    let session = sample().open().await?;
    let listing = session.schema_listing().await?;
    let names: Vec<&str> = listing.tables.iter().map(|table| table.name.as_str()).collect();
    for name in ["events", "persons", "sessions", "groups", "person_distinct_ids"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(
        listing.properties.iter().any(|(owner, name, _)| *owner == "event" && name == "$browser")
    );
    for table in &listing.tables {
        // Whatever is listed can be asked for, under the type that is told.
        let query = session.hogql(&format!("SELECT * FROM {} LIMIT 1", table.name)).await?;
        let columns: Vec<(String, String)> = query
            .columns()
            .iter()
            .map(|column| {
                (
                    column.name.clone(),
                    column.ty.as_ref().map(ToString::to_string).unwrap_or_default(),
                )
            })
            .collect();
        assert_eq!(columns, table.columns, "{}", table.name);
        query.collect().await?;
    }
    Ok(())
}

#[tokio::test]
async fn standard_sql() -> Tested {
    let session = sample().open().await?;
    let found = session.sql("SELECT count(*) AS n FROM events").await?.collect().await?;
    assert_eq!(rows(&found)?, [[json!(15_000)]]);
    for text in [
        "CREATE TABLE t (a int)",
        "COPY (SELECT 1) TO 'never.parquet'",
        "SET a.b = 1",
        "DROP TABLE events",
        "INSERT INTO events VALUES (1)",
        "SELECT nope FROM events",
        "SELEC",
    ] {
        let error = session.sql(text).await.err().ok_or(text)?;
        assert!(error.is_about_query(), "{text}: {:?} {error}", error.blame());
    }
    assert_eq!(value(&session, "SELECT count() FROM events").await?, json!(15_000));
    Ok(())
}

/// Questions whose answers have an order, or one row.
const QUESTIONS: [&str; 7] = [
    "SELECT event, count(), uniq(distinct_id), min(timestamp) FROM events GROUP BY event ORDER BY event",
    "SELECT toStartOfDay(timestamp) AS d, properties.$browser AS b, count() FROM events GROUP BY d, b ORDER BY d, b",
    "SELECT uuid, event FROM events ORDER BY timestamp DESC, uuid LIMIT 50 OFFSET 7",
    "SELECT properties.$os, median(length(event)), quantile(0.9)(toUnixTimestamp(timestamp)) FROM events GROUP BY 1 ORDER BY 1",
    "SELECT e.event, count() FROM events e JOIN persons p ON e.person_id = p.id GROUP BY e.event ORDER BY e.event",
    "SELECT arraySort(groupUniqArray(properties.$os)), argMax(event, (timestamp, uuid)), topK(3)(event) FROM events",
    "SELECT distinct_id, event, row_number() OVER (PARTITION BY distinct_id ORDER BY timestamp, uuid) AS n, lagInFrame(event) OVER (PARTITION BY distinct_id ORDER BY timestamp, uuid) FROM events ORDER BY distinct_id, n LIMIT 100",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_answer_with_any_number_of_threads() -> Tested {
    let one = sample().threads(threads(1)).open().await?;
    let others =
        [sample().threads(threads(2)).open().await?, sample().threads(threads(8)).open().await?];
    for text in QUESTIONS {
        let expected = ask(&one, text).await.map_err(|error| format!("{text}: {error}"))?;
        assert!(!expected.is_empty(), "{text}");
        for session in &others {
            for _ in 0..2 {
                assert_eq!(ask(session, text).await?, expected, "{text}");
            }
        }
    }
    Ok(())
}

/// A filter that makes a column of the order constant, over files that are read beside each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn constants_in_an_order() -> Tested {
    let folder = tempfile::tempdir()?;
    for (file, name) in ["a", "b"].into_iter().enumerate() {
        let line = |person: u32| {
            json!({"event": name, "distinct_id": format!("p{person}"), "person_id": format!("p{person}"),
                "timestamp": "2024-01-01T00:00:00Z", "properties": {"plan": "pro"}})
            .to_string()
        };
        let lines: Vec<String> = (0..4).map(line).collect();
        std::fs::write(folder.path().join(format!("{file}.jsonl")), lines.join("\n"))?;
    }
    let session = Session::builder().events(folder.path().to_string_lossy()).threads(threads(2));
    let session = session.now(NOW).open().await?;
    let text = "SELECT p, n FROM (SELECT person_id AS p, count() AS n FROM events
         WHERE properties.plan LIKE '%r%' AND toString(person_id) = 'p2' GROUP BY person_id)
         ORDER BY n DESC, p LIMIT 7";
    assert_eq!(ask(&session, text).await?, [[json!("p2"), json!(2)]]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_answer_from_one_file_and_from_many() -> Tested {
    let folder = tempfile::tempdir()?;
    let names = ["view", "click", "view", "buy", "view", "click"];
    let events: Vec<Event> = (0..120_i64)
        .map(|row| {
            let (name, person) = (names[(row % 6) as usize], format!("p{}", row % 7));
            Event::new(name, &person, START + row * DAY / 24).with("price", json!(row % 11))
        })
        .collect();
    // Small batches: each file is at least one.
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    std::fs::create_dir(&whole)?;
    std::fs::create_dir(&parts)?;
    write_parquet(&events, 0, &whole.join("all.parquet"))?;
    for (number, chunk) in events.chunks(7).enumerate() {
        write_parquet(chunk, number * 7, &parts.join(format!("{number}.parquet")))?;
    }
    let whole = Session::builder().events(whole.to_string_lossy()).now(NOW).open().await?;
    let parts = Session::builder()
        .events(parts.to_string_lossy())
        .now(NOW)
        .threads(threads(3))
        .open()
        .await?;
    for text in QUESTIONS.iter().filter(|text| !text.contains("persons p")) {
        assert_eq!(ask(&parts, text).await?, ask(&whole, text).await?, "{text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_questions_at_once() -> Tested {
    // The first ones meet a session that has not yet looked at its properties.
    let (session, alone) = (sample().open().await?, sample().open().await?);
    let asked = (0..21).map(|number| {
        let session = session.clone();
        async move { ask(&session, QUESTIONS[number % QUESTIONS.len()]).await }
    });
    let answers = futures::future::try_join_all(asked).await?;
    for (number, text) in QUESTIONS.iter().enumerate() {
        let expected = ask(&alone, text).await?;
        assert!(
            answers.iter().skip(number).step_by(QUESTIONS.len()).all(|answer| *answer == expected),
            "{text}"
        );
    }
    Ok(())
}
