//! A disk that the test closes, opens, or breaks.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cellhouse_cell::{Cells, Disk, Options};
use cellhouse_kv::{Store, StoreOptions};
use cellhouse_runtime::{Binding, BindingValue};
use parking_lot::{Condvar, Mutex};

use super::{App, Settings, start};

/// The handle of a test.
#[derive(Default)]
pub struct Valve(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Open,
    Closed,
    Broken,
}

impl Valve {
    /// An app whose binding `STATE` is on this disk.
    pub async fn app(&self, code: &str) -> App {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            disk: self.0.clone(),
            ..Options::default()
        };
        let cells = Cells::open(folder.path(), options).expect("cells");
        let store = Store::open(&cells, "test", StoreOptions::default()).expect("a store");
        let binding = Binding {
            name: "STATE".to_owned(),
            value: BindingValue::State(store),
        };
        let settings = Settings {
            bindings: vec![binding],
            ..Settings::default()
        };
        let mut app = start(code, settings).await.expect("the app starts");
        app.folder = Some(folder);
        app
    }

    /// What is written from now on waits.
    pub fn close(&self) {
        self.set(State::Closed);
    }

    /// What waited is on disk.
    pub fn open(&self) {
        self.set(State::Open);
    }

    /// What waited is lost, and what is written from now on.
    pub fn fail(&self) {
        self.set(State::Broken);
    }

    fn set(&self, state: State) {
        *self.0.state.lock() = state;
        self.0.changed.notify_all();
    }
}

impl Disk for Inner {
    fn sync(&self, _path: &Path, _file: &File) -> io::Result<()> {
        let mut state = self.state.lock();
        while *state == State::Closed {
            self.changed.wait(&mut state);
        }
        match *state {
            State::Broken => Err(io::Error::other("the disk is broken")),
            _ => Ok(()),
        }
    }
}

impl Drop for Valve {
    fn drop(&mut self) {
        // Whoever waits for a sync at the end of a test must get on.
        if *self.0.state.lock() == State::Closed {
            self.open();
        }
    }
}
