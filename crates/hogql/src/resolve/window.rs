//! Window functions: arguments, the window, the frame.

use super::Resolver;
use super::aggregates::{Written, no_parameters_within};
use super::calls::check_arity;
use super::rewrite;
use super::scope::{Clause, Inside, Scope};
use crate::error::Error;
use crate::functions::{self, AggregateCall, Build, Function};
use crate::ir::{ColumnId, Expr, ExprKind, Frame, FrameBound, SortKey, WindowCall};
use crate::types::Kind;
use hogql_syntax::{Span, ast};

/// Functions that look at other rows of the whole partition, whatever the frame.
const OF_PARTITION: &[&str] = &["lag", "lead"];

/// Largest distance of a frame from its row, in rows or in values: ClickHouse's.
const FARTHEST: u64 = 2_147_483_646;

impl Resolver<'_> {
    /// `f(args) OVER (..)`: its column beside the rows.
    pub(super) fn window_call(
        &mut self,
        scope: &mut Scope,
        call: &ast::WindowCall,
        span: Span,
    ) -> Result<Expr, Error> {
        if scope.inside.is_some() {
            let message = format!(
                "window function `{}` cannot stand inside another call of its SELECT's rows",
                call.name.value
            );
            return Err(Error::query("H0330", span, message).with_hint("compute it in a subquery"));
        }
        if let Some(filter) = &call.filter {
            self.dropped(filter.span, "FILTER before OVER")
                .map_err(|error| error.with_hint(format!("write `{}If(..)`", call.name.value)))?;
        }
        scope.inside = Some(Inside::Window);
        let resolved = self.resolved_window(scope, call, span);
        scope.inside = None;
        let resolved = resolved?;
        let ty = resolved.ty.clone();
        let id = self.fresh();
        scope.window_calls.push((id, resolved));
        Ok(Expr { kind: ExprKind::Column(id), ty, span })
    }

    fn resolved_window(
        &mut self,
        scope: &mut Scope,
        call: &ast::WindowCall,
        span: Span,
    ) -> Result<WindowCall, Error> {
        let spec = match &call.over {
            ast::Over::Spec(spec) => spec.clone(),
            ast::Over::Named(name) => named_window(scope, name)?,
        };
        let (params, args) = match &call.args {
            Some(args) => (Some(call.exprs.as_slice()), args.as_slice()),
            None => (None, call.exprs.as_slice()),
        };
        let params = self.params(params)?;
        let args = self.args(scope, args)?;
        let written = Written { name: &call.name.value, args, params, distinct: false, span };
        let mut resolved = self.window_function(written, call.name.span)?;
        resolved.partition_by = self.exprs(scope, &spec.partition_by)?;
        resolved.order_by = self.inner_order(scope, &spec.order_by)?;
        self.set_frame(&mut resolved, &call.name.value, spec.frame.as_ref())?;
        no_windows_within(scope, &resolved, &call.name.value)?;
        let ordered = resolved.order_by.iter().map(|key| &key.expr);
        let parts = resolved.args.iter().chain(&resolved.filter).chain(&resolved.partition_by);
        no_parameters_within(parts.chain(ordered), &call.name.value)?;
        Ok(resolved)
    }

    /// The function or aggregate, its window still to come.
    fn window_function(
        &mut self,
        written: Written<'_>,
        name_span: Span,
    ) -> Result<WindowCall, Error> {
        let Written { name, span, .. } = written;
        if let Some(aggregate) = functions::aggregate_name(name) {
            let aggregate = self.aggregate_of(&aggregate, written)?;
            if aggregate.distinct || !aggregate.order_by.is_empty() {
                return Err(Error::not_supported(span, format_args!("`{name}` over a window")));
            }
            return Ok(WindowCall {
                name: aggregate.name,
                is_aggregate: true,
                args: aggregate.args,
                params: aggregate.params,
                filter: aggregate.filter,
                partition_by: Vec::new(),
                order_by: Vec::new(),
                frame: whole_partition(),
                ty: aggregate.ty,
                empty: aggregate.empty,
                span,
            });
        }
        let function =
            functions::lookup(name).filter(|function| matches!(function.build, Build::Window(_)));
        let Some(Function { build: Build::Window(build), arity, .. }) = function else {
            return Err(no_window_function(name, name_span));
        };
        check_arity(*arity, "window function", name, written.args.len(), span)?;
        let Written { args, params, .. } = written;
        build(&mut AggregateCall {
            name,
            span,
            args,
            params,
            distinct: false,
            settings: self.settings,
        })
    }

    /// The frame as written; else the whole partition without order, and up to the current row with one.
    fn set_frame(
        &mut self,
        call: &mut WindowCall,
        name: &str,
        frame: Option<&ast::WindowFrame>,
    ) -> Result<(), Error> {
        if OF_PARTITION.contains(&name) {
            if let (true, Some(expr)) = (call.order_by.is_empty(), call.args.first()) {
                call.order_by.push(SortKey {
                    expr: expr.clone(),
                    descending: false,
                    nulls_first: false,
                });
            }
            call.frame = whole_partition();
            return Ok(());
        }
        call.frame = match frame {
            Some(frame) => self.frame(&call.order_by, frame)?,
            None if call.order_by.is_empty() => whole_partition(),
            None => Frame {
                range: true,
                start: FrameBound::Preceding(None),
                end: FrameBound::CurrentRow,
            },
        };
        whole_side(call, name)
    }

    fn frame(&mut self, order: &[SortKey], written: &ast::WindowFrame) -> Result<Frame, Error> {
        let start = self.bound(&written.start)?;
        let end = written.end.as_ref().map_or(Ok(FrameBound::CurrentRow), |end| self.bound(end))?;
        if start == FrameBound::Following(None) || end == FrameBound::Preceding(None) {
            let message =
                "a frame starts at no UNBOUNDED FOLLOWING and ends at no UNBOUNDED PRECEDING";
            return Err(Error::query("H0331", written.span, message));
        }
        if place(start) > place(end) {
            return Err(Error::query("H0331", written.span, "the frame ends before it starts"));
        }
        let frame = Frame { range: written.range, start, end };
        if frame.is_measured() {
            check_measured(&frame, order, written)?;
        }
        // Without an order all rows are equal, and RANGE ends at the last of equal rows.
        Ok(if frame.range && order.is_empty() { whole_partition() } else { frame })
    }

    fn bound(&mut self, bound: &ast::FrameBound) -> Result<FrameBound, Error> {
        let mut distance = |expr: &Option<Box<ast::Expr>>| match expr {
            Some(expr) => self.distance(expr).map(Some),
            None => Ok(None),
        };
        Ok(match &bound.kind {
            ast::FrameBoundKind::CurrentRow => FrameBound::CurrentRow,
            ast::FrameBoundKind::Preceding(expr) => FrameBound::Preceding(distance(expr)?),
            ast::FrameBoundKind::Following(expr) => FrameBound::Following(distance(expr)?),
        })
    }

    fn distance(&mut self, expr: &ast::Expr) -> Result<u64, Error> {
        let mut scope = Scope { clause: Clause::Constant, ..Scope::default() };
        if matches!(self.expr(&mut scope, expr)?.ty.kind, Kind::Interval(_)) {
            let message = "a frame's distance must be a number, found an interval";
            return Err(Error::query("H0336", expr.span, message)
                .with_hint("RANGE counts days over a Date and seconds over a DateTime"));
        }
        let distance = self.count(expr, "a frame's distance")?;
        if distance > FARTHEST {
            let message = format!("a frame's distance can be at most {FARTHEST}");
            return Err(Error::query("H0337", expr.span, message).with_hint(UNBOUNDED));
        }
        Ok(distance)
    }
}

