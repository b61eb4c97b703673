//! The property read: JSON text in, the property's text (or number, or truth value) out.
//!
//! The path is data of the function, so two reads of one path are one expression. Text results share the buffers of the JSON
//! column: a row costs a search and a view. The function asks the optimizer to be moved towards the scan, where a file
//! that has the property as a column can answer it without reading JSON.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, StringViewArray,
    builder::NullBufferBuilder, make_view,
};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err, internal_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use events::property::{Path, Step, Text, property_text};
use std::fmt::Write;
use std::hash::{Hash, Hasher};

/// What a property read gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PropertyMode {
    /// The text by PostHog's rule.
    Text,
    /// The text as a 64-bit float; NULL where it is none.
    Float,
    /// `true` or `false`; NULL for any other text.
    Bool,
}

/// Reads one path from JSON text. See the [module](self).
#[derive(Debug, Clone)]
pub struct PropertyUdf {
    path: Path,
    mode: PropertyMode,
    name: String,
    signature: Signature,
}

/// A property's text: `property(Utf8View) -> Utf8View`.
#[must_use]
pub fn property_udf(path: &[Step]) -> ScalarUDF {
    PropertyUdf::new(path, PropertyMode::Text).into()
}

/// A property as a number: `property(Utf8View) -> Float64`.
#[must_use]
pub fn property_float_udf(path: &[Step]) -> ScalarUDF {
    PropertyUdf::new(path, PropertyMode::Float).into()
}

/// A property as a truth value: `property(Utf8View) -> Boolean`.
#[must_use]
pub fn property_bool_udf(path: &[Step]) -> ScalarUDF {
    PropertyUdf::new(path, PropertyMode::Bool).into()
}

impl PropertyUdf {
    /// A read of `path`.
    #[must_use]
    pub fn new(path: &[Step], mode: PropertyMode) -> Self {
        let name = display_name(path, mode);
        Self {
            path: Path::new(path),
            mode,
            name,
            signature: Signature::any(1, Volatility::Immutable),
        }
    }

    /// Keys and indexes.
    #[must_use]
    pub fn path(&self) -> &[Step] {
        self.path.steps()
    }

    /// What a read gives.
    #[must_use]
    pub const fn mode(&self) -> PropertyMode {
        self.mode
    }

    /// Reads the property from every text of a column (plain, view or dictionary).
    ///
    /// # Errors
    /// If the column is no text.
    pub fn read(&self, json: &ArrayRef) -> Result<ArrayRef> {
        match json.data_type() {
            DataType::Utf8View => self.read_views(json.as_string_view()),
            DataType::Utf8 | DataType::LargeUtf8 => {
                self.read_views(cast(json, &DataType::Utf8View)?.as_string_view())
            }
            DataType::Dictionary(_, _) => {
                let dictionary = json.as_any_dictionary();
                Ok(take(&self.read(dictionary.values())?, dictionary.keys(), None)?)
            }
            DataType::Null => Ok(arrow::array::new_null_array(&self.result_type(), json.len())),
            other => exec_err!("properties are read from text, not from {other}"),
        }
    }

    fn read_views(&self, json: &StringViewArray) -> Result<ArrayRef> {
        let values = json.iter().map(|json| self.path.raw(json?).and_then(property_text));
        Ok(match self.mode {
            PropertyMode::Text => std::sync::Arc::new(self.read_text(json)?),
            PropertyMode::Float => std::sync::Arc::new(
                values.map(|text| text?.as_ref().parse().ok()).collect::<Float64Array>(),
            ),
            PropertyMode::Bool => std::sync::Arc::new(
                values
                    .map(|text| match text?.as_ref() {
                        "true" => Some(true),
                        "false" => Some(false),
                        _ => None,
                    })
                    .collect::<BooleanArray>(),
            ),
        })
    }

