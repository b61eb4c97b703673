//! DataFusion functions, plan nodes and rules of Hoglet.

pub mod actors;
pub mod aggregates;
pub mod functions;