const fn whole_partition() -> Frame {
    Frame { range: false, start: FrameBound::Preceding(None), end: FrameBound::Following(None) }
}

/// Where a bound stands from the current row: on which side, then how far. `0 FOLLOWING` does not come before it.
fn place(bound: FrameBound) -> (i8, i128) {
    match bound {
        FrameBound::Preceding(None) => (-1, i128::MIN),
        FrameBound::Preceding(Some(distance)) => (-1, -i128::from(distance)),
        FrameBound::CurrentRow => (0, 0),
        FrameBound::Following(Some(distance)) => (1, i128::from(distance)),
        FrameBound::Following(None) => (1, i128::MAX),
    }
}

/// Distances of RANGE are counted in the values of one sort key: numbers, days, seconds.
fn check_measured(
    frame: &Frame,
    order: &[SortKey],
    written: &ast::WindowFrame,
) -> Result<(), Error> {
    let [key] = order else {
        let message =
            format!("RANGE with a distance needs one key in ORDER BY, found {}", order.len());
        return Err(Error::query("H0334", written.span, message).with_hint(COUNT_ROWS));
    };
    let Some(farthest) = farthest(&key.expr.ty.kind) else { return Err(no_measure(key)) };
    for (bound, at) in [(frame.start, Some(&written.start)), (frame.end, written.end.as_ref())] {
        if let (Some(distance), Some(at)) = (bound.distance(), at)
            && distance > farthest
        {
            let message = format!("{distance} is too far for a sort key of type {}", key.expr.ty);
            return Err(Error::query("H0337", at.span, message).with_hint(UNBOUNDED));
        }
    }
    Ok(())
}

