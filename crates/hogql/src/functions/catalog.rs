//! Finding functions by name, and what is covered.

use super::Function;

/// Every function of the dialect that Hoglet has, by table.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        super::conditional::FUNCTIONS,
        super::math::FUNCTIONS,
        super::string::FUNCTIONS,
        super::search::FUNCTIONS,
        super::url::FUNCTIONS,
        super::datetime::FUNCTIONS,
        super::conversion::FUNCTIONS,
        super::json::FUNCTIONS,
        super::window::FUNCTIONS,
    ]
    .into_iter()
    .chain(super::array::TABLES)
    .chain(super::aggregate::TABLES)
    .flatten()
}

/// The function of that name: exactly, or in any case where the function allows it.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name).or_else(|| {
        all().find(|function| function.case_insensitive && function.name.eq_ignore_ascii_case(name))
    })
}
