//! Aggregates over the elements of arrays (`-Array`), and over the values of a group put together.

use super::collect::elements;
use super::kernel::{Kernel, Spec};
use super::states::{GroupStates, Rows};
use arrow::array::{ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue, internal_err};
use std::sync::Arc;

pub(super) static KERNELS: &[Kernel] = &[
    Kernel { name: "groupUniqArrayArray", state, new },
    Kernel { name: "uniqExactArray", state, new },
    Kernel { name: "quantileArray", state, new },
    Kernel { name: "string_agg", state: joined_state, new: new_joined },
];

/// The aggregate over elements that stands behind one over arrays.
fn inner(spec: &Spec) -> Result<Spec> {
    let name = spec.kernel.name.strip_suffix("Array").unwrap_or(spec.kernel.name);
    let Some(kernel) = super::kernel(name) else { return internal_err!("no aggregate {name}") };
    let args = spec.args.iter().map(|arg| Ok(super::collect::list_field(arg)?.data_type().clone()));
    Ok(Spec { kernel, args: args.collect::<Result<_>>()?, ..spec.clone() })
}

fn state(spec: &Spec) -> Result<Vec<DataType>> {
    let inner = inner(spec)?;
    (inner.kernel.state)(&inner)
}

fn new(spec: &Spec) -> Result<Box<dyn GroupStates>> {
    Ok(Box::new(OverElements { states: inner(spec)?.new_states()? }))
}

/// States that are fed the elements of arrays.
#[derive(Debug)]
struct OverElements {
    states: Box<dyn GroupStates>,
}

impl GroupStates for OverElements {
    fn grow(&mut self, groups: usize) {
        self.states.grow(groups);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let [lists] = values else { return internal_err!("one array was expected") };
        let (values, groups) = elements(lists.as_list(), rows)?;
        let values = [values];
        self.states.update(&values, &Rows::of_values(&values, &groups, None))
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        self.states.merge(states, rows)
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        self.states.evaluate(groups)
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        self.states.state(groups)
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.states.forget(groups)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.states.size()
    }
}

/// `groupArray` of the texts.
fn collected(spec: &Spec) -> Result<Spec> {
    let Some(kernel) = super::kernel("groupArray") else {
        return internal_err!("no aggregate groupArray");
    };
    let return_type = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8View, true)));
    Ok(Spec { kernel, params: Vec::new(), args: spec.args.clone(), return_type })
}

fn joined_state(spec: &Spec) -> Result<Vec<DataType>> {
    let inner = collected(spec)?;
    (inner.kernel.state)(&inner)
}

fn new_joined(spec: &Spec) -> Result<Box<dyn GroupStates>> {
    let [ScalarValue::Utf8View(Some(separator))] = spec.params.as_slice() else {
        return internal_err!("string_agg wants a separator");
    };
    Ok(Box::new(Joined { states: collected(spec)?.new_states()?, separator: separator.clone() }))
}

/// The texts of a group in order of arrival, with a separator between them.
#[derive(Debug)]
struct Joined {
    states: Box<dyn GroupStates>,
    separator: String,
}

impl GroupStates for Joined {
    fn grow(&mut self, groups: usize) {
        self.states.grow(groups);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        self.states.update(values, rows)
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        self.states.merge(states, rows)
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        let lists = self.states.evaluate(groups)?;
        let mut builder = StringViewBuilder::with_capacity(groups);
        for texts in lists.as_list::<i32>().iter().flatten() {
            let texts: &StringViewArray = texts.as_string_view();
            let texts: Vec<&str> = texts.iter().flatten().collect();
            if texts.is_empty() {
                builder.append_null();
            } else {
                builder.try_append_value(texts.join(&self.separator))?;
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        self.states.state(groups)
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.states.forget(groups)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.states.size()
    }
}
