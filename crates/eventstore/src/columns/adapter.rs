//! Expressions over the table's columns, rewritten for the columns that one file really has.
//!
//! A column of another type is cast, one that the file lacks is its default or NULL, and NULL gives way to the default
//! where the table says so. Comparisons keep a bare column on one side, so that row groups and pages can still be
//! pruned by them: `c = 'x'` with the default `''` becomes `c IS NOT NULL AND c = 'x'`, `c != 'x'` becomes
//! `c IS NULL OR c != 'x'`.

use super::derived::Derived;
use super::functions::{from_text, or_default, uuid_text};
use super::layout::{Default, Layout};
use super::types::is_text;
use arrow::datatypes::{DataType, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CastExpr, Column, InListExpr, LikeExpr, Literal, is_not_null, is_null, lit,
};
use datafusion::physical_expr_adapter::{PhysicalExprAdapter, PhysicalExprAdapterFactory};
use std::collections::HashMap;
use std::sync::Arc;

/// Makes an adapter for each file.
#[derive(Debug)]
pub(crate) struct AdapterFactory {
    defaults: Arc<HashMap<String, Default>>,
    derived: Arc<HashMap<String, Derived>>,
}

impl AdapterFactory {
    /// For the files of that layout.
    pub(crate) fn new(layout: &Layout) -> Self {
        let derived = Arc::new(layout.derived.clone());
        Self { defaults: Arc::new(layout.defaults()), derived }
    }
}

impl PhysicalExprAdapterFactory for AdapterFactory {
    fn create(
        &self,
        logical_file_schema: SchemaRef,
        physical_file_schema: SchemaRef,
    ) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let (defaults, derived) = (Arc::clone(&self.defaults), Arc::clone(&self.derived));
        let (table, file) = (logical_file_schema, physical_file_schema);
        Ok(Arc::new(Adapter { defaults, derived, table, file }))
    }
}

#[derive(Debug)]
struct Adapter {
    defaults: Arc<HashMap<String, Default>>,
    derived: Arc<HashMap<String, Derived>>,
    table: SchemaRef,
    file: SchemaRef,
}

impl PhysicalExprAdapter for Adapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        expr.transform_down(|node| {
            if let Some(column) = node.downcast_ref::<Column>() {
                return Ok(Transformed::new(self.column(column)?, true, TreeNodeRecursion::Jump));
            }
            Ok(match self.comparison(&node)? {
                Some(rewritten) => Transformed::new(rewritten, true, TreeNodeRecursion::Jump),
                None => Transformed::no(node),
            })
        })
        .data()
    }
}

impl Adapter {
    /// Where the file has a column. One that holds NULL alone, and so has no type, is as good as none.
    fn index_of(&self, column: &str) -> Option<usize> {
        let (index, field) = self.file.column_with_name(column)?;
        (!field.data_type().is_null()).then_some(index)
    }

    /// A column of the table as the file gives it, NULL replaced by the default.
    fn column(&self, column: &Column) -> Result<Arc<dyn PhysicalExpr>> {
        if let Some(derived) = self.derived.get(column.name()) {
            return derived.expr(&self.file);
        }
        let ty = self.table.field_with_name(column.name())?.data_type();
        let default = self.defaults.get(column.name());
        let Some(index) = self.index_of(column.name()) else {
            return Ok(match default {
                Some(default) => lit(default.value.clone()),
                None => lit(ScalarValue::try_new_null(ty)?),
            });
        };
        let converted = self.converted(column, index, ty)?;
        Ok(match default {
            Some(default) if default.has_nulls => {
                or_default(converted, lit(default.value.clone()), ty.clone())
            }
            _ => converted,
        })
    }

    /// A column that the file has, in the table's type.
    fn converted(
        &self,
        column: &Column,
        index: usize,
        ty: &DataType,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let physical: Arc<dyn PhysicalExpr> = Arc::new(Column::new(column.name(), index));
        let from = self.file.field(index).data_type();
        Ok(convert(physical, column.name(), from, ty))
    }

