//! Results for people: a table as wide as the terminal, or each row for itself where its columns would be too narrow to
//! read. Nothing is cut off: wide values take several lines. Numbers stand to the right, NULL is told apart from empty text.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use hoglet::output::Cells;
use hoglet::{Column, Error, RecordBatch};

/// Width where stdout is no terminal.
const PLAIN_WIDTH: u16 = 120;

/// Columns that must wrap get at least this much room, or rows stand for themselves.
const NARROWEST: usize = 12;

/// What a column takes besides its content: a border and a space on each side.
const FRAME: usize = 3;

/// Draws a result for the terminal that stdout is.
pub(crate) fn draw(columns: &[Column], batches: &[RecordBatch]) -> Result<String, Error> {
    let width = Table::new().width().unwrap_or(PLAIN_WIDTH);
    Ok(Drawing::new(columns, batches)?.fitted(width))
}

/// Draws rows of a report: names to the left, what is told of them to the right.
pub(crate) fn listing(names: &[&str], rows: Vec<Vec<String>>) -> String {
    let width = Table::new().width().unwrap_or(PLAIN_WIDTH);
    let texts = |row: Vec<String>| row.iter().map(|text| printable(text)).collect();
    let drawing = Drawing {
        names: names.iter().map(|name| printable(name)).collect(),
        numeric: (0..names.len()).map(|column| column > 0).collect(),
        rows: rows.into_iter().map(texts).collect(),
    };
    fit(drawing.table(), width) + "\n"
}

/// A result as texts.
struct Drawing {
    names: Vec<String>,
    numeric: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Drawing {
    fn new(columns: &[Column], batches: &[RecordBatch]) -> Result<Self, Error> {
        let numeric = |column: &Column| column.ty.as_ref().is_some_and(hoglet::Type::is_number);
        let mut rows = Vec::new();
        for batch in batches {
            let cells = Cells::new(batch, columns)?;
            let row = |row| (0..columns.len()).map(|column| text(&cells, column, row)).collect();
            rows.extend((0..cells.rows()).map(row));
        }
        Ok(Self {
            names: columns.iter().map(|column| printable(&column.name)).collect(),
            numeric: columns.iter().map(numeric).collect(),
            rows,
        })
    }

    fn fitted(&self, width: u16) -> String {
        let table = self.table();
        let natural: usize =
            table.column_max_content_widths().iter().map(|width| usize::from(*width) + FRAME).sum();
        let narrow = usize::from(width) < (NARROWEST + FRAME) * self.names.len();
        let drawn = if natural < usize::from(width) || !narrow || self.rows.is_empty() {
            fit(table, width)
        } else {
            (0..self.rows.len())
                .map(|row| fit(self.record(row), width))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let rows = self.rows.len();
        format!("{drawn}\n{rows} row{}\n", if rows == 1 { "" } else { "s" })
    }

    /// All rows below the columns' names.
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.set_header(self.names.iter().map(Cell::new));
        for row in &self.rows {
            table.add_row(row.iter().zip(&self.numeric).map(|(text, numeric)| {
                let right = if *numeric { CellAlignment::Right } else { CellAlignment::Left };
                Cell::new(text).set_alignment(right)
            }));
        }
        table
    }

    /// One row, a line for each column.
    fn record(&self, row: usize) -> Table {
        let mut table = Table::new();
        table.set_header([format!("row {}", row + 1), String::new()]);
        for (name, text) in self.names.iter().zip(self.rows.get(row).into_iter().flatten()) {
            table.add_row([name, text]);
        }
        table
    }
}

fn fit(mut table: Table, width: u16) -> String {
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width).to_string()
}

fn text(cells: &Cells, column: usize, row: usize) -> String {
    if cells.is_null(column, row) {
        return "NULL".to_owned();
    }
    let mut text = String::new();
    cells.text(column, row, &mut text);
    printable(&text)
}

/// Control characters would move the cursor or turn the text around: data must not draw outside its cell.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\n' => '\n',
            '\t' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ if letter.is_control() => '\u{fffd}',
            _ => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(names: &[&str], rows: &[&[&str]]) -> Drawing {
        let owned = |texts: &[&str]| texts.iter().map(|text| printable(text)).collect();
        Drawing {
            names: owned(names),
            numeric: vec![false; names.len()],
            rows: rows.iter().map(|row| owned(row)).collect(),
        }
    }

    /// Columns of a terminal that a line takes; the wide letters of these tests take two.
    fn columns(line: &str) -> usize {
        line.chars()
            .map(|letter| if ('\u{2e80}'..'\u{a000}').contains(&letter) { 2 } else { 1 })
            .sum()
    }

    fn widest(drawn: &str) -> usize {
        drawn.lines().map(columns).max().unwrap()
    }

    #[test]
    fn numbers_stand_to_the_right_and_null_is_not_empty() {
        let mut drawing = drawing(&["event", "n"], &[&["", "5"], &["NULL", "120"]]);
        drawing.numeric = vec![false, true];
        assert_eq!(
            drawing.fitted(80),
            "\
┌───────┬─────┐
│ event ┆ n   │
╞═══════╪═════╡
│       ┆   5 │
│ NULL  ┆ 120 │
└───────┴─────┘
2 rows
"
        );
    }

    #[test]
    fn wide_values_wrap_and_nothing_is_lost() {
        let value = "abcdefghij".repeat(40);
        let drawn = drawing(&["key", "value"], &[&["k", &value]]).fitted(60);
        assert!(widest(&drawn) <= 60, "{drawn}");
        let letters = drawn.chars().filter(|letter| ('a'..='j').contains(letter)).count();
        assert_eq!(letters, 400 + "vae".len(), "{drawn}");
        assert!(drawn.ends_with("\n1 row\n"));
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let drawn = drawing(&["名前", "b"], &[&["购物车已更新", "x"], &["é", "🦔"]]).fitted(40);
        let widths: Vec<usize> = drawn.lines().take(4).map(columns).collect();
        assert_eq!(widths, [widths[0]; 4], "{drawn}");
        let narrow = drawing(&["a"], &[&[&"购物车".repeat(30)]]).fitted(21);
        assert!(widest(&narrow) <= 21, "{narrow}");
    }

    #[test]
    fn rows_of_many_columns_stand_for_themselves() {
        let names: Vec<String> = (0..40).map(|index| format!("column_{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let row = vec!["a value that is not short"; 40];
        let drawn = drawing(&names, &[&row, &row]).fitted(80);
        assert!(widest(&drawn) <= 80, "{drawn}");
        assert!(drawn.contains("│ row 1 ") && drawn.contains("│ row 2 "), "{drawn}");
        assert_eq!(drawn.matches("a value that is not short").count(), 80, "{drawn}");
    }

    #[test]
    fn many_columns_that_fit_stay_a_table() {
        let names = vec!["n"; 20];
        let row = vec!["1"; 20];
        let drawn = drawing(&names, &[&row]).fitted(100);
        assert_eq!(drawn.lines().count(), 6, "{drawn}");
    }

    #[test]
    fn data_does_not_draw_outside_its_cell() {
        let drawn = drawing(&["a"], &[&["x\u{1b}[2J\ty\r\u{202e}z"]]).fitted(40);
        assert!(drawn.contains("│ x\u{fffd}[2J y\u{fffd}\u{fffd}z │"), "{drawn}");
    }

    #[test]
    fn no_rows_still_name_the_columns() {
        let drawn = drawing(&["event"], &[]).fitted(40);
        assert!(drawn.contains("│ event │") && drawn.ends_with("\n0 rows\n"), "{drawn}");
    }
}
