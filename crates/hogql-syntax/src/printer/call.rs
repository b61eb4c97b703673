//! Calls, windows, stars and the keyword forms of expressions.

use super::edges;
use super::names::Place;
use super::writer::Writer;
use crate::ast::{
    Call, CastStyle, Columns, Expr, ExprKind, FrameBound, FrameBoundKind, Ident, IntervalUnit,
    Literal, Over, Star, TrimSide, WindowCall, WindowFrame, WindowSpec,
};

impl Writer {
    /// The closed forms that begin with a keyword, a function's name, a star or a tag.
    pub(super) fn construct(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Star(star) => self.star(star),
            ExprKind::Columns(columns) => self.columns(columns),
            ExprKind::Spread(inner) => self.spread(inner),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Window(call) => self.window_call(call),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref());
            }
            ExprKind::Interval { value, unit, from_string } => {
                self.interval(value, *unit, *from_string)
            }
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Cast { expr, type_name, style } => self.cast(expr, type_name, *style),
            ExprKind::Trim { side, chars, expr } => self.trim(*side, chars, expr),
            ExprKind::Tag(tag) => self.tag(tag),
            _ => {}
        }
    }

    fn star(&mut self, star: &Star) {
        self.qualified_star(&star.qualifier);
        if let Some(exclude) = &star.exclude {
            self.exclude(exclude);
        }
    }

    fn qualified_star(&mut self, qualifier: &[Ident]) {
        self.chain(qualifier);
        self.push(if qualifier.is_empty() { "*" } else { ".*" });
    }

    fn exclude(&mut self, exclude: &[Vec<Ident>]) {
        self.push(" EXCLUDE ");
        self.parenthesised_list(exclude, |w, chain| w.chain(chain));
    }

    fn columns(&mut self, columns: &Columns) {
        self.push("COLUMNS(");
        match columns {
            Columns::Regex(regex) => self.string(regex),
            Columns::List(items) => self.column_list(items),
            Columns::All { qualifier, exclude, replace } => {
                self.qualified_star(qualifier);
                if !exclude.is_empty() {
                    self.exclude(exclude);
                }
                if !replace.is_empty() {
                    self.push(" REPLACE ");
                    self.parenthesised_list(replace, Self::replacement);
                }
            }
        }
        self.push(")");
    }

    /// A single text would be a pattern.
    fn column_list(&mut self, items: &[Expr]) {
        self.exprs(items);
        if let [Expr { kind: ExprKind::Literal(Literal::String(_)), .. }] = items {
            self.push(",");
        }
    }

    fn replacement(&mut self, (value, column): &(Expr, Ident)) {
        self.operand(value, edges::TERNARY);
        self.push(" AS ");
        self.alias(column);
    }

    /// An empty `COLUMNS()` is a call by that name, which must not be quoted here.
    fn spread(&mut self, inner: &Expr) {
        self.push("*");
        match &inner.kind {
            ExprKind::Call(call) => {
                self.push(&call.name.value);
                self.call_lists(call);
            }
            _ => self.any_expr(inner),
        }
    }

    fn call(&mut self, call: &Call) {
        self.name(&call.name.value, Place::Function);
        self.call_lists(call);
    }

    /// What stands behind the name of a call.
    fn call_lists(&mut self, call: &Call) {
        if let Some(params) = &call.params {
            self.parenthesised_list(params, Self::any_expr);
        }
        // `WITHIN GROUP` comes after a single list, which are the parameters.
        if call.params.is_none() || !call.args.is_empty() || call.within_group.is_empty() {
            self.call_arguments(call);
        }
        if !call.within_group.is_empty() {
            self.push(" WITHIN GROUP (ORDER BY ");
            self.list(&call.within_group, Self::order_item);
            self.push(")");
        }
        self.filter(call.filter.as_ref());
    }

    /// `(DISTINCT a, b ORDER BY c)`.
    fn call_arguments(&mut self, call: &Call) {
        self.push("(");
        if call.distinct {
            self.push("DISTINCT ");
        }
        self.exprs(&call.args);
        if !call.order_by.is_empty() {
            self.push(if call.args.is_empty() { "ORDER BY " } else { " ORDER BY " });
            self.list(&call.order_by, Self::order_item);
        }
        self.push(")");
    }

    fn filter(&mut self, filter: Option<&Expr>) {
        if let Some(condition) = filter {
            self.push(" FILTER (WHERE ");
            self.any_expr(condition);
            self.push(")");
        }
    }

    fn window_call(&mut self, call: &WindowCall) {
        self.name(&call.name.value, Place::Function);
        self.parenthesised_list(&call.exprs, Self::any_expr);
        if let Some(args) = &call.args {
            self.parenthesised_list(args, Self::any_expr);
        }
        self.filter(call.filter.as_ref());
        self.push(" OVER ");
        match &call.over {
            Over::Named(name) => self.alias(name),
            Over::Spec(spec) => self.window_spec(spec),
        }
    }

    /// `(PARTITION BY .. ORDER BY .. ROWS ..)`.
    pub(super) fn window_spec(&mut self, spec: &WindowSpec) {
        self.push("(");
        let start = self.mark();
        if !spec.partition_by.is_empty() {
            self.push("PARTITION BY ");
            self.exprs(&spec.partition_by);
        }
        if !spec.order_by.is_empty() {
            self.space_since(start);
            self.push("ORDER BY ");
            self.list(&spec.order_by, Self::order_item);
        }
        if let Some(frame) = &spec.frame {
            self.space_since(start);
            self.frame(frame);
        }
        self.push(")");
    }

    fn frame(&mut self, frame: &WindowFrame) {
        self.push(if frame.range { "RANGE " } else { "ROWS " });
        let Some(end) = &frame.end else {
            return self.frame_bound(&frame.start);
        };
        self.push("BETWEEN ");
        self.frame_bound(&frame.start);
        self.push(" AND ");
        self.frame_bound(end);
    }

    fn frame_bound(&mut self, bound: &FrameBound) {
        let (value, word) = match &bound.kind {
            FrameBoundKind::CurrentRow => return self.push("CURRENT ROW"),
            FrameBoundKind::Preceding(value) => (value, " PRECEDING"),
            FrameBoundKind::Following(value) => (value, " FOLLOWING"),
        };
        match value {
            Some(value) => {
                self.operand(value, edges::ADD);
            }
            None => self.push("UNBOUNDED"),
        }
        self.push(word);
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) {
        self.push("CASE");
        if let Some(operand) = operand {
            self.push(" ");
            self.operand(operand, edges::TERNARY);
        }
        for (when, then) in branches {
            self.push(" WHEN ");
            self.operand(when, edges::TERNARY);
            self.push(" THEN ");
            self.operand(then, edges::TERNARY);
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.operand(otherwise, edges::TERNARY);
        }
        self.push(" END");
    }

    fn interval(&mut self, value: &Expr, unit: IntervalUnit, from_string: bool) {
        let unit = unit_word(unit);
        if let (true, ExprKind::Literal(Literal::Integer(count))) = (from_string, &value.kind) {
            return self.push(&format!("INTERVAL '{count} {}'", unit.to_ascii_lowercase()));
        }
        self.push("INTERVAL ");
        let start = self.mark();
        self.within_interval(|w| {
            w.operand(value, edges::ADD);
        });
        // The unit would be taken for an inner interval's, and a text for the whole interval.
        let is_text = matches!(value.kind, ExprKind::Literal(_));
        let written = self.since(start);
        if written.starts_with("INTERVAL ") || written.starts_with('\'') && !is_text {
            self.wrap_since(start);
        }
        self.push(" ");
        self.push(unit);
    }

    fn cast(&mut self, expr: &Expr, type_name: &str, style: CastStyle) {
        self.push(if style == CastStyle::TryCast { "TRY_CAST(" } else { "CAST(" });
        self.operand(expr, edges::TERNARY);
        self.push(" AS ");
        if reads_as_type(type_name) {
            self.push(type_name);
        } else {
            self.quoted(type_name, '`');
        }
        self.push(")");
    }

    fn trim(&mut self, side: TrimSide, chars: &Expr, expr: &Expr) {
        self.push(match side {
            TrimSide::Both => "TRIM(BOTH ",
            TrimSide::Leading => "TRIM(LEADING ",
            TrimSide::Trailing => "TRIM(TRAILING ",
        });
        self.any_expr(chars);
        self.push(" FROM ");
        self.any_expr(expr);
        self.push(")");
    }
}

/// Whether the text is read back as it is: quotes within a type are not kept.
fn reads_as_type(text: &str) -> bool {
    let read = crate::parse_expr(&format!("CAST(NULL AS {text})"));
    let same = matches!(&read.tree.kind, ExprKind::Cast { type_name, .. } if type_name == text);
    same && read.is_ok()
}

/// The unit's word in upper case.
pub(super) fn unit_word(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Second => "SECOND",
        IntervalUnit::Minute => "MINUTE",
        IntervalUnit::Hour => "HOUR",
        IntervalUnit::Day => "DAY",
        IntervalUnit::Week => "WEEK",
        IntervalUnit::Month => "MONTH",
        IntervalUnit::Quarter => "QUARTER",
        IntervalUnit::Year => "YEAR",
    }
}
