//! What is typed at the prompt: a query that ends with a semicolon, or a command on a line of its own.

use hogql_syntax::parse_select;

/// What the commands do, for people.
pub(super) const HELP: &str = "\
A query ends with ; and may take several lines. Tab completes, Ctrl-C cancels, Ctrl-D leaves.
  .schema     tables and their columns     (\\d)
  .functions  names of all functions       (\\f)
  .help       this text                    (\\h)
  .quit       leaves                       (\\q)";

/// The code of a string or quoted name that is never closed.
const UNTERMINATED: &str = "H0002";

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// A query, without its semicolon.
    Query(&'a str),
    Schema,
    Functions,
    Help,
    Quit,
    Nothing,
    /// Looks like a command, and there is none of that name.
    Unknown(&'a str),
}

impl<'a> Entry<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim();
        match text.trim_end_matches(';').trim_end() {
            "" => Self::Nothing,
            ".schema" | ".tables" | "\\d" => Self::Schema,
            ".functions" | "\\f" => Self::Functions,
            ".help" | "help" | "\\h" | "\\?" | "?" => Self::Help,
            ".quit" | ".exit" | "quit" | "exit" | "\\q" => Self::Quit,
            other if other.starts_with(['.', '\\']) => Self::Unknown(other),
            query => Self::Query(query),
        }
    }
}

/// Whether Enter ends what is typed: after a semicolon that stands in no string, and after a command.
pub(super) fn is_complete(text: &str) -> bool {
    match Entry::of(text) {
        Entry::Query(_) => text.trim_end().strip_suffix(';').is_some_and(|query| {
            let found = parse_select(query).diagnostics;
            !found.iter().any(|finding| finding.code == UNTERMINATED)
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_end_with_a_semicolon() {
        assert!(!is_complete("SELECT 1"));
        assert!(!is_complete("SELECT event\nFROM events"));
        assert!(is_complete("SELECT event\nFROM events ;  "));
        assert!(is_complete("SELECT ';';"));
        assert!(is_complete("SELEC 1;"), "what is wrong is told when it is run");
        assert_eq!(Entry::of(" SELECT 1 ; \n"), Entry::Query("SELECT 1"));
    }

    #[test]
    fn a_semicolon_in_a_string_ends_nothing() {
        assert!(!is_complete("SELECT 'a;"));
        assert!(!is_complete("SELECT `a;"));
        assert!(is_complete("SELECT 'a;\nb';"));
    }

    #[test]
    fn commands_need_no_semicolon() {
        for (text, entry) in [
            (".help", Entry::Help),
            ("help;", Entry::Help),
            ("\\h", Entry::Help),
            (" .quit ", Entry::Quit),
            ("exit", Entry::Quit),
            ("quit;", Entry::Quit),
            ("\\q", Entry::Quit),
            (".schema", Entry::Schema),
            ("\\d", Entry::Schema),
            (".functions", Entry::Functions),
            ("", Entry::Nothing),
            (" ; ", Entry::Nothing),
            (".hlep", Entry::Unknown(".hlep")),
        ] {
            assert_eq!(Entry::of(text), entry);
            assert!(is_complete(text), "{text}");
        }
    }
}
