//! JSON values as constants of a query.

use super::invalid;
use crate::error::Error;
use crate::functions::operators::common_type;
use crate::ir::Value;
use crate::resolve::Constant;
use crate::types::Type;
use serde_json::Value as Json;

/// The constant that a JSON value stands for: numbers are `Int64` or `Float64`, lists arrays of one type.
///
/// # Errors
/// An object, or a list whose elements have no common type.
pub fn constant(value: &Json) -> Result<Constant, Error> {
    let constant = |value, ty| Ok(Constant { value, ty });
    match value {
        Json::Null => constant(Value::Null, Type::NULL),
        Json::Bool(flag) => constant(Value::Bool(*flag), Type::BOOL),
        Json::String(text) => constant(Value::String(text.clone()), Type::STRING),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => constant(Value::Int(whole), Type::INT64),
            (None, Some(whole), _) => constant(Value::UInt(whole), Type::UINT64),
            (None, None, Some(float)) => constant(Value::Float(float), Type::FLOAT64),
            (None, None, None) => Err(invalid(format!("the number {number} is out of range"))),
        },
        Json::Array(items) => list(items),
        Json::Object(_) => Err(invalid(
            "a value must be a text, a number, a truth value, null or a list, found an object",
        )),
    }
}

fn list(items: &[Json]) -> Result<Constant, Error> {
    let constants = items.iter().map(constant).collect::<Result<Vec<_>, _>>()?;
    let types: Vec<Type> = constants.iter().map(|constant| constant.ty.clone()).collect();
    let Some(element) = common_type(&types) else {
        return Err(invalid("the values of a list must have one type"));
    };
    let values = constants.into_iter().map(|constant| constant.value).collect();
    Ok(Constant { value: Value::List(values), ty: Type::array(element) })
}
