//! The rows of a query, read when they are asked for.
//!
//! A query that only reads is stepped row by row, so its rows cost memory only as they are taken,
//! and it may see what is written meanwhile, as SQLite has it. One that writes makes all its steps
//! at once, because a transaction cannot end in the middle of it; its rows wait here.

use std::collections::VecDeque;

use cellhouse_cell::{Queries, QueryId, sql};

use super::{Binding, Prepared, Value, message};
use crate::{Error, ErrorKind, Storage};

/// The values of a row, in the order of the columns.
pub type Row = Vec<Value>;

/// What a chunk of rows may take, about, beyond its first row: 256 KiB.
const CHUNK_BYTES: usize = 256 << 10;

/// The rows that a query has still to give. Belongs to one storage; whoever does not take all rows
/// gives it back by [`Storage::close_cursor`], or it stays until the storage goes.
#[derive(Debug)]
pub struct Cursor {
    id: QueryId,
    columns: Vec<String>,
    /// Whether the query is at a row that was not taken yet.
    at_row: bool,
    /// Whether the query is there.
    open: bool,
    ready: VecDeque<Row>,
    /// Why there are no more rows after those that were read ahead.
    failed: Option<Error>,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Rows that the query gave.
    given: u64,
    scanned: u64,
    written: u64,
}

impl Cursor {
    /// The names of the columns. Two may be the same.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Rows that the query has read so far, about: those that it gave, or those that its scans of
    /// whole tables went through if that is more. Cloudflare's SQLite counts also rows that it found
    /// by an index and dropped; SQLite itself does not tell.
    pub fn rows_read(&self) -> u64 {
        let scanned = match self.counts.scanned {
            0 => 0,
            // It counts steps from a row to the next.
            steps => steps + 1,
        };
        self.counts.given.max(scanned)
    }

    /// Rows that the query inserted, updated or deleted so far, triggers and foreign keys included.
    /// Cloudflare counts entries of indexes besides.
    pub fn rows_written(&self) -> u64 {
        self.counts.written
    }

    /// Whether all rows were taken.
    pub fn is_done(&self) -> bool {
        !self.at_row && self.ready.is_empty() && self.failed.is_none()
    }

    /// The row that the query is at.
    fn row(&self, queries: &mut Queries<'_>) -> Result<Row, Error> {
        let values = queries.row(self.id).map_err(|e| message::error(&e, None))?;
        Ok(values.map(Value::of).collect())
    }

    fn step(&mut self, queries: &mut Queries<'_>) -> Result<(), Error> {
        let before = queries.total_changes();
        let (stepped, reason) = sql::of_user(|| queries.step(self.id));
        self.counts.written += queries.total_changes() - before;
        self.counts.scanned = queries.scanned(self.id).unwrap_or(self.counts.scanned);
        self.at_row = matches!(stepped, Ok(true));
        self.counts.given += u64::from(self.at_row);
        if !self.at_row {
            queries.close(self.id);
            self.open = false;
        }
        stepped.map(drop).map_err(|e| message::error(&e, reason))
    }
}

impl Storage {
    /// The next rows: at most `limit`, fewer when they are large, none at the end only. An error of the query
    /// comes after the rows before it.
    pub fn rows(&mut self, cursor: &mut Cursor, limit: usize) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut room = |row: &Row| {
            bytes += row.iter().map(Value::bytes).sum::<usize>();
            bytes < CHUNK_BYTES
        };
        while rows.len() < limit
            && let Some(row) = cursor.ready.pop_front()
        {
            let more = room(&row);
            rows.push(row);
            if !more {
                return Ok(rows);
            }
        }
        if rows.is_empty()
            && let Some(error) = cursor.failed.take()
        {
            return Err(error);
        }
        if !cursor.at_row || rows.len() >= limit {
            return Ok(rows);
        }
        let read = self.read(|queries| {
            while cursor.at_row && rows.len() < limit {
                let row = cursor.row(queries)?;
                let more = room(&row);
                rows.push(row);
                match cursor.step(queries) {
                    Err(error) if error.kind() == ErrorKind::Storage => return Err(error),
                    stepped => cursor.failed = stepped.err(),
                }
                if !more {
                    break;
                }
            }
            Ok(())
        });
        self.forget_closed(cursor);
        read.map(|()| rows)
    }

    /// Ends a query before all its rows were taken.
    pub fn close_cursor(&mut self, cursor: &mut Cursor) {
        cursor.ready.clear();
        cursor.failed = None;
        cursor.at_row = false;
        if std::mem::take(&mut cursor.open) {
            self.close_query(cursor.id);
        }
    }

    /// Binds what is to be bound and makes the first step.
    pub(super) fn start(
        &mut self,
        prepared: &Prepared,
        bindings: &[Binding<'_>],
    ) -> Result<Cursor, Error> {
        let mut cursor = Cursor {
            id: prepared.id,
            columns: Vec::new(),
            at_row: false,
            open: true,
            ready: VecDeque::new(),
            failed: None,
            counts: Counts::default(),
        };
        self.cursors.push(prepared.id);
        let started = self.in_transaction(prepared.readonly, |queries| {
            let refused = |e| message::error(&e, None);
            for (index, binding) in bindings.iter().enumerate() {
                let bound = queries.bind(cursor.id, index + 1, binding.value());
                bound.map_err(refused)?;
            }
            // Before the step, after which the query may be closed, and again if the step prepared
            // it anew because the schema has changed.
            cursor.columns = queries.columns(cursor.id).map_err(refused)?;
            cursor.step(queries)?;
            if cursor.at_row {
                cursor.columns = queries.columns(cursor.id).map_err(refused)?;
            }
            while !prepared.readonly && cursor.at_row {
                let row = cursor.row(queries)?;
                cursor.step(queries)?;
                cursor.ready.push_back(row);
            }
            Ok(())
        });
        if let Err(error) = started {
            self.close_cursor(&mut cursor);
            return Err(error);
        }
        self.forget_closed(&cursor);
        Ok(cursor)
    }

    fn forget_closed(&mut self, cursor: &Cursor) {
        if !cursor.open {
            self.cursors.retain(|open| *open != cursor.id);
        }
    }
}
