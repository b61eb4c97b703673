//! Conversions that plain casts do not know, as scalar functions of the plan.

use super::types::say_one;
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, StringViewArray, StringViewBuilder,
    new_empty_array,
};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use arrow::json::writer::{EncoderOptions, make_encoder};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::lit;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// `value`, or `default` where it is NULL.
pub(super) fn or_default(
    value: Arc<dyn PhysicalExpr>,
    default: Arc<dyn PhysicalExpr>,
    ty: DataType,
) -> Arc<dyn PhysicalExpr> {
    call(
        "or_default",
        |args| fill(&args.args, args.number_rows),
        vec![value, default],
        Field::new("value", ty, false),
    )
}

/// 16 bytes as the 36 characters of a UUID.
pub(super) fn uuid_text(bytes: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    call(
        "uuid_text",
        |args| uuids(&first(args)?),
        vec![bytes],
        Field::new("uuid", DataType::Utf8View, true),
    )
}

/// Text, or bytes that should be text, in another type. What cannot be read is an error that names the column and the value.
pub(super) fn from_text(
    text: Arc<dyn PhysicalExpr>,
    column: &str,
    ty: DataType,
) -> Arc<dyn PhysicalExpr> {
    let column_name = lit(ScalarValue::Utf8View(Some(column.to_owned())));
    call("from_text", read_text, vec![text, column_name], Field::new(column, ty, true))
}

/// A nested value as JSON text.
pub(super) fn json_text(value: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    call("json_text", write_json, vec![value], Field::new("json", DataType::Utf8View, true))
}

/// Place of a row in its source: the file's number above the row's number in the file (40 bits).
pub(crate) fn row_place(
    file: Arc<dyn PhysicalExpr>,
    row: Arc<dyn PhysicalExpr>,
) -> Arc<dyn PhysicalExpr> {
    call(
        "row_place",
        |args| places(args, |file, row| (file << 40) | row),
        vec![file, row],
        Field::new("row", DataType::Int64, false),
    )
}

/// A UUID (version 8) made of the file's number and the row's number in the file.
pub(crate) fn row_uuid(
    file: Arc<dyn PhysicalExpr>,
    row: Arc<dyn PhysicalExpr>,
) -> Arc<dyn PhysicalExpr> {
    call("row_uuid", row_uuids, vec![file, row], Field::new("uuid", DataType::Utf8View, false))
}

/// `value`, or where it is NULL the UUID that [`row_uuid`] makes.
pub(crate) fn uuid_or_made(
    value: Arc<dyn PhysicalExpr>,
    file: Arc<dyn PhysicalExpr>,
    row: Arc<dyn PhysicalExpr>,
) -> Arc<dyn PhysicalExpr> {
    let result = Field::new("uuid", DataType::Utf8View, false);
    call("uuid_or_made", fill_uuids, vec![value, file, row], result)
}

/// What a function does.
pub(super) type Body = fn(&ScalarFunctionArgs) -> Result<ArrayRef>;

/// A call of a function that gives `result`.
pub(crate) fn call(
    name: &'static str,
    body: impl Fn(&ScalarFunctionArgs) -> Result<ArrayRef> + Send + Sync + 'static,
    args: Vec<Arc<dyn PhysicalExpr>>,
    result: Field,
) -> Arc<dyn PhysicalExpr> {
    let ty = result.data_type().clone();
    let signature = Signature::variadic_any(Volatility::Immutable);
    let body: SharedBody = Arc::new(body);
    let function = Arc::new(ScalarUDF::new_from_impl(Conversion { name, body, ty, signature }));
    Arc::new(ScalarFunctionExpr::new(
        name,
        function,
        args,
        Arc::new(result),
        Arc::new(ConfigOptions::default()),
    ))
}

type SharedBody = Arc<dyn Fn(&ScalarFunctionArgs) -> Result<ArrayRef> + Send + Sync>;

/// One of the functions above.
#[derive(Clone)]
struct Conversion {
    name: &'static str,
    body: SharedBody,
    ty: DataType,
    signature: Signature,
}

impl fmt::Debug for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversion").field("name", &self.name).finish_non_exhaustive()
    }
}

// Names are unique; functions do not compare.
impl PartialEq for Conversion {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.ty == other.ty
    }
}

impl Eq for Conversion {}

impl Hash for Conversion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.ty.hash(state);
    }
}

impl ScalarUDFImpl for Conversion {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.ty.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        (self.body)(&args).map(ColumnarValue::Array)
    }
}

pub(super) fn first(args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    argument(&args.args, 0, args.number_rows)
}

pub(crate) fn argument(args: &[ColumnarValue], index: usize, rows: usize) -> Result<ArrayRef> {
    match args.get(index) {
        Some(value) => value.to_array(rows),
        None => internal_err!("missing argument {index}"),
    }
}

