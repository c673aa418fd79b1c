//! The calls that SQLite makes on an open file, each turned into one on its [`PageFile`].
//!
//! A panic must not pass through SQLite's C code: it is caught here and becomes an I/O error.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::ffi;

use super::pragma::{self, Answer};
use super::{PageFile, Refused, SharedFile};
use crate::page::PAGE_SIZE;

/// What SQLite allocates for each open file: its own part first, then ours.
#[repr(C)]
pub(super) struct OpenFile {
    base: ffi::sqlite3_file,
    /// Dropped by [`close`], which SQLite calls once.
    pages: ManuallyDrop<SharedFile>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1, // no shared memory, so no WAL, and no memory mapping
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Makes an open file out of the memory that SQLite gave for it.
///
/// # Safety
///
/// `file` points to `size_of::<OpenFile>()` writable bytes, aligned for pointers.
pub(super) unsafe fn put(file: *mut ffi::sqlite3_file, pages: SharedFile) {
    let open = OpenFile {
        base: ffi::sqlite3_file { pMethods: &METHODS },
        pages: ManuallyDrop::new(pages),
    };
    // SAFETY: the caller promises room and alignment; what was there before is not dropped, and is
    // not initialised.
    unsafe { file.cast::<OpenFile>().write(open) };
}

/// Runs a call on the page file.
///
/// # Safety
///
/// `file` was made by [`put`] and has not been closed.
unsafe fn with(
    file: *mut ffi::sqlite3_file,
    call: impl FnOnce(&mut dyn PageFile) -> c_int,
) -> c_int {
    // SAFETY: by the caller's promise this is an initialised OpenFile; SQLite makes no two calls on
    // one file at the same time, and only a shared reference is made.
    let open = unsafe { &*file.cast::<OpenFile>() };
    let run = AssertUnwindSafe(|| call(&mut *open.pages.lock()));
    catch_unwind(run).unwrap_or(ffi::SQLITE_IOERR)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file that `put` made, once, and does not use it afterwards.
    let pages = unsafe { ManuallyDrop::take(&mut (*file.cast::<OpenFile>()).pages) };
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(pages)));
    dropped.map_or(ffi::SQLITE_IOERR_CLOSE, |()| ffi::SQLITE_OK)
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let Some((number, start)) = place(offset) else {
        return ffi::SQLITE_IOERR_READ;
    };
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: SQLite gives a buffer of this length, which nothing else uses during the call. It
    // is initialised first: SQLite's buffers may not be.
    let into = unsafe {
        into.cast::<u8>().write_bytes(0, length);
        std::slice::from_raw_parts_mut(into.cast::<u8>(), length)
    };
    let call = |pages: &mut dyn PageFile| match read_from(pages, number, start, into) {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_IOERR_SHORT_READ, // the rest is zeros, as SQLite wants it
        Err(_) => ffi::SQLITE_IOERR_READ,
    };
    // SAFETY: SQLite calls this on an open file of ours.
    unsafe { with(file, call) }
}

/// Whether everything that was asked for lies before the end of the file.
fn read_from(
    pages: &mut dyn PageFile,
    mut number: u32,
    mut start: usize,
    mut into: &mut [u8],
) -> Result<bool, Refused> {
    while !into.is_empty() {
        if number > pages.pages() {
            return Ok(false);
        }
        let (part, rest) = into.split_at_mut(into.len().min(PAGE_SIZE - start));
        pages.read(number, start, part)?;
        (number, start, into) = (number + 1, 0, rest);
    }
    Ok(true)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: SQLite gives a buffer of this length and leaves it alone during the call.
    let from = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
    let (Some((number, 0)), Ok(page)) = (place(offset), from.try_into()) else {
        return ffi::SQLITE_IOERR_WRITE; // a database with pages of another size
    };
    let call = |pages: &mut dyn PageFile| match pages.write(number, page) {
        Ok(()) => ffi::SQLITE_OK,
        Err(Refused::Full) => ffi::SQLITE_FULL,
        Err(Refused::Failed) => ffi::SQLITE_IOERR_WRITE,
    };
    // SAFETY: SQLite calls this on an open file of ours.
    unsafe { with(file, call) }
}

