//! Queries that live between calls: SQL of users, stepped row by row, several at a time.
//!
//! rusqlite's statements borrow their connection, so they cannot be kept while JavaScript runs. Here
//! they belong to the cell's connection and are known outside by a number; when the connection goes
//! (an error below, the cell is closed) the number stands for nothing, and nothing dangles.
//! Statements that are done wait to be used again.

mod error;
#[allow(unsafe_code, reason = "statements without a lifetime are SQLite's own")]
mod statement;

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use error::SqlError;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use statement::Statement;

/// Statements that wait to be used again, per connection.
const IDLE: usize = 32;
/// Longer SQL than this, in bytes, is not kept: it is hardly used twice.
const KEPT_SQL: usize = 8 << 10;

/// Stands for a query of one connection; of no other, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueryId(u64);

/// The statements of one connection. Dropped before it.
#[derive(Default)]
pub(crate) struct Statements {
    open: Vec<(QueryId, Kept)>,
    /// Most recently used first.
    idle: VecDeque<Kept>,
}

struct Kept {
    sql: Option<Box<str>>,
    statement: Statement,
}

impl Statements {
    pub(crate) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Ends all queries; their statements wait to be used again.
    pub(crate) fn close_all(&mut self) {
        while let Some((_, kept)) = self.open.pop() {
            self.rest(kept);
        }
    }

    fn rest(&mut self, mut kept: Kept) {
        kept.statement.reset();
        if kept.sql.is_some() {
            self.idle.push_front(kept);
            self.idle.truncate(IDLE);
        }
    }

    fn find(&mut self, id: QueryId) -> Result<&mut Statement, SqlError> {
        let found = self.open.iter_mut().find(|(known, _)| *known == id);
        found
            .map(|(_, kept)| &mut kept.statement)
            .ok_or_else(SqlError::closed)
    }
}

/// A cell's connection with the queries on it. The connection itself is reached by dereferencing.
pub struct Queries<'a> {
    connection: &'a Connection,
    statements: &'a mut Statements,
}

impl Deref for Queries<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl<'a> Queries<'a> {
    pub(crate) fn new(connection: &'a Connection, statements: &'a mut Statements) -> Self {
        Queries {
            connection,
            statements,
        }
    }

    /// Prepares the first statement of `sql`: the query, and where in `sql` the rest begins. `None`
    /// when there is no statement, only spaces and comments.
    pub fn query(&mut self, sql: &str) -> Result<Option<(QueryId, usize)>, SqlError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let id = QueryId(NUMBER.fetch_add(1, Relaxed));
        let idle = &mut self.statements.idle;
        let known = idle
            .iter()
            .position(|kept| kept.sql.as_deref() == Some(sql));
        if let Some(kept) = known.and_then(|place| idle.remove(place)) {
            self.statements.open.push((id, kept));
            return Ok(Some((id, sql.len())));
        }
        let (statement, end) = Statement::prepare(self.connection, sql)?;
        let Some(statement) = statement else {
            return Ok(None);
        };
        let keep = end == sql.len() && sql.len() <= KEPT_SQL;
        let sql = keep.then(|| sql.into());
        self.statements.open.push((id, Kept { sql, statement }));
        Ok(Some((id, end)))
    }

    /// Binds a parameter; the first one is 1.
    pub fn bind(
        &mut self,
        id: QueryId,
        number: usize,
        value: ValueRef<'_>,
    ) -> Result<(), SqlError> {
        self.statements.find(id)?.bind(number, value)
    }

    /// How many parameters it has.
    pub fn parameters(&mut self, id: QueryId) -> Result<usize, SqlError> {
        Ok(self.statements.find(id)?.parameters())
    }

    /// Whether it changes nothing in the database.
    pub fn is_readonly(&mut self, id: QueryId) -> Result<bool, SqlError> {
        Ok(self.statements.find(id)?.is_readonly())
    }

    /// Goes to the next row; false at the end. After an error or the end, only
    /// [`Queries::close`] makes sense.
    pub fn step(&mut self, id: QueryId) -> Result<bool, SqlError> {
        self.statements.find(id)?.step()
    }

    /// The names of its columns.
    pub fn columns(&mut self, id: QueryId) -> Result<Vec<String>, SqlError> {
        let statement = self.statements.find(id)?;
        Ok((0..statement.columns())
            .map(|n| statement.name(n))
            .collect())
    }

    /// The values of the row that it is at.
    pub fn row(
        &mut self,
        id: QueryId,
    ) -> Result<impl ExactSizeIterator<Item = ValueRef<'_>>, SqlError> {
        let statement = &*self.statements.find(id)?;
        Ok((0..statement.columns()).map(|n| statement.value(n)))
    }

    /// Steps that it made forward in scans of whole tables, so far.
    pub fn scanned(&mut self, id: QueryId) -> Result<u64, SqlError> {
        Ok(self.statements.find(id)?.scanned())
    }

    /// Ends a query and forgets it, so that the same SQL is prepared, and authorized, anew.
    pub fn discard(&mut self, id: QueryId) {
        self.take(id);
    }

    fn take(&mut self, id: QueryId) -> Option<Kept> {
        let open = &mut self.statements.open;
        let place = open.iter().position(|(known, _)| *known == id)?;
        Some(open.swap_remove(place).1)
    }

    /// Ends a query; one that is not there too.
    pub fn close(&mut self, id: QueryId) {
        if let Some(kept) = self.take(id) {
            self.statements.rest(kept);
        }
    }
}
