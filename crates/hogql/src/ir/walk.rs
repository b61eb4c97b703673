//! Walking over expressions.

use super::{Expr, ExprKind};

impl Expr {
    /// Calls `visit` for each direct child; a lambda's body is one, a subquery is not.
    pub fn children<'e>(&'e self, visit: &mut dyn FnMut(&'e Self)) {
        match &self.kind {
            ExprKind::Literal(_)
            | ExprKind::Column(_)
            | ExprKind::LambdaVariable(_)
            | ExprKind::ScalarSubquery(_) => {}
            ExprKind::Kernel { args, .. }
            | ExprKind::Coalesce(args)
            | ExprKind::And(args)
            | ExprKind::Or(args) => {
                args.iter().for_each(visit);
            }
            ExprKind::HigherOrder { lambda, args, .. } => {
                visit(&lambda.body);
                args.iter().for_each(visit);
            }
            ExprKind::Arithmetic { left, right, .. } | ExprKind::Compare { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::Like { expr, pattern, .. } | ExprKind::Regex { expr, pattern, .. } => {
                visit(expr);
                visit(pattern);
            }
            ExprKind::In { expr, list, .. } => {
                visit(expr);
                list.iter().for_each(visit);
            }
            ExprKind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    visit(condition);
                    visit(value);
                }
                visit(otherwise);
            }
            ExprKind::InSubquery { expr, .. }
            | ExprKind::Not(expr)
            | ExprKind::IsNull { expr, .. }
            | ExprKind::Cast { expr, .. }
            | ExprKind::Property { json: expr, .. } => visit(expr),
        }
    }

    /// Whether the parameter of a lambda around it occurs in it; those of its own lambdas do not count.
    #[must_use]
    pub fn depends_on_lambda(&self) -> bool {
        self.has_free_parameter(&mut Vec::new())
    }

    fn has_free_parameter<'e>(&'e self, bound: &mut Vec<&'e str>) -> bool {
        let outer = bound.len();
        match &self.kind {
            ExprKind::LambdaVariable(name) => return !bound.contains(&name.as_str()),
            ExprKind::HigherOrder { lambda, .. } => {
                // Names are unique, so that an argument cannot name one of these.
                bound.extend(lambda.params.iter().map(|(name, _)| name.as_str()));
            }
            _ => {}
        }
        let mut found = false;
        self.children(&mut |child| found = found || child.has_free_parameter(bound));
        bound.truncate(outer);
        found
    }
}
