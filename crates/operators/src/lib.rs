//! DataFusion functions, plan nodes and rules of Hoglet.

pub mod aggregates;
pub mod functions;
