//! Walking trees: a visitor that reads and one that changes.
//!
//! A visitor overrides what it cares for and calls the `walk_` function of the same name to go on below. Parts are
//! visited in the order in which they are written.

pub use changing::{VisitorMut, walk_expr as walk_expr_mut, walk_query as walk_query_mut};
pub use reading::{Visitor, walk_expr, walk_query};

pub(super) use changing::walk_order_item;

/// The same walk over shared and over exclusive references.
macro_rules! visitor {
    ($module:ident, $trait_doc:literal, $Trait:ident, [$($mut:tt)?]) => {
        mod $module {
            use crate::Span;
            use crate::ast::*;

            #[doc = $trait_doc]
            pub trait $Trait {
                /// An expression; goes on below by default.
                fn visit_expr(&mut self, expr: & $($mut)? Expr) {
                    walk_expr(self, expr);
                }

                /// A query; goes on below by default.
                fn visit_query(&mut self, query: & $($mut)? Query) {
                    walk_query(self, query);
                }

                /// A name.
                fn visit_ident(&mut self, ident: & $($mut)? Ident) {
                    self.visit_span(& $($mut)? ident.span);
                }

                /// A place in the text.
                fn visit_span(&mut self, _span: & $($mut)? Span) {}

                /// The place of a `LIMIT` that a later one replaced.
                fn visit_repeated_limit(&mut self, _repeated: & $($mut)? Option<Span>) {}
            }

            /// Visits what stands below the expression.
            pub fn walk_expr<V: $Trait + ?Sized>(v: &mut V, expr: & $($mut)? Expr) {
                v.visit_span(& $($mut)? expr.span);
                match & $($mut)? expr.kind {
                    ExprKind::Literal(_) | ExprKind::PositionalRef(_) | ExprKind::Error => {}
                    ExprKind::Field(chain) => idents(v, chain),
                    ExprKind::Star(star) => walk_star(v, star),
                    ExprKind::Columns(columns) => walk_columns(v, columns),
                    ExprKind::Spread(e) | ExprKind::Placeholder(e) | ExprKind::Negate(e) | ExprKind::Not(e)
                    | ExprKind::IgnoreNulls(e) | ExprKind::IsNull { expr: e, .. } | ExprKind::Interval { value: e, .. }
                    | ExprKind::Cast { expr: e, .. } | ExprKind::TupleAccess { base: e, .. } => v.visit_expr(e),
                    ExprKind::Concat(items) | ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Tuple(items)
                    | ExprKind::Array(items) | ExprKind::GroupingSet(items) => exprs(v, items),
                    ExprKind::Arithmetic { left, right, .. } | ExprKind::Compare { left, right, .. }
                    | ExprKind::IsDistinctFrom { left, right, .. } | ExprKind::Coalesce(left, right)
                    | ExprKind::ArrayAccess { base: left, index: right, .. }
                    | ExprKind::Trim { chars: left, expr: right, .. } => {
                        v.visit_expr(left);
                        v.visit_expr(right);
                    }
                    ExprKind::Between { expr: a, low: b, high: c, .. }
                    | ExprKind::Ternary { condition: a, then: b, otherwise: c } => {
                        v.visit_expr(a);
                        v.visit_expr(b);
                        v.visit_expr(c);
                    }
                    ExprKind::Subquery(query) => v.visit_query(query),
                    ExprKind::Tag(tag) => walk_tag(v, tag),
                    ExprKind::Block(block) => walk_block(v, block),
                    _ => walk_compound(v, & $($mut)? expr.kind),
                }
            }

            fn walk_compound<V: $Trait + ?Sized>(v: &mut V, kind: & $($mut)? ExprKind) {
                match kind {
                    ExprKind::Call(call) => walk_call(v, call),
                    ExprKind::Window(call) => walk_window_call(v, call),
                    ExprKind::ExprCall { callee, args } => {
                        v.visit_expr(callee);
                        exprs(v, args);
                    }
                    ExprKind::NamedArgument { name, value } => {
                        v.visit_ident(name);
                        v.visit_expr(value);
                    }
                    ExprKind::Case { operand, branches, otherwise } => {
                        boxed(v, operand);
                        pairs(v, branches);
                        boxed(v, otherwise);
                    }
                    ExprKind::Template(parts) => parts_of(v, parts),
                    ExprKind::Lambda { params, body } => {
                        idents(v, params);
                        v.visit_expr(body);
                    }
                    ExprKind::Alias { expr, alias } => {
                        v.visit_expr(expr);
                        v.visit_ident(alias);
                    }
                    ExprKind::Dict(items) => pairs(v, items),
                    ExprKind::ArraySlice { base, from, to } => {
                        v.visit_expr(base);
                        boxed(v, from);
                        boxed(v, to);
                    }
                    _ => {}
                }
            }

            fn exprs<V: $Trait + ?Sized>(v: &mut V, items: & $($mut)? Vec<Expr>) {
                for item in items {
                    v.visit_expr(item);
                }
            }

            fn idents<V: $Trait + ?Sized>(v: &mut V, items: & $($mut)? Vec<Ident>) {
                for item in items {
                    v.visit_ident(item);
                }
            }

            fn boxed<V: $Trait + ?Sized>(v: &mut V, item: & $($mut)? Option<Box<Expr>>) {
                if let Some(item) = item {
                    v.visit_expr(item);
                }
            }

            fn optional<V: $Trait + ?Sized>(v: &mut V, item: & $($mut)? Option<Expr>) {
                if let Some(item) = item {
                    v.visit_expr(item);
                }
            }

            fn pairs<V: $Trait + ?Sized>(v: &mut V, items: & $($mut)? Vec<(Expr, Expr)>) {
                for (first, second) in items {
                    v.visit_expr(first);
                    v.visit_expr(second);
                }
            }

            fn parts_of<V: $Trait + ?Sized>(v: &mut V, parts: & $($mut)? Vec<TemplatePart>) {
                for part in parts {
                    match part {
                        TemplatePart::Text { span, .. } => v.visit_span(span),
                        TemplatePart::Expr(e) => v.visit_expr(e),
                    }
                }
            }

            fn orders<V: $Trait + ?Sized>(v: &mut V, items: & $($mut)? Vec<OrderItem>) {
                for item in items {
                    walk_order_item(v, item);
                }
            }

            fn walk_star<V: $Trait + ?Sized>(v: &mut V, star: & $($mut)? Star) {
                idents(v, & $($mut)? star.qualifier);
                for chain in (& $($mut)? star.exclude).into_iter().flatten() {
                    idents(v, chain);
                }
            }

            fn walk_columns<V: $Trait + ?Sized>(v: &mut V, columns: & $($mut)? Columns) {
                match columns {
                    Columns::Regex(_) => {}
                    Columns::List(items) => exprs(v, items),
                    Columns::All { qualifier, exclude, replace } => {
                        idents(v, qualifier);
                        for chain in exclude {
                            idents(v, chain);
                        }
                        for (value, column) in replace {
                            v.visit_expr(value);
                            v.visit_ident(column);
                        }
                    }
                }
            }

            fn walk_call<V: $Trait + ?Sized>(v: &mut V, call: & $($mut)? Call) {
                v.visit_ident(& $($mut)? call.name);
                if let Some(params) = & $($mut)? call.params {
                    exprs(v, params);
                }
                exprs(v, & $($mut)? call.args);
                orders(v, & $($mut)? call.order_by);
                orders(v, & $($mut)? call.within_group);
                optional(v, & $($mut)? call.filter);
            }

            fn walk_window_call<V: $Trait + ?Sized>(v: &mut V, call: & $($mut)? WindowCall) {
                v.visit_ident(& $($mut)? call.name);
                exprs(v, & $($mut)? call.exprs);
                if let Some(args) = & $($mut)? call.args {
                    exprs(v, args);
                }
                optional(v, & $($mut)? call.filter);
                match & $($mut)? call.over {
                    Over::Named(name) => v.visit_ident(name),
                    Over::Spec(spec) => walk_window_spec(v, spec),
                }
            }

            fn walk_window_spec<V: $Trait + ?Sized>(v: &mut V, spec: & $($mut)? WindowSpec) {
                v.visit_span(& $($mut)? spec.span);
                exprs(v, & $($mut)? spec.partition_by);
                orders(v, & $($mut)? spec.order_by);
                if let Some(frame) = & $($mut)? spec.frame {
                    v.visit_span(& $($mut)? frame.span);
                    walk_bound(v, & $($mut)? frame.start);
                    if let Some(end) = & $($mut)? frame.end {
                        walk_bound(v, end);
                    }
                }
            }

            fn walk_bound<V: $Trait + ?Sized>(v: &mut V, bound: & $($mut)? FrameBound) {
                v.visit_span(& $($mut)? bound.span);
                match & $($mut)? bound.kind {
                    FrameBoundKind::CurrentRow => {}
                    FrameBoundKind::Preceding(value) | FrameBoundKind::Following(value) => boxed(v, value),
                }
            }

            fn walk_tag<V: $Trait + ?Sized>(v: &mut V, tag: & $($mut)? Tag) {
                v.visit_ident(& $($mut)? tag.name);
                for attribute in & $($mut)? tag.attributes {
                    v.visit_span(& $($mut)? attribute.span);
                    v.visit_ident(& $($mut)? attribute.name);
                    optional(v, & $($mut)? attribute.value);
                }
                if let Some(children) = & $($mut)? tag.children {
                    exprs(v, children);
                }
            }

            statement_walks!($Trait, [$($mut)?]);

            /// Visits what stands below the query.
            pub fn walk_query<V: $Trait + ?Sized>(v: &mut V, query: & $($mut)? Query) {
                v.visit_span(& $($mut)? query.span);
                match & $($mut)? query.kind {
                    QueryKind::Select(select) => walk_select(v, select),
                    QueryKind::Set(set) => walk_set(v, set),
                    QueryKind::Placeholder(e) => v.visit_expr(e),
                    QueryKind::Tag(tag, span) => {
                        v.visit_span(span);
                        walk_tag(v, tag);
                    }
                    QueryKind::Values(rows) => {
                        for row in rows {
                            exprs(v, row);
                        }
                    }
                    QueryKind::Error => {}
                }
            }

            fn walk_set<V: $Trait + ?Sized>(v: &mut V, set: & $($mut)? SetQuery) {
                ctes(v, & $($mut)? set.ctes);
                v.visit_query(& $($mut)? set.first);
                for member in & $($mut)? set.rest {
                    v.visit_query(& $($mut)? member.query);
                }
                orders(v, & $($mut)? set.order_by);
                walk_limit(v, & $($mut)? set.limit);
            }

            fn walk_select<V: $Trait + ?Sized>(v: &mut V, select: & $($mut)? Select) {
                ctes(v, & $($mut)? select.ctes);
                exprs(v, & $($mut)? select.items);
                if let Some(from) = & $($mut)? select.from {
                    walk_from(v, from);
                }
                if let Some(array_join) = & $($mut)? select.array_join {
                    v.visit_span(& $($mut)? array_join.span);
                    exprs(v, & $($mut)? array_join.items);
                }
                optional(v, & $($mut)? select.prewhere);
                optional(v, & $($mut)? select.where_);
                if let Some(group_by) = & $($mut)? select.group_by {
                    walk_group_by(v, group_by);
                }
                optional(v, & $($mut)? select.having);
                optional(v, & $($mut)? select.qualify);
                for (name, spec) in & $($mut)? select.windows {
                    v.visit_ident(name);
                    walk_window_spec(v, spec);
                }
                walk_select_tail(v, select);
            }

            fn walk_select_tail<V: $Trait + ?Sized>(v: &mut V, select: & $($mut)? Select) {
                orders(v, & $($mut)? select.order_by);
                for item in (& $($mut)? select.interpolate).into_iter().flatten() {
                    v.visit_span(& $($mut)? item.span);
                    v.visit_expr(& $($mut)? item.expr);
                    optional(v, & $($mut)? item.value);
                }
                if let Some(limit_by) = & $($mut)? select.limit_by {
                    v.visit_span(& $($mut)? limit_by.span);
                    v.visit_expr(& $($mut)? limit_by.limit);
                    optional(v, & $($mut)? limit_by.offset);
                    exprs(v, & $($mut)? limit_by.by);
                }
                walk_limit(v, & $($mut)? select.limit);
            }

            fn ctes<V: $Trait + ?Sized>(v: &mut V, items: & $($mut)? Vec<Cte>) {
                for cte in items {
                    v.visit_span(& $($mut)? cte.span);
                    v.visit_ident(& $($mut)? cte.name);
                    match & $($mut)? cte.body {
                        CteBody::Table(query) => v.visit_query(query),
                        CteBody::Scalar(e) => v.visit_expr(e),
                    }
                    idents(v, & $($mut)? cte.columns);
                    idents(v, & $($mut)? cte.using_key);
                }
            }

            fn walk_group_by<V: $Trait + ?Sized>(v: &mut V, group_by: & $($mut)? GroupBy) {
                v.visit_span(& $($mut)? group_by.span);
                match & $($mut)? group_by.kind {
                    GroupByKind::All => {}
                    GroupByKind::List(items) | GroupByKind::Cube(items) | GroupByKind::Rollup(items)
                    | GroupByKind::GroupingSets(items) => exprs(v, items),
                }
            }

            /// Visits what stands below the item.
            pub(in crate::ast) fn walk_order_item<V: $Trait + ?Sized>(v: &mut V, item: & $($mut)? OrderItem) {
                v.visit_span(& $($mut)? item.span);
                v.visit_expr(& $($mut)? item.expr);
                if let Some(fill) = & $($mut)? item.with_fill {
                    v.visit_span(& $($mut)? fill.span);
                    optional(v, & $($mut)? fill.from);
                    optional(v, & $($mut)? fill.to);
                    optional(v, & $($mut)? fill.step);
                }
            }

            fn walk_limit<V: $Trait + ?Sized>(v: &mut V, limit: & $($mut)? Option<LimitClause>) {
                if let Some(limit) = limit {
                    v.visit_span(& $($mut)? limit.span);
                    optional(v, & $($mut)? limit.limit);
                    optional(v, & $($mut)? limit.offset);
                    v.visit_repeated_limit(& $($mut)? limit.repeated);
                }
            }

            fn walk_from<V: $Trait + ?Sized>(v: &mut V, from: & $($mut)? From) {
                walk_table_ref(v, & $($mut)? from.first);
                for join in & $($mut)? from.joins {
                    v.visit_span(& $($mut)? join.span);
                    walk_table_ref(v, & $($mut)? join.table);
                    match & $($mut)? join.constraint {
                        None => {}
                        Some(JoinConstraint::On(e)) => v.visit_expr(e),
                        Some(JoinConstraint::Using(columns, span)) => {
                            v.visit_span(span);
                            exprs(v, columns);
                        }
                    }
                }
            }

            fn walk_table_ref<V: $Trait + ?Sized>(v: &mut V, table: & $($mut)? TableRef) {
                v.visit_span(& $($mut)? table.span);
                walk_table(v, & $($mut)? table.table);
                if let Some(alias) = & $($mut)? table.alias {
                    v.visit_ident(alias);
                }
                idents(v, & $($mut)? table.column_aliases);
                if let Some(sample) = & $($mut)? table.sample {
                    v.visit_span(& $($mut)? sample.span);
                    walk_ratio(v, & $($mut)? sample.ratio);
                    if let Some(offset) = & $($mut)? sample.offset {
                        walk_ratio(v, offset);
                    }
                    if let Some(method) = & $($mut)? sample.method {
                        v.visit_ident(method);
                    }
                }
            }

            fn walk_ratio<V: $Trait + ?Sized>(v: &mut V, ratio: & $($mut)? Ratio) {
                v.visit_span(& $($mut)? ratio.span);
                v.visit_expr(& $($mut)? ratio.left);
                optional(v, & $($mut)? ratio.right);
            }

            fn walk_table<V: $Trait + ?Sized>(v: &mut V, table: & $($mut)? Table) {
                match table {
                    Table::Name(chain) => idents(v, chain),
                    Table::Function { name, args } => {
                        idents(v, name);
                        exprs(v, args);
                    }
                    Table::Subquery(query) => v.visit_query(query),
                    Table::Placeholder(e) => v.visit_expr(e),
                    Table::Tag(tag) => walk_tag(v, tag),
                    Table::Join(from) => walk_from(v, from),
                    Table::Pivot(pivot) => walk_pivot(v, pivot),
                    Table::Unpivot(unpivot) => walk_unpivot(v, unpivot),
                }
            }

            fn walk_pivot<V: $Trait + ?Sized>(v: &mut V, pivot: & $($mut)? Pivot) {
                v.visit_span(& $($mut)? pivot.span);
                walk_table_ref(v, & $($mut)? pivot.table);
                exprs(v, & $($mut)? pivot.aggregates);
                for column in & $($mut)? pivot.columns {
                    v.visit_span(& $($mut)? column.span);
                    v.visit_expr(& $($mut)? column.column);
                    exprs(v, & $($mut)? column.values);
                }
                exprs(v, & $($mut)? pivot.group_by);
            }

            fn walk_unpivot<V: $Trait + ?Sized>(v: &mut V, unpivot: & $($mut)? Unpivot) {
                v.visit_span(& $($mut)? unpivot.span);
                walk_table_ref(v, & $($mut)? unpivot.table);
                for column in & $($mut)? unpivot.columns {
                    v.visit_span(& $($mut)? column.span);
                    v.visit_expr(& $($mut)? column.value);
                    v.visit_expr(& $($mut)? column.name);
                    exprs(v, & $($mut)? column.sources);
                }
            }
        }
    };
}

visitor!(reading, "Reads a tree.", Visitor, []);
visitor!(changing, "Changes a tree in place.", VisitorMut, [mut]);
