//! Rows of scalar functions, and builders that many of them share.

use super::operators::convert;
use super::{Arity, Build, Call, Function, Group};
use crate::error::Error;
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};

/// A builder of a scalar function.
pub(super) type Builder = fn(&mut Call<'_>) -> Result<Expr, Error>;

/// A row of a scalar function that takes from `min` to `max` arguments.
pub(super) const fn scalar(
    group: Group,
    signature: &'static str,
    meaning: &'static str,
    (min, max): (usize, usize),
    build: Builder,
) -> Function {
    let name = name_of(signature);
    let arity = Arity::between(min, max);
    Function {
        name,
        case_insensitive: false,
        group,
        signature,
        meaning,
        arity,
        build: Build::Scalar(build),
    }
}

/// What stands before the parenthesis.
const fn name_of(signature: &'static str) -> &'static str {
    let bytes = signature.as_bytes();
    let mut length = 0;
    while length < bytes.len() && bytes[length] != b'(' {
        length += 1;
    }
    signature.split_at(length).0
}

impl Function {
    /// The same, found in any case.
    pub(super) const fn any_case(mut self) -> Self {
        self.case_insensitive = true;
        self
    }

    /// The same with any number of further arguments.
    pub(super) const fn and_more(mut self) -> Self {
        self.arity.max = None;
        self
    }
}

/// What a kernel wants as an argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg {
    /// Text, UUIDs too.
    Text,
    /// A whole number.
    Int,
    /// Any number, as a float.
    Float,
    /// A number in its own type.
    Number,
    /// A whole number in its own type.
    Whole,
    /// An array of texts.
    Texts,
}

impl Call<'_> {
    /// A kernel over all arguments, each as the kernel wants it; NULL if one is the constant NULL.
    ///
    /// # Errors
    /// If an argument has another type.
    pub(super) fn apply(
        &mut self,
        kernel: &'static str,
        wanted: &[Arg],
        ty: Type,
    ) -> Result<Expr, Error> {
        let count = self.args.len();
        let mut args = Vec::with_capacity(count);
        for (index, wanted) in (0..count).zip(wanted) {
            let arg = self.argument(index, *wanted)?;
            if arg.ty.kind == Kind::Nothing {
                return Ok(Expr::null(self.span));
            }
            args.push(arg);
        }
        Ok(self.kernel(kernel, args, ty))
    }

    /// An argument as wanted; the constant NULL always passes.
    pub(super) fn argument(&mut self, index: usize, wanted: Arg) -> Result<Expr, Error> {
        if self.ty(index).kind == Kind::Nothing {
            return Ok(self.take(index));
        }
        match wanted {
            Arg::Text => {
                let expr = self
                    .expect(index, "String", |ty| matches!(ty.kind, Kind::String | Kind::Uuid))?;
                Ok(expr.cast_kind(Kind::String))
            }
            Arg::Int => Ok(convert(self.whole(index)?, &Kind::Int(Bits::B64))),
            Arg::Float => {
                Ok(convert(self.expect(index, "a number", Type::is_number)?, &Kind::Float64))
            }
            Arg::Number => self.expect(index, "a number", Type::is_number).map(number),
            Arg::Whole => self.whole(index).map(number),
            Arg::Texts => {
                let texts = |ty: &Type| {
                    ty.element()
                        .is_some_and(|element| matches!(element.kind, Kind::String | Kind::Nothing))
                };
                let list = self.expect(index, "an array of String", texts)?;
                Ok(convert(list, &Kind::Array(Box::new(Type::STRING))))
            }
        }
    }

    fn whole(&mut self, index: usize) -> Result<Expr, Error> {
        self.expect(index, "a whole number", |ty| ty.is_integer() || ty.kind == Kind::Bool)
    }
}

/// Truth values calculate as `UInt8`.
fn number(expr: Expr) -> Expr {
    if expr.ty.kind == Kind::Bool { convert(expr, &Kind::UInt(Bits::B8)) } else { expr }
}
