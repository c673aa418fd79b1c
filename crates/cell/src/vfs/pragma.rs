//! Which settings SQL may change on a cell. Those that the file layer relies on stay as they are.

use std::ffi::CStr;

/// What a `PRAGMA` does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// What it does in SQLite.
    AsUsual,
    /// Nothing, and gives no row.
    Nothing,
    /// Nothing, and gives one row, as SQLite does for a setting that cannot be changed.
    Value(&'static CStr),
    /// It fails.
    Refused(&'static CStr),
}

/// `argument` is there when a value is set.
pub(super) fn answer(name: &str, argument: Option<&str>) -> Answer {
    let Some(argument) = argument else {
        return Answer::AsUsual;
    };
    let is = |value: &str| argument.eq_ignore_ascii_case(value);
    match name.to_ascii_lowercase().as_str() {
        "journal_mode" if !is("memory") => Answer::Value(c"memory"),
        "locking_mode" if !is("exclusive") => Answer::Value(c"exclusive"),
        "temp_store" if !is("memory") => Answer::Nothing,
        "mmap_size" => Answer::Value(c"0"),
        "page_size" if argument != "4096" => {
            Answer::Refused(c"the pages of a cell have 4096 bytes, which cannot be changed")
        }
        _ => Answer::AsUsual,
    }
}
