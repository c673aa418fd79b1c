//! One SQLite statement without a lifetime. Whoever has it drops it before its connection; only
//! [`super::Statements`] has any.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{self, NonNull};
use std::slice;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ffi};

use super::SqlError;

pub(super) struct Statement(NonNull<ffi::sqlite3_stmt>);

// SAFETY: a statement may be used by any thread as long as only one does, as its connection; all
// methods that change anything take it exclusively, and those that read need a reference to what
// only the holder of the connection has.
unsafe impl Send for Statement {}

impl Statement {
    /// The first statement of `sql`, and where the rest begins, without the spaces before it.
    pub(super) fn prepare(
        connection: &Connection,
        sql: &str,
    ) -> Result<(Option<Statement>, usize), SqlError> {
        let Ok(length) = c_int::try_from(sql.len()) else {
            return Err(too_long());
        };
        let (mut raw, mut tail) = (ptr::null_mut(), ptr::null::<c_char>());
        let start = sql.as_ptr().cast::<c_char>();
        // SAFETY: the connection is open, the text has this length, and both results are written to
        // variables that live through the call.
        let (code, error) = unsafe {
            let db = connection.handle();
            let code = ffi::sqlite3_prepare_v3(db, start, length, 0, &mut raw, &mut tail);
            (code, (code != ffi::SQLITE_OK).then(|| last_error(db, code)))
        };
        if let Some(error) = error {
            return Err(error);
        }
        debug_assert_eq!(code, ffi::SQLITE_OK);
        let end = (tail as usize)
            .saturating_sub(start as usize)
            .min(sql.len());
        let rest = sql.as_bytes()[end..].iter();
        let spaces = rest.take_while(|b| b.is_ascii_whitespace() || **b == 0x0b);
        Ok((NonNull::new(raw).map(Statement), end + spaces.count()))
    }

    fn raw(&self) -> *mut ffi::sqlite3_stmt {
        self.0.as_ptr()
    }

    fn error(&self, code: c_int) -> SqlError {
        // SAFETY: the statement is not finalized, so its connection is open.
        unsafe { last_error(ffi::sqlite3_db_handle(self.raw()), code) }
    }

    pub(super) fn parameters(&self) -> usize {
        // SAFETY: the statement is not finalized.
        let count = unsafe { ffi::sqlite3_bind_parameter_count(self.raw()) };
        usize::try_from(count).unwrap_or(0)
    }

    pub(super) fn is_readonly(&self) -> bool {
        // SAFETY: the statement is not finalized.
        unsafe { ffi::sqlite3_stmt_readonly(self.raw()) != 0 }
    }

    pub(super) fn bind(&mut self, number: usize, value: ValueRef<'_>) -> Result<(), SqlError> {
        let (Ok(number), Ok(length)) = (c_int::try_from(number), length(value)) else {
            return Err(too_long());
        };
        let raw = self.raw();
        let copy = ffi::SQLITE_TRANSIENT();
        // SAFETY: the statement is not finalized; texts and blobs have the length that is given and
        // SQLite copies them within the call. A blob of no bytes must not be a null pointer, which
        // would be NULL: a slice's is not.
        let code = unsafe {
            match value {
                ValueRef::Null => ffi::sqlite3_bind_null(raw, number),
                ValueRef::Integer(n) => ffi::sqlite3_bind_int64(raw, number, n),
                ValueRef::Real(n) => ffi::sqlite3_bind_double(raw, number, n),
                ValueRef::Text(text) => {
                    ffi::sqlite3_bind_text(raw, number, text.as_ptr().cast(), length, copy)
                }
                ValueRef::Blob(blob) => {
                    ffi::sqlite3_bind_blob(raw, number, blob.as_ptr().cast(), length, copy)
                }
            }
        };
        match code {
            ffi::SQLITE_OK => Ok(()),
            code => Err(self.error(code)),
        }
    }

    pub(super) fn step(&mut self) -> Result<bool, SqlError> {
        // SAFETY: the statement is not finalized.
        match unsafe { ffi::sqlite3_step(self.raw()) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(self.error(code)),
        }
    }

    /// How many columns its rows have; for `value` those of the row that it is at.
    pub(super) fn columns(&self) -> usize {
        // SAFETY: the statement is not finalized.
        let count = unsafe { ffi::sqlite3_column_count(self.raw()) };
        usize::try_from(count).unwrap_or(0)
    }

