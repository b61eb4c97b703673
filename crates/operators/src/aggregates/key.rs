//! Fixed-width values as 64-bit keys whose order is the values' order, and back.

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Float32Array, Float64Array,
    Int64Array, PrimitiveArray, UInt64Array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};
use datafusion::common::{Result, internal_err};
use std::sync::Arc;

const SIGN: u64 = 1 << 63;

/// How values of a type become keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Unsigned,
    Signed,
    Float,
}

impl Encoding {
    /// The encoding of a type, if it has fixed width.
    pub(super) const fn of(ty: &DataType) -> Option<Self> {
        match ty {
            DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::Boolean => Some(Self::Unsigned),
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Date32
            | DataType::Timestamp(_, _) => Some(Self::Signed),
            DataType::Float32 | DataType::Float64 => Some(Self::Float),
            _ => None,
        }
    }

    /// The key of each value (anything where the value is NULL). NaN is `nan`.
    pub(super) fn encode(self, values: &ArrayRef, nan: u64) -> Result<Vec<u64>> {
        let wide = cast_with_options(
            values,
            &self.wide(),
            &CastOptions { safe: false, ..Default::default() },
        )?;
        Ok(match self {
            Self::Unsigned => wide.as_primitive::<UInt64Type>().values().to_vec(),
            Self::Signed => each::<Int64Type>(&wide, |value| value.cast_unsigned() ^ SIGN),
            Self::Float => each::<Float64Type>(&wide, |value| float_key(value, nan)),
        })
    }

    /// Values of a type from keys.
    pub(super) fn decode(
        self,
        keys: Vec<u64>,
        nulls: Option<NullBuffer>,
        ty: &DataType,
    ) -> Result<ArrayRef> {
        let wide: ArrayRef = match self {
            Self::Unsigned => Arc::new(UInt64Array::new(keys.into(), nulls)),
            Self::Signed => Arc::new(Int64Array::new(
                keys.iter().map(|key| (key ^ SIGN).cast_signed()).collect(),
                nulls,
            )),
            Self::Float => {
                Arc::new(Float64Array::new(keys.iter().map(|&key| key_float(key)).collect(), nulls))
            }
        };
        narrow(&wide, ty)
    }

    /// The key of a type's default value; NaN for floats, which have no other "nothing".
    pub(super) const fn default(self) -> u64 {
        match self {
            Self::Unsigned | Self::Float => 0,
            Self::Signed => SIGN,
        }
    }

    /// The number that a key stands for, as a float.
    pub(super) const fn to_float(self, key: u64) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "quantiles are floats")]
            Self::Unsigned => key as f64,
            #[expect(clippy::cast_precision_loss, reason = "quantiles are floats")]
            Self::Signed => (key ^ SIGN).cast_signed() as f64,
            Self::Float => key_float(key),
        }
    }

    const fn wide(self) -> DataType {
        match self {
            Self::Unsigned => DataType::UInt64,
            Self::Signed => DataType::Int64,
            Self::Float => DataType::Float64,
        }
    }
}

/// Converts 64-bit values back to a narrower type that they came from.
pub(super) fn narrow(wide: &ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    if wide.data_type() == ty {
        return Ok(Arc::clone(wide));
    }
    match (wide.data_type(), ty) {
        (DataType::Int64, DataType::Date32) => {
            let days = arrow::compute::cast(wide, &DataType::Int32)?;
            Ok(arrow::compute::cast(&days, ty)?)
        }
        (DataType::UInt64, DataType::Boolean) => {
            let values = wide.as_primitive::<UInt64Type>();
            Ok(Arc::new(BooleanArray::new(
                values.values().iter().map(|value| *value != 0).collect(),
                values.nulls().cloned(),
            )))
        }
        (DataType::Float64, DataType::Float32) => {
            let values: &Float64Array = wide.as_primitive();
            let narrow: Float32Array = values.unary::<_, Float32Type>(|value| {
                #[expect(clippy::cast_possible_truncation, reason = "the value came from 32 bits")]
                let value = value as f32;
                value
            });
            Ok(Arc::new(narrow))
        }
        (DataType::Int64 | DataType::UInt64 | DataType::Float64, _) => {
            Ok(arrow::compute::cast(wide, ty)?)
        }
        (other, _) => internal_err!("{other} is no wide type"),
    }
}

fn each<T: ArrowPrimitiveType>(values: &ArrayRef, key: impl Fn(T::Native) -> u64) -> Vec<u64> {
    let values: &PrimitiveArray<T> = values.as_primitive();
    values.values().iter().map(|value| key(*value)).collect()
}

/// Positive floats above negative ones, negative ones reversed; -0 equals 0.
fn float_key(value: f64, nan: u64) -> u64 {
    if value.is_nan() {
        return nan;
    }
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

const fn key_float(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Int8Array, TimestampMicrosecondArray};

    #[test]
    fn keys_keep_order_and_come_back() {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int8Array::from(vec![-128, -1, 0, 1, 127])),
            Arc::new(UInt64Array::from(vec![0, 1, u64::MAX])),
            Arc::new(Float64Array::from(vec![f64::NEG_INFINITY, -1.5, 0.0, 1e-300, f64::INFINITY])),
            Arc::new(Float32Array::from(vec![-1.5, 2.5])),
            Arc::new(BooleanArray::from(vec![false, true])),
            Arc::new(Date32Array::from(vec![-3, 20000])),
            Arc::new(TimestampMicrosecondArray::from(vec![-3, 20000]).with_timezone("UTC")),
        ];
        for column in columns {
            let encoding = Encoding::of(column.data_type()).unwrap();
            let keys = encoding.encode(&column, 0).unwrap();
            assert!(keys.is_sorted_by(|a, b| a < b), "{column:?}");
            assert_eq!(&encoding.decode(keys, None, column.data_type()).unwrap(), &column);
        }
    }
}
