//! Finding the files of a source: what a location names, what kind each file is, where it is stored.

mod export;
mod found;
mod kind;
mod locate;
mod stores;

pub(crate) use export::{only, split_export};
pub(crate) use kind::{Compression, FileKind, names_interval};
pub(crate) use locate::{FoundFile, locate, place, resolve, store_for, unreadable, unwritable};
pub(crate) use stores::{answered, listed, store_of};