    pub(super) fn name(&self, column: usize) -> String {
        let column = c_int::try_from(column).unwrap_or(c_int::MAX);
        // SAFETY: the statement is not finalized; a column that is not there gives null, and a name
        // ends with a zero byte and stays until the next use of the statement.
        unsafe {
            let name = ffi::sqlite3_column_name(self.raw(), column);
            match name.is_null() {
                true => String::new(),
                false => CStr::from_ptr(name).to_string_lossy().into_owned(),
            }
        }
    }

    /// A value of the row that it is at. NULL where there is none.
    pub(super) fn value(&self, column: usize) -> ValueRef<'_> {
        let (raw, column) = (self.raw(), c_int::try_from(column).unwrap_or(c_int::MAX));
        // SAFETY: the statement is not finalized. What text and blob point to stays until the
        // statement is stepped, reset or finalized, which all need it exclusively, and no other
        // method converts a value.
        unsafe {
            match ffi::sqlite3_column_type(raw, column) {
                ffi::SQLITE_INTEGER => ValueRef::Integer(ffi::sqlite3_column_int64(raw, column)),
                ffi::SQLITE_FLOAT => ValueRef::Real(ffi::sqlite3_column_double(raw, column)),
                ffi::SQLITE_TEXT => {
                    let text = ffi::sqlite3_column_text(raw, column);
                    ValueRef::Text(bytes(raw, column, text))
                }
                ffi::SQLITE_BLOB => {
                    let blob = ffi::sqlite3_column_blob(raw, column);
                    ValueRef::Blob(bytes(raw, column, blob.cast()))
                }
                _ => ValueRef::Null,
            }
        }
    }

    pub(super) fn scanned(&self) -> u64 {
        let what = ffi::SQLITE_STMTSTATUS_FULLSCAN_STEP;
        // SAFETY: the statement is not finalized.
        let steps = unsafe { ffi::sqlite3_stmt_status(self.raw(), what, 0) };
        u64::try_from(steps).unwrap_or(0)
    }

    /// Ready to be used again, without the values that were bound.
    pub(super) fn reset(&mut self) {
        let what = ffi::SQLITE_STMTSTATUS_FULLSCAN_STEP;
        // SAFETY: the statement is not finalized. What `reset` returns is the error of the last
        // step, which was told then.
        unsafe {
            ffi::sqlite3_reset(self.raw());
            ffi::sqlite3_clear_bindings(self.raw());
            ffi::sqlite3_stmt_status(self.raw(), what, 1);
        }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: it is finalized once, and its connection is still open: see the top of the file.
        unsafe { ffi::sqlite3_finalize(self.raw()) };
    }
}

fn length(value: ValueRef<'_>) -> Result<c_int, std::num::TryFromIntError> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => c_int::try_from(bytes.len()),
        _ => Ok(0),
    }
}

/// # Safety
///
/// `start` is what SQLite gave for this column of the row that the statement is at, and nothing was
/// asked for since.
unsafe fn bytes<'a>(raw: *mut ffi::sqlite3_stmt, column: c_int, start: *const u8) -> &'a [u8] {
    // SAFETY: by the caller's promise the length is that of what `start` points to.
    unsafe {
        let length = usize::try_from(ffi::sqlite3_column_bytes(raw, column)).unwrap_or(0);
        match start.is_null() {
            true => &[],
            false => slice::from_raw_parts(start, length),
        }
    }
}

fn too_long() -> SqlError {
    let message = "string or blob too big".to_owned();
    SqlError::new(ffi::SQLITE_TOOBIG, message, None)
}

/// # Safety
///
/// `db` is an open connection, whose last call failed with `code`.
unsafe fn last_error(db: *mut ffi::sqlite3, code: c_int) -> SqlError {
    // SAFETY: by the caller's promise; the message ends with a zero byte and stays until the next
    // call on the connection.
    unsafe {
        let message = CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy();
        // Of other errors it may be that of an earlier one.
        let offset = match code & 0xff {
            ffi::SQLITE_ERROR => usize::try_from(ffi::sqlite3_error_offset(db)).ok(),
            _ => None,
        };
        let extended = match code & 0xff {
            _ if code > 0xff => code,
            _ => ffi::sqlite3_extended_errcode(db),
        };
        SqlError::new(extended, message.into_owned(), offset)
    }
}
