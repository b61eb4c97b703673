//! What a function's builder works with: typed arguments in, `ir` out.

use crate::error::Error;
use crate::ir::{self, CompareOp, Expr, ExprKind, NullRule, Value};
use crate::settings::Settings;
use crate::types::{Kind, Type, Zone};
use hogql_syntax::Span;

/// A call of a scalar function with resolved arguments.
pub struct Call<'a> {
    /// The name as written.
    pub name: &'a str,
    /// The whole call.
    pub span: Span,
    /// Arguments, resolved and typed (a lambda argument is taken out first).
    pub args: Vec<Expr>,
    /// Zone, week start, `now`.
    pub settings: &'a Settings,
}

/// A resolved lambda argument.
#[derive(Debug)]
pub struct LambdaArg {
    /// Parameters and body.
    pub lambda: ir::Lambda,
    /// Where it stands.
    pub span: Span,
}

/// A call of an aggregate or window function with resolved arguments.
pub struct AggregateCall<'a> {
    /// The name as written, without the suffix that the resolver took off.
    pub name: &'a str,
    /// The whole call.
    pub span: Span,
    /// Arguments without the `-If` condition.
    pub args: Vec<Expr>,
    /// Constant parameters, `quantile(0.9)`.
    pub params: Vec<Value>,
    /// `f(DISTINCT ..)`.
    pub distinct: bool,
    /// Zone, week start, `now`.
    pub settings: &'a Settings,
}

impl Call<'_> {
    /// Takes argument `index` out, NULL of type Nothing if there is none (the arity was checked before).
    pub fn take(&mut self, index: usize) -> Expr {
        match self.args.get_mut(index) {
            Some(slot) => std::mem::replace(slot, Expr::null(self.span)),
            None => Expr::null(self.span),
        }
    }

    /// The type of argument `index`; the type of NULL if there is none.
    #[must_use]
    pub fn ty(&self, index: usize) -> Type {
        self.args.get(index).map_or(Type::NULL, |arg| arg.ty.clone())
    }

    /// The project's zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.settings.zone
    }

    /// A kernel over the given arguments; the result is nullable if the type says so or any argument is nullable
    /// (the usual rule: NULL in, NULL out; the kernel applies it).
    #[must_use]
    pub fn kernel(&self, kernel: &'static str, args: Vec<Expr>, ty: Type) -> Expr {
        let nullable = ty.nullable || args.iter().any(|arg| arg.ty.nullable);
        let ty = if nullable { ty.to_nullable() } else { ty };
        Expr { kind: ExprKind::Kernel { name: kernel, args }, ty, span: self.span }
    }

    /// A kernel whose result has exactly this type, whatever the arguments' nullability.
    #[must_use]
    pub fn kernel_exact(&self, kernel: &'static str, args: Vec<Expr>, ty: Type) -> Expr {
        Expr { kind: ExprKind::Kernel { name: kernel, args }, ty, span: self.span }
    }

    /// All arguments, each converted to text where it is not text yet (as ClickHouse's `toString`).
    pub fn take_all(&mut self) -> Vec<Expr> {
        std::mem::take(&mut self.args)
    }

    /// The argument if it is text (or nullable text); an error naming what was found otherwise.
    ///
    /// # Errors
    /// If the argument has another kind.
    pub fn string(&mut self, index: usize) -> Result<Expr, Error> {
        self.expect(index, "String", |ty| ty.is_string())
    }

    /// The argument as a whole number of 64 bits with sign.
    ///
    /// # Errors
    /// If the argument is no whole number.
    pub fn int64(&mut self, index: usize) -> Result<Expr, Error> {
        let expr = self
            .expect(index, "whole number", |ty| ty.is_integer() || matches!(ty.kind, Kind::Bool))?;
        Ok(expr.cast_kind(Kind::Int(crate::types::Bits::B64)))
    }

    /// The argument as a 64-bit float.
    ///
    /// # Errors
    /// If the argument is no number.
    pub fn float64(&mut self, index: usize) -> Result<Expr, Error> {
        Ok(self.expect(index, "number", Type::is_number)?.cast_kind(Kind::Float64))
    }

    /// The argument if its type passes; NULL literals always pass.
    ///
    /// # Errors
    /// If the type does not pass: what was found and what was expected.
    pub fn expect(
        &mut self,
        index: usize,
        expected: &str,
        pass: impl Fn(&Type) -> bool,
    ) -> Result<Expr, Error> {
        let expr = self.take(index);
        if pass(&expr.ty) || expr.ty.kind == Kind::Nothing {
            return Ok(expr);
        }
        Err(Error::argument_type(self.name, index, expected, &expr.ty, expr.span))
    }

    /// The argument's constant text.
    ///
    /// # Errors
    /// If the argument is no text literal.
    pub fn constant_string(&self, index: usize) -> Result<&str, Error> {
        let arg = self.args.get(index);
        match arg.map(|arg| &arg.kind) {
            Some(ExprKind::Literal(Value::String(text))) => Ok(text),
            _ => Err(Error::argument_constant(
                self.name,
                index,
                "a text",
                arg.map_or(self.span, |arg| arg.span),
            )),
        }
    }

    /// The argument's constant whole number.
    ///
    /// # Errors
    /// If the argument is no whole number literal.
    pub fn constant_int(&self, index: usize) -> Result<i64, Error> {
        let arg = self.args.get(index);
        match arg.map(|arg| &arg.kind) {
            Some(ExprKind::Literal(Value::Int(value))) => Ok(*value),
            Some(ExprKind::Literal(Value::UInt(value))) if i64::try_from(*value).is_ok() => {
                Ok(value.cast_signed())
            }
            _ => Err(Error::argument_constant(
                self.name,
                index,
                "a whole number",
                arg.map_or(self.span, |arg| arg.span),
            )),
        }
    }
}

