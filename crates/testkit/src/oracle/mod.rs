//! Answers the slow way.

mod aggregate;

pub use aggregate::{
    day, distinct_persons, group, largest, latest, mean, median, number, numbers, property,
    quantile, smallest, sum, texts, top, truth,
};
