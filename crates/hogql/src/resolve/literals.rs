//! Constants as they are written.

use crate::ir::{self, Expr, ExprKind};
use crate::types::{Bits, Kind, Type};
use hogql_syntax::{Span, ast};

/// A constant in the smallest type that ClickHouse gives it.
pub(super) fn constant(literal: &ast::Literal, span: Span) -> Expr {
    let (value, ty) = match literal {
        ast::Literal::Null => (ir::Value::Null, Type::NULL),
        ast::Literal::Boolean(value) => (ir::Value::Bool(*value), Type::BOOL),
        ast::Literal::Integer(value) => whole(*value),
        ast::Literal::BigInteger(digits) => match digits.parse::<u64>() {
            Ok(value) => (ir::Value::UInt(value), Type::UINT64),
            Err(_) => (ir::Value::Float(digits.parse().unwrap_or(f64::INFINITY)), Type::FLOAT64),
        },
        ast::Literal::Float(value) => (ir::Value::Float(*value), Type::FLOAT64),
        ast::Literal::String(text) => (ir::Value::String(text.clone()), Type::STRING),
    };
    Expr { kind: ExprKind::Literal(value), ty, span }
}

fn whole(value: i64) -> (ir::Value, Type) {
    match u64::try_from(value) {
        Ok(value) => {
            let bits = match value {
                0..=0xFF => Bits::B8,
                0x100..=0xFFFF => Bits::B16,
                0x1_0000..=0xFFFF_FFFF => Bits::B32,
                _ => Bits::B64,
            };
            (ir::Value::UInt(value), Type::new(Kind::UInt(bits)))
        }
        Err(_) => {
            let bits = match value {
                -0x80.. => Bits::B8,
                -0x8000..=-0x81 => Bits::B16,
                -0x8000_0000..=-0x8001 => Bits::B32,
                _ => Bits::B64,
            };
            (ir::Value::Int(value), Type::new(Kind::Int(bits)))
        }
    }
}
