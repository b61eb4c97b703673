//! NaN as ClickHouse has it: equal to nothing in comparisons, one value in sets and groups, last in every order.

use crate::Tested;
use crate::rows::{ask, sample};
use serde_json::{Value, json};

/// NaN of both signs: `0 / 0` has the sign bit set on x86.
const NANS: [&str; 2] = ["toFloat('nan')", "toFloat('-nan')"];

#[tokio::test]
async fn comparisons() -> Tested {
    let session = sample().open().await?;
    let other = ["toFloat('nan')", "toFloat('-nan')", "1.0", "-1.0", "1", "toFloat('inf')"];
    for nan in NANS {
        for other in other {
            for (left, right) in [(nan, other), (other, nan)] {
                let text = format!(
                    "SELECT a = b, a != b, a < b, a > b, a <= b, a >= b, NOT a < b, NOT a = b, a BETWEEN b AND b FROM (SELECT {left} AS a, {right} AS b)"
                );
                let expected = [0, 1, 0, 0, 0, 0, 1, 1, 0].map(|flag| json!(flag));
                assert_eq!(ask(&session, &text).await?, [expected], "{text}");
                // The same over rows, where nothing is folded, and as a condition.
                let (left, right) = (over_rows(left), over_rows(right));
                let text = format!(
                    "SELECT countIf(a = b), countIf(a != b), countIf(a < b), countIf(a > b), countIf(a <= b), countIf(a >= b) FROM (SELECT {left} AS a, {right} AS b FROM numbers(3))"
                );
                let expected = [0, 3, 0, 0, 0, 0].map(|flag| json!(flag));
                assert_eq!(ask(&session, &text).await?, [expected], "{text}");
                for op in ["=", "<", ">", "<=", ">="] {
                    let text = format!("SELECT 1 FROM numbers(3) WHERE {left} {op} {right}");
                    assert_eq!(ask(&session, &text).await?, Vec::<Vec<Value>>::new(), "{text}");
                }
            }
        }
    }
    Ok(())
}

/// The same value, but read of each row.
fn over_rows(value: &str) -> String {
    format!("(if(number = 99, 0.5, {value}))")
}

#[tokio::test]
async fn numbers_and_null_compare_as_before() -> Tested {
    let session = sample().open().await?;
    let text = "SELECT x, y, x = y, x != y, x < y, x >= y, x < 1.5, 1.5 <= x, x = 1.0 FROM (SELECT arrayJoin([1.0, NULL, -0.0]) AS x, arrayJoin([1.0, 2.0, NULL, 0.0]) AS y) ORDER BY x, y";
    let expected: Value = json!([
        [-0.0, 0.0, 1, 0, 0, 1, 1, 0, 0],
        [-0.0, 1.0, 0, 1, 1, 0, 1, 0, 0],
        [-0.0, 2.0, 0, 1, 1, 0, 1, 0, 0],
        [-0.0, null, 0, 1, 0, 0, 1, 0, 0],
        [1.0, 0.0, 0, 1, 0, 1, 1, 0, 1],
        [1.0, 1.0, 1, 0, 0, 1, 1, 0, 1],
        [1.0, 2.0, 0, 1, 1, 0, 1, 0, 1],
        [1.0, null, 0, 1, 0, 0, 1, 0, 1],
        [null, 0.0, 0, 1, 0, 0, 0, 0, 0],
        [null, 1.0, 0, 1, 0, 0, 0, 0, 0],
        [null, 2.0, 0, 1, 0, 0, 0, 0, 0],
        [null, null, 1, 0, 0, 0, 0, 0, 0],
    ]);
    assert_eq!(json!(ask(&session, text).await?), expected);
    Ok(())
}

#[tokio::test]
async fn a_rate_of_nothing_is_under_no_threshold() -> Tested {
    let session = sample().open().await?;
    let text = "SELECT number % 3 AS k, countIf(number = 1) / countIf(number % 3 = 1) AS rate FROM numbers(9) GROUP BY k HAVING rate < 0.5 OR rate > 0.5";
    assert_eq!(ask(&session, text).await?, [[json!(1), json!(1.0 / 3.0)]]);
    Ok(())
}

#[tokio::test]
async fn order_and_extremes() -> Tested {
    let session = sample().open().await?;
    let rows = "FROM (SELECT arrayJoin([toFloat('nan'), 1.0, toFloat('-nan'), toFloat('-inf'), 3.0, NULL]) AS x)";
    // Numbers, then NaN, then NULL.
    for (direction, first) in [("", json!([true, 1.0, 3.0])), ("DESC", json!([3.0, 1.0, true]))] {
        let text = format!("SELECT if(x < -9, 'low', toString(x)) {rows} ORDER BY x {direction}");
        let first: Vec<Value> = first
            .as_array()
            .into_iter()
            .flatten()
            .map(|value| match value {
                Value::Bool(_) => json!("low"),
                number => json!(number.as_f64().unwrap_or_default().to_string()),
            })
            .collect();
        let found: Vec<Value> = ask(&session, &text).await?.into_iter().flatten().collect();
        assert_eq!(found[..3], first, "{text}");
        assert_eq!(found[3..], [json!("nan"), json!("nan"), Value::Null], "{text}");
    }
    let cases = [
        (format!("SELECT min(x), max(x), argMin(x, x), argMax(x, x) {rows} WHERE x > -9 OR isNaN(x)"), json!([1.0, 3.0, 1.0, 3.0])),
        (format!("SELECT isNaN(min(x)), isNaN(max(x)) {rows} WHERE isNaN(x)"), json!([1, 1])),
        ("SELECT arrayMax([1, toFloat('nan'), 3]), arrayMin([toFloat('-nan'), 1]), isNaN(arrayMax([toFloat('nan')]))".to_owned(), json!([3.0, 1.0, 1])),
        ("SELECT arraySort([toFloat('nan'), 1, 3, toFloat('-nan')])".to_owned(), json!([[1.0, 3.0, null, null]])),
    ];
    for (text, expected) in cases {
        assert_eq!(json!(ask(&session, &text).await?), json!([expected]), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn sets_and_groups() -> Tested {
    let session = sample().open().await?;
    let cases = [
        (
            "SELECT toFloat('nan') IN (toFloat('nan'), 1), toFloat('nan') IN (1.0), toFloat('nan') NOT IN (toFloat('nan'))",
            json!([1, 0, 0]),
        ),
        (
            "SELECT toFloat('nan') IN (SELECT toFloat('nan')), toFloat('nan') NOT IN (SELECT toFloat('nan'))",
            json!([1, 0]),
        ),
        (
            "SELECT uniqExact(x), count() FROM (SELECT arrayJoin([toFloat('nan'), toFloat('nan'), 1]) AS x)",
            json!([2, 3]),
        ),
        (
            "SELECT count() FROM (SELECT toFloat('nan') AS x) a JOIN (SELECT toFloat('nan') AS y) b ON a.x = b.y",
            json!([1]),
        ),
        ("SELECT (toFloat('nan'), 1) = (toFloat('nan'), 1)", json!([0])),
    ];
    for (text, expected) in cases {
        assert_eq!(json!(ask(&session, text).await?), json!([expected]), "{text}");
    }
    Ok(())
}
