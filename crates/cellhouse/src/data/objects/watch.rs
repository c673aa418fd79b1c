//! Stops SQL whose asker has gone away, so that a query without end does not keep an object for ever.

use std::io::{ErrorKind, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use cellhouse_cell::Cell;

/// Watches the connection of whoever asked. Dropping it ends that.
pub(super) struct Watch {
    stream: UnixStream,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    /// The cell on which SQL of the asker runs.
    running: Option<Cell>,
    gone: bool,
}

impl Watch {
    pub(super) fn start(stream: &UnixStream) -> std::io::Result<Watch> {
        let state = Arc::new(Mutex::new(State::default()));
        let (watched, shared) = (stream.try_clone()?, state.clone());
        let thread = std::thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || until_gone(watched, &shared))?;
        Ok(Watch {
            stream: stream.try_clone()?,
            state,
            thread: Some(thread),
        })
    }

    /// SQL runs on this cell from now on, and has the cell to itself. False: nobody wants it any more.
    pub(super) fn begin(&self, cell: &Cell) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = Some(cell.clone());
        !state.gone
    }

    /// It runs no more. What runs on the cell after this is somebody else's.
    pub(super) fn end(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end();
        // Wakes the thread; answers can still be written.
        drop(self.stream.shutdown(Shutdown::Read));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Nothing more is ever read from the asker but its end.
fn until_gone(mut stream: UnixStream, state: &Mutex<State>) {
    let patient = |kind| matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted);
    loop {
        match stream.read(&mut [0; 64]) {
            Ok(1..) => {}
            Err(error) if patient(error.kind()) => {}
            _ => break,
        }
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.gone = true;
    if let Some(cell) = &state.running {
        cell.interrupt();
    }
}
