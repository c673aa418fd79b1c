//! Copying a cell: its pages as the store has them, without its history.

use cellhouse_shard::{CellMeta, Commit, Ticket};

use crate::{CellName, Cells, Error};

/// Pages that are handed in at a time: 4 MiB.
const AT_ONCE: u32 = 1_024;

impl Cells {
    /// Makes the cell `to`, which nothing may know yet, of what the cell `from` has committed. `None`: that has
    /// nothing. A crash before the ticket is durable may leave a part of it: whoever calls this sees to it that
    /// nobody takes that for a cell.
    pub fn copy(&self, from: &CellName, to: &CellName) -> Result<Option<Ticket>, Error> {
        let shard = self.shard()?;
        let Some(meta) = shard.meta(from.key(), &from.to_string())? else {
            return Ok(None);
        };
        let copy = CellMeta {
            name: to.to_string().into(),
            pages: meta.pages,
            transaction: 1,
            history: None,
        };
        let mut start = 0_u32;
        loop {
            let end = start
                .saturating_add(AT_ONCE)
                .min(meta.pages.saturating_add(1));
            let ticket = shard.commit(Commit {
                cell: to.key(),
                meta: copy.clone(),
                pages: shard.pages(from.key(), start..end)?,
                truncated: None,
                extra: Vec::new(),
                before: None,
            })?;
            if end > meta.pages {
                return Ok(Some(ticket));
            }
            start = end;
        }
    }
}
