//! Lambdas that read columns, properties and each other's parameters: the same answer as the expression written out.

use crate::Tested;
use crate::rows::{ask, golden, sample, value};
use serde_json::json;

/// Two expressions that must be equal in every row of the sample, whatever stands around them.
const EQUAL: &[(&str, &str)] = &[
    (
        "arrayMap(x -> concat(x, '/', properties.$browser), ['a', 'b'])",
        "[concat('a/', properties.$browser), concat('b/', properties.$browser)]",
    ),
    (
        "arrayFilter(x -> x = properties.$browser, ['Chrome', 'Safari'])",
        "if(properties.$browser = 'Chrome', ['Chrome'], if(properties.$browser = 'Safari', ['Safari'], []))",
    ),
    (
        "arrayMap(x -> arrayMap(y -> concat(x, y, event, properties.$os), [x, '2']), ['a', 'b'])",
        "[[concat('aa', event, properties.$os), concat('a2', event, properties.$os)], \
         [concat('bb', event, properties.$os), concat('b2', event, properties.$os)]]",
    ),
    ("arrayMap(x -> arrayMap(x -> x * 2 + length(event), [x]), [1])", "[[2 + length(event)]]"),
    (
        "arrayMap((a, b) -> arrayMap(c -> concat(a, c, event), ['z']), ['a'], ['b'])",
        "[[concat('az', event)]]",
    ),
    (
        "arrayMap((a, b) -> arrayMap(c -> concat(b, c), [event]), ['a'], ['b'])",
        "[[concat('b', event)]]",
    ),
    (
        "arrayMap(x -> if(x > 1, concat(toString(x), event), properties.$os), [1, 2])",
        "[coalesce(properties.$os), concat('2', event)]",
    ),
    (
        "arrayMap(x -> multiIf(x = 1, event, x = 2, distinct_id, toString(x)), [1, 2, 3])",
        "[event, distinct_id, '3']",
    ),
    (
        "arrayMap(x -> if(x = 1, arrayMap(y -> concat(toString(y + x), event), [1]), [distinct_id]), [1, 2])",
        "[[concat('2', event)], [distinct_id]]",
    ),
    (
        "arrayMap(x -> JSONExtractString(properties, x), ['$browser', '$os'])",
        "[JSONExtractString(properties, '$browser'), JSONExtractString(properties, '$os')]",
    ),
    (
        "arrayMap(x -> JSONExtractString(x, '$os'), [properties])",
        "[JSONExtractString(properties, '$os')]",
    ),
    (
        "arrayMap(x -> concat(JSONExtractString(x, 'a'), JSONExtractString(properties, '$os')), ['{\"a\":\"1\"}'])",
        "[concat('1', JSONExtractString(properties, '$os'))]",
    ),
    ("arrayMap(x -> x IN ('q', event, distinct_id), ['q', event, 'z'])", "[1, 1, 0]"),
    ("arrayMap(x -> x LIKE concat('%', event), [event, concat('a', event), 'z'])", "[1, 1, 0]"),
    (
        "arrayFold((acc, x) -> acc + x + length(event), [1, 2, 3], toInt(0))",
        "toInt(6 + 3 * length(event))",
    ),
    (
        "arrayMap(x -> arraySum(arrayMap(y -> x * y + length(event), [1, 2])), [1, 10])",
        "[3 + 2 * length(event), 30 + 2 * length(event)]",
    ),
    ("arrayMap(x -> (x, event, properties.$os).2, ['a'])", "[event]"),
    (
        "arraySort(x -> x * if(event = '$pageview', 1, -1), [1, 2])",
        "if(event = '$pageview', [1, 2], [2, 1])",
    ),
    (
        "arrayMap(x -> person.properties.email || x || event, ['a'])",
        "[concat(person.properties.email, 'a', event)]",
    ),
    (
        "arrayMap(x -> arrayMap(y -> arrayMap(z -> concat(x, y, z, event, properties.$os), ['1']), [x]), ['a'])",
        "[[[concat('aa1', event, properties.$os)]]]",
    ),
];

