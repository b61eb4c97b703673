//! The catalog's tables of aggregate functions, and the suffixes of their names.
//!
//! The builders use up `DISTINCT`: they set [`ir::Aggregate::distinct`] where the kernel is to see distinct arguments alone,
//! choose another kernel, or refuse. `filter` and `order_by` are left to the resolver.

mod arrays;
mod basic;
mod elements;
mod name;
mod quantile;
mod statistics;

pub use name::{AggregateName, Or, aggregate_name};

use super::{AggregateCall, Arity, Build, Function, Group};
use crate::error::Error;
use crate::ir::{self, Expr, Value};
use crate::types::{Bits, Kind, Type};

/// The tables of this module.
pub(super) static TABLES: [&[Function]; 5] = [
    basic::FUNCTIONS,
    quantile::FUNCTIONS,
    arrays::FUNCTIONS,
    elements::FUNCTIONS,
    statistics::FUNCTIONS,
];

type Builder = fn(&mut AggregateCall<'_>) -> Result<ir::Aggregate, Error>;

const fn row(
    name: &'static str,
    signature: &'static str,
    meaning: &'static str,
    args: usize,
    build: Builder,
) -> Function {
    Function {
        name,
        case_insensitive: false,
        group: Group::Aggregate,
        signature,
        meaning,
        arity: Arity::exactly(args),
        build: Build::Aggregate(build),
    }
}

/// What the builders share.
impl AggregateCall<'_> {
    fn take(&mut self, index: usize) -> Expr {
        match self.args.get_mut(index) {
            Some(slot) => std::mem::replace(slot, Expr::null(self.span)),
            None => Expr::null(self.span),
        }
    }

    fn wrong_type(&self, index: usize, expected: &str, found: &Expr) -> Error {
        Error::argument_type(self.name, index, expected, &found.ty, found.span)
    }

    /// Argument `index` as a float.
    fn float(&mut self, index: usize) -> Result<Expr, Error> {
        let expr = self.take(index);
        if expr.ty.is_number() || expr.ty.kind == Kind::Nothing {
            return Ok(expr.cast_kind(Kind::Float64));
        }
        Err(self.wrong_type(index, "a number", &expr))
    }

    /// Refuses `f(DISTINCT ..)`.
    fn no_distinct(&self) -> Result<(), Error> {
        if self.distinct {
            return Err(Error::not_supported(self.span, format!("`{}(DISTINCT ..)`", self.name)));
        }
        Ok(())
    }

    /// An aggregate whose result is nullable if `ty` or an argument is; over no rows it is NULL then, else `empty`.
    fn aggregate(
        &self,
        name: &'static str,
        args: Vec<Expr>,
        ty: &Type,
        empty: Value,
    ) -> ir::Aggregate {
        let nullable = ty.nullable || args.iter().any(|arg| arg.ty.nullable);
        let ty = ty.with_nullable(nullable);
        let empty = (!ty.nullable).then_some(empty);
        self.aggregate_exact(name, args, ty, empty)
    }

    /// An aggregate of exactly this type.
    fn aggregate_exact(
        &self,
        name: &'static str,
        args: Vec<Expr>,
        ty: Type,
        empty: Option<Value>,
    ) -> ir::Aggregate {
        ir::Aggregate {
            name,
            args,
            params: Vec::new(),
            filter: None,
            distinct: false,
            order_by: Vec::new(),
            ty,
            empty,
            span: self.span,
        }
    }

    /// The only parameter as a count of at least 1, if it is there.
    fn count_param(&self) -> Result<Option<u64>, Error> {
        let count = match self.params.as_slice() {
            [] => return Ok(None),
            [Value::UInt(count)] => Some(*count),
            [Value::Int(count)] => u64::try_from(*count).ok(),
            _ => None,
        };
        match count {
            Some(count) if count > 0 => Ok(Some(count)),
            _ => Err(Error::query(
                "H0303",
                self.span,
                format!("the parameter of `{}` must be one whole number above 0", self.name),
            )),
        }
    }
}

/// ClickHouse's default value of a type: what an aggregate over no rows and a missing array element are.
#[must_use]
pub fn default_value(ty: &Type) -> Value {
    if ty.nullable {
        return Value::Null;
    }
    match &ty.kind {
        Kind::Nothing => Value::Null,
        Kind::Bool => Value::Bool(false),
        Kind::UInt(_) => Value::UInt(0),
        Kind::Float32 | Kind::Float64 => Value::Float(0.0),
        Kind::String => Value::String(String::new()),
        Kind::Uuid => Value::String("00000000-0000-0000-0000-000000000000".to_owned()),
        Kind::Tuple(elements) => {
            Value::List(elements.iter().map(|(_, ty)| default_value(ty)).collect())
        }
        Kind::Array(_) | Kind::Map(_, _) => Value::List(Vec::new()),
        Kind::Int(_)
        | Kind::Decimal(_, _)
        | Kind::Date
        | Kind::DateTime(_)
        | Kind::DateTime64(_, _)
        | Kind::Interval(_) => Value::Int(0),
    }
}

/// The type of sums.
fn sum_type(kind: &Kind) -> Option<Type> {
    match kind {
        Kind::UInt(_) | Kind::Bool => Some(Type::UINT64),
        Kind::Int(_) | Kind::Nothing => Some(Type::INT64),
        Kind::Float32 | Kind::Float64 => Some(Type::FLOAT64),
        Kind::Decimal(_, scale) => Some(Type::new(Kind::Decimal(38, *scale))),
        _ => None,
    }
}

/// Truth values as numbers.
fn bool_to_number(expr: Expr) -> Expr {
    if expr.ty.kind == Kind::Bool { expr.cast_kind(Kind::UInt(Bits::B8)) } else { expr }
}
