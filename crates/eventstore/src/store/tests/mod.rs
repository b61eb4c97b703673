//! Tests of stores.

mod actors;
mod by_actor;
mod clocks;
mod columns;
mod damage;
mod extremes;
mod folders;
mod import;
mod info;
mod merged;
mod moved;
mod optimize;
mod pruned;
mod races;
mod removed;
mod s3_store;
mod service;
mod sources;
mod values;
mod versions;
