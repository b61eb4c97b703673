//! The intermediate language as text, a line for each relation: for tests and for people who debug.
//!
//! Columns are `#id`; a column's name and type stand where it is made. Literals carry no type, casts do.

use super::{
    Aggregate, ArithmeticOp, Column, CompareOp, Expr, ExprKind, Frame, FrameBound, GroupingSets,
    NullRule, PathStep, Query, Rel, RelKind, SortKey, Value, WindowCall,
};
use std::fmt::{self, Write};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rel(f, &self.rel, 0)?;
        f.write_str("=>")?;
        for (index, column) in self.output.iter().enumerate() {
            write!(f, "{} {}: {}", if index == 0 { "" } else { "," }, column.name, column.ty)?;
        }
        Ok(())
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_expr(f, self)
    }
}

fn write_rel(f: &mut fmt::Formatter<'_>, rel: &Rel, depth: usize) -> fmt::Result {
    for _ in 0..depth {
        f.write_str("  ")?;
    }
    write_head(f, rel)?;
    f.write_char('\n')?;
    match &rel.kind {
        RelKind::Scan { .. } | RelKind::One | RelKind::Numbers { .. } => Ok(()),
        RelKind::Filter { input, .. }
        | RelKind::Project { input, .. }
        | RelKind::Aggregate { input, .. }
        | RelKind::Window { input, .. }
        | RelKind::ArrayJoin { input, .. }
        | RelKind::Sort { input, .. }
        | RelKind::Limit { input, .. }
        | RelKind::LimitBy { input, .. }
        | RelKind::Distinct { input } => write_rel(f, input, depth + 1),
        RelKind::Join { left, right, .. } | RelKind::Set { left, right, .. } => {
            write_rel(f, left, depth + 1)?;
            write_rel(f, right, depth + 1)
        }
    }
}

fn write_head(f: &mut fmt::Formatter<'_>, rel: &Rel) -> fmt::Result {
    match &rel.kind {
        RelKind::Scan { table, .. } => {
            write!(f, "scan {table:?} [")?;
            separated(f, &rel.columns, |f, column| write!(f, "#{} {}", column.id.0, column.name))?;
            f.write_char(']')
        }
        RelKind::One => f.write_str("one"),
        RelKind::Numbers { offset, count } => {
            write!(f, "numbers {offset}, {count} {}", Columns(&rel.columns))
        }
        RelKind::Filter { predicate, .. } => write!(f, "filter {predicate}"),
        RelKind::Project { exprs, .. } => {
            f.write_str("project ")?;
            let pairs: Vec<_> = rel.columns.iter().zip(exprs).collect();
            separated(f, &pairs, |f, (column, expr)| write!(f, "#{} = {expr}", column.id.0))
        }
        RelKind::Aggregate { keys, sets, aggregates, .. } => {
            write_aggregate(f, rel, keys, sets.as_ref(), aggregates)
        }
        RelKind::Window { calls, .. } => {
            f.write_str("window ")?;
            let added = rel.columns.len().saturating_sub(calls.len());
            let pairs: Vec<_> = rel.columns.iter().skip(added).zip(calls).collect();
            separated(f, &pairs, |f, (column, call)| {
                write!(f, "#{} = ", column.id.0)?;
                write_window(f, call)
            })
        }
        RelKind::Join { kind, on, .. } => {
            write!(f, "join {kind:?}")?;
            on.as_ref().map_or(Ok(()), |on| write!(f, " on {on}"))
        }
        RelKind::ArrayJoin { arrays, keep_empty, .. } => {
            f.write_str(if *keep_empty { "left array join " } else { "array join " })?;
            let added = rel.columns.len().saturating_sub(arrays.len());
            let pairs: Vec<_> = rel.columns.iter().skip(added).zip(arrays).collect();
            separated(f, &pairs, |f, (column, array)| write!(f, "#{} in {array}", column.id.0))
        }
        RelKind::Sort { keys, .. } => write!(f, "sort {}", Keys(keys)),
        RelKind::Limit { limit, offset, ties, .. } => {
            write_limit(f, *limit, *offset)?;
            ties.as_ref().map_or(Ok(()), |keys| write!(f, " with ties {}", Keys(keys)))
        }
        RelKind::LimitBy { limit, offset, by, order, .. } => {
            write_limit(f, Some(*limit), *offset)?;
            write!(f, " by {} order {}", Exprs(by), Keys(order))
        }
        RelKind::Distinct { .. } => f.write_str("distinct"),
        RelKind::Set { op, .. } => write!(f, "{op:?} {}", Columns(&rel.columns)),
    }
}

