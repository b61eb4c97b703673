//! What filters ask for, as far as a store can look it up: texts of one column, and a window of time.

use crate::store::NarrowRequest;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use events::column;

/// The texts of a column that a filter lets through, if it asks for nothing else.
pub(in crate::store) fn texts_of(filter: &Expr, column: &str) -> Option<Vec<String>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let value =
                if is(left, column) { right } else { Some(left).filter(|_| is(right, column))? };
            Some(vec![text(value)?])
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (mut all, more) = (texts_of(left, column)?, texts_of(right, column)?);
            all.extend(more);
            Some(all)
        }
        Expr::InList(list) if !list.negated && is(&list.expr, column) => {
            list.list.iter().map(text).collect()
        }
        _ => None,
    }
}

fn is(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Column(column) if column.name == name)
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => Some(text.clone()),
        _ => None,
    }
}

/// Narrows what is wanted of a column down to these texts, too.
pub(in crate::store) fn both(wanted: &mut Option<Vec<String>>, texts: Vec<String>) {
    *wanted = Some(match wanted.take() {
        Some(before) => before.into_iter().filter(|text| texts.contains(text)).collect(),
        None => texts,
    });
}

/// Whether a filter asks for nothing but times.
pub(in crate::store) fn is_of_times(filter: &Expr) -> bool {
    filter.column_refs().iter().all(|column| column.name == column::TIMESTAMP)
}

/// Takes in what a filter of times says of the window. It is asked of the rows, too.
pub(in crate::store) fn bound(filter: &Expr, request: &mut NarrowRequest) {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return };
    if *op == Operator::And {
        bound(left, request);
        bound(right, request);
        return;
    }
    let (Expr::Column(_), Expr::Literal(ScalarValue::TimestampMicrosecond(Some(time), _), _)) =
        (left.as_ref(), right.as_ref())
    else {
        return;
    };
    match op {
        Operator::Gt | Operator::GtEq => request.from = request.from.max(Some(*time)),
        Operator::Lt | Operator::LtEq => {
            // Nothing lies behind the last time there is.
            let Some(behind) = time.checked_add(1) else { return };
            request.to = Some(request.to.map_or(behind, |to| to.min(behind)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};

    fn texts(filter: &Expr) -> Option<Vec<String>> {
        texts_of(filter, "a")
    }

    #[test]
    fn texts_are_those_of_one_column() {
        let a = || col("a");
        assert_eq!(texts(&a().eq(lit("x"))), Some(vec!["x".to_owned()]));
        assert_eq!(texts(&lit("x").eq(a())), Some(vec!["x".to_owned()]));
        let either = a().eq(lit("x")).or(a().in_list(vec![lit("y"), lit("z")], false));
        assert_eq!(texts(&either), Some(["x", "y", "z"].map(str::to_owned).to_vec()));
        for other in [
            a().not_eq(lit("x")),
            a().in_list(vec![lit("x")], true),
            a().in_list(vec![lit("x"), lit(ScalarValue::Utf8(None))], false),
            a().eq(lit("x")).or(col("b").eq(lit("x"))),
            a().eq(lit("x")).and(col("b").eq(lit("x"))),
            a().eq(col("b")),
            col("b").eq(lit("x")),
        ] {
            assert_eq!(texts(&other), None, "{other}");
        }
    }

    #[test]
    fn texts_of_two_filters_are_those_of_both() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut wanted = None;
        both(&mut wanted, list(&["a", "b"]));
        both(&mut wanted, list(&["b", "c"]));
        assert_eq!(wanted, Some(list(&["b"])));
        both(&mut wanted, list(&["a"]));
        assert_eq!(wanted, Some(Vec::new()));
    }

    #[test]
    fn a_window_ends_behind_the_last_time() {
        let window = |filter: &Expr| {
            let mut request = NarrowRequest::default();
            bound(filter, &mut request);
            (request.from, request.to)
        };
        let time =
            |micros| lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())));
        let at = || col("timestamp");
        assert_eq!(window(&at().gt(time(3)).and(at().lt_eq(time(5)))), (Some(3), Some(6)));
        assert_eq!(window(&at().lt_eq(time(i64::MAX))), (None, None));
        assert_eq!(window(&at().not_eq(time(3))), (None, None));
    }
}
