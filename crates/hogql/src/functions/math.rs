//! The catalog's table of mathematical functions.

use super::operators;
use super::scalar::{Arg, scalar};
use super::{Call, Function, Group::Math};
use crate::error::Error;
use crate::ir::{ArithmeticOp, Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Math, "plus(a, b)", "a + b; whole numbers wrap.", (2, 2), |call| {
        arithmetic(call, ArithmeticOp::Add)
    }),
    scalar(Math, "minus(a, b)", "a - b; whole numbers wrap.", (2, 2), |call| {
        arithmetic(call, ArithmeticOp::Subtract)
    }),
    scalar(Math, "multiply(a, b)", "a * b; whole numbers wrap.", (2, 2), |call| {
        arithmetic(call, ArithmeticOp::Multiply)
    }),
    scalar(Math, "divide(a, b)", "a / b as a float; by 0 it is infinite or NaN.", (2, 2), |call| {
        arithmetic(call, ArithmeticOp::Divide)
    }),
    scalar(
        Math,
        "modulo(a, b)",
        "Rest of a / b with the sign of a; whole numbers by 0 are an error.",
        (2, 2),
        |call| arithmetic(call, ArithmeticOp::Modulo),
    ),
    scalar(Math, "moduloOrZero(a, b)", "As `modulo`, 0 if b is 0.", (2, 2), modulo_or_zero),
    scalar(Math, "positiveModulo(a, b)", "Rest of a / b, never negative.", (2, 2), positive_modulo),
    scalar(
        Math,
        "intDiv(a, b)",
        "a / b without its fraction; by 0 it is an error.",
        (2, 2),
        |call| int_div(call, "int_div"),
    ),
    scalar(Math, "intDivOrZero(a, b)", "As `intDiv`, 0 if b is 0.", (2, 2), |call| {
        int_div(call, "int_div_or_zero")
    }),
    scalar(Math, "negate(a)", "-a.", (1, 1), negate),
    scalar(Math, "abs(a)", "a without its sign.", (1, 1), abs).any_case(),
    scalar(Math, "sign(a)", "-1, 0 or 1.", (1, 1), sign).any_case(),
    scalar(Math, "gcd(a, b)", "Greatest common divisor; 0 is an error.", (2, 2), |call| {
        divisor(call, "gcd")
    }),
    scalar(Math, "lcm(a, b)", "Least common multiple; 0 is an error.", (2, 2), |call| {
        divisor(call, "lcm")
    }),
    scalar(
        Math,
        "round(a[, digits])",
        "Rounded; halves of floats to the even neighbour, of whole numbers away from 0.",
        (1, 2),
        |call| round(call, "round"),
    )
    .any_case(),
    scalar(
        Math,
        "roundBankers(a[, digits])",
        "Rounded, halves to the even neighbour.",
        (1, 2),
        |call| round(call, "round_bankers"),
    ),
    scalar(Math, "floor(a[, digits])", "Rounded down.", (1, 2), |call| round(call, "floor"))
        .any_case(),
    scalar(Math, "ceil(a[, digits])", "Rounded up.", (1, 2), |call| round(call, "ceil")).any_case(),
    scalar(Math, "trunc(a[, digits])", "Rounded towards 0.", (1, 2), |call| round(call, "trunc"))
        .any_case(),
    scalar(Math, "sqrt(a)", "Square root.", (1, 1), |call| float(call, "sqrt")).any_case(),
    scalar(Math, "cbrt(a)", "Cube root.", (1, 1), |call| float(call, "cbrt")),
    scalar(Math, "exp(a)", "e to the power of a.", (1, 1), |call| float(call, "exp")).any_case(),
    scalar(Math, "exp2(a)", "2 to the power of a.", (1, 1), |call| float(call, "exp2")),
    scalar(Math, "exp10(a)", "10 to the power of a.", (1, 1), |call| float(call, "exp10")),
    scalar(Math, "ln(a)", "Natural logarithm.", (1, 1), |call| float(call, "ln")).any_case(),
    scalar(Math, "log(a)", "Natural logarithm.", (1, 1), |call| float(call, "ln")).any_case(),
    scalar(Math, "log2(a)", "Logarithm to base 2.", (1, 1), |call| float(call, "log2")).any_case(),
    scalar(Math, "log10(a)", "Logarithm to base 10.", (1, 1), |call| float(call, "log10"))
        .any_case(),
    scalar(Math, "log1p(a)", "Natural logarithm of 1 + a.", (1, 1), |call| float(call, "log1p")),
    scalar(Math, "pow(a, b)", "a to the power of b.", (2, 2), |call| float(call, "pow")).any_case(),
    scalar(Math, "power(a, b)", "a to the power of b.", (2, 2), |call| float(call, "pow"))
        .any_case(),
    scalar(Math, "sin(a)", "Sine of an angle in radians.", (1, 1), |call| float(call, "sin"))
        .any_case(),
    scalar(Math, "cos(a)", "Cosine of an angle in radians.", (1, 1), |call| float(call, "cos"))
        .any_case(),
    scalar(Math, "tan(a)", "Tangent of an angle in radians.", (1, 1), |call| float(call, "tan"))
        .any_case(),
    scalar(Math, "asin(a)", "Arc sine in radians.", (1, 1), |call| float(call, "asin")).any_case(),
    scalar(Math, "acos(a)", "Arc cosine in radians.", (1, 1), |call| float(call, "acos"))
        .any_case(),
    scalar(Math, "atan(a)", "Arc tangent in radians.", (1, 1), |call| float(call, "atan"))
        .any_case(),
    scalar(Math, "atan2(y, x)", "Angle of the point (x, y) in radians.", (2, 2), |call| {
        float(call, "atan2")
    }),
    scalar(Math, "sinh(a)", "Hyperbolic sine.", (1, 1), |call| float(call, "sinh")),
    scalar(Math, "cosh(a)", "Hyperbolic cosine.", (1, 1), |call| float(call, "cosh")),
    scalar(Math, "tanh(a)", "Hyperbolic tangent.", (1, 1), |call| float(call, "tanh")),
    scalar(Math, "asinh(a)", "Inverse hyperbolic sine.", (1, 1), |call| float(call, "asinh")),
    scalar(Math, "acosh(a)", "Inverse hyperbolic cosine.", (1, 1), |call| float(call, "acosh")),
    scalar(Math, "atanh(a)", "Inverse hyperbolic tangent.", (1, 1), |call| float(call, "atanh")),
    scalar(Math, "hypot(a, b)", "Square root of a * a + b * b.", (2, 2), |call| {
        float(call, "hypot")
    }),
    scalar(Math, "degrees(a)", "Radians in degrees.", (1, 1), |call| float(call, "degrees"))
        .any_case(),
    scalar(Math, "radians(a)", "Degrees in radians.", (1, 1), |call| float(call, "radians"))
        .any_case(),
    scalar(Math, "pi()", "3.14159..", (0, 0), |call| Ok(constant(call, std::f64::consts::PI))),
    scalar(Math, "e()", "2.71828..", (0, 0), |call| Ok(constant(call, std::f64::consts::E))),
    scalar(Math, "isNaN(a)", "1 if it is no number.", (1, 1), |call| {
        call.apply("is_nan", &[Arg::Float], Type::UINT8)
    }),
    scalar(Math, "isFinite(a)", "1 if it is neither infinite nor NaN.", (1, 1), |call| {
        call.apply("is_finite", &[Arg::Float], Type::UINT8)
    }),
    scalar(Math, "isInfinite(a)", "1 if it is infinite.", (1, 1), |call| {
        call.apply("is_infinite", &[Arg::Float], Type::UINT8)
    }),
    scalar(
        Math,
        "ifNotFinite(a, otherwise)",
        "a, or the other number if a is infinite or NaN.",
        (2, 2),
        |call| float(call, "if_not_finite"),
    ),
    scalar(Math, "intExp2(a)", "2 to the power of a, at most 2^64 - 1.", (1, 1), |call| {
        call.apply("int_exp2", &[Arg::Number], Type::UINT64)
    }),
    scalar(Math, "intExp10(a)", "10 to the power of a, at most 2^64 - 1.", (1, 1), |call| {
        call.apply("int_exp10", &[Arg::Number], Type::UINT64)
    }),
    scalar(Math, "factorial(a)", "1 * 2 * .. * a; more than 20 is an error.", (1, 1), |call| {
        call.apply("factorial", &[Arg::Whole], Type::UINT64)
    })
    .any_case(),
    scalar(Math, "bitAnd(a, b)", "Bits set in both.", (2, 2), |call| bits(call, "bit_and")),
    scalar(Math, "bitOr(a, b)", "Bits set in one.", (2, 2), |call| bits(call, "bit_or")),
    scalar(Math, "bitXor(a, b)", "Bits set in only one.", (2, 2), |call| bits(call, "bit_xor")),
    scalar(Math, "bitNot(a)", "Bits that are not set.", (1, 1), bit_not),
    scalar(
        Math,
        "bitShiftLeft(a, by)",
        "Bits moved up; those moved out are lost.",
        (2, 2),
        |call| bits(call, "bit_shift_left"),
    ),
    scalar(Math, "bitShiftRight(a, by)", "Bits moved down.", (2, 2), |call| {
        bits(call, "bit_shift_right")
    }),
    scalar(
        Math,
        "bitRotateLeft(a, by)",
        "Bits moved up, those moved out come in below.",
        (2, 2),
        |call| bits(call, "bit_rotate_left"),
    ),
    scalar(
        Math,
        "bitRotateRight(a, by)",
        "Bits moved down, those moved out come in above.",
        (2, 2),
        |call| bits(call, "bit_rotate_right"),
    ),
    scalar(
        Math,
        "bitTest(a, position)",
        "The bit at a position, counted from 0.",
        (2, 2),
        |call| call.apply("bit_test", &[Arg::Whole, Arg::Whole], Type::UINT8),
    ),
    scalar(
        Math,
        "bitTestAll(a, position, ..)",
        "1 if the bits at all positions are set.",
        (2, 2),
        |call| bit_tests(call, operators::and),
    )
    .and_more(),
    scalar(
        Math,
        "bitTestAny(a, position, ..)",
        "1 if the bit at one position is set.",
        (2, 2),
        |call| bit_tests(call, operators::or),
    )
    .and_more(),
    scalar(Math, "bitCount(a)", "How many bits are set.", (1, 1), |call| {
        call.apply("bit_count", &[Arg::Whole], Type::UINT8)
    }),
    scalar(Math, "bitHammingDistance(a, b)", "How many bits differ.", (2, 2), |call| {
        call.apply("bit_hamming_distance", &[Arg::Whole, Arg::Whole], Type::UINT8)
    }),
];

