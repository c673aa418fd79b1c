//! How the process uses memory.

/// Asks the system for small pages only. With transparent huge pages the allocator's arenas, mostly
/// empty, became 2 MiB each in memory: 70 MB at the first response in place of 45.
pub(crate) fn prefer_small_pages() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes no pointers; a kernel that does not know it answers with an error, and all is as before.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}
