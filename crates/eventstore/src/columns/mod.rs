//! From the columns of files to canonical columns: which stands for which, and how each is converted.

mod adapter;
mod derived;
mod functions;
mod layout;
mod settle;
mod spelling;
mod types;

pub(crate) use adapter::AdapterFactory;
pub(crate) use derived::{Derived, Form};
pub(crate) use functions::{argument, call, row_place, row_uuid, uuid_or_made};
pub(crate) use layout::{FILE_NUMBER, Layout, LayoutColumn, ROW_NUMBER};
pub(crate) use settle::{FileShape, Settled, settle};
pub(crate) use types::common_type;
