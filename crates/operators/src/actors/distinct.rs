//! Distinct actors of each group, counted exactly.
//!
//! Groups get dense numbers from DataFusion's own hash table for `GROUP BY`; actors have such numbers already. What is
//! left to keep of each bucket is a set of pairs of numbers ([`Pairs`]).

use super::fold::{Fold, Partial};
use super::pairs::{Pairs, bucket};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array};
use arrow::compute::{partition, take};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, UInt64Type};
use datafusion::common::stats::Precision;
use datafusion::common::{Result, internal_err, resources_err};
use datafusion::logical_expr::EmitTo;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Counts the actors of each group: its keys, then the count as `UInt64`. Without keys all rows are one group, even if
/// there are none.
#[derive(Debug, Clone)]
pub struct DistinctActors {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    actor: Arc<dyn PhysicalExpr>,
    key_schema: SchemaRef,
    schema: SchemaRef,
}

impl DistinctActors {
    /// Counts the values of `actor`, whole numbers without sign and never NULL, by keys under their names. The count
    /// gets the name `count`; `input` has the rows' columns.
    ///
    /// # Errors
    /// An actor of another type.
    pub fn try_new(
        input: &Schema,
        keys: Vec<(Arc<dyn PhysicalExpr>, String)>,
        actor: Arc<dyn PhysicalExpr>,
        count: &str,
    ) -> Result<Self> {
        let found = actor.data_type(input)?;
        if found != DataType::UInt64 {
            return internal_err!("actors are whole numbers without sign, and {actor} is {found}");
        }
        let mut fields = Vec::with_capacity(keys.len() + 1);
        for (key, name) in &keys {
            fields.push(Arc::new(key.return_field(input)?.as_ref().clone().with_name(name)));
        }
        let key_schema = Arc::new(Schema::new(Fields::from(fields.clone())));
        fields.push(Arc::new(Field::new(count, DataType::UInt64, false)));
        let schema = Arc::new(Schema::new(Fields::from(fields)));
        let keys = keys.into_iter().map(|(key, _)| key).collect();
        Ok(Self { keys, actor, key_schema, schema })
    }
}

impl fmt::Display for DistinctActors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        write!(f, "distinct, keys=[{}], actor={}", keys.join(", "), self.actor)
    }
}

impl Fold for DistinctActors {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn exprs(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        self.keys.iter().chain([&self.actor]).map(Arc::clone).collect()
    }

    fn rows(&self) -> Precision<usize> {
        if self.keys.is_empty() { Precision::Exact(1) } else { Precision::Absent }
    }

    fn begin(&self) -> Result<Box<dyn Partial>> {
        let groups = match self.keys.is_empty() {
            true => None,
            false => Some(new_group_values(Arc::clone(&self.key_schema), &GroupOrdering::None)?),
        };
        let fold = self.clone();
        Ok(Box::new(Tally { fold, groups, numbers: Vec::new(), buckets: BTreeMap::new() }))
    }
}

/// Which actors have which groups.
struct Tally {
    fold: DistinctActors,
    /// The groups' keys by their numbers; without keys there is one group, 0.
    groups: Option<Box<dyn GroupValues>>,
    /// The group of each row of the batch at hand.
    numbers: Vec<usize>,
    buckets: BTreeMap<u32, Pairs>,
}

impl Tally {
    /// Finds the groups of rows with those keys.
    fn number(&mut self, keys: &[ArrayRef], rows: usize) -> Result<()> {
        let Some(groups) = &mut self.groups else {
            self.numbers.clear();
            self.numbers.resize(rows, 0);
            return Ok(());
        };
        groups.intern(keys, &mut self.numbers)?;
        // Pairs have 32 bits for a group.
        match u32::try_from(groups.len()) {
            Ok(_) => Ok(()),
            Err(_) => resources_err!("actors are counted in more than 2^32 groups"),
        }
    }

    /// The group here of each group there; `None` if they are the same.
    fn numbers_of(&mut self, other: &mut Self) -> Result<Option<Vec<usize>>> {
        let (Some(own), Some(theirs)) = (&mut self.groups, &mut other.groups) else {
            return Ok(None);
        };
        let mut numbers = Vec::new();
        // Some tables cannot give out nothing.
        if !theirs.is_empty() {
            own.intern(&theirs.emit(EmitTo::All)?, &mut numbers)?;
        }
        let is_same = numbers.iter().enumerate().all(|(there, here)| there == *here);
        Ok((!is_same).then_some(numbers))
    }
}

impl Partial for Tally {
    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let exprs = self.fold.keys.iter().chain([&self.fold.actor]);
        let columns = exprs.map(|expr| column(expr, batch)).collect::<Result<Vec<_>>>()?;
        let mut keys = firsts(columns)?;
        let Some(actors) = keys.pop() else { return internal_err!("a fold without actors") };
        self.number(&keys, actors.len())?;
        let Some(actors) = actors.as_primitive_opt::<UInt64Type>() else {
            return internal_err!("actors of type {}", actors.data_type());
        };
        if actors.null_count() > 0 {
            return internal_err!("an actor is NULL");
        }
        let mut rest = self.numbers.as_slice();
        // Files have one bucket each.
        for stretch in actors.values().chunk_by(|left, right| bucket(*left) == bucket(*right)) {
            let Some(first) = stretch.first() else { continue };
            let (groups, after) = rest.split_at(stretch.len());
            self.buckets.entry(bucket(*first)).or_default().insert_all(groups, stretch);
            rest = after;
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<()> {
        let other: Box<dyn Any> = other;
        let Ok(mut other) = other.downcast::<Self>() else {
            return internal_err!("a tally of another fold");
        };
        let numbers = self.numbers_of(&mut other)?;
        for (bucket, pairs) in std::mem::take(&mut other.buckets) {
            self.buckets.entry(bucket).or_default().merge(pairs, numbers.as_deref());
        }
        Ok(())
    }

    fn actors(&self) -> usize {
        self.buckets.values().map(Pairs::actors).sum()
    }

    fn finish(mut self: Box<Self>) -> Result<RecordBatch> {
        let mut counts = vec![0; self.groups.as_ref().map_or(1, |groups| groups.len())];
        for pairs in std::mem::take(&mut self.buckets).into_values() {
            pairs.count_into(&mut counts);
        }
        let schema = Arc::clone(&self.fold.schema);
        let mut columns = match &mut self.groups {
            None => Vec::new(),
            Some(groups) if groups.is_empty() => return Ok(RecordBatch::new_empty(schema)),
            Some(groups) => groups.emit(EmitTo::All)?,
        };
        columns.push(Arc::new(UInt64Array::from(counts)));
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn size(&self) -> usize {
        self.groups.as_ref().map_or(0, |groups| groups.size())
            + self.numbers.capacity() * size_of::<usize>()
            + self.buckets.values().map(Pairs::size).sum::<usize>()
    }
}

/// Of consecutive rows that are the same in all columns the first alone: a person's rows of a day mostly follow each other.
fn firsts(columns: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
    let rows = columns.first().map_or(0, |column| column.len());
    let runs = partition(&columns)?;
    if runs.len() * 2 > rows {
        return Ok(columns);
    }
    let starts: Vec<u64> = runs.ranges().into_iter().map(|run| run.start as u64).collect();
    let starts = UInt64Array::from(starts);
    Ok(columns.iter().map(|column| take(column, &starts, None)).collect::<Result<_, _>>()?)
}

/// An expression's value for each row.
fn column(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef> {
    expr.evaluate(batch)?.into_array(batch.num_rows())
}
