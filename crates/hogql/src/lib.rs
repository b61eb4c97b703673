//! HogQL and query JSON to DataFusion plans; the Session.

pub mod error;
pub mod functions;
pub mod ir;
pub mod resolve;
pub mod settings;
pub mod tables;
pub mod types;
