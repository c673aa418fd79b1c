//! What other commands do to the app that runs here, through its isolates: deleting an object, running an
//! alarm. Never keeps the app running.

use std::sync::{Arc, Weak};

use cellhouse_objects::{Address, Due, Namespace, ObjectId};
use tokio::runtime::Handle;

use super::handler::Live;
use crate::data::RunningApp;

/// The app as it is whenever somebody asks.
pub(super) struct Hands {
    live: Weak<Live>,
    runtime: Handle,
}

impl Hands {
    /// To be called on the runtime that the app's calls shall run on.
    pub(super) fn of(live: &Arc<Live>) -> Arc<Hands> {
        Arc::new(Hands {
            live: Arc::downgrade(live),
            runtime: Handle::current(),
        })
    }
}

impl RunningApp for Hands {
    fn delete_object(&self, namespace: &Namespace, id: &ObjectId) -> Option<Result<bool, String>> {
        let worker = self.live.upgrade()?.worker();
        if !worker.has_objects() {
            return None;
        }
        let deleted = self.runtime.block_on(worker.delete_object(namespace, id));
        Some(deleted.map_err(|failure| failure.message))
    }

    fn run_alarm(&self, address: Address) -> Result<(), String> {
        let Some(live) = self.live.upgrade() else {
            return Err("the app is being stopped".to_owned());
        };
        let due = Due {
            address,
            early: true,
            time: 0,
        };
        let ran = self.runtime.block_on(live.worker().alarm(due));
        ran.map_err(|not_run| not_run.to_string())
    }
}
