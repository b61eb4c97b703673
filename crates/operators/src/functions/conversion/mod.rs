//! Conversions: exact or NULL (`accurateCastOrNull`), and ClickHouse's plain ones, which cut and wrap numbers and fail on text.

mod accurate;
mod plain;
#[cfg(test)]
mod tests;

pub(in crate::functions) use accurate::text_to_bool;

use super::input::{Text, write_texts};
use super::{Kernel, KernelArgs};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;

/// The kernels of this module.
pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("accurate_cast", accurate::accurate_cast),
    ("parse_boolean", accurate::parse_boolean),
    ("plain_cast", plain::plain_cast),
    ("parse_uuid", parse_uuid),
];

/// `parse_uuid(text)`: a UUID as its 36 characters in lower case, also from 32 digits; NULL if the text is none.
fn parse_uuid(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| Ok(text.get(row).and_then(|text| uuid(text, out)).is_some()))
}

fn uuid(text: &str, out: &mut String) -> Option<()> {
    let has_dashes = match text.len() {
        36 => true,
        32 => false,
        _ => return None,
    };
    for (index, byte) in text.bytes().enumerate() {
        if has_dashes && matches!(index, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            out.push('-');
            continue;
        }
        if !byte.is_ascii_hexdigit() {
            return None;
        }
        if !has_dashes && matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(char::from(byte.to_ascii_lowercase()));
    }
    Some(())
}
