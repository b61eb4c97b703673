//! Every stage's errors: whose fault, which code, where, what to do.

use crate::Tested;
use crate::rows::{NOW, golden};
use hoglet::{Blame, Error, Project, Session, insight};

/// Blame, code, the text at the span, and a part of the message or a hint.
type Expected<'a> = (Blame, &'a str, &'a str, &'a str);

fn check(text: &str, error: &Error, expected: Expected<'_>) {
    let (blame, code, place, part) = expected;
    let found = &error.diagnostics()[0];
    let (start, end) = (found.span.start as usize, found.span.end as usize);
    let said = format!("{} {}", found.message, found.hints.join(" "));
    let at = text.get(start..end).unwrap_or_default();
    assert_eq!((error.blame(), found.code, at), (blame, code, place), "{text}: {said}");
    assert!(said.contains(part), "{text}: {said}");
    let message = &found.message;
    assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
    // A keyword may come first.
    let first = message.split(' ').next().unwrap_or_default();
    assert!(!first.starts_with(char::is_uppercase) || first == first.to_uppercase(), "{message}");
}

#[tokio::test]
async fn of_the_text() -> Tested {
    let session = golden().open().await?;
    let cases: &[(&str, Expected<'_>)] = &[
        ("SELECT event FROM (SELECT", (Blame::Query, "H0004", "", "expected an expression")),
        ("SELECT nope FROM events", (Blame::Query, "H0200", "nope", "unknown field")),
        ("SELECT 1 FROM evnts", (Blame::Query, "H0203", "evnts", "events")),
        ("SELECT event + 1 FROM events", (Blame::Query, "H0303", "event + 1", "toFloat")),
        (
            "SELECT toInt(event, 1, 2) FROM events",
            (Blame::Query, "H0354", "toInt(event, 1, 2)", "toInt(value)"),
        ),
        ("SELECT contt() FROM events", (Blame::Query, "H0300", "contt", "unknown function")),
        (
            "SELECT count() FROM events FINAL",
            (Blame::NotSupported, "H0900", "events FINAL", "FINAL"),
        ),
        ("SELECT {limit} FROM events", (Blame::Query, "H0280", "{limit}", "no values")),
    ];
    for (text, expected) in cases {
        let Err(error) = session.hogql(text).await else {
            return Err(format!("{text} is answered").into());
        };
        check(text, &error, *expected);
        assert_eq!(session.check(text).await?, error.diagnostics(), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn of_all_places_at_once() -> Tested {
    let session = golden().open().await?;
    let text = "SELECT nope, event + 1, neither(2) FROM events WHERE nada = 1";
    let found = session.check(text).await?;
    let places: Vec<&str> = found
        .iter()
        .map(|found| &text[found.span.start as usize..found.span.end as usize])
        .collect();
    assert_eq!(places, ["nope", "event + 1", "neither", "nada"]);
    assert!(session.check("SELECT event FROM events").await?.is_empty());
    Ok(())
}

/// Chains that are longer than any person writes are refused before they cost a minute, or the stack.
#[test]
fn of_length() -> Tested {
    // Without optimisation frames are several times larger than what users run.
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).thread_stack_size(16 << 20).enable_all().build()?;
    let told = runtime.block_on(
        runtime.spawn(async { long_chains().await.map_err(|error| error.to_string()) }),
    )?;
    Ok(told?)
}

async fn long_chains() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let session = golden().open().await?;
    let chain = |op: &str, length: usize| vec!["SELECT 1 AS x"; length].join(&format!(" {op} "));
    for op in ["UNION DISTINCT", "UNION ALL", "EXCEPT", "INTERSECT"] {
        session.hogql(&chain(op, 100)).await?.collect().await?;
        let long = session.hogql(&chain(op, 101)).await.err().ok_or(op)?;
        check("", &long, (Blame::Limit, "H0227", "", "100 queries"));
    }
    let tower = format!("({})", chain("UNION DISTINCT", 75)).as_str().to_owned();
    let tower = format!("{tower} UNION DISTINCT {}", chain("UNION DISTINCT", 75));
    let high = format!("({tower}) UNION DISTINCT {}", chain("UNION DISTINCT", 75));
    let high = session.hogql(&high).await?.collect().await.err().ok_or("a tower")?;
    check("", &high, (Blame::Limit, "H0228", "", "nest fewer"));
    let joined: Vec<String> = (1..=100).map(|at| format!("numbers(1) n{at}")).collect();
    let joined = format!("SELECT 1 FROM numbers(1) n0 CROSS JOIN {}", joined.join(" CROSS JOIN "));
    let joined = session.hogql(&joined).await.err().ok_or("joins")?;
    assert_eq!(joined.diagnostics()[0].code, "H0227");
    let aliases: Vec<String> = (1..200).map(|at| format!("a{} + 1 AS a{at}", at - 1)).collect();
    let aliases = format!("SELECT number AS a0, {} FROM numbers(1)", aliases.join(", "));
    let aliases = session.hogql(&aliases).await.err().ok_or("aliases")?;
    assert_eq!(aliases.diagnostics()[0].code, "H0226");
    // Wide is not deep: a large expression may be named once and used in many columns.
    let wide: Vec<String> = (0..60).map(|at| format!("number = {at}, '{at}'")).collect();
    let uses: Vec<String> = (0..60).map(|at| format!("kind || '{at}' AS k{at}")).collect();
    let wide = format!(
        "SELECT multiIf({}, 'x') AS kind, {} FROM numbers(1)",
        wide.join(", "),
        uses.join(", ")
    );
    session.hogql(&wide).await?.collect().await?;
    Ok(())
}

#[tokio::test]
async fn of_the_data() -> Tested {
    let session = golden().open().await?;
    for text in [
        "SELECT CAST(event AS int) FROM events",
        "SELECT arrayMap((x, y) -> x, range(1, 3), range(1, length(event))) FROM events",
    ] {
        let Err(error) = session.hogql(text).await?.collect().await else {
            return Err(text.into());
        };
        check("", &error, (Blame::Data, "H0701", "", ""));
    }
    Ok(())
}

#[tokio::test]
async fn of_the_source() -> Tested {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(at("cut.parquet"), b"PAR1 and then nothing more")?;
    std::fs::write(at("other.jsonl"), "{\"a\":1}\n{\"a\":2}\n")?;
    let cases = [
        (at("missing.parquet"), Blame::Usage, "H0703", "missing.parquet"),
        (at("cut.parquet"), Blame::Data, "H0702", "cut.parquet"),
        (at("other.jsonl"), Blame::Data, "H0702", "other.jsonl"),
    ];
    for (location, blame, code, part) in cases {
        let opened = Session::builder().events(&location).now(NOW).open().await;
        let Err(error) = opened else { return Err(format!("{location} opens").into()) };
        let found = &error.diagnostics()[0];
        assert_eq!((error.blame(), found.code), (blame, code), "{location}: {error}");
        assert!(found.message.contains(part) && !found.hints.is_empty(), "{location}: {found:?}");
    }
    Ok(())
}

#[tokio::test]
async fn of_settings() -> Tested {
    let no_present = Session::builder().sample().open().await.err().ok_or("no present")?;
    assert_eq!(no_present.blame(), Blame::Usage);
    let zone = Session::builder().sample().now(NOW).timezone("Mars/Base").open().await;
    let zone = zone.err().ok_or("no such zone")?;
    check("", &zone, (Blame::Usage, "H0704", "", "Europe/Berlin"));
    let project =
        Project::parse("[properties.event]\nprice = 'Money'").err().ok_or("no such type")?;
    assert!(project.to_string().contains("Numeric"), "{project}");
    let node = insight::parse("{\"kind\":\"FunnelsQuery\"}").err().ok_or("no such node")?;
    assert_eq!(node.blame(), Blame::NotSupported);
    Ok(())
}