fn arithmetic(call: &mut Call<'_>, op: ArithmeticOp) -> Result<Expr, Error> {
    operators::arithmetic(op, call.take(0), call.take(1), call.span, call.settings)
}

fn float(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Float, Arg::Float], Type::FLOAT64)
}

fn constant(call: &Call<'_>, value: f64) -> Expr {
    Expr { kind: ExprKind::Literal(Value::Float(value)), ty: Type::FLOAT64, span: call.span }
}

fn modulo_or_zero(call: &mut Call<'_>) -> Result<Expr, Error> {
    match operators::arithmetic_kind(ArithmeticOp::Modulo, &call.ty(0).kind, &call.ty(1).kind) {
        Some(kind @ (Kind::UInt(_) | Kind::Int(_))) => {
            call.apply("modulo_or_zero", &[Arg::Whole, Arg::Whole], Type::new(kind))
        }
        _ => arithmetic(call, ArithmeticOp::Modulo),
    }
}

fn positive_modulo(call: &mut Call<'_>) -> Result<Expr, Error> {
    match operators::arithmetic_kind(ArithmeticOp::Modulo, &Kind::UInt(Bits::B8), &call.ty(1).kind)
    {
        Some(kind @ Kind::UInt(_)) if !call.ty(0).is_float() => {
            call.apply("positive_modulo", &[Arg::Whole, Arg::Whole], Type::new(kind))
        }
        _ => float(call, "positive_modulo_float"),
    }
}

