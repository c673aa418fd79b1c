//! Cloudflare's Workflows: instances of a class whose steps are remembered.
//!
//! An [`InstanceStore`] is one cell with the instances of a Workflow, their steps and the events sent to them.
//! [`Instances::run`] hands out what is due; whoever runs the class tells of its steps by a [`Running`], which
//! ends when somebody has paused, restarted or terminated the instance meanwhile. Values are bytes, and errors
//! and configurations of steps are texts, whose meaning is the caller's.

mod changes;
mod create;
mod error;
mod instance;
mod look;
mod run;
mod steps;
mod waits;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use cellhouse_cell::{Cell, CellName, Cells, Clock, Ticket};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::WorkflowsOptions;
use crate::drive::millis;

pub use changes::Event;
pub use create::{Create, Retention};
pub use error::InstanceError;
pub use instance::{Instance, InstanceStatus};
pub use look::{Step, StepState};
pub use run::{InstanceEnded, InstanceRun};
pub use steps::{Found, Key, Kind, Running, Stored};
pub use waits::{Slept, Waited};

/// The most bytes of parameters, an event, or a step's result. Cloudflare's.
pub const MAX_VALUE_BYTES: usize = 1 << 20;

/// The app that runs a Workflow, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// The app.
    pub app: String,
    /// The Workflow.
    pub workflow: String,
    /// The class that the app exports.
    pub class: String,
    /// Steps of an instance at most; sleeping is none.
    pub max_steps: u32,
    /// Whether an instance that ends by a `NonRetryableError` keeps its message: the compatibility flag
    /// `workflows_preserve_non_retryable_error_message`.
    pub keeps_messages: bool,
}

/// The Workflows of a data directory. Cheap to clone; one for each directory.
#[derive(Clone)]
pub struct Instances {
    inner: Arc<Inner>,
}

struct Inner {
    cells: Cells,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<String, Cell>>,
    /// By Workflow.
    runners: Mutex<BTreeMap<String, Runner>>,
    /// What runs now, by Workflow and instance.
    live: Mutex<HashMap<String, HashMap<String, Arc<Live>>>>,
    changed: Notify,
}

/// An instance whose class runs now.
#[derive(Default)]
struct Live {
    /// It waits for nothing but sleeps, events and retries.
    waits: AtomicBool,
    /// Somebody has changed the instance, or it runs no more.
    changed: Notify,
}

/// The instances of a Workflow. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct InstanceStore {
    name: Arc<str>,
    cell: Cell,
    inner: Arc<Inner>,
}

impl Instances {
    /// The Workflows of this directory. Of the options, the clock counts.
    pub fn new(cells: &Cells, options: WorkflowsOptions) -> Instances {
        Instances {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                clock: options.clock,
                open: Mutex::default(),
                runners: Mutex::default(),
                live: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }

    /// The Workflow of that name, with no instances if there is none.
    pub fn store(&self, name: &str) -> Result<InstanceStore, InstanceError> {
        self.inner.store(name)
    }

    /// This is what an app runs, in place of what it ran. The first app that runs a Workflow keeps it.
    pub fn set_runners(&self, app: &str, runners: Vec<Runner>) {
        let mut known = self.inner.runners.lock();
        known.retain(|_, runner| runner.app != app);
        for runner in runners {
            known.entry(runner.workflow.clone()).or_insert(runner);
        }
        drop(known);
        self.inner.changed.notify_one();
    }
}

impl Inner {
    fn store(self: &Arc<Self>, name: &str) -> Result<InstanceStore, InstanceError> {
        let known = self.open.lock().get(name).cloned();
        let cell = match known {
            Some(cell) => cell,
            None => {
                let name_of_cell = CellName::new("workflows", name)?;
                let cell = self.cells.cell(&name_of_cell, instance::SCHEMA)?;
                self.open.lock().insert(name.to_owned(), cell.clone());
                cell
            }
        };
        Ok(InstanceStore {
            name: name.into(),
            cell,
            inner: self.clone(),
        })
    }

    fn now(&self) -> i64 {
        millis(&*self.clock)
    }

    fn live(&self, workflow: &str, id: &str) -> Option<Arc<Live>> {
        self.live.lock().get(workflow)?.get(id).cloned()
    }

    /// An instance has changed: whoever runs it hears of it, and the loop looks again.
    fn touch(&self, workflow: &str, id: &str) {
        if let Some(live) = self.live(workflow, id) {
            live.changed.notify_one();
        }
        self.changed.notify_one();
    }
}

impl Live {
    fn waits(&self) -> bool {
        self.waits.load(Relaxed)
    }
}

impl InstanceStore {
    /// The Workflow's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ticket for everything that is committed now.
    pub fn ticket(&self) -> Ticket {
        self.cell.ticket()
    }
}

/// Refuses what is too large.
fn check(what: &str, value: &[u8]) -> Result<(), InstanceError> {
    match value.len() > MAX_VALUE_BYTES {
        true => Err(InstanceError::TooLarge(format!(
            "{what} has {} bytes; Workflows take {MAX_VALUE_BYTES} at most",
            value.len()
        ))),
        false => Ok(()),
    }
}
