//! An app whose State is on a disk that the test closes, opens, or breaks.

use std::sync::Arc;

use cellhouse_cell::{Cells, Options};
use cellhouse_faults as faults;
use cellhouse_kv::{Store, StoreOptions};
use cellhouse_runtime::{Binding, BindingValue};

use super::{App, Settings, start};

/// The handle of a test.
#[derive(Default)]
pub struct Valve(faults::Valve);

impl Valve {
    /// An app whose binding `STATE` is on this disk.
    pub async fn app(&self, code: &str) -> App {
        self.app_with(code, Settings::default()).await
    }

    /// The same with these settings.
    pub async fn app_with(&self, code: &str, settings: Settings) -> App {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            disk: Arc::new(self.0.clone()),
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
            ..settings
        };
        let mut app = start(code, settings).await.expect("the app starts");
        app.folder = Some(folder);
        app
    }

    /// What is written from now on waits.
    pub fn close(&self) {
        self.0.close();
    }

    /// What waited is on disk.
    pub fn open(&self) {
        self.0.open();
    }

    /// What waited is lost, and what is written from now on.
    pub fn fail(&self) {
        self.0.fail();
    }
}

impl Drop for Valve {
    fn drop(&mut self) {
        // Whoever waits for a sync at the end of a test must get on.
        self.0.open();
    }
}