fn int_div(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let kind = operators::integer_division_kind(&call.ty(0).kind, &call.ty(1).kind);
    let kernel = if matches!(kind, Some(Kind::Decimal(_, _))) { "decimal_divide" } else { kernel };
    call.apply(kernel, &[Arg::Number, Arg::Number], Type::new(kind.unwrap_or(Kind::Int(Bits::B64))))
}

fn negate(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (kernel, kind) = match call.ty(0).kind {
        Kind::Bool => ("negate_int", Kind::Int(Bits::B16)),
        Kind::UInt(bits) => ("negate_int", Kind::Int(bits.wider())),
        kind @ Kind::Int(_) => ("negate_int", kind),
        kind @ (Kind::Float32 | Kind::Float64) => ("negate_float", kind),
        kind @ Kind::Decimal(_, _) => ("negate_int", kind),
        _ => ("negate_float", Kind::Float64),
    };
    call.apply(kernel, &[Arg::Number], Type::new(kind))
}

fn abs(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (kernel, kind) = match call.ty(0).kind {
        Kind::Bool => ("abs_int", Kind::UInt(Bits::B8)),
        Kind::UInt(bits) | Kind::Int(bits) => ("abs_int", Kind::UInt(bits)),
        kind @ Kind::Decimal(_, _) => ("abs_int", kind),
        Kind::Float32 => ("abs_float", Kind::Float32),
        _ => ("abs_float", Kind::Float64),
    };
    call.apply(kernel, &[Arg::Number], Type::new(kind))
}

