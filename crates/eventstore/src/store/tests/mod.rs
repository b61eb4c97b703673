//! Tests of stores.

mod actors;
mod clocks;
mod damage;
mod extremes;
mod folders;
mod import;
mod info;
mod optimize;
mod races;
mod removed;
mod s3_store;
mod sources;
mod values;
mod versions;
