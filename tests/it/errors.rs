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
