//! The error of SQL that failed: of the object's code, or of the storage if that is what failed.

use cellhouse_cell::{SqlError, sql};

use crate::Error;

pub(super) fn error(error: &SqlError, reason: Option<&'static str>) -> Error {
    let text = sql::text(error, reason);
    match error.code {
        _ if error.closed => Error::refused("SQL cursor was closed."),
        _ if sql::is_of_storage(error) => Error::storage(format!("storage: {text}")),
        _ => Error::refused(text),
    }
}
