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

/// mimalloc's `mi_option_arena_eager_commit`, which the crate has no name for.
#[cfg(target_os = "linux")]
const ARENA_EAGER_COMMIT: libmimalloc_sys::mi_option_t = 4;

/// Makes the allocator take memory as it is needed and give it back sooner: 4 MB less at the first response. Run by
/// the system's loader, as it counts only before the first allocation.
#[cfg(target_os = "linux")]
extern "C" fn take_memory_late() {
    // SAFETY: takes no pointers, and allocates nothing.
    unsafe { libmimalloc_sys::mi_option_set(ARENA_EAGER_COMMIT, 0) }
}

#[cfg(target_os = "linux")]
#[used]
// SAFETY: what the loader finds in this section are functions of this type.
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = take_memory_late;

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
