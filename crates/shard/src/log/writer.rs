//! SlateDB's side of an open log: what it hands in, how far the log is, closing.
//!
//! The log's thread takes groups of commits from the queue by itself (`flusher.rs`), so that it
//! writes while SlateDB is busy. SlateDB hands in the same groups in the same order, which only
//! counts here: SlateDB must not be told of a record that it does not have in memory yet, or it
//! would not read that record again after a crash.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
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
use crate::threads;

/// SlateDB is asked to write its rows to sorted files when this many segments would have to be read
/// after a crash: with tiny commits the log grows much faster than the rows in memory.
const SEGMENTS_TO_REPLAY: usize = 8;

/// Says when a record is durable.
type Waiter = oneshot::Sender<Result<(), WalError>>;

/// What SlateDB's tasks and the log's thread have in common.
pub(crate) struct Shared {
    state: Mutex<State>,
}

struct State {
    /// What SlateDB has in memory and is not durable, oldest first.
    appended: VecDeque<Appended>,
    appended_bytes: usize,
    /// Id of the last record that SlateDB handed in.
    last_id: u64,
    /// Id of the last durable record, whether SlateDB has it or not.
    durable_id: u64,
    /// Id and sequence number of the last record that is both.
    flushed_id: u64,
    flushed_seq: Option<u64>,
    closed: Option<WalError>,
    listeners: Vec<WalStatusListener>,
    waiting: Vec<(u64, Waiter)>,
}

struct Appended {
    id: u64,
    seq: u64,
    rows: usize,
    bytes: usize,
}

impl State {
    fn status(&self) -> WalStatus {
        WalStatus {
            closed_reason: self.closed.clone(),
            estimated_bytes: self.appended_bytes,
            last_flushed_wal_id: self.flushed_id,
            last_flushed_seq: self.flushed_seq,
            buffered_wal_entries_count: self.appended.iter().map(|batch| batch.rows).sum(),
        }
    }

    /// Whether SlateDB has something that is durable and does not know yet.
    fn settle(&mut self) -> bool {
        let before = self.flushed_id;
        while let Some(batch) = self
            .appended
            .pop_front_if(|batch| batch.id <= self.durable_id)
        {
            self.flushed_id = batch.id;
            self.flushed_seq = Some(batch.seq);
            self.appended_bytes -= batch.bytes;
        }
        self.flushed_id != before
    }
}

impl Shared {
    fn new(last: u64) -> Shared {
        Shared {
            state: Mutex::new(State {
                appended: VecDeque::new(),
                appended_bytes: 0,
                last_id: last,
                durable_id: last,
                flushed_id: last,
                flushed_seq: None,
                closed: None,
                listeners: Vec::new(),
                waiting: Vec::new(),
            }),
        }
    }

    /// The record with this id, and all before it, are durable.
    pub(crate) fn durable(&self, id: u64) {
        let mut state = self.state.lock();
        state.durable_id = id;
        self.tell_flushed(state);
    }

    fn tell_flushed(&self, mut state: MutexGuard<'_, State>) {
        if !state.settle() {
            return;
        }
        let flushed = state.flushed_id;
        let due = state.waiting.extract_if(.., |(id, _)| *id <= flushed);
        let due = due.collect();
        tell(state, due, Ok(()), WalEvent::WalFlushed);
    }

    /// Nothing more will be durable.
    pub(crate) fn close(&self, reason: WalError) {
        let mut state = self.state.lock();
        if state.closed.is_some() {
            return;
        }
        state.closed = Some(reason.clone());
        let due = std::mem::take(&mut state.waiting);
        tell(state, due, Err(reason), WalEvent::WalClosed);
    }

    fn status(&self) -> Result<WalStatus, WalStatus> {
        let status = self.state.lock().status();
        match status.closed_reason {
            None => Ok(status),
            Some(_) => Err(status),
        }
    }
}

fn tell(
    state: MutexGuard<'_, State>,
    due: Vec<(u64, Waiter)>,
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

/// The log as SlateDB writes it. Its thread ends when it is closed or dropped.
pub(crate) struct LogWriter {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    outcome: Outcome,
    thread: Option<JoinHandle<()>>,
}

impl LogWriter {
    pub(crate) fn start(
        pool: Arc<Pool>,
        fence: Arc<Fence>,
        outcome: Outcome,
        place: Place,
    ) -> Result<LogWriter, Error> {
        let (first, last) = pool.first();
        outcome.queue.start_log(last);
        let shared = Arc::new(Shared::new(last));
        let flusher = Flusher::new(
            shared.clone(),
            pool.clone(),
            fence,
            place,
            outcome.clone(),
            (first, last),
        );
        let thread = threads::spawn("shard-log", move || flusher.run());
        let thread = thread.map_err(|e| Error::Engine {
            store: outcome.store.to_string(),
            action: "start the thread of its log",
            reason: e.to_string(),
        })?;
        Ok(LogWriter {
            shared,
            pool,
            outcome,
            thread: Some(thread),
        })
    }
}

#[async_trait]
impl WalWriter for LogWriter {
    async fn append(&mut self, write_batch: &[RowEntry]) -> Result<(), WalError> {
        let Some(first) = write_batch.first() else {
            return Ok(());
        };
        let overhead = size_of::<RowEntry>();
        let bytes = write_batch
            .iter()
            .map(|row| row.key.len() + row.value.len() + overhead)
            .sum();
        let mut state = self.shared.state.lock();
        if let Some(reason) = &state.closed {
            return Err(reason.clone());
        }
        state.last_id += 1;
        let id = state.last_id;
        state.appended_bytes += bytes;
        state.appended.push_back(Appended {
            id,
            seq: first.seq,
            rows: write_batch.len(),
            bytes,
        });
        self.shared.tell_flushed(state);
        Ok(())
    }

    async fn flush(&mut self) -> Result<WalFlushResult, WalError> {
        let mut state = self.shared.state.lock();
        if let Some(reason) = &state.closed {
            return Err(reason.clone());
        }
        // The thread writes whatever there is without being asked.
        let wal_id = state.last_id;
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
        self.outcome.queue.end_log();
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(_)) = ended {
            self.shared.close(panicked());
        }
        self.pool.finish();
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
        self.outcome.queue.end_log();
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
