//! SlateDB's side of an open log: taking batches, saying how far it is, closing.

use std::sync::Arc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use parking_lot::{Condvar, Mutex};
use slatedb::RowEntry;
use slatedb::wal::{
    WalError, WalEvent, WalFlushResult, WalObserver, WalStatus, WalStatusListener, WalWriter,
};
use tokio::sync::oneshot;

use super::fence::Fence;
use super::flusher::Flusher;
use super::pool::Pool;
use crate::Error;
use crate::outcome::Outcome;
use crate::place::Place;

/// SlateDB is asked to write its rows to sorted files when this many segments would have to be read
/// after a crash: with tiny commits the log grows much faster than the rows in memory.
const SEGMENTS_TO_REPLAY: usize = 8;

/// A batch on its way into the log.
pub(crate) struct Batch {
    pub(crate) id: u64,
    pub(crate) rows: Vec<RowEntry>,
    bytes: usize,
}

impl Batch {
    pub(crate) fn seq(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.seq)
    }
}

/// What SlateDB's tasks and the log's thread have in common.
pub(crate) struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    pending: Vec<Batch>,
    pending_bytes: usize,
    next_id: u64,
    flushed_id: u64,
    flushed_seq: Option<u64>,
    closed: Option<WalError>,
    /// The thread is to end when nothing is pending.
    stop: bool,
    listeners: Vec<WalStatusListener>,
    waiting: Vec<(u64, oneshot::Sender<Result<(), WalError>>)>,
}

impl State {
    fn status(&self) -> WalStatus {
        WalStatus {
            closed_reason: self.closed.clone(),
            estimated_bytes: self.pending_bytes,
            last_flushed_wal_id: self.flushed_id,
            last_flushed_seq: self.flushed_seq,
            buffered_wal_entries_count: self.pending.iter().map(|batch| batch.rows.len()).sum(),
        }
    }
}

impl Shared {
    fn new(last: u64) -> Shared {
        Shared {
            state: Mutex::new(State {
                pending: Vec::new(),
                pending_bytes: 0,
                next_id: last + 1,
                flushed_id: last,
                flushed_seq: None,
                closed: None,
                stop: false,
                listeners: Vec::new(),
                waiting: Vec::new(),
            }),
            work: Condvar::new(),
        }
    }

    /// Everything that waits; sleeps until there is something. `None`: it is time to end.
    pub(crate) fn take(&self) -> Option<Vec<Batch>> {
        let mut state = self.state.lock();
        while state.pending.is_empty() {
            if state.stop {
                return None;
            }
            self.work.wait(&mut state);
        }
        Some(std::mem::take(&mut state.pending))
    }

    /// The id of the next record, for the one that ends the log.
    pub(crate) fn next_id(&self) -> u64 {
        self.state.lock().next_id
    }

    /// These batches, and all before them, are durable.
    pub(crate) fn flushed(&self, batches: &[Batch]) {
        let Some(last) = batches.last() else { return };
        let mut state = self.state.lock();
        state.flushed_id = last.id;
        state.flushed_seq = Some(last.seq());
        let bytes: usize = batches.iter().map(|batch| batch.bytes).sum();
        state.pending_bytes -= bytes;
        let due = state
            .waiting
            .extract_if(.., |(id, _)| *id <= last.id)
            .collect();
        self.tell(state, due, Ok(()), WalEvent::WalFlushed);
    }

    /// Nothing more will be durable.
    pub(crate) fn close(&self, reason: WalError) {
        let mut state = self.state.lock();
        if state.closed.is_some() {
            return;
        }
        state.closed = Some(reason.clone());
        state.pending.clear();
        state.pending_bytes = 0;
        let due = std::mem::take(&mut state.waiting);
        self.tell(state, due, Err(reason), WalEvent::WalClosed);
    }

    fn tell(
        &self,
        state: parking_lot::MutexGuard<'_, State>,
        due: Vec<(u64, oneshot::Sender<Result<(), WalError>>)>,
        result: Result<(), WalError>,
        event: fn(WalStatus) -> WalEvent,
    ) {
        let status = state.status();
        let listeners = state.listeners.clone();
        drop(state);
        for listener in listeners {
            listener(event(status.clone()));
        }
        for (_, waiter) in due {
            let _ = waiter.send(result.clone());
        }
    }