fn write_limit(f: &mut fmt::Formatter<'_>, limit: Option<u64>, offset: u64) -> fmt::Result {
    match limit {
        Some(limit) => write!(f, "limit {limit}")?,
        None => f.write_str("limit none")?,
    }
    if offset > 0 { write!(f, " offset {offset}") } else { Ok(()) }
}

fn write_aggregate(
    f: &mut fmt::Formatter<'_>,
    rel: &Rel,
    keys: &[Expr],
    sets: Option<&GroupingSets>,
    aggregates: &[Aggregate],
) -> fmt::Result {
    f.write_str("aggregate by [")?;
    let pairs: Vec<_> = rel.columns.iter().zip(keys).collect();
    separated(f, &pairs, |f, (column, key)| write!(f, "#{} = {key}", column.id.0))?;
    f.write_char(']')?;
    if let Some(GroupingSets { sets, needs_rows }) = sets {
        write!(f, " sets {sets:?}{}", if *needs_rows { " if any row" } else { "" })?;
    }
    for (column, call) in rel.columns.iter().skip(keys.len()).zip(aggregates) {
        write!(f, " #{} = ", column.id.0)?;
        let inner = if call.distinct { "distinct " } else { "" };
        write!(f, "{}{}({inner}{}", call.name, Params(&call.params), Exprs(&call.args))?;
        if !call.order_by.is_empty() {
            write!(f, " order {}", Keys(&call.order_by))?;
        }
        f.write_char(')')?;
        if let Some(filter) = &call.filter {
            write!(f, " if {filter}")?;
        }
        write!(f, ": {}", call.ty)?;
    }
    Ok(())
}

fn write_window(f: &mut fmt::Formatter<'_>, call: &WindowCall) -> fmt::Result {
    write!(f, "{}{}({})", call.name, Params(&call.params), Exprs(&call.args))?;
    if let Some(filter) = &call.filter {
        write!(f, " if {filter}")?;
    }
    f.write_str(" over (")?;
    if !call.partition_by.is_empty() {
        write!(f, "by {} ", Exprs(&call.partition_by))?;
    }
    if !call.order_by.is_empty() {
        write!(f, "order {} ", Keys(&call.order_by))?;
    }
    let Frame { range, start, end } = call.frame;
    write!(
        f,
        "{} {}..{}): {}",
        if range { "range" } else { "rows" },
        Bound(start),
        Bound(end),
        call.ty
    )
}

fn write_expr(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Literal(value) => write!(f, "{}", Literal(value)),
        ExprKind::Column(id) => write!(f, "#{}", id.0),
        ExprKind::LambdaVariable(name) => f.write_str(name),
        ExprKind::Kernel { name, args } => write!(f, "{name}({})", Exprs(args)),
        ExprKind::HigherOrder { name, lambda, args } => {
            write!(f, "{name}((")?;
            separated(f, &lambda.params, |f, (name, ty)| write!(f, "{name}: {ty}"))?;
            write!(f, ") -> {}, {})", lambda.body, Exprs(args))
        }
        ExprKind::Arithmetic { op, left, right } => {
            write!(f, "({left} {} {right})", arithmetic(*op))
        }
        ExprKind::Compare { op, left, right, nulls } => {
            write!(f, "({left} {}{} {right})", compare(*op), plain(*nulls))
        }
        ExprKind::Like { expr, pattern, negated, case_insensitive, nulls } => {
            let word = if *case_insensitive { "ilike" } else { "like" };
            write!(f, "({expr} {}{word}{} {pattern})", not(*negated), plain(*nulls))
        }
        ExprKind::Regex { expr, pattern, negated, case_insensitive, nulls } => {
            let word = if *case_insensitive { "=~*" } else { "=~" };
            write!(f, "({expr} {}{word}{} {pattern})", not(*negated), plain(*nulls))
        }
        ExprKind::In { expr, list, negated } => {
            write!(f, "({expr} {}in [{}])", not(*negated), Exprs(list))
        }
        ExprKind::InSubquery { expr, rel, negated } => {
            write!(f, "({expr} {}in {})", not(*negated), Inline(rel))
        }
        ExprKind::ScalarSubquery(rel) => write!(f, "{}", Inline(rel)),
        ExprKind::And(parts) => joined(f, parts, " and "),
        ExprKind::Or(parts) => joined(f, parts, " or "),
        ExprKind::Not(expr) => write!(f, "not({expr})"),
        ExprKind::IsNull { expr, negated } => {
            write!(f, "{}({expr})", if *negated { "isNotNull" } else { "isNull" })
        }
        ExprKind::Case { branches, otherwise } => {
            f.write_str("case(")?;
            separated(f, branches, |f, (condition, value)| write!(f, "{condition} => {value}"))?;
            write!(f, ", else {otherwise})")
        }
        ExprKind::Coalesce(args) => write!(f, "coalesce({})", Exprs(args)),
        ExprKind::Cast { expr: inner, safe } => {
            write!(f, "{}({inner} as {})", if *safe { "try_cast" } else { "cast" }, expr.ty)
        }
        ExprKind::Property { json, path } => write_property(f, json, path),
    }
}

