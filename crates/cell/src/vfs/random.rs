//! `random()` and `randomblob(n)` with the randomness of the layer. SQLite's own take theirs from one
//! generator for the whole process, which asks the system's file layer for its seed and never ours.

use std::ffi::{CStr, c_int};
use std::ptr;

use rusqlite::{Connection, ffi};

use super::Sources;

type Function =
    unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

/// Puts them in the place of SQLite's own. The layer of the connection outlives it.
pub(super) fn register(connection: &Connection, sources: &Sources) -> rusqlite::Result<()> {
    put(connection, sources, c"random", 0, random)?;
    put(connection, sources, c"randomblob", 1, random_blob)
}

fn put(
    connection: &Connection,
    sources: &Sources,
    name: &CStr,
    arguments: c_int,
    function: Function,
) -> rusqlite::Result<()> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_INNOCUOUS;
    let sources = ptr::from_ref(sources).cast_mut().cast();
    // SAFETY: the handle is that of an open connection, the name ends with a zero byte, and the
    // sources live longer than the connection, whose layer they are in.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            connection.handle(),
            name.as_ptr(),
            arguments,
            flags,
            sources,
            Some(function),
            None,
            None,
            None,
        )
    };
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    }
}

/// # Safety
///
/// `context` is that of a call of a function of [`put`], for the time of the call.
unsafe fn fill(context: *mut ffi::sqlite3_context, bytes: &mut [u8]) -> bool {
    // SAFETY: by the caller's promise; `put` gave the sources as the function's own data.
    unsafe {
        let sources: *const Sources = ffi::sqlite3_user_data(context).cast();
        let filled = (*sources).entropy.fill(bytes).is_ok();
        if !filled {
            let message = c"the system has no random bytes".as_ptr();
            ffi::sqlite3_result_error(context, message, -1);
        }
        filled
    }
}

unsafe extern "C" fn random(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    _: *mut *mut ffi::sqlite3_value,
) {
    let mut bytes = [0; 8];
    // SAFETY: SQLite calls it with its own context.
    unsafe {
        if fill(context, &mut bytes) {
            // The least number has no absolute value.
            let number = i64::from_ne_bytes(bytes).max(-i64::MAX);
            ffi::sqlite3_result_int64(context, number);
        }
    }
}

unsafe extern "C" fn random_blob(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    arguments: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite calls it with its own context and one argument; it copies the bytes.
    unsafe {
        let length = ffi::sqlite3_value_int64(*arguments).max(1);
        let database = ffi::sqlite3_context_db_handle(context);
        let limit = ffi::sqlite3_limit(database, ffi::SQLITE_LIMIT_LENGTH, -1);
        let Some(length) = usize::try_from(length)
            .ok()
            .filter(|_| length <= limit.into())
        else {
            ffi::sqlite3_result_error_toobig(context);
            return;
        };
        let mut bytes = vec![0; length];
        if fill(context, &mut bytes) {
            let copy = ffi::SQLITE_TRANSIENT();
            ffi::sqlite3_result_blob64(context, bytes.as_ptr().cast(), length as u64, copy);
        }
    }
}
