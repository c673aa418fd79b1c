//! A store's parts, made ready: the lock of its folder, its objects, the folder of its log.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;

use crate::lock::{Lock, Released};
use crate::{Error, Store, objects};

/// What is needed to open a store, and to open it again in this process.
#[derive(Clone)]
pub(crate) struct Place {
    /// What errors call it.
    pub(crate) name: Arc<str>,
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// The folder of our own log, where there is one.
    pub(crate) log: Option<PathBuf>,
    /// Held as long as anything of this store is in use.
    lock: Option<Arc<Lock>>,
}

impl Place {
    pub(crate) fn take(store: &Store) -> Result<Place, Error> {
        let name = store.to_string().into();
        match store {
            Store::Memory => Ok(Place {
                name,
                objects: Arc::new(InMemory::new()),
                log: None,
                lock: None,
            }),
            Store::Objects { objects, log, .. } => Ok(Place {
                name,
                objects: objects.clone(),
                log: log.clone(),
                lock: None,
            }),
            Store::File(folder) => {
                let lock = Lock::take(folder)?;
                Ok(Place {
                    name,
                    objects: objects::in_folder(folder)?,
                    log: Some(folder.join("log")),
                    lock: Some(Arc::new(lock)),
                })
            }
        }
    }

    /// To wait until nothing of this store is in use any more.
    pub(crate) fn released(&self) -> Option<Released> {
        self.lock.as_ref().map(|lock| lock.released())
    }
}
