//! Stops SQL whose asker has gone away, or that keeps an app from its object for too long: while it runs the
//! object waits, and with it all that shares its thread.

use std::io::{ErrorKind, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cellhouse_cell::Cell;

/// How long SQL may keep an object of an app that runs.
pub(super) const LIMIT: Duration = Duration::from_secs(1);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Watches the connection of whoever asked. Dropping it ends that.
pub(super) struct Watch {
    stream: UnixStream,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    /// The cell on which SQL of the asker runs, and since when.
    running: Option<(Cell, Instant)>,
    gone: bool,
    late: bool,
}

impl Watch {
    pub(super) fn start(stream: &UnixStream) -> std::io::Result<Watch> {
        let state = Arc::new(Mutex::new(State::default()));
        let (watched, shared) = (stream.try_clone()?, state.clone());
        watched.set_read_timeout(Some(LOOK))?;
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
        state.running = Some((cell.clone(), Instant::now()));
        !state.gone
    }

    /// It runs no more. What runs on the cell after this is somebody else's. False: it took too long, and
    /// may have been stopped.
    pub(super) fn end(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = None;
        !state.late
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
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { running, late, .. } = &mut *state;
        if let Some((cell, since)) = running
            && since.elapsed() > LIMIT
        {
            *late = true;
            // Again for each statement that follows.
            cell.interrupt();
        }
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.gone = true;
    if let Some((cell, _)) = &state.running {
        cell.interrupt();
    }
}
