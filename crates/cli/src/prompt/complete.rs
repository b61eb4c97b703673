//! Completion of keywords, tables, columns, properties and functions; and which entries are complete.

use super::entry::is_complete;
use hoglet::SchemaListing;
use hoglet::functions::{self, Build};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, Result};

const KEYWORDS: [&str; 34] = [
    "SELECT",
    "FROM",
    "WHERE",
    "PREWHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
    "WITH",
    "AS",
    "DISTINCT",
    "INNER JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "CROSS JOIN",
    "ARRAY JOIN",
    "ON",
    "USING",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "ILIKE",
    "BETWEEN",
    "IS NULL",
    "IS NOT NULL",
    "UNION ALL",
    "INTERVAL",
    "CASE",
    "OVER",
    "DESC",
];

/// Knows every word of the dialect and of the source.
pub(super) struct Completion {
    words: Vec<Word>,
}

/// A word that can be completed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    /// What it is found by, in small letters and without quotes.
    key: String,
    text: String,
}

impl Word {
    fn new(text: String) -> Self {
        Self { key: key(&text), text }
    }
}

impl Completion {
    pub(super) fn new(listing: &SchemaListing) -> Self {
        let tables = listing.tables.iter().flat_map(|table| {
            let columns = table.columns.iter().map(|(name, _)| quoted(name));
            std::iter::once(quoted(&table.name)).chain(columns)
        });
        let properties = listing.properties.iter().map(|(of, name, _)| {
            let owner = if *of == "person" { "person." } else { "" };
            format!("{owner}properties.{}", quoted(name))
        });
        let keywords = KEYWORDS.iter().map(|word| (*word).to_owned());
        let texts = keywords.chain(function_calls()).chain(tables).chain(properties);
        let mut words: Vec<Word> = texts.map(Word::new).collect();
        words.sort();
        words.dedup();
        Self { words }
    }

    /// Words that begin with what stands before the cursor, in any case. What stands before a dot may be an alias.
    fn matching(&self, before: &str) -> (usize, Vec<&str>) {
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, letter)| part_of_word(*letter))
            .last()
            .map_or(before.len(), |(index, _)| index);
        let typed = before.get(start..).unwrap_or_default();
        let found = self.beginning_with(typed);
        match typed.split_once('.') {
            Some((alias, rest)) if found.is_empty() => {
                (start + alias.len() + 1, self.beginning_with(rest))
            }
            _ => (start, found),
        }
    }

    fn beginning_with(&self, typed: &str) -> Vec<&str> {
        let typed = key(typed);
        let found = self.words.iter().filter(|word| word.key.starts_with(&typed));
        if typed.is_empty() { Vec::new() } else { found.map(|word| word.text.as_str()).collect() }
    }
}

/// `count(`, and `countIf(` for what takes a condition.
fn function_calls() -> impl Iterator<Item = String> {
    functions::all().flat_map(|function| {
        let conditional = matches!(function.build, Build::Aggregate(_))
            .then(|| format!("{}If", function.name))
            .filter(|name| functions::aggregate_name(name).is_some());
        let names = std::iter::once(function.name.to_owned()).chain(conditional);
        names.map(|name| format!("{name}("))
    })
}

fn key(text: &str) -> String {
    text.chars().filter(|letter| *letter != '`').flat_map(char::to_lowercase).collect()
}

fn part_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.' | '`')
}

/// A name as a query has it: in backticks if it is no plain word.
fn quoted(name: &str) -> String {
    let begins_well = !name.starts_with(|letter: char| letter.is_ascii_digit());
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$');
    if !name.is_empty() && begins_well && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "``"))
    }
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> Result<(usize, Vec<Pair>)> {
        let (start, found) = self.matching(line.get(..position).unwrap_or(line));
        let pair = |word: &str| Pair { display: word.to_owned(), replacement: word.to_owned() };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}

impl Validator for Completion {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        let complete = is_complete(context.input());
        Ok(if complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;
    use hoglet::TableListing;

    fn completion() -> Completion {
        let events = TableListing {
            name: "events".to_owned(),
            columns: vec![("timestamp".to_owned(), "DateTime".to_owned())],
        };
        let properties = vec![
            ("event", "$browser".to_owned(), "String"),
            ("event", "utm source".to_owned(), "String"),
            ("person", "plan".to_owned(), "String"),
        ];
        Completion::new(&SchemaListing { tables: vec![events], properties })
    }

    #[test]
    fn tables_columns_properties_and_functions() {
        let completion = completion();
        assert_eq!(completion.matching("SELECT properties.$br"), (7, vec!["properties.$browser"]));
        assert_eq!(completion.matching("SELECT person.pr").1, ["person.properties.plan"]);
        assert!(completion.matching("SELECT 1 FROM ev").1.contains(&"events"));
        assert!(completion.matching("SELECT timest").1.contains(&"timestamp"));
        assert!(completion.matching("SELECT toStartOfD").1.contains(&"toStartOfDay("));
        assert!(completion.matching("sel").1.contains(&"SELECT"));
        assert!(completion.matching("SELECT ").1.is_empty());
        assert!(completion.matching("").1.is_empty());
    }

    #[test]
    fn aggregates_take_a_condition() {
        let completion = completion();
        assert!(completion.matching("SELECT uniqI").1.contains(&"uniqIf("));
        assert_eq!(completion.matching("SELECT countI").1, ["countIf("]);
        assert!(completion.matching("SELECT toDayOfWeekI").1.is_empty());
    }

    #[test]
    fn what_stands_before_a_dot_may_be_an_alias() {
        let found = completion();
        assert_eq!(found.matching("SELECT e.properties.$b"), (9, vec!["properties.$browser"]));
        assert_eq!(found.matching("SELECT e.timestam").1[0], "timestamp");
    }

    #[test]
    fn odd_names_are_quoted() {
        let found = completion();
        assert_eq!(found.matching("SELECT properties.utm").1, ["properties.`utm source`"]);
        assert_eq!(found.matching("SELECT properties.`utm").1, ["properties.`utm source`"]);
        assert_eq!(quoted("a`b"), "`a``b`");
        assert_eq!(quoted("1a"), "`1a`");
    }
}
