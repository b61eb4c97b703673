//! Completion of keywords, tables, columns, properties and functions.

use hoglet::SchemaListing;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
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
    words: Vec<String>,
}

impl Completion {
    pub(super) fn new(listing: &SchemaListing) -> Self {
        let mut words: Vec<String> = KEYWORDS.iter().map(|word| (*word).to_owned()).collect();
        words.extend(hoglet::functions::all().map(|function| format!("{}(", function.name)));
        for table in &listing.tables {
            words.push(table.name.clone());
            words.extend(table.columns.iter().map(|(name, _)| name.clone()));
        }
        for (of, name, _) in &listing.properties {
            let prefix = if *of == "person" { "person.properties." } else { "properties." };
            words.push(format!("{prefix}{name}"));
        }
        words.sort();
        words.dedup();
        Self { words }
    }

    /// Words that begin with what stands before the cursor, in any case.
    fn matching(&self, before: &str) -> (usize, Vec<&str>) {
        let part_of_word =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.');
        let start =
            before.char_indices().rev().take_while(|(_, letter)| part_of_word(*letter)).last();
        let start = start.map_or(before.len(), |(index, _)| index);
        let typed = before.get(start..).unwrap_or_default().to_lowercase();
        let found = self
            .words
            .iter()
            .filter(|word| !typed.is_empty() && word.to_lowercase().starts_with(&typed));
        (start, found.map(String::as_str).collect())
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

impl Validator for Completion {}

impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;
    use hoglet::TableListing;

    #[test]
    fn completes_columns_properties_and_functions() {
        let events = TableListing {
            name: "events".to_owned(),
            columns: vec![("timestamp".to_owned(), "DateTime".to_owned())],
        };
        let properties = vec![("event", "$browser".to_owned(), "String")];
        let completion = Completion::new(&SchemaListing { tables: vec![events], properties });
        assert_eq!(completion.matching("SELECT properties.$br"), (7, vec!["properties.$browser"]));
        assert!(completion.matching("SELECT timest").1.contains(&"timestamp"));
        assert!(completion.matching("SELECT toStartOfD").1.contains(&"toStartOfDay("));
        assert!(completion.matching("SELECT ").1.is_empty());
    }
}
