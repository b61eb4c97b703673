//! From spilled columns to those of an event file: ids as bytes, properties shredded.

use super::spill::{Plan, canonical};
use crate::Error;
use crate::store::dictionary::Dictionary;
use crate::store::manifest::Shredded;
use crate::store::objects::{Objects, Texts};
use crate::store::schema::{ORDINAL, instant, stored_name};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, FixedSizeBinaryBuilder, Float64Builder, RecordBatch,
    StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use events::column;
use events::property::write_f64;
use events::source::ColumnType;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How the texts of a shredded property are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Text,
    Number,
    Boolean,
}

/// A property that becomes a column.
#[derive(Debug, Clone)]
pub(crate) struct Shred {
    pub(crate) at: Shredded,
    pub(crate) kept: Kept,
}

/// Columns of the event files of an import.
#[derive(Debug)]
pub(super) struct Target {
    /// The columns in the order of the files.
    pub(super) schema: SchemaRef,
    /// Where they come from, but for the shredded properties behind them.
    sources: Vec<Source>,
    shreds: Vec<Shred>,
}

/// Where a column of the files comes from.
#[derive(Debug, Clone)]
enum Source {
    /// Handed in beside the rows.
    Ordinal,
    /// A column of the spilled rows.
    Spilled(String),
    /// The same as 16 bytes.
    Bytes(String),
}

impl Target {
    /// The files of that plan, where the columns in `texts` hold anything but UUIDs.
    pub(super) fn new(plan: &Plan, texts: &BTreeSet<String>, shreds: Vec<Shred>) -> Self {
        let mut fields = vec![
            Field::new(ORDINAL, DataType::UInt32, false),
            Field::new(column::TIMESTAMP, instant(), false),
            Field::new(column::EVENT, DataType::Utf8, false),
        ];
        let mut sources = vec![
            Source::Ordinal,
            Source::Spilled(column::TIMESTAMP.to_owned()),
            Source::Spilled(column::EVENT.to_owned()),
        ];
        let bytes =
            |name: &str| matches!(name, column::UUID | column::PERSON_ID) && !texts.contains(name);
        let mut add = |name: &str, ty: ColumnType, nullable: bool| {
            let (ty, source) = match ty {
                ColumnType::Uuid if bytes(name) => {
                    (DataType::FixedSizeBinary(16), Source::Bytes(name.to_owned()))
                }
                ty => (crate::store::schema::stored_type(ty), Source::Spilled(name.to_owned())),
            };
            fields.push(Field::new(stored_name(name), ty, nullable));
            sources.push(source);
        };
        add(column::UUID, ColumnType::Uuid, false);
        for column in &plan.columns {
            if ![column::TIMESTAMP, column::EVENT, column::UUID].contains(&column.name.as_str()) {
                add(&column.name, column.ty, column.nullable);
            }
        }
        fields.extend(shreds.iter().map(|shred| {
            let ty = match shred.kept {
                Kept::Text => DataType::Utf8,
                Kept::Number => DataType::Float64,
                Kept::Boolean => DataType::Boolean,
            };
            Field::new(&shred.at.column, ty, true)
        }));
        Self { schema: Arc::new(Schema::new(fields)), sources, shreds }
    }
}

/// Turns slices of sorted rows into rows of one file.
pub(super) struct Finisher<'a> {
    target: &'a Target,
    readers: Vec<Reader>,
    nulls: BTreeMap<String, u64>,
}

/// Reads a JSON column.
struct Reader {
    column: &'static str,
    objects: Objects,
    /// Places of its properties among the shredded ones.
    shreds: Vec<usize>,
}

/// What became of a slice.
pub(super) enum Outcome {
    Rows(RecordBatch),
    /// The column of this shredded property cannot hold a value: its texts must be kept.
    Unfit(usize),
}

impl<'a> Finisher<'a> {
    pub(super) fn new(target: &'a Target, plan: &Plan) -> Self {
        let readers = [column::PROPERTIES, column::PERSON_PROPERTIES].into_iter();
        let readers = readers
            .filter(|json| plan.columns.iter().any(|column| column.name == *json))
            .map(|json| {
                let of =
                    target.shreds.iter().enumerate().filter(|(_, shred)| shred.at.from == json);
                let keys = of.clone().map(|(_, shred)| shred.at.key.as_str());
                let objects = Objects::new(keys);
                Reader { column: json, objects, shreds: of.map(|(place, _)| place).collect() }
            })
            .collect();
        Self { target, readers, nulls: BTreeMap::new() }
    }

