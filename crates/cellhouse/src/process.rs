//! What the process asks of the system before it starts: how memory is given and returned, and how many
//! files it may have open.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Prepares the process. Nothing here is needed: what the system refuses stays as it is.
pub(crate) fn prepare() {
    cellhouse_bundle::release_memory_with(release_memory);
    #[cfg(unix)]
    raise_file_limit();
    #[cfg(target_os = "linux")]
    prefer_small_pages();
}

/// Gives back to the system what the allocator holds for this thread and for threads that have ended.
fn release_memory() {
    // SAFETY: takes no pointers and may be called at any time from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

/// Asks for small pages only. With transparent huge pages the allocator's arenas, mostly empty, became
/// 2 MiB each in memory: 70 MB at the first response in place of 45.
#[cfg(target_os = "linux")]
fn prefer_small_pages() {
    // SAFETY: takes no pointers.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// Takes all the file descriptors that may be had without asking: every connection is one, and the usual
/// limit of 1,024 is there for programs that use `select`.
#[cfg(unix)]
fn raise_file_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` outlives both calls, which write and read it.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}