/// The page in which a byte of the file lies, and where in it.
fn place(offset: ffi::sqlite3_int64) -> Option<(u32, usize)> {
    let offset = usize::try_from(offset).ok()?;
    let number = u32::try_from(offset / PAGE_SIZE).ok()?.checked_add(1)?;
    Some((number, offset % PAGE_SIZE))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    let pages = usize::try_from(size).unwrap_or(0).div_ceil(PAGE_SIZE);
    let Ok(size) = u32::try_from(pages) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    let call = |pages: &mut dyn PageFile| {
        if size < pages.pages() {
            pages.truncate(size);
        }
        ffi::SQLITE_OK
    };
    // SAFETY: SQLite calls this on an open file of ours.
    unsafe { with(file, call) }
}

/// The sync of a commit is `SQLITE_FCNTL_SYNC`, which comes whatever `PRAGMA synchronous` says.
unsafe extern "C" fn sync(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    let call = |pages: &mut dyn PageFile| {
        let bytes = i64::from(pages.pages()) * PAGE_SIZE as i64;
        // SAFETY: SQLite gives a pointer to an integer of its own.
        unsafe { size.write(bytes) };
        ffi::SQLITE_OK
    };
    // SAFETY: SQLite calls this on an open file of ours.
    unsafe { with(file, call) }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    if level < ffi::SQLITE_LOCK_SHARED {
        return ffi::SQLITE_OK;
    }
    let call = |pages: &mut dyn PageFile| {
        pages.lock();
        ffi::SQLITE_OK
    };
    // SAFETY: SQLite calls this on an open file of ours.
    unsafe { with(file, call) }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    if level > ffi::SQLITE_LOCK_NONE {
        return ffi::SQLITE_OK;
    }
    let call = |pages: &mut dyn PageFile| {
        pages.unlock();
        ffi::SQLITE_OK
    };
    // SAFETY: as in `lock`.
    unsafe { with(file, call) }
}

unsafe extern "C" fn check_reserved_lock(_: *mut ffi::sqlite3_file, held: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a pointer to an integer of its own.
    unsafe { held.write(0) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    PAGE_SIZE as c_int
}

/// A page never tears, and a commit is whole or not there, so SQLite need not guard against it.
/// Parts of a page may be read, so that large values need not pass through SQLite's cache.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_ATOMIC
        | ffi::SQLITE_IOCAP_SAFE_APPEND
        | ffi::SQLITE_IOCAP_SEQUENTIAL
        | ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
        | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    match operation {
        ffi::SQLITE_FCNTL_SYNC => {
            let call = |pages: &mut dyn PageFile| match pages.sync() {
                Ok(()) => ffi::SQLITE_OK,
                Err(Refused::Full) => ffi::SQLITE_FULL,
                Err(Refused::Failed) => ffi::SQLITE_IOERR_FSYNC,
            };
            // SAFETY: SQLite calls this on an open file of ours.
            unsafe { with(file, call) }
        }
        // SAFETY: for this operation SQLite passes an array of at least three strings.
        ffi::SQLITE_FCNTL_PRAGMA => unsafe { answer_pragma(argument.cast()) },
        _ => ffi::SQLITE_NOTFOUND,
    }
}

/// # Safety
///
/// `strings` is what SQLite passes with `SQLITE_FCNTL_PRAGMA`: room for an answer, the name, and
/// the argument or null, both ending with a zero byte.
unsafe fn answer_pragma(strings: *mut *mut c_char) -> c_int {
    let text = |index: usize| {
        // SAFETY: by the caller's promise.
        let pointer = unsafe { *strings.add(index) };
        // SAFETY: the same; SQLite keeps the strings through the call.
        (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_string_lossy())
    };
    let Some(name) = text(1) else {
        return ffi::SQLITE_NOTFOUND;
    };
    let (code, answer) = match pragma::answer(&name, text(2).as_deref()) {
        Answer::AsUsual => return ffi::SQLITE_NOTFOUND,
        Answer::Nothing => return ffi::SQLITE_OK,
        Answer::Value(text) => (ffi::SQLITE_OK, text),
        Answer::Refused(why) => (ffi::SQLITE_ERROR, why),
    };
    // SAFETY: SQLite frees the answer with sqlite3_free, so it must be of its own allocator; "%s"
    // takes one string that ends with a zero byte.
    unsafe { *strings = ffi::sqlite3_mprintf(c"%s".as_ptr(), answer.as_ptr()) };
    code
}
