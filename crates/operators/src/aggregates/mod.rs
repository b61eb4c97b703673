//! Aggregate kernels that DataFusion does not have, or has with another meaning.
