//! Tokens of texts, and what is said of text that is no token.

use super::*;
use TokenKind::*;

fn kinds(text: &str) -> Vec<TokenKind> {
    lex(text).tokens.iter().map(|token| token.kind).collect()
}

fn codes_of(text: &str) -> Vec<&'static str> {
    lex(text).diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn numbers() {
    assert_eq!(kinds("1.5"), [Decimal, Dot, Decimal, End]);
    assert_eq!(kinds("1.5e3"), [Float, End]);
    assert_eq!(kinds(".5e3"), [Float, End]);
    assert_eq!(kinds("1.e5"), [Float, End]);
    assert_eq!(kinds("1.e"), [Decimal, Dot, Word, End]);
    assert_eq!(kinds("017 018 0"), [LeadingZero, Decimal, Decimal, End]);
    assert_eq!(kinds("0x1F 0x1e5 0x1.8p3 0xG"), [Hex, Hex, Float, Decimal, Word, End]);
    assert_eq!(kinds("0b10 0b12 0o7"), [Binary, Binary, Decimal, OctalPrefix, End]);
}

#[test]
fn comments() {
    for text in ["1 -- c", "1 // c", "1 # c", "1 #c", "1 /* c */", "/* a /* b */ 1", "\u{feff}1"] {
        assert_eq!(kinds(text), [Decimal, End], "{text}");
    }
    assert_eq!(kinds("#1"), [Hash, Decimal, End]);
    assert_eq!(kinds("1 /*"), [Decimal, Slash, Star, End]);
}

#[test]
fn templates_nest() {
    assert_eq!(
        kinds("f'a{f'b'}'''"),
        [
            TemplateStart,
            TemplateText,
            LBrace,
            TemplateStart,
            TemplateText,
            TemplateEnd,
            RBrace,
            TemplateText,
            TemplateEnd,
            End
        ]
    );
    assert_eq!(
        kinds("F'a{x}'"),
        [FullTemplateStart, TemplateText, LBrace, Word, RBrace, TemplateText, End]
    );
}

#[test]
fn tags_and_less_than() {
    assert_eq!(kinds("a <b"), [Word, Lt, Word, End]);
    assert_eq!(kinds("<a b={1}>x</a>").len(), 13);
    assert_eq!(kinds("a < b > c"), [Word, Lt, Word, Gt, Word, End]);
}

#[test]
fn what_cannot_be_read() {
    assert_eq!(codes_of("a @ b"), ["H0001"]);
    assert_eq!(codes_of("'open"), ["H0002"]);
    assert_eq!(codes_of(r"'a\db'"), ["H0003"]);
    assert_eq!(codes_of(r"'a\\d' '\x41'"), [""; 0]);
}

#[test]
fn escapes() {
    assert_eq!(unquote(r"'a\n\\''\'b'"), "a\n\\''b");
    assert_eq!(unquote(r"'\x41\0'"), r"\x41");
    assert_eq!(unquote("`a``b`"), "a`b");
    assert_eq!(unquote_template(r"a\{b\q''", false), "a{b'");
}
