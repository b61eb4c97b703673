//! Hoglet
