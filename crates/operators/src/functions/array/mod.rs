//! Kernels over arrays (`List`), tuples (`Struct` with fields `1`, `2`, ..) and maps (`Map`).
//!
//! Arrays are never NULL in ClickHouse; where one is NULL in memory the result is NULL too.

mod element;
mod lists;
mod map;
mod numbers;
mod search;
mod sets;
mod shape;
mod step;

pub(super) use lists::{Lists, Selection, list_field, nan_flags, retyped};

use super::Kernel;

/// The kernels of this module.
pub(super) static TABLES: [&[(&str, Kernel)]; 7] = [
    element::KERNELS,
    map::KERNELS,
    numbers::KERNELS,
    search::KERNELS,
    sets::KERNELS,
    shape::KERNELS,
    step::KERNELS,
];
