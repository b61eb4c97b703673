//! Cases from ClickHouse (`JSONExtractRaw` and PostHog's expression around it), and random JSON against `serde_json`.

use super::json::{elements, members, raw_at_keys, raw_at_path};
use super::{Path, Step, is_valid, property_text, text::canonical, unescape};
use proptest::prelude::*;
use serde_json::Value;

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// Both ways to a value.
fn raw<'a>(json: &'a str, path: &[Step]) -> Option<&'a str> {
    let found = raw_at_path(json, path);
    assert_eq!(Path::new(path).raw(json), found, "{json} {path:?}");
    found
}

#[test]
fn finds_values_by_path() {
    let a = || key("a");
    assert_eq!(raw(r#"{"a":1,"a":2}"#, &[a()]), Some("1"), "the first of equal keys");
    assert_eq!(raw(r#"{"a":{"x":1},"a":{"y":2}}"#, &[a(), key("y")]), None);
    assert_eq!(raw(r#"  { "b" : [ "}" , {"a":"]"} ] , "a" : 5 } "#, &[a()]), Some("5"));
    assert_eq!(raw(r#"{"a\u0062":1}"#, &[key("ab")]), Some("1"));
    assert_eq!(raw(r#"{"ab":1}"#, &[key("a\\u0062")]), None);
    assert_eq!(raw(r#"{"a":[{"b":1},{"b":2}]}"#, &[a(), Step::Index(2), key("b")]), Some("2"));
    assert_eq!(raw(r#"{"a":[1,[2,3]]}"#, &[a(), Step::Index(-1), Step::Index(1)]), Some("2"));
    assert_eq!(raw(r#"{"a":5,"b":6}"#, &[Step::Index(2)]), Some("6"));
    assert_eq!(raw(r#"{"a":5,"b":6}"#, &[Step::Index(-2)]), Some("5"));
    assert_eq!(raw(r#"{"b c":{"d":1}}"#, &[Step::Index(1), Step::Index(1)]), Some("1"));
    assert_eq!(raw(r#"{"":5}"#, &[key("")]), Some("5"));
    assert_eq!(raw("[1,2,3]", &[Step::Index(-3)]), Some("1"));
    assert_eq!(raw("\"x\"", &[]), Some("\"x\""));
    for (json, path) in [
        ("[1,2,3]", Step::Index(4)),
        ("[1,2,3]", Step::Index(0)),
        ("[1,2,3]", Step::Index(-4)),
        ("[1,2,3]", Step::Index(i64::MIN)),
        ("[1,2]", key("a")),
        ("[]", Step::Index(1)),
        ("{}", key("a")),
        ("", key("a")),
        ("\"str\"", Step::Index(1)),
        (r#"{"a":"#, key("a")),
        (r#"{"a":"x"#, key("a")),
        (r#"{"a":"x\"#, key("a")),
        (r#"{"a":[1"#, key("a")),
        (r#"{"a""#, key("a")),
        (r#"{a:1}"#, key("a")),
        (r#"{"b":"a"}"#, key("a")),
        (r#"{"b":"{\"a\":1}"}"#, key("a")),
        (r#"{"b":{"a":1}}"#, key("a")),
        (r#"{} {"a":1}"#, key("a")),
        (r#"["a"]"#, key("a")),
    ] {
        assert_eq!(raw(json, std::slice::from_ref(&path)), None, "{json} {path:?}");
    }
}

#[test]
fn reads_text_by_posthog_s_rule() {
    for (raw, expected) in [
        (r#""\"q\"""#, Some(r#"\"q\""#)),
        (r#""""#, Some("")),
        (r#""null""#, Some("null")),
        ("null", None),
        ("true", Some("true")),
        ("tru", None),
        ("01", None),
        ("1.0", Some("1")),
        ("12345678901234567890123", Some("12345678901234567890123")),
        (r#""a\/b\u00e9\n""#, Some(r"a/bé\n")),
        (
            r#""x\u0000y \u001f \ud83d\ude00 \b\f\t\r <>&""#,
            Some(r"x\u0000y \u001F 😀 \b\f\t\r <>&"),
        ),
        (r#""\ud83d""#, None),
        (r#""\u2028""#, Some(r"\u2028")),
        (r#""\x""#, None),
        (r#"{"x" : 1 , "y":[1, 2 ,3], "z":"q w"}"#, Some(r#"{"x":1,"y":[1,2,3],"z":"q w"}"#)),
        (
            r#"{"n":1.0,"s":"\u00e9\/","e":1e5,"big":100000000000000000000}"#,
            Some(r#"{"n":1,"s":"é/","e":100000,"big":"100000000000000000000"}"#),
        ),
        (r#"["a"]"#, Some(r#"["a"]"#)),
    ] {
        assert_eq!(property_text(raw).as_ref().map(AsRef::as_ref), expected, "{raw}");
    }
}

#[test]
fn validity() {
    for json in ["1", " \"x\" ", "{}", "[[],{}]", r#"{"a":[1,-2.5e3,"\u00e9"],"b":null}"#] {
        assert!(is_valid(json), "{json}");
    }
    for json in [
        "",
        "{",
        r#"{"a":1,}"#,
        "[1,]",
        "1 x",
        r#"{"a":1}{"#,
        "\"\t\"",
        r#""\ud83d""#,
        "{a:1}",
        "[1}",
        "nul",
        "]",
        "{\"a\"}",
    ] {
        assert!(!is_valid(json), "{json}");
    }
    assert!(!is_valid(&"[".repeat(100_000)));
}

/// Random JSON; keys and texts with quotes, brackets and backslashes.
fn value() -> impl Strategy<Value = Value> {
    let text = r#"[a-c"\\{}\[\],:é\n/ ]{0,20}"#;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1_000_000..1_000_000_i32).prop_map(|number| Value::from(f64::from(number) / 128.0)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn finds_a_key_wherever_it_stands(before in value(), name in r#"[a-z$"\\/ é]{1,10}"#, value in value()) {
        let outer = serde_json::json!({ "before": before, "again": name, &name: value });
        let json = outer.to_string();
        let expected = outer.get(&name).unwrap();
        let found = raw(&json, &[key(&name)]).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(found).unwrap(), expected);
    }

    #[test]
    fn agrees_with_a_tree(value in value(), pretty in any::<bool>()) {
        let json = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        prop_assert!(is_valid(&json));
        let again: Value = serde_json::from_str(canonical(&json).unwrap().as_ref()).unwrap();
        prop_assert_eq!(numbers_as_floats(&again), numbers_as_floats(&value));
        match &value {
            Value::Object(object) => {
                let keys: Vec<&str> = object.keys().map(String::as_str).collect();
                let mut out = vec![None; keys.len()];
                raw_at_keys(&json, &keys, &mut out);
                for ((name, expected), many) in object.iter().zip(out) {
                    let raw = raw(&json, &[key(name)]).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Value>(raw).unwrap(), expected);
                    prop_assert_eq!(many, Some(raw));
                }
                prop_assert_eq!(members(&json).count(), object.len());
                for (member, name) in members(&json).zip(object.keys()) {
                    prop_assert_eq!(unescape(member.key).unwrap(), name.as_str());
                }
                prop_assert_eq!(raw(&json, &[key("missing")]), None);
            }
            Value::Array(array) => {
                prop_assert_eq!(elements(&json).count(), array.len());
                for (index, expected) in array.iter().enumerate() {
                    let from_start = Step::Index(i64::try_from(index).unwrap() + 1);
                    let from_end = Step::Index(i64::try_from(index).unwrap() - i64::try_from(array.len()).unwrap());
                    let raw = raw_at_path(&json, &[from_start]).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Value>(raw).unwrap(), expected);
                    prop_assert_eq!(raw_at_path(&json, &[from_end]), Some(raw));
                }
            }
            _ => prop_assert_eq!(raw_at_path(&json, &[]), Some(json.as_str())),
        }
    }

    #[test]
    fn broken_text_never_panics(value in value(), cut in 0_usize..400, noise in r#"[a"\\{}\[\],:0é ]{0,12}"#, index in -4_i64..4) {
        let mut json = value.to_string();
        let cut = (0..=cut.min(json.len())).rev().find(|at| json.is_char_boundary(*at)).unwrap();
        json.insert_str(cut, &noise);
        let _ = is_valid(&json);
        let _ = property_text(&json);
        for path in [vec![key("a")], vec![Step::Index(index), key("b")], vec![Step::Index(index)]] {
            let _ = Path::new(&path).raw(&json);
            if let Some(raw) = raw_at_path(&json, &path) {
                let _ = property_text(raw);
            }
        }
        let mut out = [None; 2];
        raw_at_keys(&json, &["a", "b"], &mut out);
        // What a full parser accepts, the checker accepts, and the other way round.
        prop_assert_eq!(is_valid(&json), serde_json::from_str::<Value>(&json).is_ok());
    }
}

fn numbers_as_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(values) => values.iter().map(numbers_as_floats).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(key, value)| (key.clone(), numbers_as_floats(value))).collect(),
        ),
        other => other.clone(),
    }
}