    fn status(&self) -> Result<WalStatus, WalStatus> {
        let status = self.state.lock().status();
        match status.closed_reason {
            None => Ok(status),
            Some(_) => Err(status),
        }
    }

    fn stop(&self) {
        self.state.lock().stop = true;
        self.work.notify_one();
    }
}

/// The log as SlateDB writes it. Dropped without [`WalWriter::close`], it still writes what it was
/// given.
pub(crate) struct LogWriter {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    thread: Option<JoinHandle<()>>,
}

impl LogWriter {
    pub(crate) fn start(
        pool: Arc<Pool>,
        fence: Fence,
        epoch: u64,
        outcome: Outcome,
        place: Place,
    ) -> Result<LogWriter, Error> {
        let store = outcome.store.clone();
        let (first, last) = pool.first();
        let shared = Arc::new(Shared::new(last));
        let flusher = Flusher::new(
            shared.clone(),
            pool.clone(),
            fence,
            epoch,
            outcome,
            first,
            last,
        );
        let thread = std::thread::Builder::new()
            .name("shard-log".to_owned())
            .spawn(move || {
                flusher.run();
                drop(place);
            })
            .map_err(|e| Error::Engine {
                store: store.to_string(),
                action: "start the thread of its log",
                reason: e.to_string(),
            })?;
        Ok(LogWriter {
            shared,
            pool,
            thread: Some(thread),
        })
    }
}

#[async_trait]
impl WalWriter for LogWriter {
    async fn append(&mut self, write_batch: &[RowEntry]) -> Result<(), WalError> {
        let overhead = size_of::<RowEntry>();
        let bytes = write_batch
            .iter()
            .map(|row| row.key.len() + row.value.len() + overhead)
            .sum();
        let mut state = self.shared.state.lock();
        if let Some(reason) = &state.closed {
            return Err(reason.clone());
        }
        if write_batch.is_empty() {
            return Ok(());
        }
        let id = state.next_id;
        state.next_id += 1;
        state.pending_bytes += bytes;
        state.pending.push(Batch {
            id,
            rows: write_batch.to_vec(),
            bytes,
        });
        drop(state);
        self.shared.work.notify_one();
        Ok(())
    }

    async fn flush(&mut self) -> Result<WalFlushResult, WalError> {
        let mut state = self.shared.state.lock();
        if let Some(reason) = &state.closed {
            return Err(reason.clone());
        }
        // The thread writes whatever was appended without being asked.
        let wal_id = state.next_id - 1;
        let (done, result) = oneshot::channel();
        if state.flushed_id >= wal_id {
            let _ = done.send(Ok(()));
        } else {
            state.waiting.push((wal_id, done));
        }
        Ok(WalFlushResult {
            wal_id,
            completion: Box::pin(async { result.await.unwrap_or(Err(WalError::Closed)) }),
        })
    }

    fn should_flush_memtable(&self, replay_after_wal_id: u64) -> bool {
        self.pool.since(replay_after_wal_id) >= SEGMENTS_TO_REPLAY
    }

    fn observer(&self) -> Box<dyn WalObserver> {
        Box::new(Observer(self.shared.clone()))
    }

    fn status(&self) -> Result<WalStatus, WalStatus> {
        self.shared.status()
    }

    async fn close(&mut self) -> Result<(), WalError> {
        self.shared.stop();
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(_)) = ended {
            self.shared.close(panicked());
        }
        match self.shared.state.lock().closed.clone() {
            None | Some(WalError::Closed) => Ok(()),
            Some(reason) => Err(reason),
        }
    }
}

fn panicked() -> WalError {
    WalError::InternalError(Arc::new(std::io::Error::other(
        "the thread of the log panicked",
    )))
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

struct Observer(Arc<Shared>);

impl WalObserver for Observer {
    fn status(&self) -> Result<WalStatus, WalStatus> {
        self.0.status()
    }

    fn subscribe(&self, listener: WalStatusListener) -> Result<(), WalError> {
        self.0.state.lock().listeners.push(listener);
        Ok(())
    }
}
