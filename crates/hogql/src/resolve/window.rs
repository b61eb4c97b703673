//! Window functions: arguments, the window, the frame.

use super::Resolver;
use super::aggregates::{Written, no_parameters_within};
use super::calls::check_arity;
use super::rewrite;
use super::scope::{Inside, Scope};
use crate::error::Error;
use crate::functions::{self, AggregateCall, Build, Function};
use crate::ir::{ColumnId, Expr, ExprKind, Frame, FrameBound, SortKey, WindowCall};
use hogql_syntax::{Span, ast};

/// Functions that look at other rows of the whole partition, whatever the frame.
const OF_PARTITION: &[&str] = &["lag", "lead"];

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
            Some(frame) => self.frame(frame)?,
            None if call.order_by.is_empty() => whole_partition(),
            None => Frame {
                range: true,
                start: FrameBound::Preceding(None),
                end: FrameBound::CurrentRow,
            },
        };
        whole_side(call, name)
    }

    fn frame(&mut self, frame: &ast::WindowFrame) -> Result<Frame, Error> {
        let start = self.bound(&frame.start)?;
        let end = frame.end.as_ref().map_or(Ok(FrameBound::CurrentRow), |end| self.bound(end))?;
        if rank(start) > rank(end) {
            return Err(Error::query("H0331", frame.span, "the frame ends before it starts"));
        }
        Ok(Frame { range: frame.range, start, end })
    }

    fn bound(&mut self, bound: &ast::FrameBound) -> Result<FrameBound, Error> {
        let mut count = |expr: &Option<Box<ast::Expr>>| match expr {
            Some(expr) => self.count(expr, "a frame's distance").map(Some),
            None => Ok(None),
        };
        Ok(match &bound.kind {
            ast::FrameBoundKind::CurrentRow => FrameBound::CurrentRow,
            ast::FrameBoundKind::Preceding(expr) => FrameBound::Preceding(count(expr)?),
            ast::FrameBoundKind::Following(expr) => FrameBound::Following(count(expr)?),
        })
    }
}

const fn whole_partition() -> Frame {
    Frame { range: false, start: FrameBound::Preceding(None), end: FrameBound::Following(None) }
}

/// Where a bound stands from the current row.
fn rank(bound: FrameBound) -> i128 {
    match bound {
        FrameBound::Preceding(Some(rows)) => -i128::from(rows),
        FrameBound::Preceding(None) => i128::MIN,
        FrameBound::CurrentRow => 0,
        FrameBound::Following(Some(rows)) => i128::from(rows),
        FrameBound::Following(None) => i128::MAX,
    }
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