    /// Views into the buffers of `json`; rewritten texts stand in one more buffer.
    fn read_text(&self, json: &StringViewArray) -> Result<StringViewArray> {
        let mut views = Vec::with_capacity(json.len());
        let mut nulls = NullBufferBuilder::new(json.len());
        let mut rewritten = String::new();
        let own_buffer = offset_of(json.data_buffers().len())?;
        for (row, view) in json.views().iter().enumerate() {
            let source = if json.is_null(row) { None } else { Some(json.value(row)) };
            match source.and_then(|text| {
                self.path.raw(text).and_then(property_text).map(|found| (text, found))
            }) {
                None => {
                    nulls.append_null();
                    views.push(0);
                }
                Some((text, found)) => {
                    nulls.append_non_null();
                    views.push(match found {
                        Text::Borrowed(part) => part_view(*view, text, part)?,
                        Text::Rewritten(part) => {
                            let offset = offset_of(rewritten.len())?;
                            rewritten.push_str(&part);
                            make_view(part.as_bytes(), own_buffer, offset)
                        }
                    });
                }
            }
        }
        let mut buffers = json.data_buffers().to_vec();
        if !rewritten.is_empty() {
            buffers.push(Buffer::from(rewritten.into_bytes()));
        }
        Ok(StringViewArray::try_new(ScalarBuffer::from(views), buffers, nulls.finish())?)
    }

    const fn result_type(&self) -> DataType {
        match self.mode {
            PropertyMode::Text => DataType::Utf8View,
            PropertyMode::Float => DataType::Float64,
            PropertyMode::Bool => DataType::Boolean,
        }
    }
}

/// The view of `part`, which lies in `text`, whose view is `view`.
#[inline]
fn part_view(view: u128, text: &str, part: &str) -> Result<u128> {
    // The layout of a view: length, then for long texts prefix, buffer, offset, 32 bits each.
    let [_, _, buffer, offset] =
        [0, 32, 64, 96].map(|shift| ((view >> shift) & u128::from(u32::MAX)) as u32);
    let inner = offset_of(part.as_ptr().addr().wrapping_sub(text.as_ptr().addr()))?;
    Ok(make_view(part.as_bytes(), buffer, offset.wrapping_add(inner)))
}

fn offset_of(value: usize) -> Result<u32> {
    u32::try_from(value)
        .map_err(|_| internal_datafusion_err!("a buffer of texts is larger than 4 GiB"))
}

/// `property['a'][2]`: the name of a column made from the read.
fn display_name(path: &[Step], mode: PropertyMode) -> String {
    let mut name = String::from(match mode {
        PropertyMode::Text => "property",
        PropertyMode::Float => "property_float",
        PropertyMode::Bool => "property_bool",
    });
    for step in path {
        // Writing to a String cannot fail.
        let _ = match step {
            Step::Key(key) => write!(name, "[{key:?}]"),
            Step::Index(index) => write!(name, "[{index}]"),
        };
    }
    name
}

impl PartialEq for PropertyUdf {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.mode == other.mode
    }
}

impl Eq for PropertyUdf {}

impl Hash for PropertyUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
        self.mode.hash(state);
    }
}