#[tokio::test]
async fn equal_to_the_expression_written_out() -> Tested {
    let session = sample().open().await?;
    for (number, (lambda, plain)) in EQUAL.iter().enumerate() {
        let both = format!("{lambda} AS l, {plain} AS p");
        let queries = [
            format!(
                "SELECT uuid, l, p FROM (SELECT uuid, event, {both}, distinct_id FROM events WHERE properties.$browser = 'Chrome' AND event != 'x') WHERE toString(l) != toString(p)"
            ),
            format!(
                "SELECT toString(l) AS k, max(toString(p)) AS m FROM (SELECT {both} FROM events) GROUP BY l HAVING k != m"
            ),
            format!(
                "SELECT event FROM events WHERE toString({lambda}) != toString({plain}) ORDER BY timestamp"
            ),
            format!(
                "SELECT toString(l) AS k, p FROM (SELECT timestamp, {both} FROM events) WHERE k != toString(p) ORDER BY l LIMIT 3"
            ),
        ];
        // Two places for each, in turn.
        for query in queries.iter().cycle().skip(number).take(2) {
            let different =
                ask(&session, query).await.map_err(|error| format!("{query}: {error}"))?;
            assert_eq!(different.first(), None, "{query}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn around_joins_groups_and_windows() -> Tested {
    let session = sample().open().await?;
    let same = [
        (
            "SELECT count() FROM events e JOIN events f ON e.uuid = f.uuid AND arrayExists(x -> x = concat(e.event, f.distinct_id, e.event), [concat('$pageview', f.distinct_id, '$pageview')])",
            "SELECT count() FROM events e JOIN events f ON e.uuid = f.uuid WHERE e.event = '$pageview'",
        ),
        (
            "SELECT count() FROM events e LEFT JOIN persons p ON e.person_id = p.id WHERE arrayExists(x -> concat(x, e.event, toString(p.id)) = concat('$pageview', '$pageview', toString(e.person_id)), [e.event])",
            "SELECT count() FROM events e JOIN persons p ON e.person_id = p.id WHERE event = '$pageview'",
        ),
        (
            "SELECT uniq(arrayMap(x -> concat(x, event), ['a'])), countIf(arrayExists(x -> x = event, ['$pageview']))  FROM events",
            "SELECT uniq(event), countIf(event = '$pageview') FROM events",
        ),
        (
            "SELECT event, arrayMap(x -> concat(x, event, toString(count())), ['n']) FROM events GROUP BY event ORDER BY event",
            "SELECT event, [concat('n', event, toString(count()))] FROM events GROUP BY event ORDER BY event",
        ),
        (
            "SELECT arrayMap(x -> concat(x, event), ['a']) AS a, count() FROM events GROUP BY arrayMap(x -> concat(x, event), ['a']) ORDER BY a",
            "SELECT [concat('a', event)] AS a, count() FROM events GROUP BY a ORDER BY a",
        ),
        (
            "SELECT arrayMap(y -> arrayMap(z -> concat(y, z, event), ['b']), ['a']), sum(arraySum(i -> i, [1, 2])) + sum(arraySum(j -> j, [1, 2])) FROM events GROUP BY arrayMap(p -> arrayMap(q -> concat(p, q, event), ['b']), ['a']) ORDER BY 1",
            "SELECT [[concat('ab', event)]], count() * 6 FROM events GROUP BY event ORDER BY 1",
        ),
        (
            "SELECT k, arrayMap(x -> concat(x, o), ['1']) FROM (SELECT event AS k, properties.$os AS o, row_number() OVER (PARTITION BY event ORDER BY timestamp, uuid) AS rn FROM events) WHERE rn = 1 AND arrayExists(x -> x = k, ['$pageview', '$autocapture']) ORDER BY k",
            "SELECT event AS k, [concat('1', argMin(properties.$os, (timestamp, uuid)))] FROM events WHERE event IN ('$pageview', '$autocapture') GROUP BY event ORDER BY k",
        ),
        (
            "SELECT arrayMap(x -> concat(x, a, a), ['p']) FROM (SELECT concat(event, '|', distinct_id, '|', properties.$os) AS a FROM events) ORDER BY 1 LIMIT 20",
            "SELECT [concat('p', event, '|', distinct_id, '|', properties.$os, event, '|', distinct_id, '|', properties.$os)] FROM events ORDER BY 1 LIMIT 20",
        ),
        (
            "SELECT count() FROM (SELECT event AS k, properties.$os AS o FROM events UNION ALL SELECT properties.$os, event FROM events) WHERE arrayExists(x -> concat(k, o) = x, ['$pageviewiOS', 'iOS$pageview'])",
            "SELECT 2 * countIf(event = '$pageview' AND properties.$os = 'iOS') FROM events",
        ),
    ];
    for (lambda, plain) in same {
        let found = ask(&session, lambda).await.map_err(|error| format!("{lambda}: {error}"))?;
        let expected = ask(&session, plain).await.map_err(|error| format!("{plain}: {error}"))?;
        assert!(!expected.is_empty(), "{plain}");
        assert_eq!(found, expected, "{lambda}");
    }
    Ok(())
}

#[tokio::test]
async fn filters_in_files_with_other_columns() -> Tested {
    // The reader turns a condition into one over the columns of each file; lambdas go with it.
    let folder = tempfile::tempdir()?;
    let lines = [
        r#"{"event":"a","distinct_id":"p","timestamp":"2024-03-01T00:00:00Z","properties":"{\"k\":\"1\"}","extra":"x"}"#,
        r#"{"event":"b","distinct_id":"q","timestamp":"2024-03-01T00:00:00Z","properties":"{\"k\":\"2\"}","extra":"y"}"#,
    ];
    std::fs::write(folder.path().join("1.jsonl"), lines.join("\n"))?;
    let csv = "timestamp,distinct_id,event,properties\n2024-03-02T00:00:00Z,p,a,\"{\"\"k\"\":\"\"3\"\"}\"\n";
    std::fs::write(folder.path().join("2.csv"), csv)?;
    let session = hoglet::Session::builder()
        .events(folder.path().to_string_lossy())
        .now(crate::rows::NOW)
        .open()
        .await?;
    let query = "SELECT arrayMap(x -> concat(x, distinct_id, properties.k), [event]) FROM events WHERE arrayExists(x -> concat(x, distinct_id) = 'ap', [event]) ORDER BY timestamp";
    assert_eq!(ask(&session, query).await?, [[json!(["ap1"])], [json!(["ap3"])]]);
    Ok(())
}

#[tokio::test]
async fn a_subquery_in_a_lambda() -> Tested {
    let session = golden().open().await?;
    let has = "SELECT arrayMap(x -> has((SELECT groupUniqArray(event) FROM events), x), ['$pageview', 'never'])";
    assert_eq!(value(&session, has).await?, json!([1, 0]));
    let scalar = "SELECT arrayMap(x -> x + (SELECT count() FROM events), [0]) = [(SELECT count() FROM events)]";
    assert_eq!(value(&session, scalar).await?, json!(1));
    Ok(())
}

#[tokio::test]
async fn what_a_parameter_cannot_do() -> Tested {
    let session = golden().open().await?;
    let refused = [
        (
            "SELECT arrayMap(x -> x IN (SELECT event FROM events), ['a'])",
            "H0900",
            "x IN (SELECT event FROM events)",
        ),
        ("SELECT arrayMap(x -> sum(x), [1]) FROM events", "H0356", "x"),
        ("SELECT arrayMap(x -> countIf(event = x), ['a']) FROM events", "H0356", "event = x"),
        ("SELECT arrayMap(x -> row_number() OVER (ORDER BY x), [1]) FROM events", "H0356", "x"),
        ("SELECT arrayMap(x -> arrayJoin([x]), [1])", "H0900", "arrayJoin([x])"),
    ];
    for (text, code, place) in refused {
        let Err(error) = session.hogql(text).await else {
            return Err(format!("{text} is answered").into());
        };
        let found = &error.diagnostics()[0];
        let (from, to) = (found.span.start as usize, found.span.end as usize);
        assert_eq!(
            (found.code, &text[from..to], found.hints.len()),
            (code, place, 1),
            "{text}: {error}"
        );
    }
    Ok(())
}
