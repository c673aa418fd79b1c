//! `storage.sql`: SQL of the object's code on its own database, in the same transaction as its other
//! writes.
//!
//! Several statements may follow one another in one text; bindings belong to the last, whose rows a
//! [`Cursor`] gives. What is refused, and in which words, is in `cellhouse_cell::sql`.

mod cursor;
mod message;
mod value;

use cellhouse_cell::{Queries, QueryId, sql};
pub use cursor::{Cursor, Row};
pub use value::{Binding, Value};

use crate::schema::PAGE_BYTES;
use crate::{Error, Storage};

/// What Cloudflare says of a text without a statement, or with a comment behind the last one.
const NO_STATEMENT: &str = "SQL code did not contain a statement.";
const BINDINGS_LAST: &str = "When executing multiple SQL statements in a single call, only the last \
                             statement can have parameters.";
const BINDINGS_COUNT: &str = "Wrong number of parameter bindings for SQL query.";

/// The first statement of a text, prepared.
struct Prepared {
    id: QueryId,
    /// Where the next one begins.
    end: usize,
    readonly: bool,
    parameters: usize,
}

impl Storage {
    /// Runs the statements of a text. What one of them wrote stays when a later one fails, unless
    /// the caller rolls it back. The last one has made its first step when this returns, and all of
    /// them if it writes.
    pub fn sql(&mut self, text: &str, bindings: &[Binding<'_>]) -> Result<Cursor, Error> {
        let mut rest = text;
        loop {
            let prepared = self.prepare(rest)?;
            let checked = match (prepared.end == rest.len(), prepared.parameters) {
                (false, 0) => Ok(()),
                (false, _) => Err(BINDINGS_LAST),
                (true, count) if count == bindings.len() => Ok(()),
                (true, _) => Err(BINDINGS_COUNT),
            };
            if let Err(message) = checked {
                self.close_query(prepared.id);
                return Err(Error::refused(message));
            }
            if prepared.end == rest.len() {
                return self.start(&prepared, bindings);
            }
            self.run_once(&prepared)?;
            rest = &rest[prepared.end..];
        }
    }

    /// Bytes of the database that are in use.
    pub fn database_size(&mut self) -> Result<u64, Error> {
        let sql = "SELECT (SELECT page_count FROM pragma_page_count) \
                   - (SELECT freelist_count FROM pragma_freelist_count)";
        let pages: u32 = self.read(|queries| {
            Ok(queries
                .prepare_cached(sql)?
                .query_row([], |row| row.get(0))?)
        })?;
        Ok(u64::from(pages) * PAGE_BYTES)
    }

    fn prepare(&mut self, text: &str) -> Result<Prepared, Error> {
        let prepare = |queries: &mut Queries<'_>| -> Result<_, Error> {
            let (prepared, reason) = sql::of_user(|| queries.query(text));
            let refused = |e| Error::refused(sql::text(&e, reason));
            let Some((id, end)) = prepared.map_err(refused)? else {
                return Err(Error::refused(NO_STATEMENT));
            };
            if sql::alters() && sql::names_ours(&text[..end]) {
                // Not kept: it would not be asked about again.
                queries.discard(id);
                return Err(Error::refused(sql::NOT_AUTHORIZED));
            }
            Ok(Prepared {
                id,
                end,
                readonly: queries.is_readonly(id).map_err(refused)?,
                parameters: queries.parameters(id).map_err(refused)?,
            })
        };
        self.read(prepare)
    }

    /// A statement before the last: its rows are of no interest.
    fn run_once(&mut self, prepared: &Prepared) -> Result<(), Error> {
        let id = prepared.id;
        let stepped = self.in_transaction(prepared.readonly, |queries| {
            let (stepped, reason) = sql::of_user(|| queries.step(id));
            queries.close(id);
            stepped.map_err(|e| message::error(&e, reason))
        });
        stepped.map(drop)
    }

    fn in_transaction<T>(
        &mut self,
        readonly: bool,
        f: impl FnOnce(&mut Queries<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match readonly {
            true => self.read(f),
            false => self.write(f),
        }
    }

    /// Ends a query whose rows nobody wants any more.
    fn close_query(&mut self, id: QueryId) {
        self.cursors.retain(|open| *open != id);
        // When the cell cannot be used, the query is gone already.
        let _ = self.session.with(|queries| -> Result<(), Error> {
            queries.close(id);
            Ok(())
        });
    }
}
