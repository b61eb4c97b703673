//! Names, texts and numbers as HogQL spells them.

use crate::keywords::{Keyword, is_reserved_alias};

/// Keywords that are harmless as a bare name wherever a name may stand.
fn is_harmless(keyword: Keyword) -> bool {
    use Keyword::*;
    keyword.is_interval_unit()
        || matches!(
            keyword,
            Date | First | Id | Key | Last | Local | Name | Row | Step | Time | Timestamp | Zone
        )
}

/// Keywords that are plain function names before a parenthesis.
fn is_callable(keyword: Keyword) -> bool {
    use Keyword::*;
    is_harmless(keyword)
        || matches!(
            keyword,
            All | Any | Extract | If | Left | Not | Range | Replace | Right | Substring | Trim
        )
}

/// Where a name stands: which words need quotes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The first name of an expression, an alias, a table.
    Head,
    /// Where every keyword would be misread: in the value of an interval, after a number and a dot.
    Strict,
    /// A name given to something: an alias, a parameter.
    Alias,
    /// Before a parenthesis.
    Function,
    /// After a dot, or where only a name may stand.
    Member,
    /// Behind `::`.
    Type,
    /// In the name of a result column, which is not parsed again.
    Column,
}

/// Appends the name, quoted if it must be.
pub(super) fn push_name(out: &mut String, name: &str, place: Place) {
    if is_plain(name) && !needs_quotes(name, place) {
        out.push_str(name);
    } else {
        push_quoted(out, name, '`');
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
fn is_plain(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b == b'$';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
}

/// Appends the name between quotes of the given kind, backticks or double quotes.
pub(super) fn push_quoted(out: &mut String, name: &str, quote: char) {
    out.push(quote);
    for c in name.chars() {
        if c == quote {
            out.push(quote);
        }
        push_escaped(out, c);
    }
    out.push(quote);
}

/// NUL stays as it is: its escape reads as nothing.
fn push_escaped(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\u{7}' => out.push_str("\\a"),
        '\u{b}' => out.push_str("\\v"),
        _ => out.push(c),
    }
}

fn needs_quotes(name: &str, place: Place) -> bool {
    let keyword = Keyword::of(name);
    match place {
        Place::Column => false,
        _ if keyword.is_some_and(Keyword::is_reserved) => true,
        Place::Member => false,
        Place::Type => keyword.is_some_and(|keyword| !keyword.is_type()),
        Place::Function => keyword.is_some_and(|keyword| !is_callable(keyword)),
        Place::Head => is_boolean(name) || keyword.is_some_and(|keyword| !is_harmless(keyword)),
        Place::Strict => is_boolean(name) || keyword.is_some(),
        Place::Alias => {
            is_reserved_alias(name) || keyword.is_some_and(|keyword| !is_harmless(keyword))
        }
    }
}

/// Alone, these are constants.
fn is_boolean(name: &str) -> bool {
    name.eq_ignore_ascii_case("true") || name.eq_ignore_ascii_case("false")
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
        assert_eq!(name("not", Place::Function), "not");
        assert_eq!(name("cast", Place::Function), "`cast`");
        assert_eq!(name("day", Place::Head), "day");
        assert_eq!(name("day", Place::Strict), "`day`");
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
        assert_eq!(out, "'it\\'s \\\\d\\t\0 ü'");
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
