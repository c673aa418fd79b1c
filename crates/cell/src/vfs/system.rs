//! The calls on a file layer itself: opening, and the few things beside files. Time and randomness
//! come from the [`Sources`] of the layer.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::ptr;
use std::sync::Once;

use rusqlite::ffi;

use super::methods::{self, OpenFile};
use super::{NEXT, Sources};

/// Longest name of a database; all are called "cell".
const MAX_PATH: c_int = 64;

/// The calls of a file layer. Name and sources are still to be set.
pub(super) fn calls() -> ffi::sqlite3_vfs {
    static ONCE: Once = Once::new();
    ONCE.call_once(configure);
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: c_int::try_from(size_of::<OpenFile>()).expect("an open file is small"),
        mxPathname: MAX_PATH,
        pNext: ptr::null_mut(),
        zName: ptr::null(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// Settings of the whole library, for many small databases: no memory taken before it is needed,
/// and no global lock to count memory. They are only about speed and size, so it does not matter
/// when SQLite is already in use and refuses them.
fn configure() {
    // SAFETY: called once, before this process opens its first cell; each option gets the arguments
    // that it takes. SQLite refuses the calls when it is initialised already.
    unsafe {
        let none: *mut c_void = ptr::null_mut();
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0);
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_LOOKASIDE, 0, 0);
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_PAGECACHE, none, 0, 0);
    }
}

/// Where the SQL on a file layer gets the time and randomness from.
///
/// # Safety
///
/// `vfs` is that of a [`super::Layer`], which lives longer than what is borrowed here.
unsafe fn sources<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a Sources {
    // SAFETY: by the caller's promise; the field was set once and never changes.
    unsafe { &*(*vfs).pAppData.cast::<Sources>() }
}

/// Opens the file that [`super::open`] has put ready on this thread, and nothing else: no journals,
/// no temporary files, no attached databases.
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    _: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for an open file; without methods it counts as not open.
    unsafe { (*file).pMethods = ptr::null() };
    if flags & ffi::SQLITE_OPEN_MAIN_DB == 0 {
        return ffi::SQLITE_CANTOPEN;
    }
    let Ok(Some(pages)) = NEXT.try_with(|next| next.take()) else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: SQLite gives `szOsFile` bytes, aligned for pointers, and either null or an integer.
    unsafe {
        methods::put(file, pages);
        if !out_flags.is_null() {
            out_flags.write(flags);
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

/// There are no other files: no journal of a crashed transaction, no write-ahead log.
unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    _: *const c_char,
    _: c_int,
    found: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a pointer to an integer of its own.
    unsafe { found.write(0) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a string that ends with a zero byte and room for `room` bytes.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes_with_nul();
        if name.len() > usize::try_from(room).unwrap_or(0) {
            return ffi::SQLITE_CANTOPEN;
        }
        out.copy_from_nonoverlapping(name.as_ptr().cast(), name.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    length: c_int,
    out: *mut c_char,
) -> c_int {
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: SQLite gives room for that many bytes, and the file layer is open.
    unsafe {
        out.write_bytes(0, length);
        sources(vfs).fill(std::slice::from_raw_parts_mut(out.cast(), length))
    }
}

/// Only waiting for locks would sleep, and there are none.
unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, _: c_int) -> c_int {
    0
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    /// Milliseconds in a day.
    const DAY: f64 = 86_400_000.0;
    // SAFETY: SQLite gives a pointer to a number of its own, and the file layer is open.
    unsafe { out.write(sources(vfs).now_ms() as f64 / DAY) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int64(
    vfs: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: as in `current_time`.
    unsafe { out.write(sources(vfs).now_ms()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
