//! CSV: a header, then a line a row; NULL is an empty field.

use super::{Cells, unwritable};
use crate::error::Error;
use crate::session::Column;
use std::io::Write;

/// Writes the header.
pub(super) fn begin<W: Write>(columns: &[Column], sink: W) -> Result<::csv::Writer<W>, Error> {
    let mut writer = ::csv::Writer::from_writer(sink);
    if !columns.is_empty() {
        writer
            .write_record(columns.iter().map(|column| &column.name))
            .map_err(|error| unwritable(&error))?;
    }
    Ok(writer)
}

/// Writes rows.
pub(super) fn rows<W: Write>(cells: &Cells, writer: &mut ::csv::Writer<W>) -> Result<(), Error> {
    let mut text = String::new();
    for row in 0..cells.rows() {
        for column in 0..cells.columns() {
            text.clear();
            cells.text(column, row, &mut text);
            writer.write_field(&text).map_err(|error| unwritable(&error))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|error| unwritable(&error))?;
    }
    Ok(())
}