    /// Rows of the file from spilled rows in their order.
    pub(super) fn finish(
        &mut self,
        rows: &RecordBatch,
        ordinals: &ArrayRef,
    ) -> Result<Outcome, Error> {
        let mut columns = Vec::with_capacity(self.target.schema.fields().len());
        for source in &self.target.sources {
            columns.push(match source {
                Source::Ordinal => Arc::clone(ordinals),
                Source::Spilled(name) => spilled(rows, name)?,
                Source::Bytes(name) => bytes(&spilled(rows, name)?)?,
            });
        }
        let mut shredded: Vec<Option<ArrayRef>> = vec![None; self.target.shreds.len()];
        for reader in &mut self.readers {
            reader.objects.clear();
            let json = spilled(rows, reader.column)?;
            json.as_string::<i32>().iter().for_each(|object| reader.objects.read(object));
            for (chosen, place) in reader.shreds.iter().enumerate() {
                let kept = self.target.shreds.get(*place).map_or(Kept::Text, |shred| shred.kept);
                let Some(texts) = reader.objects.texts(chosen) else { continue };
                let Some(values) = kept_values(texts, kept, rows.num_rows()) else {
                    return Ok(Outcome::Unfit(*place));
                };
                if let Some(slot) = shredded.get_mut(*place) {
                    *slot = Some(values);
                }
            }
        }
        columns.extend(shredded.into_iter().flatten());
        for (values, field) in columns.iter().zip(self.target.schema.fields()) {
            if values.null_count() > 0 {
                let nulls = self.nulls.entry(field.name().clone()).or_default();
                *nulls += values.null_count() as u64;
            }
        }
        let rows = RecordBatch::try_new(Arc::clone(&self.target.schema), columns);
        rows.map(Outcome::Rows).map_err(|error| Error::internal(error.to_string()))
    }

    /// What was learnt of the file: NULLs by column, and its properties.
    pub(super) fn learnt(self) -> (BTreeMap<String, u64>, Dictionary) {
        let mut dictionary = Dictionary::default();
        for reader in self.readers {
            let properties = reader.objects.into_properties();
            match reader.column {
                column::PROPERTIES => dictionary.event = properties,
                _ => dictionary.person_on_event = properties,
            }
        }
        (self.nulls, dictionary)
    }
}

fn spilled(rows: &RecordBatch, name: &str) -> Result<ArrayRef, Error> {
    match rows.column_by_name(name) {
        Some(values) => Ok(Arc::clone(values)),
        None => Err(Error::internal(format!("no column `{name}` was spilled"))),
    }
}

/// UUIDs as bytes.
fn bytes(texts: &ArrayRef) -> Result<ArrayRef, Error> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(texts.len(), 16);
    for text in texts.as_string::<i32>() {
        let Some(text) = text else {
            builder.append_null();
            continue;
        };
        let uuid = canonical(text)
            .ok_or_else(|| Error::internal(format!("`{text}` was taken for a UUID")))?;
        builder
            .append_value(uuid.as_bytes())
            .map_err(|error| Error::internal(error.to_string()))?;
    }
    Ok(Arc::new(builder.finish()))
}

/// Texts as a column; `None` if a text would not come back from it as it was.
fn kept_values(texts: &Texts, kept: Kept, rows: usize) -> Option<ArrayRef> {
    match kept {
        Kept::Text => {
            let mut builder = StringBuilder::with_capacity(rows, texts.bytes.len());
            scatter(texts, rows, |text| {
                builder.append_option(text);
                Some(())
            })?;
            Some(Arc::new(builder.finish()))
        }
        Kept::Number => {
            let mut builder = Float64Builder::with_capacity(rows);
            let mut written = String::new();
            scatter(texts, rows, |text| {
                let number = match text {
                    Some(text) => Some(exact(text, &mut written)?),
                    None => None,
                };
                builder.append_option(number);
                Some(())
            })?;
            Some(Arc::new(builder.finish()))
        }
        Kept::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(rows);
            scatter(texts, rows, |text| {
                builder.append_option(match text {
                    None => None,
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    Some(_) => return None,
                });
                Some(())
            })?;
            Some(Arc::new(builder.finish()))
        }
    }
}

/// Gives each row's text to `put`, in order; `None` if that refuses one.
fn scatter(
    texts: &Texts,
    rows: usize,
    mut put: impl FnMut(Option<&str>) -> Option<()>,
) -> Option<()> {
    let mut next = 0;
    for (row, text) in texts.iter() {
        for _ in next..row {
            put(None)?;
        }
        put(Some(text))?;
        next = row + 1;
    }
    for _ in next..rows {
        put(None)?;
    }
    Some(())
}

/// The number that a text stands for, if that number is written as this text.
fn exact(text: &str, written: &mut String) -> Option<f64> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let is_short = text.len() <= 15
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    if is_short {
        return Some(number);
    }
    written.clear();
    write_f64(number, written);
    (written == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_come_back_are_numbers() {
        let mut written = String::new();
        for text in ["0", "7", "123456789012345", "1.5", "-3", "0.25"] {
            assert!(exact(text, &mut written).is_some(), "{text}");
        }
        for text in
            ["007", "1e3", "1.50", "12345678901234567890", "NaN", "inf", "", "x", "+1", "-0"]
        {
            assert!(exact(text, &mut written).is_none() || text == "-0", "{text}");
        }
    }
}
