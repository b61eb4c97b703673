//! Properties that files keep in columns of their own: as texts, as numbers, as truth values, or only inside the JSON text.
//!
//! A query asks for one of three forms of a property, and each file answers with what it has. All ways give the same values.

use super::functions::{Body, argument, call, first};
use arrow::array::StringViewBuilder;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column, lit};
use events::property::json::Step;
use events::property::{Path, property_text, write_f64};
use std::sync::Arc;

/// Forms of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The text that a query reads.
    Text,
    /// That text as a float.
    Number,
    /// That text as a truth value.
    Boolean,
}

/// A property in one form.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    /// Column of the files that may have it.
    pub(crate) column: String,
    /// Column of JSON text that has it in any case.
    pub(crate) json: String,
    /// Its key there.
    pub(crate) key: String,
    pub(crate) form: Form,
}

impl Form {
    pub(super) const fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl Derived {
    /// The property over the columns of a file.
    pub(super) fn expr(&self, file: &Schema) -> Result<Arc<dyn PhysicalExpr>> {
        if let Some((index, field)) = file.column_with_name(&self.column) {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&self.column, index));
            return self.of_column(column, field.data_type());
        }
        let Some((index, field)) = file.column_with_name(&self.json) else { return self.null() };
        let json = as_views(Arc::new(Column::new(&self.json, index)), field.data_type());
        let key = lit(ScalarValue::Utf8View(Some(self.key.clone())));
        let body: Body = match self.form {
            Form::Text => |args| Ok(Arc::new(read(args)?)),
            Form::Number => |args| Ok(Arc::new(numbers(&read(args)?))),
            Form::Boolean => |args| Ok(Arc::new(booleans(&read(args)?))),
        };
        Ok(self.call("property", body, vec![json, key]))
    }

    fn of_column(
        &self,
        column: Arc<dyn PhysicalExpr>,
        ty: &DataType,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(match (self.form, ty) {
            (Form::Number, DataType::Float64) | (Form::Boolean, DataType::Boolean) => column,
            (Form::Text, DataType::Float64) => {
                self.call("number_text", |args| number_texts(&first(args)?), vec![column])
            }
            (Form::Text, DataType::Boolean) => {
                self.call("boolean_text", |args| boolean_texts(&first(args)?), vec![column])
            }
            (Form::Number, DataType::Boolean) | (Form::Boolean, DataType::Float64) => {
                self.null()?
            }
            (form, ty) if ty.is_string() => {
                let texts = as_views(column, ty);
                match form {
                    Form::Text => texts,
                    Form::Number => self.call(
                        "text_number",
                        |args| Ok(Arc::new(numbers(first(args)?.as_string_view()))),
                        vec![texts],
                    ),
                    Form::Boolean => self.call(
                        "text_boolean",
                        |args| Ok(Arc::new(booleans(first(args)?.as_string_view()))),
                        vec![texts],
                    ),
                }
            }
            (_, ty) => return internal_err!("column `{}` of a store holds {ty}", self.column),
        })
    }

    fn null(&self) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(lit(ScalarValue::try_new_null(&self.form.data_type())?))
    }

    fn call(
        &self,
        name: &'static str,
        body: Body,
        args: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Arc<dyn PhysicalExpr> {
        call(name, body, args, Field::new(&self.column, self.form.data_type(), true))
    }
}

fn as_views(texts: Arc<dyn PhysicalExpr>, ty: &DataType) -> Arc<dyn PhysicalExpr> {
    match ty {
        DataType::Utf8View => texts,
        _ => Arc::new(CastExpr::new(texts, DataType::Utf8View, None)),
    }
}

/// The property's text in each JSON text.
fn read(args: &ScalarFunctionArgs) -> Result<StringViewArray> {
    let Some(ColumnarValue::Scalar(ScalarValue::Utf8View(Some(key)))) = args.args.get(1) else {
        return internal_err!("a property without a key");
    };
    let path = Path::new(&[Step::Key(key.clone())]);
    let json = cast(&argument(&args.args, 0, args.number_rows)?, &DataType::Utf8View)?;
    let mut texts = StringViewBuilder::with_capacity(json.len());
    for json in json.as_string_view() {
        texts.append_option(json.and_then(|json| path.raw(json)).and_then(property_text));
    }
    Ok(texts.finish())
}

fn numbers(texts: &StringViewArray) -> Float64Array {
    texts.iter().map(|text| text?.parse().ok()).collect()
}

fn booleans(texts: &StringViewArray) -> BooleanArray {
    let read = |text: &str| match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    texts.iter().map(|text| read(text?)).collect()
}

fn number_texts(numbers: &ArrayRef) -> Result<ArrayRef> {
    let Some(numbers) = numbers.as_primitive_opt::<Float64Type>() else {
        return internal_err!("a number is {}", numbers.data_type());
    };
    let mut texts = StringViewBuilder::with_capacity(numbers.len());
    let mut text = String::new();
    for number in numbers {
        text.clear();
        texts.append_option(number.map(|number| {
            write_f64(number, &mut text);
            text.as_str()
        }));
    }
    Ok(Arc::new(texts.finish()))
}

fn boolean_texts(values: &ArrayRef) -> Result<ArrayRef> {
    let Some(values) = values.as_boolean_opt() else {
        return internal_err!("a truth value is {}", values.data_type());
    };
    let text = |value: bool| if value { "true" } else { "false" };
    Ok(Arc::new(values.iter().map(|value| value.map(text)).collect::<StringViewArray>()))
}
