//! Arguments row by row, constants read once, and results built without a `String` for each row.

use super::KernelArgs;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, ListBuilder,
    StringViewArray, StringViewBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

/// A text argument.
pub(super) enum Text {
    /// The same for all rows.
    Constant(Option<String>),
    /// One for each row.
    Column(StringViewArray),
}

impl Text {
    /// Argument `index`, which must be `Utf8View` or NULL.
    pub(super) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        match args.args.get(index) {
            Some(ColumnarValue::Scalar(ScalarValue::Null)) => Ok(Self::Constant(None)),
            Some(ColumnarValue::Scalar(
                ScalarValue::Utf8View(text)
                | ScalarValue::Utf8(text)
                | ScalarValue::LargeUtf8(text),
            )) => Ok(Self::Constant(text.clone())),
            Some(ColumnarValue::Array(array)) => match array.data_type() {
                DataType::Utf8View => Ok(Self::Column(array.as_string_view().clone())),
                DataType::Utf8 | DataType::LargeUtf8 => {
                    Ok(Self::Column(cast(array, &DataType::Utf8View)?.as_string_view().clone()))
                }
                DataType::Null => Ok(Self::Constant(None)),
                other => internal_err!("argument {index} must be text, found {other}"),
            },
            Some(ColumnarValue::Scalar(other)) => {
                internal_err!("argument {index} must be text, found {}", other.data_type())
            }
            None => internal_err!("missing argument {index}"),
        }
    }

    /// The text of a row; `None` is NULL.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Constant(text) => text.as_deref(),
            Self::Column(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
        }
    }

    /// The text of all rows, if it is a constant that is not NULL.
    pub(super) fn constant(&self) -> Option<&str> {
        match self {
            Self::Constant(text) => text.as_deref(),
            Self::Column(_) => None,
        }
    }
}

/// A number argument read as `Int64` or `Float64`.
pub(super) enum Number<A, T> {
    /// The same for all rows.
    Constant(Option<T>),
    /// One for each row.
    Column(A),
}

/// An `Int64` argument.
pub(super) type Ints = Number<Int64Array, i64>;
/// A `Float64` argument.
pub(super) type Floats = Number<Float64Array, f64>;

impl Ints {
    /// Argument `index`, any whole number.
    pub(super) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let (array, constant) = numbers(args, index, &DataType::Int64)?;
        let array = array.as_primitive::<Int64Type>();
        Ok(if constant {
            Self::Constant(array.iter().next().flatten())
        } else {
            Self::Column(array.clone())
        })
    }

    /// The number of a row; `None` is NULL.
    pub(super) fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::Constant(value) => *value,
            Self::Column(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
        }
    }
}

impl Floats {
    /// Argument `index`, any number.
    pub(super) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let (array, constant) = numbers(args, index, &DataType::Float64)?;
        let array = array.as_primitive::<Float64Type>();
        Ok(if constant {
            Self::Constant(array.iter().next().flatten())
        } else {
            Self::Column(array.clone())
        })
    }

    /// The number of a row; `None` is NULL.
    pub(super) fn get(&self, row: usize) -> Option<f64> {
        match self {
            Self::Constant(value) => *value,
            Self::Column(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
        }
    }
}

fn numbers(args: &KernelArgs<'_>, index: usize, as_type: &DataType) -> Result<(ArrayRef, bool)> {
    match args.args.get(index) {
        Some(ColumnarValue::Scalar(value)) => Ok((cast(&value.to_array()?, as_type)?, true)),
        Some(ColumnarValue::Array(array)) => Ok((cast(array, as_type)?, false)),
        None => internal_err!("missing argument {index}"),
    }
}

/// A text for each row, written into a buffer that is empty at first; `false` is NULL.
pub(super) fn write_texts(
    rows: usize,
    mut write: impl FnMut(usize, &mut String) -> Result<bool>,
) -> Result<ColumnarValue> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut buffer = String::new();
    for row in 0..rows {
        buffer.clear();
        if write(row, &mut buffer)? {
            builder.try_append_value(&buffer)?;
        } else {
            builder.append_null();
        }
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

/// A part of a text (or a constant) for each row; `None` is NULL.
pub(super) fn slice_texts<'a>(
    rows: usize,
    mut slice: impl FnMut(usize) -> Option<&'a str>,
) -> Result<ColumnarValue> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        match slice(row) {
            Some(text) => builder.try_append_value(text)?,
            None => builder.append_null(),
        }
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

