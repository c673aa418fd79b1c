//! What tasks work with: the data of the process that has it, and its app while that runs there.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cellhouse_cell::Cells;
use cellhouse_d1::{Databases, DatabasesOptions};
use cellhouse_kv::{Store, StoreOptions};
use cellhouse_objects::{Address, Namespace, ObjectId, Objects};
use cellhouse_queues::Queues;
use cellhouse_r2::R2;
use cellhouse_workflows::Instances;

/// The one process that has the data, seen by a task.
pub(crate) struct Owner {
    pub(crate) cells: Cells,
    pub(crate) objects: Objects,
    pub(crate) databases: Databases,
    pub(crate) r2: R2,
    pub(crate) queues: Queues,
    pub(crate) instances: Instances,
    kv: Mutex<HashMap<String, Store>>,
    app: OnceLock<Arc<dyn RunningApp>>,
}

/// An app that runs in this process. Its methods block, and are not for threads of a runtime.
pub(crate) trait RunningApp: Send + Sync {
    /// Deletes an object with all that it stored, and ends what runs of it: whether it existed. `None`: no
    /// code of the app can run for it, and nothing was done.
    fn delete_object(&self, namespace: &Namespace, id: &ObjectId) -> Option<Result<bool, String>>;

    /// What happens in the apps of the process from now on, event by event, until the receiver is dropped.
    fn follow(&self) -> Receiver<serde_json::Value>;

    /// Runs the alarm of an object, whatever it is set for. That its handler failed is no error here.
    fn run_alarm(&self, address: Address) -> Result<(), String>;
}

impl Owner {
    /// The data, with no app that runs.
    pub(crate) fn new(
        cells: Cells,
        objects: Objects,
        r2: R2,
        queues: Queues,
        instances: Instances,
    ) -> Owner {
        Owner {
            databases: Databases::new(&cells, DatabasesOptions::default()),
            cells,
            objects,
            r2,
            queues,
            instances,
            kv: Mutex::default(),
            app: OnceLock::new(),
        }
    }

    /// The key-value store of that name as the data has it, such as `kv-<id>`. It stays open, and whoever asks for
    /// it gets the same one: what one writes, those who watch another one hear of.
    pub(crate) fn kv(&self, name: &str) -> Result<Store, cellhouse_kv::Error> {
        let mut open = self.open_kv();
        if let Some(store) = open.get(name) {
            return Ok(store.clone());
        }
        let store = Store::open(&self.cells, name, StoreOptions::default())?;
        open.insert(name.to_owned(), store.clone());
        Ok(store)
    }

    /// All stores that are open.
    pub(crate) fn all_kv(&self) -> Vec<Store> {
        self.open_kv().values().cloned().collect()
    }

    /// Lets go of all stores, so that the data can be closed.
    pub(crate) fn close_kv(&self) {
        self.open_kv().clear();
    }

    fn open_kv(&self) -> std::sync::MutexGuard<'_, HashMap<String, Store>> {
        self.kv.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The app runs from now on. Only the first call counts.
    pub(crate) fn set_app(&self, app: Arc<dyn RunningApp>) {
        self.app.get_or_init(|| app);
    }

    pub(super) fn app(&self) -> Option<&dyn RunningApp> {
        self.app.get().map(|app| &**app)
    }
}
