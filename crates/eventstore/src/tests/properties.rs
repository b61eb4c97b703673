//! Property kinds of whole sources.

use super::*;
use crate::infer_properties;
use events::property::PropertyKind;
use std::collections::BTreeMap;

#[tokio::test]
async fn kinds_are_inferred_from_all_places() {
    let folder = Folder::new();
    let mut first = needed(&["a", "b"]);
    first.push((
        "properties",
        nullable(&[Some(r#"{"n":1,"mixed":1,"at":"2024-01-01T00:00:00Z","ok":true}"#), None]),
    ));
    first.push(("person_properties", strings(&[r#"{"age":5}"#, r#"{"age":6.5,"email":"x"}"#])));
    let mut second = needed(&["c"]);
    second.push(("properties", strings(&[r#"{"n":-2e3,"mixed":"x","o":{"a":1},"nil":null}"#])));
    second.push(("amount", times(&[1])));
    folder.parquet("1.parquet", first).parquet("2.parquet", second);
    let (context, source) = events_at(&folder.location("")).await;
    let definitions =
        infer_properties(&source, &context.state(), 20_000).await.unwrap().definitions;
    let event = [
        ("amount", PropertyKind::DateTime),
        ("at", PropertyKind::DateTime),
        ("mixed", PropertyKind::String),
        ("n", PropertyKind::Numeric),
        ("o", PropertyKind::String),
        ("ok", PropertyKind::Boolean),
    ];
    let event: BTreeMap<String, PropertyKind> =
        event.map(|(name, kind)| (name.to_owned(), kind)).into();
    assert_eq!(definitions.event, event);
    assert_eq!(definitions.person.get("age"), Some(&PropertyKind::Numeric));
    assert_eq!(definitions.person.get("email"), Some(&PropertyKind::String));
    assert!(definitions.group.is_empty());
}

#[tokio::test]
async fn text_columns_are_judged_by_their_values() {
    let folder = Folder::new();
    folder.text(
        "1.csv",
        "event,timestamp,distinct_id,n,s,d\na,2024-01-01,u,1,x,2024-01-01\nb,2024-01-01,u,,1,\n",
    );
    let (context, source) = events_at(&folder.location("1.csv")).await;
    let definitions =
        infer_properties(&source, &context.state(), 20_000).await.unwrap().definitions;
    assert_eq!(definitions.event.get("n"), Some(&PropertyKind::Numeric));
    assert_eq!(definitions.event.get("s"), Some(&PropertyKind::String));
    assert_eq!(definitions.event.get("d"), Some(&PropertyKind::DateTime));
}

#[tokio::test]
async fn numbers_in_text_are_numbers_only_where_none_is_lost() {
    let folder = Folder::new();
    let line = |zip: &str, id: &str, n: &str, flag: &str| {
        format!(
            r#"{{"event":"a","timestamp":"2024-01-01","distinct_id":"u","zip":{zip},"id":{id},"n":{n},"flag":{flag}}}"#
        )
    };
    let lines = [
        line("\"02139\"", "\"9007199254740993\"", "1", "\"true\""),
        line("\"10115\"", "\"7\"", "null", "\"false\""),
    ];
    folder.text("lines/1.jsonl", &lines.join("\n"));
    folder.text(
        "cells/1.csv",
        "event,timestamp,distinct_id,zip,id,n,flag\n\
         a,2024-01-01,u,10115,7,1,true\na,2024-01-01,u,02139,9007199254740993,-2.5,false\n",
    );
    for (name, flag) in [("lines", PropertyKind::String), ("cells", PropertyKind::Boolean)] {
        let (context, source) = events_at(&folder.location(name)).await;
        let definitions =
            infer_properties(&source, &context.state(), 20_000).await.unwrap().definitions;
        let kinds = ["zip", "id", "n", "flag"].map(|name| definitions.event.get(name).copied());
        let text = PropertyKind::String;
        let expected = [text, text, PropertyKind::Numeric, flag];
        assert_eq!(kinds, expected.map(Some), "{name}");
    }
}