/// An array of texts for each row: `fill` appends to the builder. `false` (NULL) gives the empty array: arrays are never NULL.
pub(super) fn text_lists(
    args: &KernelArgs<'_>,
    mut fill: impl FnMut(usize, &mut StringViewBuilder) -> Result<bool>,
) -> Result<ColumnarValue> {
    let mut builder = ListBuilder::with_capacity(StringViewBuilder::new(), args.rows);
    if let DataType::List(field) = args.return_type {
        builder = builder.with_field(Arc::clone(field));
    }
    for row in 0..args.rows {
        fill(row, builder.values())?;
        builder.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

/// 0 or 1 (or a truth value, as the plan wants it) for each row; `None` is NULL.
pub(super) fn flags(
    args: &KernelArgs<'_>,
    flag: impl FnMut(usize) -> Option<bool>,
) -> Result<ColumnarValue> {
    let flags: BooleanArray = (0..args.rows).map(flag).collect();
    returned(args, Arc::new(flags))
}

/// An `i64` for each row, in the plan's width; `None` is NULL.
pub(super) fn ints(
    args: &KernelArgs<'_>,
    int: impl FnMut(usize) -> Option<i64>,
) -> Result<ColumnarValue> {
    let ints: Int64Array = (0..args.rows).map(int).collect();
    returned(args, Arc::new(ints))
}

/// An `f64` for each row, in the plan's width; `None` is NULL.
pub(super) fn floats(
    args: &KernelArgs<'_>,
    float: impl FnMut(usize) -> Option<f64>,
) -> Result<ColumnarValue> {
    let floats: Float64Array = (0..args.rows).map(float).collect();
    returned(args, Arc::new(floats))
}

/// The array in the type the plan wants.
pub(super) fn returned(args: &KernelArgs<'_>, array: ArrayRef) -> Result<ColumnarValue> {
    if array.data_type() == args.return_type {
        return Ok(ColumnarValue::Array(array));
    }
    Ok(ColumnarValue::Array(cast(&array, args.return_type)?))
}

/// The constant list of texts at `index` (NULL elements are left out), or one list for each row.
pub(super) enum TextList {
    /// The same for all rows.
    Constant(Vec<String>),
    /// One for each row.
    Column(ListArray),
}

impl TextList {
    /// Argument `index`, a list of `Utf8View`.
    pub(super) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let constant = matches!(args.args.get(index), Some(ColumnarValue::Scalar(_)));
        let Some(list) = args.array(index)?.as_list_opt::<i32>().cloned() else {
            return internal_err!("argument {index} must be an array of text");
        };
        if !constant {
            return Ok(Self::Column(list));
        }
        if list.is_empty() {
            Ok(Self::Constant(Vec::new()))
        } else {
            Ok(Self::Constant(texts_of(&list.value(0))?))
        }
    }

    /// The texts of a row; `None` is NULL.
    pub(super) fn get(&self, row: usize) -> Result<Option<std::borrow::Cow<'_, [String]>>> {
        match self {
            Self::Constant(texts) => Ok(Some(texts.into())),
            Self::Column(list) if row >= list.len() || list.is_null(row) => Ok(None),
            Self::Column(list) => Ok(Some(texts_of(&list.value(row))?.into())),
        }
    }
}

fn texts_of(array: &ArrayRef) -> Result<Vec<String>> {
    match array.data_type() {
        DataType::Null => Ok(Vec::new()),
        _ => {
            let texts = cast(array, &DataType::Utf8View)?;
            Ok(texts.as_string_view().iter().flatten().map(str::to_owned).collect())
        }
    }
}

/// The greatest length or number of times that `leftPad` and `repeat` take.
pub(super) const MAX_REPEAT: usize = 1_000_000;

/// The longest text that `repeat` makes, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// Refuses a text that would be longer than 16 MiB.
pub(super) fn check_length(function: &str, bytes: Option<usize>) -> Result<()> {
    match bytes {
        Some(bytes) if bytes <= MAX_TEXT => Ok(()),
        _ => exec_err!("{function} would make a text of more than {MAX_TEXT} bytes"),
    }
}
