//! Aggregates over the elements of arrays, and PostHog's macros over aggregates.

use super::{AggregateCall, Function, default_value, row, sum_type};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{self, CompareOp, Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    row("sumArray", "sumArray(array)", "The sum of all elements; 0 over no rows.", 1, sum_array),
    row(
        "countArray",
        "countArray(array)",
        "The number of all elements that are not NULL.",
        1,
        count_array,
    ),
    row("avgArray", "avgArray(array)", "The mean of all elements; NaN over none.", 1, avg_array),
    row("minArray", "minArray(array)", "The smallest of all elements.", 1, |call| {
        extreme_array(call, "min", "array_min")
    }),
    row("maxArray", "maxArray(array)", "The largest of all elements.", 1, |call| {
        extreme_array(call, "max", "array_max")
    }),
    row(
        "medianArray",
        "medianArray(array)",
        "The median of all elements; NaN over none.",
        1,
        median_array,
    ),
    row("countDistinctArray", "countDistinctArray(array)", "Distinct elements.", 1, uniq_array),
    row("uniqArray", "uniqArray(array)", "Distinct elements; exact.", 1, uniq_array),
    row(
        "groupUniqArrayArray",
        "groupUniqArrayArray[(most)](array)",
        "The distinct elements that are not NULL.",
        1,
        group_uniq,
    ),
    row(
        "every",
        "every(condition)",
        "Whether the condition holds for all rows: the least truth value.",
        1,
        every,
    ),
    row(
        "string_agg",
        "string_agg(text, separator)",
        "The texts in order of arrival, the separator between them.",
        2,
        string_agg,
    ),
];

impl AggregateCall<'_> {
    /// Argument 0, which must be an array, and the type of its elements.
    fn elements(&mut self) -> Result<(Expr, Type), Error> {
        self.no_distinct()?;
        let array = self.take(0);
        match array.ty.element().cloned() {
            Some(element) => Ok((array, element)),
            None => Err(self.wrong_type(0, "an array", &array)),
        }
    }

    /// Argument 0, which must be an array of numbers, as floats, and the type of those.
    fn floats(&mut self) -> Result<(Expr, Type), Error> {
        let (array, element) = self.elements()?;
        if !element.is_number() && element.kind != Kind::Nothing {
            return Err(self.wrong_type(0, "an array of numbers", &array));
        }
        let float = Type::FLOAT64.with_nullable(element.nullable);
        Ok((operators::convert(array, &Kind::Array(Box::new(float.clone()))), float))
    }

    /// How many of an array's elements are not NULL.
    fn present(&self, array: Expr, element: &Type) -> Expr {
        let name = if element.nullable { "array_count_present" } else { "length" };
        self.kernel(name, array, Type::UINT64)
    }

    /// The value of a row, NULL where its array has no element that counts: aggregates leave that row out.
    fn where_present(&self, present: Expr, value: Expr) -> Expr {
        let zero = operators::convert(Expr::flag(false, self.span), &Kind::UInt(Bits::B64));
        let none = Expr::compare(CompareOp::Eq, present, zero, self.span);
        let ty = value.ty.to_nullable();
        Expr::case(vec![(none, Expr::null_of(&ty, self.span))], value, ty, self.span)
    }

    fn kernel(&self, name: &'static str, arg: Expr, ty: Type) -> Expr {
        Expr { kind: ExprKind::Kernel { name, args: vec![arg] }, ty, span: self.span }
    }
}

fn sum_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let (array, element) = call.elements()?;
    let ty = match sum_type(&element.kind) {
        Some(ty) if !matches!(ty.kind, Kind::Decimal(_, _)) => ty,
        _ => return Err(call.wrong_type(0, "an array of numbers", &array)),
    };
    let empty = default_value(&ty);
    if !element.nullable || element.kind == Kind::Nothing {
        let sums = call.kernel("array_sum", array, ty.clone());
        return Ok(call.aggregate("sum", vec![sums], &ty, empty));
    }
    let present = call.present(array.clone(), &element);
    let sums = call.kernel("array_sum", array, ty.clone());
    let sums = call.where_present(present, sums);
    Ok(call.aggregate("sum", vec![sums], &ty, empty))
}

fn count_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let (array, element) = call.elements()?;
    let counts = call.present(array, &element);
    Ok(call.aggregate("sum", vec![counts], &Type::UINT64, Value::UInt(0)))
}

/// NaN over no elements, unless the elements' type has NULL for it.
fn no_elements(element: &Type) -> Option<Value> {
    (!element.nullable).then_some(Value::Float(f64::NAN))
}

/// A mean of means, each as heavy as its array has elements.
fn avg_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let (array, element) = call.floats()?;
    let present = call.present(array.clone(), &element);
    let weight = call.where_present(present.clone(), present.cast_kind(Kind::Float64));
    let means = call.kernel("array_avg", array, Type::FLOAT64);
    let empty = no_elements(&element);
    Ok(call.aggregate_exact("avgWeighted", vec![means, weight], element, empty))
}

/// Empty arrays have no extreme: the kernel gives NULL, which the aggregate skips.
fn extreme_array(
    call: &mut AggregateCall<'_>,
    name: &'static str,
    kernel: &'static str,
) -> Result<ir::Aggregate, Error> {
    let (array, element) = call.elements()?;
    let extremes = call.kernel(kernel, array, element.to_nullable());
    let empty = (!element.nullable).then(|| default_value(&element));
    Ok(call.aggregate_exact(name, vec![extremes], element, empty))
}

fn median_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let (array, element) = call.floats()?;
    let empty = no_elements(&element);
    Ok(call.aggregate_exact("quantileArray", vec![array], element, empty))
}

fn uniq_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let (array, _) = call.elements()?;
    Ok(call.aggregate_exact("uniqExactArray", vec![array], Type::UINT64, None))
}

fn group_uniq(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let params = call.count_param()?.map(Value::UInt).into_iter().collect();
    let (array, element) = call.elements()?;
    let ty = Type::array(element.to_not_null());
    Ok(ir::Aggregate {
        params,
        ..call.aggregate_exact("groupUniqArrayArray", vec![array], ty, None)
    })
}

fn every(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let condition = operators::condition(call.take(0))?.cast_kind(Kind::Bool);
    Ok(call.aggregate("min", vec![condition], &Type::BOOL, Value::Bool(false)))
}

fn string_agg(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    call.no_distinct()?;
    let separator = match call.args.get(1).and_then(Expr::literal) {
        Some(Value::String(separator)) => separator.clone(),
        _ => return Err(Error::argument_constant(call.name, 1, "a text", call.span)),
    };
    let text = operators::to_string(call.take(0), call.settings);
    let aggregate = call.aggregate_exact(
        "string_agg",
        vec![text],
        Type::STRING,
        Some(Value::String(String::new())),
    );
    Ok(ir::Aggregate { params: vec![Value::String(separator)], ..aggregate })
}
