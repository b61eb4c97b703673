//! The catalog's table of conditional functions.

use super::Function;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[];
