//! Time travel: going back to what a database was. The history itself is the cell's.

use std::time::SystemTime;

use cellhouse_cell::{Bookmark, Ticket};

use crate::{Database, Error};

impl Database {
    /// Stands for the database as it is, or as it was at a moment, or a few seconds before that.
    /// Blocks.
    pub fn bookmark(&self, at: Option<SystemTime>) -> Result<(String, Ticket), Error> {
        let cell = self.cell();
        let (bookmark, ticket) = match at {
            None => cell.bookmark()?,
            Some(time) => cell.bookmark_at(time)?,
        };
        Ok((bookmark.to_string(), ticket))
    }

    /// Makes the database what it was at a bookmark. What is given stands for what it was before,
    /// with which that can be undone. Waits for whoever writes; queries that read go on with what
    /// they have begun to read. Blocks.
    pub fn restore(&self, bookmark: &str) -> Result<(String, Ticket), Error> {
        let bookmark = Bookmark::parse(bookmark)?;
        let turn = self.inner.turns.wait();
        let (before, _) = self.cell().bookmark()?;
        self.cell()
            .restore(&bookmark, |_| -> Result<_, cellhouse_cell::Error> {
                Ok(Vec::new())
            })?;
        self.measure()?;
        drop(turn);
        Ok((before.to_string(), self.ticket()))
    }
}
