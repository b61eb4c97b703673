//! `JSON_VALUE` and its paths.

use super::super::Call;
use crate::error::Error;
use crate::ir::{Expr, PathStep};
use crate::types::Type;

/// `JSON_VALUE(json, '$.a.b[0]')`.
pub(super) fn json_value(call: &mut Call<'_>) -> Result<Expr, Error> {
    let path = call.constant_string(1)?;
    let Some(steps) = parse_path(path) else {
        return Err(Error::not_supported(call.span, format_args!("the JSON path '{path}'")));
    };
    let mut args = vec![call.string(0)?];
    args.extend(steps.into_iter().map(|step| match step {
        PathStep::Key(key) => Expr::string(key, call.span),
        PathStep::Index(index) => Expr::int64(index, call.span),
    }));
    Ok(call.kernel("json_value", args, Type::STRING))
}

/// `$`, then `.key`, `."key"`, `["key"]` and `[0]`; indexes become 1-based.
fn parse_path(path: &str) -> Option<Vec<PathStep>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix(".\"") {
            let (key, after) = quoted.split_once('"')?;
            steps.push(PathStep::Key(key.to_owned()));
            rest = after;
        } else if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = quoted.split_once("\"]")?;
            steps.push(PathStep::Key(key.to_owned()));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            let index: u32 = index.trim().parse().ok()?;
            steps.push(PathStep::Index(i64::from(index) + 1));
            rest = after;
        } else {
            let key = rest.strip_prefix('.')?;
            let end = key.find(['.', '[']).unwrap_or(key.len());
            let (key, after) = key.split_at_checked(end)?;
            let is_plain = !key.is_empty()
                && key.chars().all(|character| character.is_alphanumeric() || character == '_');
            steps.push(is_plain.then(|| PathStep::Key(key.to_owned()))?);
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let key = |key: &str| PathStep::Key(key.to_owned());
        assert_eq!(parse_path("$.a.b[0]"), Some(vec![key("a"), key("b"), PathStep::Index(1)]));
        assert_eq!(parse_path("$[\"a b\"].\"c\""), Some(vec![key("a b"), key("c")]));
        assert_eq!(parse_path("$"), Some(vec![]));
        for path in ["a", "$.a[*]", "$..a", "$.a[1 to 2]", "$.", "$[-1]"] {
            assert_eq!(parse_path(path), None, "{path}");
        }
    }
}
