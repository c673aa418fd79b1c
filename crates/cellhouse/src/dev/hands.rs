//! What other commands do to the apps that run here, through its isolates: deleting an object, running an
//! alarm. Never keeps the app running.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Weak};

use cellhouse_objects::{Address, Due, Namespace, ObjectId};
use cellhouse_runtime::Worker;
use tokio::runtime::Handle;

use super::handler::Live;
use super::tail::Hub;
use crate::data::RunningApp;

/// The app as it is whenever somebody asks.
pub(super) struct Hands {
    lives: Vec<Weak<Live>>,
    hub: Arc<Hub>,
    runtime: Handle,
}

impl Hands {
    /// To be called on the runtime that the app's calls shall run on.
    pub(super) fn of(lives: &[Arc<Live>], hub: &Arc<Hub>) -> Arc<Hands> {
        Arc::new(Hands {
            lives: lives.iter().map(Arc::downgrade).collect(),
            hub: hub.clone(),
            runtime: Handle::current(),
        })
    }

    /// The app whose object this is; the first that has objects, if it is of no class of any.
    fn worker(&self, address: &Address) -> Option<Arc<Worker>> {
        let lives = self.lives.iter().filter_map(Weak::upgrade);
        let workers: Vec<_> = lives.map(|live| live.worker()).collect();
        let owner = workers.iter().find(|worker| worker.has_object_at(address));
        let any = || workers.iter().find(|worker| worker.has_objects());
        owner.or_else(any).cloned()
    }
}

impl RunningApp for Hands {
    fn follow(&self) -> Receiver<serde_json::Value> {
        self.hub.follow()
    }

    fn delete_object(&self, namespace: &Namespace, id: &ObjectId) -> Option<Result<bool, String>> {
        let worker = self.worker(&namespace.address(id))?;
        let deleted = self.runtime.block_on(worker.delete_object(namespace, id));
        Some(deleted.map_err(|failure| failure.message))
    }

    fn run_alarm(&self, address: Address) -> Result<(), String> {
        let Some(worker) = self.worker(&address) else {
            return Err("no app has objects, or it is being stopped".to_owned());
        };
        let due = Due {
            address,
            early: true,
            time: 0,
        };
        let ran = self.runtime.block_on(worker.alarm(due));
        ran.map_err(|not_run| not_run.to_string())
    }
}