fn sign(call: &mut Call<'_>) -> Result<Expr, Error> {
    let kernel = if call.ty(0).is_float() { "sign_float" } else { "sign_int" };
    call.apply(kernel, &[Arg::Number], Type::new(Kind::Int(Bits::B8)))
}

fn divisor(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let kind = operators::arithmetic_kind(ArithmeticOp::Add, &call.ty(0).kind, &call.ty(1).kind);
    call.apply(kernel, &[Arg::Whole, Arg::Whole], Type::new(kind.unwrap_or(Kind::Int(Bits::B64))))
}

fn round(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let kind = match call.ty(0).kind {
        Kind::Bool => Kind::UInt(Bits::B8),
        kind => kind,
    };
    call.apply(kernel, &[Arg::Number, Arg::Int], Type::new(kind))
}

fn bits(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let shape = |kind: &Kind| match kind {
        Kind::Int(bits) => (true, *bits),
        Kind::UInt(bits) => (false, *bits),
        _ => (false, Bits::B8),
    };
    let ((left_signed, left), (right_signed, right)) =
        (shape(&call.ty(0).kind), shape(&call.ty(1).kind));
    let width = left.max(right);
    let kind = if left_signed || right_signed { Kind::Int(width) } else { Kind::UInt(width) };
    call.apply(kernel, &[Arg::Whole, Arg::Whole], Type::new(kind))
}

fn bit_not(call: &mut Call<'_>) -> Result<Expr, Error> {
    let kind = match call.ty(0).kind {
        Kind::Bool => Kind::UInt(Bits::B8),
        kind => kind,
    };
    call.apply("bit_not", &[Arg::Whole], Type::new(kind))
}

fn bit_tests(
    call: &mut Call<'_>,
    join: fn(Vec<Expr>, hogql_syntax::Span) -> Result<Expr, Error>,
) -> Result<Expr, Error> {
    let number = call.argument(0, Arg::Whole)?;
    let mut tests = Vec::with_capacity(call.args.len());
    for index in 1..call.args.len() {
        let position = call.argument(index, Arg::Whole)?;
        tests.push(call.kernel("bit_test", vec![number.clone(), position], Type::UINT8));
    }
    join(tests, call.span)
}