fn write_property(f: &mut fmt::Formatter<'_>, json: &Expr, path: &[PathStep]) -> fmt::Result {
    write!(f, "{json}")?;
    for step in path {
        match step {
            PathStep::Key(key) => write!(f, ".{key}")?,
            PathStep::Index(index) => write!(f, "[{index}]")?,
        }
    }
    Ok(())
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str) -> fmt::Result {
    f.write_char('(')?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{part}")?;
    }
    f.write_char(')')
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}

const fn arithmetic(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    }
}

const fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtEq => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtEq => ">=",
    }
}

const fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

/// SQL's rule is marked, HogQL's is not.
const fn plain(nulls: NullRule) -> &'static str {
    match nulls {
        NullRule::Plain => "?",
        NullRule::TwoValued => "",
    }
}

struct Columns<'a>(&'a [Column]);

impl fmt::Display for Columns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        separated(f, self.0, |f, column| {
            write!(f, "#{} {}: {}", column.id.0, column.name, column.ty)
        })?;
        f.write_char(']')
    }
}

struct Exprs<'a>(&'a [Expr]);

impl fmt::Display for Exprs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, self.0, |f, expr| write!(f, "{expr}"))
    }
}

struct Keys<'a>(&'a [SortKey]);

impl fmt::Display for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, self.0, |f, key| {
            let direction = if key.descending { " desc" } else { "" };
            let nulls = if key.nulls_first { " nulls first" } else { "" };
            write!(f, "{}{direction}{nulls}", key.expr)
        })
    }
}

struct Params<'a>(&'a [Value]);

impl fmt::Display for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_char('(')?;
        separated(f, self.0, |f, value| write!(f, "{}", Literal(value)))?;
        f.write_char(')')
    }
}

struct Literal<'a>(&'a Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::UInt(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::String(text) => {
                write!(f, "'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
            }
            Value::List(values) => {
                f.write_char('[')?;
                separated(f, values, |f, value| write!(f, "{}", Literal(value)))?;
                f.write_char(']')
            }
        }
    }
}

struct Bound(FrameBound);

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            FrameBound::CurrentRow => f.write_char('0'),
            FrameBound::Preceding(None) => f.write_str("-inf"),
            FrameBound::Preceding(Some(rows)) => write!(f, "-{rows}"),
            FrameBound::Following(None) => f.write_str("inf"),
            FrameBound::Following(Some(rows)) => write!(f, "{rows}"),
        }
    }
}

/// A relation within an expression: its lines in braces.
struct Inline<'a>(&'a Rel);

impl fmt::Display for Inline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        write_inline(f, self.0)?;
        f.write_char('}')
    }
}

fn write_inline(f: &mut fmt::Formatter<'_>, rel: &Rel) -> fmt::Result {
    write_head(f, rel)?;
    let mut below = |input: &Rel| {
        f.write_str(" <- ")?;
        write_inline(f, input)
    };
    match &rel.kind {
        RelKind::Scan { .. } | RelKind::One | RelKind::Numbers { .. } => Ok(()),
        RelKind::Filter { input, .. }
        | RelKind::Project { input, .. }
        | RelKind::Aggregate { input, .. }
        | RelKind::Window { input, .. }
        | RelKind::ArrayJoin { input, .. }
        | RelKind::Sort { input, .. }
        | RelKind::Limit { input, .. }
        | RelKind::LimitBy { input, .. }
        | RelKind::Distinct { input } => below(input),
        RelKind::Join { left, right, .. } | RelKind::Set { left, right, .. } => {
            below(left)?;
            below(right)
        }
    }
}
