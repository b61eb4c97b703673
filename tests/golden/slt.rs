//! Statements and answers.
//!
//! Values are written as JSON, but texts without quotes (`(empty)` for an empty one), NULL as `NULL`; rows by line.

use crate::fixture;
use hoglet::output::Cells;
use hoglet::{Error, Session};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Normalizer, Runner};
use std::path::Path;

/// Runs a file. Its first line may name the zone: `# zone: Europe/Berlin`.
pub(crate) fn run(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let zone = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# zone: "))
        .unwrap_or("UTC")
        .trim()
        .to_owned();
    fixture::block_on(async {
        let session = fixture::session(&zone).await?;
        let mut runner = Runner::new(|| async { Ok(Engine { session: session.clone() }) });
        // Whitespace in a value is part of the value.
        runner.with_normalizer(|value| value.trim_end().to_owned());
        runner.with_validator(same_rows);
        let records = sqllogictest::parse_file(path).map_err(|error| error.to_string())?;
        let mut wrong = Vec::new();
        for record in records {
            if let Err(error) = runner.run_async(record).await {
                wrong.push(error.display(false).to_string());
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("{}\n{} wrong", wrong.join("\n"), wrong.len()))
        }
    })
}

/// Sums of floats depend on the order of their terms.
const TOLERANCE: f64 = 1e-12;

fn same_rows(normalizer: Normalizer, found: &[Vec<String>], expected: &[String]) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, expected)| same_row(normalizer, found, &normalizer(expected)))
}

/// A blank stands between the cells of a line, and may stand in them too: the cells found say where the borders are.
/// Each must be there as a whole, and nothing behind the last.
fn same_row(normalizer: Normalizer, found: &[String], expected: &str) -> bool {
    if normalizer(&found.join(" ")) == expected {
        return true;
    }
    let mut words = expected.split(' ');
    let same = found.iter().all(|cell| {
        let count = cell.split(' ').count();
        let cell_expected: Vec<_> = words.by_ref().take(count).collect();
        same_value(cell, &cell_expected.join(" "))
    });
    same && words.next().is_none()
}

/// Floats may differ a little; whole numbers, which are exact, and texts may not.
fn same_value(found: &str, expected: &str) -> bool {
    if found == expected {
        return true;
    }
    match (float(found), float(expected)) {
        (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE * expected.abs(),
        _ => false,
    }
}

/// The value of a number that is not written as a whole one.
fn float(text: &str) -> Option<f64> {
    if text.parse::<i128>().is_ok() { None } else { text.parse().ok() }
}

struct Engine {
    session: Session,
}

#[async_trait::async_trait]
impl AsyncDB for Engine {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, text: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let query = self.session.hogql(text).await?;
        let result = query.collect().await?;
        let mut rows = Vec::with_capacity(result.rows());
        for batch in &result.batches {
            let cells = Cells::new(batch, &result.columns)?;
            rows.extend((0..cells.rows()).map(|row| {
                (0..cells.columns()).map(|column| value(&cells, column, row)).collect()
            }));
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; result.columns.len()], rows })
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &'static str {
        "hoglet"
    }
}

fn value(cells: &Cells, column: usize, row: usize) -> String {
    if cells.is_null(column, row) {
        return "NULL".to_owned();
    }
    let mut text = String::new();
    cells.text(column, row, &mut text);
    if text.is_empty() { "(empty)".to_owned() } else { text.replace('\n', "\\n") }
}