const UNBOUNDED: &str = "UNBOUNDED reaches every row on its side";
const COUNT_ROWS: &str = "ROWS counts rows, whatever their order";

/// The largest distance over a sort key of a kind, which in ClickHouse must be of that kind itself; `None` if it has no distances.
const fn farthest(kind: &Kind) -> Option<u64> {
    match kind {
        Kind::UInt(bits) => Some(u64::MAX >> (64 - bits.width())),
        Kind::Int(bits) => Some(u64::MAX >> (65 - bits.width())),
        Kind::Date => Some(65_535),
        Kind::Bool | Kind::Float32 | Kind::Float64 | Kind::DateTime(_) => Some(u64::MAX),
        _ => None,
    }
}

fn no_measure(key: &SortKey) -> Error {
    let message = format!(
        "RANGE with a distance needs a whole number, a float, a Date or a DateTime in ORDER BY, found {}",
        key.expr.ty
    );
    Error::query("H0335", key.expr.span, message).with_hint(match key.expr.ty.kind {
        Kind::DateTime64(..) => "`toDateTime(..)` gives whole seconds",
        Kind::Decimal(..) => "`toFloat(..)` gives a float",
        _ => COUNT_ROWS,
    })
}

fn named_window(scope: &Scope, name: &ast::Ident) -> Result<ast::WindowSpec, Error> {
    let found = scope.windows.iter().find(|(known, _)| known.value == name.value);
    if let Some((_, spec)) = found {
        return Ok(spec.clone());
    }
    let error = Error::query("H0332", name.span, format!("there is no window `{}`", name.value));
    Err(
        match super::suggest::closest(
            &name.value,
            scope.windows.iter().map(|(known, _)| known.value.as_str()),
        ) {
            Some(close) => error.with_hint(format!("did you mean `{close}`?")),
            None => error.with_hint(format!("define it: `WINDOW {} AS (..)`", name.value)),
        },
    )
}

fn no_window_function(name: &str, span: Span) -> Error {
    if functions::lookup(name).is_some() {
        let message = format!(
            "`{name}` is neither a window function nor an aggregation, so it takes no OVER"
        );
        return Error::query("H0333", span, message);
    }
    if functions::is_known(name) {
        return Error::not_supported(span, format_args!("function `{name}`"));
    }
    let error = Error::query("H0300", span, format!("unknown window function `{name}`"));
    let names = functions::all()
        .filter(|function| matches!(function.build, Build::Window(_) | Build::Aggregate(_)));
    match super::suggest::closest(name, names.map(|function| function.name)) {
        Some(close) => error.with_hint(format!("did you mean `{close}`?")),
        None => error,
    }
}

fn no_windows_within(scope: &Scope, call: &WindowCall, name: &str) -> Result<(), Error> {
    let ids: Vec<ColumnId> = scope.window_calls.iter().map(|(id, _)| *id).collect();
    let keys = call.order_by.iter().map(|key| &key.expr);
    let parts = call.args.iter().chain(&call.partition_by).chain(keys).chain(&call.filter);
    for part in parts {
        if rewrite::mentions(part, &ids) {
            let message = format!(
                "window function `{name}` cannot be computed from another of the same SELECT"
            );
            return Err(Error::query("H0330", call.span, message)
                .with_hint("compute the inner one in a subquery"));
        }
    }
    Ok(())
}

/// Neighbours within a frame are answered where the frame holds all rows on their side.
fn whole_side(call: &WindowCall, name: &str) -> Result<(), Error> {
    let (cut, other) = match name {
        "lagInFrame" => (call.frame.start != FrameBound::Preceding(None), "lag"),
        "leadInFrame" => (call.frame.end != FrameBound::Following(None), "lead"),
        _ => return Ok(()),
    };
    if cut {
        let what = format!("`{name}` over a frame that leaves out rows on its side");
        return Err(Error::not_supported(call.span, what)
            .with_hint(format!("`{other}` looks at the whole partition")));
    }
    Ok(())
}
