//! Typed IR to DataFusion's logical plan. Text and names are behind us: columns are ids, types are known.
//!
//! Every IR column becomes a DataFusion column named `name#id`, unique within the plan. Logical expressions stay boolean
//! wherever a condition is wanted (`predicate`) and become 0 or 1 only where a value is.

mod actors;
mod aggregate;
mod distinct;
mod expr;
mod join;
mod layout;
mod nan;
mod predicate;
mod rel;
mod subquery;
mod window;

pub use layout::arrow_type;

use crate::ir::{self, ColumnId, SourceTable};
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, ScalarUDF};
use std::collections::HashMap;
use std::sync::Arc;

/// The tables of a source.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// By what they hold.
    pub providers: HashMap<SourceTable, Arc<dyn TableProvider>>,
    /// How the events number their persons, if they do.
    pub actors: Option<ActorColumns>,
}

/// Two columns of the events that stand for each other one to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorColumns {
    /// The person.
    pub person: String,
    /// Its number: a bucket and a number in it, as `operators::actors` takes them.
    pub actor: String,
    /// The person of a number.
    pub person_of: Arc<ScalarUDF>,
}

/// The plan of a resolved query; its columns are the query's output, in order.
///
/// # Errors
/// If the IR asks for a table or a kernel that does not exist (a defect), or DataFusion refuses the plan.
pub fn lower(query: &ir::Query, tables: &Tables) -> Result<LogicalPlan> {
    let plan = Lowering::new(tables, true).rel(&query.rel)?;
    let Some(actors) = &tables.actors else { return Ok(plan) };
    let persons = actors.looked_up(&plan)?;
    // DataFusion puts persons that are looked up where a lambda in the same projection looks for its parameters.
    // And a filter that picks some of them reads few rows, if it is one of persons still when it comes to the scan.
    if !persons.is_empty() && (mentions(&plan, is_lambda)? || actors::picks(&plan, &persons)?) {
        return Lowering::new(tables, false).rel(&query.rel);
    }
    Ok(plan)
}

/// Whether an expression of the plan, or of a query in it, is such a one.
fn mentions(plan: &LogicalPlan, is_one: impl Fn(&Expr) -> bool) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|plan| {
        for expr in plan.expressions() {
            found = found || expr.exists(|expr| Ok(is_one(expr)))?;
        }
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

const fn is_lambda(expr: &Expr) -> bool {
    matches!(expr, Expr::HigherOrderFunction(_))
}

/// What is known while a plan is built.
struct Lowering<'a> {
    tables: &'a Tables,
    /// DataFusion's name of each IR column.
    names: HashMap<ColumnId, String>,
    /// Expressions already computed as a column below: by address, since the IR is borrowed and does not move.
    hoisted: HashMap<*const ir::Expr, String>,
    /// The scan that is to read persons' numbers in place of persons: by address, too.
    actor_scan: Option<*const ir::Rel>,
    /// Whether groups by person may be made by number.
    by_number: bool,
    next_name: u32,
}

impl<'a> Lowering<'a> {
    fn new(tables: &'a Tables, by_number: bool) -> Self {
        let (names, hoisted) = (HashMap::new(), HashMap::new());
        Self { tables, names, hoisted, actor_scan: None, by_number, next_name: 0 }
    }
}

impl Lowering<'_> {
    /// The column name of an IR column, remembered for references to it.
    fn define(&mut self, column: &ir::Column) -> String {
        let name = format!("{}#{}", column.name, column.id.0);
        self.names.insert(column.id, name.clone());
        name
    }

    /// The expression as an IR column. What is that column already gets no second alias: an optimizer rule that moves property
    /// reads takes the two for different columns of one name.
    fn defined(&mut self, expr: Expr, column: &ir::Column) -> Expr {
        let name = self.define(column);
        if expr == named(&name) { expr } else { expr.alias(name) }
    }

    /// A name for a column that the IR does not know.
    fn fresh(&mut self, what: &str) -> String {
        self.next_name += 1;
        format!("{what}##{}", self.next_name)
    }

    /// A reference to an IR column.
    fn column(&self, id: ColumnId) -> Result<Expr> {
        match self.names.get(&id) {
            Some(name) => Ok(named(name)),
            None => {
                datafusion::common::internal_err!("column {} is not defined below its use", id.0)
            }
        }
    }
}

/// A reference to a column by its exact name.
fn named(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}
