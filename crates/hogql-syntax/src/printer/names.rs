//! Names, texts and numbers as HogQL spells them.

/// Words that are never a name without quotes.
const FORBIDDEN: &[&str] = &[
    "catch",
    "except",
    "finally",
    "fn",
    "fun",
    "inf",
    "infinity",
    "intersect",
    "let",
    "materialized",
    "nan",
    "null",
    "throw",
    "try",
    "while",
    "within",
];

/// Words that the grammar knows and that may stand for something else at the head of an expression or after a name.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asc",
    "ascending",
    "asof",
    "between",
    "both",
    "by",
    "case",
    "cast",
    "cohort",
    "collate",
    "columns",
    "cross",
    "cube",
    "current",
    "desc",
    "descending",
    "distinct",
    "else",
    "end",
    "exclude",
    "extract",
    "false",
    "fill",
    "filter",
    "final",
    "following",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "if",
    "ignore",
    "ilike",
    "in",
    "include",
    "inner",
    "interpolate",
    "interval",
    "is",
    "join",
    "key",
    "lambda",
    "last",
    "leading",
    "left",
    "like",
    "limit",
    "name",
    "natural",
    "not",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "pivot",
    "positional",
    "preceding",
    "prewhere",
    "qualify",
    "range",
    "recursive",
    "replace",
    "return",
    "right",
    "rollup",
    "row",
    "rows",
    "sample",
    "select",
    "semi",
    "sets",
    "settings",
    "substring",
    "team_id",
    "then",
    "ties",
    "to",
    "top",
    "totals",
    "trailing",
    "trim",
    "true",
    "try_cast",
    "unbounded",
    "union",
    "unpivot",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
    "zone",
];

/// Keywords that are harmless as a bare name wherever a name may stand.
const HARMLESS: &[&str] = &["key", "last", "name", "row", "team_id", "zone"];

/// Units of an interval: names, except right after `INTERVAL`.
const UNITS: &[&str] =
    &["day", "hour", "minute", "month", "quarter", "second", "week", "year", "yyyy"];

/// Keywords that are plain function names before a parenthesis.
const CALLABLE: &[&str] =
    &["all", "any", "extract", "if", "left", "range", "replace", "right", "substring", "trim"];

/// Where a name stands: which words need quotes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The first name of an expression, an alias, a table.
    Head,
    /// Within the value of an interval, where units are special too.
    HeadInInterval,
    /// A name given to something: an alias, a parameter.
    Alias,
    /// Before a parenthesis.
    Function,
    /// After a dot, or where only a name may stand.
    Member,
    /// In the name of a result column, which is not parsed again.
    Column,
}

/// Appends the name, quoted if it must be.
pub(super) fn push_name(out: &mut String, name: &str, place: Place) {
    if is_plain(name) && !needs_quotes(name, place) {
        out.push_str(name);
    } else {
        push_quoted(out, name);
    }
}

/// Appends the text between single quotes.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('\'');
    text.chars().for_each(|c| if c == '\'' { out.push_str("\\'") } else { push_escaped(out, c) });
    out.push('\'');
}

/// Appends the literal text of a template, without quotes around it.
pub(super) fn push_template_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '{' => out.push_str("\\{"),
            _ => push_escaped(out, c),
        }
    }
}

/// Appends the float so that it reads back as the same one.
pub(super) fn push_float(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        out.push_str(if value < 0.0 { "-inf" } else { "inf" });
    } else {
        out.push_str(&format!("{value:?}"));
    }
}

/// Letters, digits, `_` and `$` only, no digit first.
pub(super) fn is_plain(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b == b'$';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
}

/// Appends the name between backticks.
pub(super) fn push_quoted(out: &mut String, name: &str) {
    out.push('`');
    name.chars().for_each(|c| if c == '`' { out.push_str("``") } else { push_escaped(out, c) });
    out.push('`');
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        '\u{7}' => out.push_str("\\a"),
        '\u{b}' => out.push_str("\\v"),
        _ => out.push(c),
    }
}

fn needs_quotes(name: &str, place: Place) -> bool {
    let among = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    if place != Place::Column && among(FORBIDDEN) {
        return true;
    }
    match place {
        Place::Column => false,
        Place::Member => false,
        Place::Function => among(KEYWORDS) && !among(CALLABLE),
        Place::Head => among(KEYWORDS) && !among(HARMLESS),
        Place::HeadInInterval => among(UNITS) || among(KEYWORDS),
        Place::Alias => {
            among(KEYWORDS) && (!among(HARMLESS) || name.eq_ignore_ascii_case("team_id"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str, place: Place) -> String {
        let mut out = String::new();
        push_name(&mut out, name, place);
        out
    }

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(name("event", Place::Head), "event");
        assert_eq!(name("$session_id", Place::Head), "$session_id");
        assert_eq!(name("select", Place::Head), "`select`");
        assert_eq!(name("select", Place::Member), "select");
        assert_eq!(name("Null", Place::Member), "`Null`");
        assert_eq!(name("if", Place::Function), "if");
        assert_eq!(name("not", Place::Function), "`not`");
        assert_eq!(name("day", Place::Head), "day");
        assert_eq!(name("day", Place::HeadInInterval), "`day`");
        assert_eq!(name("team_id", Place::Head), "team_id");
        assert_eq!(name("team_id", Place::Alias), "`team_id`");
        assert_eq!(name("9a", Place::Head), "`9a`");
        assert_eq!(name("", Place::Head), "``");
        assert_eq!(name("a`b\\\n", Place::Head), "`a``b\\\\\\n`");
    }

    #[test]
    fn strings_escape_what_the_lexer_resolves() {
        let mut out = String::new();
        push_string(&mut out, "it's \\d\t\0 ü");
        assert_eq!(out, "'it\\'s \\\\d\\t\\0 ü'");
    }

    #[test]
    fn floats_read_back() {
        for (value, text) in
            [(1.0, "1.0"), (-0.0, "-0.0"), (1e20, "1e20"), (f64::NEG_INFINITY, "-inf")]
        {
            let mut out = String::new();
            push_float(&mut out, value);
            assert_eq!(out, text);
        }
    }
}
