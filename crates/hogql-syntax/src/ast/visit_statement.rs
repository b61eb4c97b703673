//! Walking statements, for both visitors.

/// The walk of a block, next to the walk of expressions.
macro_rules! statement_walks {
    ($Trait:ident, [$($mut:tt)?]) => {
        fn walk_block<V: $Trait + ?Sized>(v: &mut V, block: & $($mut)? Block) {
            v.visit_span(& $($mut)? block.span);
            for statement in & $($mut)? block.statements {
                walk_statement(v, statement);
            }
        }

        fn walk_statement<V: $Trait + ?Sized>(v: &mut V, statement: & $($mut)? Statement) {
            v.visit_span(& $($mut)? statement.span);
            match & $($mut)? statement.kind {
                StatementKind::Let { name, value } => {
                    v.visit_ident(name);
                    optional(v, value);
                }
                StatementKind::Assign { target, value } => {
                    v.visit_expr(target);
                    v.visit_expr(value);
                }
                StatementKind::Expr(e) | StatementKind::Throw(e) => v.visit_expr(e),
                StatementKind::Empty => {}
                StatementKind::Return(value) => optional(v, value),
                StatementKind::Block(block) => walk_block(v, block),
                StatementKind::Function { name, params, body } => {
                    v.visit_ident(name);
                    idents(v, params);
                    walk_block(v, body);
                }
                branching => walk_branching(v, branching),
            }
        }

        fn walk_branching<V: $Trait + ?Sized>(v: &mut V, kind: & $($mut)? StatementKind) {
            match kind {
                StatementKind::If { condition, then, otherwise } => {
                    v.visit_expr(condition);
                    walk_statement(v, then);
                    if let Some(statement) = otherwise {
                        walk_statement(v, statement);
                    }
                }
                StatementKind::While { condition, body } => {
                    v.visit_expr(condition);
                    walk_statement(v, body);
                }
                StatementKind::For(parts) => walk_for(v, parts),
                StatementKind::ForIn { key, value, items, body } => {
                    if let Some(name) = key {
                        v.visit_ident(name);
                    }
                    v.visit_ident(value);
                    v.visit_expr(items);
                    walk_statement(v, body);
                }
                StatementKind::Try { body, catches, finally } => {
                    walk_block(v, body);
                    for catch in catches {
                        for name in (& $($mut)? catch.variable).into_iter().chain(& $($mut)? catch.class) {
                            v.visit_ident(name);
                        }
                        walk_block(v, & $($mut)? catch.body);
                    }
                    if let Some(block) = finally {
                        walk_block(v, block);
                    }
                }
                _ => {}
            }
        }

        fn walk_for<V: $Trait + ?Sized>(v: &mut V, parts: & $($mut)? ForLoop) {
            if let Some(statement) = & $($mut)? parts.initial {
                walk_statement(v, statement);
            }
            optional(v, & $($mut)? parts.condition);
            if let Some(statement) = & $($mut)? parts.step {
                walk_statement(v, statement);
            }
            walk_statement(v, & $($mut)? parts.body);
        }
    };
}