impl ScalarUDFImpl for PropertyUdf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.result_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(json)] => self.read(json).map(ColumnarValue::Array),
            [ColumnarValue::Scalar(json)] => {
                let result = self.read(&json.to_array()?)?;
                ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar)
            }
            _ => exec_err!("a property is read from one column"),
        }
    }

    /// Towards the scan if it reads a column.
    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        if args.iter().all(ExpressionPlacement::should_push_to_leaves) {
            ExpressionPlacement::MoveTowardsLeafNodes
        } else {
            ExpressionPlacement::KeepInPlace
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::DictionaryArray;
    use arrow::datatypes::{Field, Int32Type, Schema};
    use datafusion::datasource::MemTable;
    use datafusion::prelude::{SessionContext, col, lit};
    use std::sync::Arc;

    fn key(name: &str) -> Vec<Step> {
        vec![Step::Key(name.to_owned())]
    }

    const ROWS: [Option<&str>; 7] = [
        Some(r#"{"x":1,"a":"a text of more than twelve bytes","b":2}"#),
        Some(r#"{"a":"short"}"#),
        Some(r#"{"a":7}"#),
        Some(r#"{"a":"an escaped \u00e9 in a long text"}"#),
        Some(r#"{"a":null}"#),
        Some(r#"{"a":true}"#),
        None,
    ];

    #[test]
    fn text_shares_the_buffers_of_its_column() {
        let json: StringViewArray = ROWS.into_iter().collect();
        let sliced = json.slice(1, 6);
        let read = |json: &StringViewArray| {
            let found = PropertyUdf::new(&key("a"), PropertyMode::Text)
                .read(&(Arc::new(json.clone()) as ArrayRef))
                .unwrap();
            found.as_string_view().clone()
        };
        let found = read(&json);
        let expected = [
            Some("a text of more than twelve bytes"),
            Some("short"),
            Some("7"),
            Some("an escaped é in a long text"),
            None,
            Some("true"),
            None,
        ];
        assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        assert_eq!(read(&sliced).iter().collect::<Vec<_>>(), expected[1..]);
        assert_eq!(found.data_buffers()[0].as_ptr(), json.data_buffers()[0].as_ptr());
    }

    #[test]
    fn numbers_truth_values_and_dictionaries() {
        let json: StringViewArray = ROWS.into_iter().collect();
        let json = Arc::new(json) as ArrayRef;
        let floats = PropertyUdf::new(&key("a"), PropertyMode::Float).read(&json).unwrap();
        assert_eq!(
            floats
                .as_primitive::<arrow::datatypes::Float64Type>()
                .iter()
                .flatten()
                .collect::<Vec<_>>(),
            [7.0]
        );
        let bools = PropertyUdf::new(&key("a"), PropertyMode::Bool).read(&json).unwrap();
        assert_eq!(bools.as_boolean().iter().flatten().collect::<Vec<_>>(), [true]);
        let dictionary: DictionaryArray<Int32Type> =
            [ROWS[1], ROWS[2], ROWS[1], None].into_iter().collect();
        let texts = PropertyUdf::new(&key("a"), PropertyMode::Text)
            .read(&(Arc::new(dictionary) as ArrayRef))
            .unwrap();
        assert_eq!(
            texts.as_string_view().iter().collect::<Vec<_>>(),
            [Some("short"), Some("7"), Some("short"), None]
        );
    }

    #[tokio::test]
    async fn moves_to_the_scan() {
        let schema = Arc::new(Schema::new(vec![
            Field::new("event", DataType::Utf8View, false),
            Field::new("properties", DataType::Utf8View, false),
        ]));
        let context = SessionContext::new();
        let table = MemTable::try_new(schema, vec![vec![]]).unwrap();
        let read = || property_udf(&key("$browser")).call(vec![col("properties")]);
        let plan = context
            .read_table(Arc::new(table))
            .unwrap()
            .filter(read().eq(lit("Chrome")).and(col("event").eq(lit("x"))))
            .unwrap()
            .aggregate(vec![read()], vec![datafusion::functions_aggregate::expr_fn::count(lit(1))])
            .unwrap();
        // Filter and aggregate take their reads out one by one, and DataFusion shares no expressions that move to leaves.
        insta::assert_snapshot!(plan.into_optimized_plan().unwrap().display_indent(), @r#"
        Projection: __datafusion_extracted_1 AS property["$browser"](?table?.properties), count(Int32(1))
          Aggregate: groupBy=[[__datafusion_extracted_1]], aggr=[[count(Int32(1))]]
            Projection: __datafusion_extracted_1
              Filter: __datafusion_extracted_2 = Utf8View("Chrome")
                Projection: __datafusion_extracted_2, __datafusion_extracted_1
                  Filter: ?table?.event = Utf8View("x")
                    Projection: property["$browser"](?table?.properties) AS __datafusion_extracted_2, property["$browser"](?table?.properties) AS __datafusion_extracted_1, ?table?.event
                      TableScan: ?table? projection=[event, properties]
        "#);
    }
}
