//! The process's allocator.

use libmimalloc_sys::{mi_option_set_default, mi_option_t};

// Results are made of many short-lived buffers; mimalloc returns them faster than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc.h, which the bindings leave out.
const PURGE_DELAY: mi_option_t = 15;

/// How long freed pages wait to go back to the system, in milliseconds.
const KEPT_FOR: std::ffi::c_long = 1000;

/// Keeps freed pages for a second instead of mimalloc's 10 ms, unless `MIMALLOC_PURGE_DELAY` says otherwise.
///
/// A page of a Parquet file becomes a buffer of a megabyte that lives for some milliseconds. Handing each one back, and having
/// the next one zeroed by the kernel, cost a third of the time of reading JSON properties.
pub(crate) fn keep_freed_pages() {
    #[expect(unsafe_code, reason = "an option of a C library")]
    // SAFETY: the call stores a number; it may be made at any time, from any thread.
    unsafe {
        mi_option_set_default(PURGE_DELAY, KEPT_FOR);
    }
}