fn fill(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    let value = argument(args, 0, rows)?;
    if value.null_count() == 0 {
        return Ok(value);
    }
    let Some(ColumnarValue::Scalar(default)) = args.get(1) else {
        return internal_err!("a default is no constant");
    };
    let mask = arrow::compute::is_not_null(&value)?;
    Ok(zip(&mask, &value, &default.to_scalar()?)?)
}

fn uuids(value: &ArrayRef) -> Result<ArrayRef> {
    let Some(bytes) = value.as_any().downcast_ref::<FixedSizeBinaryArray>() else {
        return internal_err!("a binary UUID column holds {}", value.data_type());
    };
    let text = bytes.iter().map(|bytes| {
        bytes
            .and_then(|bytes| uuid::Uuid::from_slice(bytes).ok())
            .map(|uuid| uuid.hyphenated().to_string())
    });
    Ok(Arc::new(text.collect::<StringViewArray>()))
}

fn read_text(args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    let column = match args.args.get(1) {
        Some(ColumnarValue::Scalar(ScalarValue::Utf8View(Some(name)))) => name.as_str(),
        _ => return internal_err!("a column without a name"),
    };
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let text = cast_with_options(&first(args)?, &DataType::Utf8View, &strict).map_err(|_| {
        exec_datafusion_err!("column `{column}` holds bytes that are no UTF-8 text")
    })?;
    let ty = args.return_field.data_type();
    if *ty == DataType::Utf8View {
        return Ok(text);
    }
    let read = cast_with_options(&text, ty, &CastOptions { safe: true, ..CastOptions::default() })?;
    if read.null_count() > text.null_count() {
        let texts = text.as_string_view();
        let wrong = (0..texts.len()).find(|row| read.is_null(*row) && texts.is_valid(*row));
        let wrong = wrong.map(|row| texts.value(row)).unwrap_or_default();
        return exec_err!("column `{column}`: '{wrong}' is no {}", say_one(ty));
    }
    Ok(read)
}

fn write_json(args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    let value = first(args)?;
    if value.is_empty() {
        return Ok(new_empty_array(&DataType::Utf8View));
    }
    let field: FieldRef = Arc::new(Field::new("value", value.data_type().clone(), true));
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(&field, value.as_ref(), &options)?;
    let mut builder = StringViewBuilder::with_capacity(value.len());
    let mut text = Vec::new();
    for row in 0..value.len() {
        if value.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        encoder.encode(row, &mut text);
        builder.append_value(
            std::str::from_utf8(&text).map_err(|error| exec_datafusion_err!("{error}"))?,
        );
    }
    Ok(Arc::new(builder.finish()))
}

fn places(args: &ScalarFunctionArgs, place: fn(i64, i64) -> i64) -> Result<ArrayRef> {
    let (files, rows) =
        (argument(&args.args, 0, args.number_rows)?, argument(&args.args, 1, args.number_rows)?);
    let (files, rows) = (integers(&files)?, integers(&rows)?);
    let places = files.values().iter().zip(rows.values()).map(|(file, row)| place(*file, *row));
    Ok(Arc::new(Int64Array::from_iter_values(places)))
}

fn row_uuids(args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    make_uuids(
        &argument(&args.args, 0, args.number_rows)?,
        &argument(&args.args, 1, args.number_rows)?,
    )
}

fn fill_uuids(args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    let value = first(args)?;
    if value.null_count() == 0 {
        return Ok(value);
    }
    let made = make_uuids(
        &argument(&args.args, 1, args.number_rows)?,
        &argument(&args.args, 2, args.number_rows)?,
    )?;
    let mask = arrow::compute::is_not_null(&value)?;
    Ok(zip(&mask, &value, &made)?)
}

fn make_uuids(files: &ArrayRef, rows: &ArrayRef) -> Result<ArrayRef> {
    let (files, rows) = (integers(files)?, integers(rows)?);
    let mut builder = StringViewBuilder::with_capacity(rows.len());
    let mut text = [0_u8; uuid::fmt::Hyphenated::LENGTH];
    for (file, row) in files.values().iter().zip(rows.values()) {
        let mut bytes = [0_u8; 16];
        for (to, from) in bytes.iter_mut().zip(file.to_be_bytes().into_iter().skip(4)) {
            *to = from;
        }
        for (to, from) in bytes.iter_mut().skip(8).zip(row.to_be_bytes()) {
            *to = from;
        }
        let uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        builder.append_value(uuid.hyphenated().encode_lower(&mut text));
    }
    Ok(Arc::new(builder.finish()))
}

fn integers(array: &ArrayRef) -> Result<&Int64Array> {
    match array.as_primitive_opt::<Int64Type>() {
        Some(integers) => Ok(integers),
        None => internal_err!("a row's place is {}", array.data_type()),
    }
}
