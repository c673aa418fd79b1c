//! The log's own thread: takes the groups that wait, writes them, syncs once, says that they are
//! durable.
//!
//! While it waits for the disk the next group gathers. It is the only one that writes to segments.
//! The first error ends it: after a failed sync nobody knows what is on disk, so nothing is called
//! durable any more until the log has been read again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use slatedb::wal::WalError;

use super::fence::Fence;
use super::pool::Pool;
use super::record::{self, BLOCK, Stamp};
use super::segment::{FIRST, Segment};
use super::writer::Shared;
use crate::Error;
use crate::group::Group;
use crate::outcome::Outcome;
use crate::place::Place;

/// The buffer that records are put together in is given back when one has made it larger than this.
const BUFFER: usize = 4 << 20;

pub(crate) struct Flusher {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    fence: Arc<Fence>,
    /// Keeps the store's lock until the thread has ended.
    place: Place,
    outcome: Outcome,
    active: Segment,
    /// Where the next record goes.
    offset: u64,
    /// First and last id in the active segment.
    ids: Option<(u64, u64)>,
    /// Id of the last durable record.
    synced: u64,
    buffer: Vec<u8>,
}

impl Flusher {
    pub(crate) fn new(
        shared: Arc<Shared>,
        pool: Arc<Pool>,
        fence: Arc<Fence>,
        place: Place,
        outcome: Outcome,
        (first, last): (Segment, u64),
    ) -> Flusher {
        Flusher {
            shared,
            pool,
            fence,
            place,
            outcome,
            active: first,
            offset: FIRST,
            ids: None,
            synced: last,
            buffer: Vec::new(),
        }
    }

    pub(crate) fn run(mut self) {
        let result = self.flush_all();
        match result {
            Ok(()) => self.shared.close(WalError::Closed),
            Err(error) => {
                self.outcome.refuse(error.clone());
                self.shared.close(match error {
                    Error::Fenced { .. } => WalError::Fenced,
                    Error::Closed { .. } => WalError::Closed,
                    error => WalError::Unavailable(Arc::new(error)),
                });
            }
        }
    }

    fn flush_all(&mut self) -> Result<(), Error> {
        while let Some(groups) = self.outcome.queue.for_log() {
            self.flush(&groups)?;
            if self.offset > self.active.header.size / 2 {
                self.pool.prepare(self.synced, &self.place);
            }
        }
        match self.outcome.progress.failure() {
            None => self.end(),
            Some(error) => Err(error.clone()),
        }
    }

    /// Writes groups, in one go unless a segment ends between them.
    fn flush(&mut self, groups: &[Arc<Group>]) -> Result<(), Error> {
        let mut done = 0;
        for (index, group) in groups.iter().enumerate() {
            let start = self.buffer.len();
            let stamp = self.stamp(group.id);
            if !record::write(&mut self.buffer, stamp, group.last, group.rows()) {
                return Err(self.not_durable("a group of commits is larger than 4 GiB".to_owned()));
            }
            if !self.fits() {
                let record = self.buffer.split_off(start);
                self.sync(&groups[done..index])?;
                done = index;
                self.switch(record)?;
            }
        }
        self.sync(&groups[done..])
    }

    fn stamp(&self, id: u64) -> Stamp {
        Stamp {
            epoch: self.fence.epoch(),
            id,
            synced: self.synced,
        }
    }

    /// Whether the buffer fits in the active segment, with a block left for the end of the log.
    fn fits(&self) -> bool {
        self.offset + (self.buffer.len() + BLOCK) as u64 <= self.active.header.size
    }

    /// Goes on in the next segment, with `record` as its first.
    fn switch(&mut self, record: Vec<u8>) -> Result<(), Error> {
        let room = (record.len() + BLOCK) as u64;
        let next = self
            .pool
            .switch(&self.active, self.ids.take(), room, self.synced);
        self.active = next.map_err(|error| match error {
            Error::Fenced { .. } => error,
            other => self.not_durable(other.to_string()),
        })?;
        self.offset = FIRST;
        self.buffer = record;
        Ok(())
    }

    /// Writes the buffer, which holds these groups, and says that they are durable.
    fn sync(&mut self, groups: &[Arc<Group>]) -> Result<(), Error> {
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
            return Ok(());
        };
        self.write()?;
        let begin = self.ids.map_or(first.id, |(begin, _)| begin);
        self.ids = Some((begin, last.id));
        self.synced = last.id;
        self.outcome.durable(last.last);
        self.shared.durable(last.id);
        Ok(())
    }

    fn write(&mut self) -> Result<(), Error> {
        let file = &self.active.file;
        let written = file.write_at(&self.buffer, self.offset);
        written.map_err(|e| self.unwritten(e))?;
        // The engine works while the disk does.
        self.outcome.queue.driver.notify_one();
        file.sync_data().map_err(|e| self.unwritten(e))?;
        let counters = &self.outcome.counters;
        counters
            .log_bytes
            .fetch_add(self.buffer.len() as u64, Relaxed);
        counters.syncs.fetch_add(1, Relaxed);
        if !self.fence.holds().map_err(|e| self.unwritten(e))? {
            return Err(self.fence.lost());
        }
        self.offset += self.buffer.len() as u64;
        self.buffer.clear();
        if self.buffer.capacity() > BUFFER {
            self.buffer = Vec::new();
        }
        Ok(())
    }

    /// Marks the log as closed properly, so that whatever is wrong with its last record later is
    /// known to be damage.
    fn end(&mut self) -> Result<(), Error> {
        self.buffer.clear();
        let stamp = self.stamp(self.synced + 1);
        record::write_end(&mut self.buffer, stamp);
        self.write()
    }

    fn unwritten(&self, error: io::Error) -> Error {
        self.not_durable(Error::io("write to", &self.active.path)(error).to_string())
    }

    fn not_durable(&self, reason: String) -> Error {
        Error::NotDurable {
            store: self.outcome.store.to_string(),
            reason,
        }
    }
}
