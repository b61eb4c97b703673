//! Tables for people: as wide as the terminal, numbers to the right, NULL told apart from empty text.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use hoglet::output::Cells;
use hoglet::{Column, Error, RecordBatch};

/// Width where stdout is no terminal.
const PLAIN_WIDTH: u16 = 120;

/// Draws a result.
pub(crate) fn draw(columns: &[Column], batches: &[RecordBatch]) -> Result<String, Error> {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(PLAIN_WIDTH);
    }
    table.set_header(columns.iter().map(|column| Cell::new(printable(&column.name))));
    let numeric: Vec<bool> = columns
        .iter()
        .map(|column| column.ty.as_ref().is_some_and(hoglet::Type::is_number))
        .collect();
    for batch in batches {
        let cells = Cells::new(batch, columns)?;
        for row in 0..cells.rows() {
            table.add_row(
                numeric
                    .iter()
                    .enumerate()
                    .map(|(column, numeric)| drawn(&cells, column, row, *numeric)),
            );
        }
    }
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    Ok(format!("{table}\n{rows} row{}\n", if rows == 1 { "" } else { "s" }))
}

fn drawn(cells: &Cells, column: usize, row: usize, numeric: bool) -> Cell {
    let mut text = String::new();
    if cells.is_null(column, row) {
        text.push_str("NULL");
    } else {
        cells.text(column, row, &mut text);
    }
    let alignment = if numeric { CellAlignment::Right } else { CellAlignment::Left };
    Cell::new(printable(&text)).set_alignment(alignment)
}

/// Control characters would move the cursor: data must not draw outside its cell.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter })
        .collect()
}
