//! The catalog's table of json functions.

use super::Function;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[];
