//! The catalog's tables of functions of arrays, lambdas, maps and tuples.

mod lambda;
mod literal;
mod map;
mod numbers;
mod parts;
mod search;
mod tuple;

use super::operators::{common_type, convert};
use super::{Arity, Build, Call, Function, Group, LambdaArg, default_value, operators};
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Lambda, Value};
use crate::types::{Kind, Type};
use hogql_syntax::Span;

/// The tables of this module.
pub(super) static TABLES: [&[Function]; 7] = [
    literal::FUNCTIONS,
    parts::FUNCTIONS,
    search::FUNCTIONS,
    numbers::FUNCTIONS,
    lambda::FUNCTIONS,
    map::FUNCTIONS,
    tuple::FUNCTIONS,
];

/// A builder of a function whose lambda may be missing.
type LambdaBuilder = fn(&mut Call<'_>, Option<LambdaArg>) -> Result<Expr, Error>;

/// A row of a function that takes a lambda over its arrays.
const fn higher(
    name: &'static str,
    signature: &'static str,
    meaning: &'static str,
    min: usize,
    build: LambdaBuilder,
) -> Function {
    Function {
        name,
        case_insensitive: false,
        group: Group::Array,
        signature,
        meaning,
        arity: Arity::at_least(min),
        build: Build::HigherOrder { parameters: elements, build },
    }
}

/// The lambda takes one element of each array.
fn elements(call: &Call<'_>) -> Result<Vec<Type>, Error> {
    let element = |(index, arg): (usize, &Expr)| match arg.ty.element() {
        Some(element) => Ok(element.clone()),
        // The lambda is the first argument.
        None => Err(Error::argument_type(call.name, index + 1, "an array", &arg.ty, arg.span)),
    };
    call.args.iter().enumerate().map(element).collect()
}

/// What the builders share.
impl Call<'_> {
    /// Argument `index`, which must be an array, and the type of its elements.
    fn array(&mut self, index: usize) -> Result<(Expr, Type), Error> {
        let array = self.take(index);
        match array.ty.element().cloned() {
            Some(element) => Ok((array, element)),
            None => Err(Error::argument_type(self.name, index, "an array", &array.ty, array.span)),
        }
    }

    /// All arguments, which must be arrays, with elements of one type.
    fn arrays_alike(&mut self) -> Result<(Vec<Expr>, Type), Error> {
        let arrays =
            (0..self.args.len()).map(|index| self.array(index)).collect::<Result<Vec<_>, _>>()?;
        let types: Vec<Type> = arrays.iter().map(|(_, element)| element.clone()).collect();
        let Some(common) = common_type(&types) else { return Err(self.no_common_type(&types)) };
        Ok((arrays.into_iter().map(|(array, _)| with_elements(array, &common)).collect(), common))
    }

    /// An array (argument 0) and a value (argument `index`), the elements and the value of one type.
    fn array_and_value(&mut self, index: usize) -> Result<(Expr, Expr, Type), Error> {
        let (array, element) = self.array(0)?;
        let value = self.take(index);
        let types = [element, value.ty.clone()];
        let Some(common) = common_type(&types) else { return Err(self.no_common_type(&types)) };
        Ok((with_elements(array, &common), convert(value, &common.kind), common))
    }

    fn no_common_type(&self, types: &[Type]) -> Error {
        let names: Vec<String> = types.iter().map(ToString::to_string).collect();
        let message =
            format!("`{}` over {} has no common type of elements", self.name, names.join(" and "));
        Error::query("H0304", self.span, message)
    }

    /// A call of a lambda kernel.
    fn lambda(&self, name: &'static str, lambda: Lambda, args: Vec<Expr>, ty: Type) -> Expr {
        Expr {
            kind: ExprKind::HigherOrder { name, lambda: Box::new(lambda), args },
            ty,
            span: self.span,
        }
    }

    /// The constant that stands for nothing in a type, if there is such a constant.
    fn default_of(&self, ty: &Type) -> Option<Expr> {
        let missing = ty.nullable || matches!(ty.kind, Kind::Map(_, _) | Kind::Nothing);
        let constant =
            || Expr { kind: ExprKind::Literal(default_value(ty)), ty: ty.clone(), span: self.span };
        (!missing).then(constant)
    }
}

/// An array with its elements converted.
fn with_elements(array: Expr, element: &Type) -> Expr {
    convert(array, &Kind::Array(Box::new(element.clone())))
}

/// `x -> x`.
fn identity(element: &Type, span: Span) -> Lambda {
    let name = "element".to_owned();
    let body = Expr { kind: ExprKind::LambdaVariable(name.clone()), ty: element.clone(), span };
    Lambda { params: vec![(name, element.clone())], body }
}

/// The lambda with its body as a condition.
fn condition(mut lambda: Lambda) -> Result<Lambda, Error> {
    lambda.body = operators::condition(lambda.body)?;
    Ok(lambda)
}

/// A constant array or tuple, if all parts are constant.
fn constant(parts: &[Expr]) -> Option<Value> {
    parts.iter().map(|part| part.literal().cloned()).collect::<Option<Vec<_>>>().map(Value::List)
}