/// Constructors that the resolver and the builders share.
impl Expr {
    /// NULL.
    #[must_use]
    pub const fn null(span: Span) -> Self {
        Self { kind: ExprKind::Literal(Value::Null), ty: Type::NULL, span }
    }

    /// NULL of a type.
    #[must_use]
    pub fn null_of(ty: &Type, span: Span) -> Self {
        Self { kind: ExprKind::Literal(Value::Null), ty: ty.to_nullable(), span }
    }

    /// A constant text.
    #[must_use]
    pub fn string(text: impl Into<String>, span: Span) -> Self {
        Self { kind: ExprKind::Literal(Value::String(text.into())), ty: Type::STRING, span }
    }

    /// A constant 64-bit whole number with sign.
    #[must_use]
    pub const fn int64(value: i64, span: Span) -> Self {
        Self { kind: ExprKind::Literal(Value::Int(value)), ty: Type::INT64, span }
    }

    /// A constant 0 or 1.
    #[must_use]
    pub fn flag(value: bool, span: Span) -> Self {
        Self { kind: ExprKind::Literal(Value::UInt(u64::from(value))), ty: Type::UINT8, span }
    }

    /// The constant's value, if it is one.
    #[must_use]
    pub const fn literal(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// Converted to another kind, nullability kept; constants of numbers are converted at once where exact.
    /// A value that does not fit is an error at run time.
    #[must_use]
    pub fn cast_kind(self, kind: Kind) -> Self {
        self.cast(kind, false)
    }

    /// Converted to another kind; a value that does not fit becomes NULL.
    #[must_use]
    pub fn try_cast_kind(self, kind: Kind) -> Self {
        self.cast(kind, true)
    }

    fn cast(self, kind: Kind, safe: bool) -> Self {
        if self.ty.kind == kind {
            return self;
        }
        if self.ty.kind == Kind::Nothing {
            return Self { ty: Type { kind, nullable: true }, ..self };
        }
        let ty = Type { kind, nullable: self.ty.nullable || safe };
        let span = self.span;
        Self { kind: ExprKind::Cast { expr: Box::new(self), safe }, ty, span }
    }

    /// `left op right` with HogQL's two-valued rule; the sides must have one kind.
    #[must_use]
    pub fn compare(op: CompareOp, left: Self, right: Self, span: Span) -> Self {
        let kind = ExprKind::Compare {
            op,
            left: Box::new(left),
            right: Box::new(right),
            nulls: NullRule::TwoValued,
        };
        Self { kind, ty: Type::UINT8, span }
    }

    /// `isNull(self)` or `isNotNull(self)`.
    #[must_use]
    pub fn is_null(self, negated: bool) -> Self {
        let span = self.span;
        Self { kind: ExprKind::IsNull { expr: Box::new(self), negated }, ty: Type::UINT8, span }
    }

    /// `if(condition, then, otherwise)`; both values must have the kind of `ty`.
    #[must_use]
    pub fn case(branches: Vec<(Self, Self)>, otherwise: Self, ty: Type, span: Span) -> Self {
        Self { kind: ExprKind::Case { branches, otherwise: Box::new(otherwise) }, ty, span }
    }
}
