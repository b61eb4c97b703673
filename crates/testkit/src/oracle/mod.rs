//! Answers the slow way.

mod aggregate;

pub use aggregate::{
    day, distinct_persons, group, latest, mean, median, numbers, property, sum, top,
};
