//! The person of an actor, for plans that group by actors and show persons: looked up once a group, not once a row.

use super::Persons;
use crate::columns::argument;
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, UInt64Type};
use async_trait::async_trait;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A function of plans that gives the persons of actors. It reads the persons when it is asked first.
pub(crate) fn person_of_actor(persons: &Arc<Persons>) -> Arc<ScalarUDF> {
    // It always gives the same, but what may change stays where the plan has it: a condition on persons is not carried
    // below the aggregation, where the function would be asked for each row.
    let signature = Signature::exact(vec![DataType::UInt64], Volatility::Volatile);
    let function = PersonOfActor { persons: Arc::clone(persons), signature };
    Arc::new(AsyncScalarUDF::new(Arc::new(function)).into_scalar_udf())
}

#[derive(Debug)]
struct PersonOfActor {
    persons: Arc<Persons>,
    signature: Signature,
}

impl PartialEq for PersonOfActor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.persons, &other.persons)
    }
}

impl Eq for PersonOfActor {}

impl Hash for PersonOfActor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.persons).hash(state);
    }
}

impl ScalarUDFImpl for PersonOfActor {
    fn name(&self) -> &'static str {
        "person_of_actor"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), DataType::Utf8View, false)))
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("persons are looked up by a function that waits for them")
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for PersonOfActor {
    async fn invoke_async_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let actors = argument(&args.args, 0, args.number_rows)?;
        let Some(actors) = actors.as_primitive_opt::<UInt64Type>() else {
            return internal_err!("actors of type {}", actors.data_type());
        };
        let buckets = actors.unary::<_, Int64Type>(|actor| (actor >> 32).cast_signed());
        let ordinals = actors.unary::<_, UInt64Type>(|actor| actor & u64::from(u32::MAX));
        let same = buckets.values().chunk_by(|one, next| one == next);
        let wanted = same.filter_map(|same| same.first().copied()).collect();
        self.persons.load(Some(&wanted)).await?;
        self.persons.texts(&buckets, &ordinals).map(ColumnarValue::Array)
    }
}