    /// A comparison of a column that may be NULL, and has a default, with constants: the column stays bare in it.
    fn comparison(&self, node: &Arc<dyn PhysicalExpr>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(column) = compared_column(node) else { return Ok(None) };
        let Some(default) = self.defaults.get(column.name()).filter(|default| default.has_nulls)
        else {
            return Ok(None);
        };
        let Some(index) = self.index_of(column.name()) else { return Ok(None) };
        let ty = self.table.field_with_name(column.name())?.data_type();
        let Some(holds) = holds_for(node, &default.value)? else { return Ok(None) };
        let bare = self.converted(column, index, ty)?;
        let compared = replace_column(Arc::clone(node), &bare)?;
        Ok(Some(if holds {
            Arc::new(BinaryExpr::new(is_null(bare)?, Operator::Or, compared))
        } else {
            Arc::new(BinaryExpr::new(is_not_null(bare)?, Operator::And, compared))
        }))
    }
}

/// The value of a column in another type.
fn convert(
    value: Arc<dyn PhysicalExpr>,
    column: &str,
    from: &DataType,
    to: &DataType,
) -> Arc<dyn PhysicalExpr> {
    match (from, to) {
        (from, to) if from == to => value,
        (from, to) if is_text(from) && reads_text(to) => from_text(value, column, to.clone()),
        (DataType::FixedSizeBinary(16), DataType::Utf8View) => uuid_text(value),
        (DataType::Date32 | DataType::Date64, DataType::Timestamp(_, Some(_))) => {
            let naive =
                CastExpr::new(value, DataType::Timestamp(TimeUnit::Microsecond, None), None);
            Arc::new(CastExpr::new(Arc::new(naive), to.clone(), None))
        }
        _ => Arc::new(CastExpr::new(value, to.clone(), None)),
    }
}

/// Whether text must be read to become a value of that type.
fn reads_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Boolean)
        || ty.is_numeric()
}

/// The column of a comparison between one column and constants.
fn compared_column(node: &Arc<dyn PhysicalExpr>) -> Option<&Column> {
    let is_constant = |expr: &Arc<dyn PhysicalExpr>| expr.downcast_ref::<Literal>().is_some();
    if let Some(binary) = node.downcast_ref::<BinaryExpr>() {
        let comparison =
            binary.op().supports_propagation() || matches!(binary.op(), Operator::NotEq);
        return match (
            binary.left().downcast_ref::<Column>(),
            binary.right().downcast_ref::<Column>(),
        ) {
            (Some(column), None) if comparison && is_constant(binary.right()) => Some(column),
            (None, Some(column)) if comparison && is_constant(binary.left()) => Some(column),
            _ => None,
        };
    }
    if let Some(list) = node.downcast_ref::<InListExpr>() {
        return list
            .list()
            .iter()
            .all(is_constant)
            .then(|| list.expr().downcast_ref::<Column>())
            .flatten();
    }
    let like = node.downcast_ref::<LikeExpr>()?;
    is_constant(like.pattern()).then(|| like.expr().downcast_ref::<Column>()).flatten()
}

/// Whether a comparison is true for a value of its column; `None` if it is neither true nor false.
fn holds_for(node: &Arc<dyn PhysicalExpr>, value: &ScalarValue) -> Result<Option<bool>> {
    let constant = replace_column(Arc::clone(node), &lit(value.clone()))?;
    let one_row = RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &one_row)?;
    let result = match constant.evaluate(&batch)? {
        ColumnarValue::Scalar(result) => result,
        ColumnarValue::Array(array) => ScalarValue::try_from_array(&array, 0)?,
    };
    Ok(match result {
        ScalarValue::Boolean(holds) => holds,
        _ => None,
    })
}

/// The expression with its one column replaced.
fn replace_column(
    expr: Arc<dyn PhysicalExpr>,
    by: &Arc<dyn PhysicalExpr>,
) -> Result<Arc<dyn PhysicalExpr>> {
    expr.transform_down(|node| {
        Ok(match node.downcast_ref::<Column>() {
            Some(_) => Transformed::new(Arc::clone(by), true, TreeNodeRecursion::Jump),
            None => Transformed::no(node),
        })
    })
    .data()
}
