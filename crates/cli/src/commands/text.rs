//! The text of a query, and what its placeholders stand for.

use crate::args::{FillArgs, TextArgs};
use crate::failure::Failure;
use crate::placeholders::Placeholders;
use hoglet::{Filters, Options, insight};
use std::io::{IsTerminal, Read};

/// A query's text and what to call it in messages.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) origin: String,
}

impl TextArgs {
    /// The text, from the command line, a file or stdin.
    pub(crate) fn read(&self) -> Result<Text, Failure> {
        let file = match (&self.text, self.file.as_deref()) {
            (Some(text), _) => {
                return Ok(Text { text: text.clone(), origin: "query".to_owned() });
            }
            (None, Some(file)) => file,
            (None, None) if std::io::stdin().is_terminal() => {
                return Err(Failure::Usage(
                    "no query given: write it behind the command, or name a file with -f"
                        .to_owned(),
                ));
            }
            (None, None) => "-",
        };
        let origin = if file == "-" { "stdin" } else { file };
        Ok(Text { text: read(file)?, origin: origin.to_owned() })
    }
}

impl FillArgs {
    /// What the query's placeholders stand for.
    pub(crate) fn options(&self, query: &str) -> Result<Options, Failure> {
        self.check(query)?;
        let mut options = Options::default();
        for (name, value) in &self.values {
            let json = serde_json::from_str(value)
                .unwrap_or_else(|_| serde_json::Value::String(value.clone()));
            let constant = insight::constant(&json).map_err(Failure::from_error)?;
            options.placeholders.insert(name.clone(), constant);
        }
        if self.date_from.is_some() || self.date_to.is_some() {
            options.filters =
                Some(Filters { date_from: self.date_from.clone(), date_to: self.date_to.clone() });
        }
        Ok(options)
    }

    /// Refuses what fills no placeholder of the query: it would be left out without a word.
    fn check(&self, query: &str) -> Result<(), Failure> {
        let Some(placeholders) = Placeholders::of(query) else {
            return Ok(());
        };
        let useless = |option: &str, name: &str| {
            Err(Failure::Usage(format!(
                "{option} fills {{{name}}}, which the query does not have; it has {}",
                placeholders.listed()
            )))
        };
        let dates = [
            ("--date-from", &self.date_from, "filters.dateRange.from"),
            ("--date-to", &self.date_to, "filters.dateRange.to"),
        ];
        for (option, date, part) in dates {
            if date.is_some() && !placeholders.has("filters") && !placeholders.has(part) {
                return useless(option, "filters");
            }
        }
        match self.values.iter().find(|(name, _)| !placeholders.has(name)) {
            Some((name, _)) => useless(&format!("--value {name}"), name),
            None => Ok(()),
        }
    }
}

/// The text of a file, or of stdin if it is `-`.
pub(crate) fn read(file: &str) -> Result<String, Failure> {
    if file != "-" {
        return std::fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("{file}: {error}")));
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::Usage(format!("stdin: {error}")))?;
    Ok(text)
}
