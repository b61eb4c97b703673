//! The codes of diagnostics. A code never changes its meaning; new ones go to the end.
//!
//! | code | meaning |
//! |---|---|
//! | H0001 | a character that no token begins with |
//! | H0002 | a string, quoted name or template without its closing quote |
//! | H0003 | a backslash pair that means nothing |
//! | H0004 | a token in a place where the grammar wants another |
//! | H0005 | an opening bracket without its closing one |
//! | H0006 | nested too deeply |
//! | H0007 | a word that is never a name |
//! | H0008 | a name that no alias may have |
//! | H0009 | known to the grammar, not to the dialect |
//! | H0010 | a number that cannot be written so |
//! | H0011 | an interval whose text is not a count and a unit |
//! | H0012 | opening and closing tag differ, or a tag has its children twice |
//! | H0013 | `ARRAY JOIN` without `FROM`, or an item of it without an alias |
//! | H0014 | `from` taken for a column in front of an alias |
//! | H0015 | Hog programs are not supported |
//! | H0016 | the text is too long |
//! | H0017 | a lambda or named argument as a bound of `BETWEEN` |
//! | H0018 | (warning) a backslash pair in a template that is dropped |
//! | H0019 | too many ways to read the text |

pub(crate) const CHARACTER: &str = "H0001";
pub(crate) const UNTERMINATED: &str = "H0002";
pub(crate) const ESCAPE: &str = "H0003";
pub(crate) const UNEXPECTED: &str = "H0004";
pub(crate) const UNCLOSED: &str = "H0005";
pub(crate) const TOO_DEEP: &str = "H0006";
pub(crate) const RESERVED_WORD: &str = "H0007";
pub(crate) const RESERVED_ALIAS: &str = "H0008";
pub(crate) const NOT_IMPLEMENTED: &str = "H0009";
pub(crate) const NUMBER: &str = "H0010";
pub(crate) const INTERVAL: &str = "H0011";
pub(crate) const TAG: &str = "H0012";
pub(crate) const ARRAY_JOIN: &str = "H0013";
pub(crate) const FROM_ALIAS: &str = "H0014";
pub(crate) const PROGRAM: &str = "H0015";
pub(crate) const TOO_LONG: &str = "H0016";
pub(crate) const BETWEEN_BOUND: &str = "H0017";
pub(crate) const TEMPLATE_ESCAPE: &str = "H0018";
pub(crate) const TOO_MANY_READINGS: &str = "H0019";
