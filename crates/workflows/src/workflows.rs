//! All workflows of a data directory: opening them, and whose handlers run them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::{Cell, CellName, Cells, Clock, Entropy, RealClock, RealEntropy};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::drive::millis;
use crate::execution::SCHEMA;
use crate::{Error, Workflow};

/// What workflows need from outside.
#[derive(Clone)]
pub struct WorkflowsOptions {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for ids of executions.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for WorkflowsOptions {
    /// The system's time and randomness.
    fn default() -> WorkflowsOptions {
        WorkflowsOptions {
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}

/// The app that runs a workflow, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// The app.
    pub app: String,
    /// The workflow.
    pub workflow: String,
    /// How long an execution may take, from when its handler first begins. Sleeping counts.
    pub timeout: Duration,
    /// How long one try of a step may take.
    pub step_timeout: Duration,
    /// How often a step that fails is tried again, where it does not say.
    pub retries: u32,
}

/// The workflows of a data directory. Cheap to clone; one for each directory.
#[derive(Clone)]
pub struct Workflows {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    cells: Cells,
    pub(crate) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    open: Mutex<HashMap<String, Cell>>,
    /// By workflow.
    pub(crate) handlers: Mutex<BTreeMap<String, Handler>>,
    /// The executions of each workflow whose handlers run.
    pub(crate) running: Mutex<HashMap<String, BTreeSet<String>>>,
    pub(crate) changed: Notify,
}

impl Workflows {
    /// The workflows of this directory.
    pub fn new(cells: &Cells, options: WorkflowsOptions) -> Workflows {
        Workflows {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                clock: options.clock,
                entropy: options.entropy,
                open: Mutex::default(),
                handlers: Mutex::default(),
                running: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }

    /// The workflow of that name, with no executions if there is none.
    pub fn workflow(&self, name: &str) -> Result<Workflow, Error> {
        self.inner.workflow(name)
    }

    /// These are the handlers of an app, in place of those that it had. The first app that has a handler
    /// for a workflow keeps it.
    pub fn set_handlers(&self, app: &str, handlers: Vec<Handler>) {
        let mut known = self.inner.handlers.lock();
        known.retain(|_, handler| handler.app != app);
        for handler in handlers {
            known.entry(handler.workflow.clone()).or_insert(handler);
        }
        drop(known);
        self.inner.changed.notify_one();
    }
}

impl Inner {
    pub(crate) fn workflow(self: &Arc<Self>, name: &str) -> Result<Workflow, Error> {
        let known = self.open.lock().get(name).cloned();
        let cell = match known {
            Some(cell) => cell,
            None => {
                let cell = self.cells.cell(&CellName::new("workflow", name)?, SCHEMA)?;
                self.open.lock().insert(name.to_owned(), cell.clone());
                cell
            }
        };
        Ok(Workflow {
            name: name.into(),
            cell,
            workflows: self.clone(),
        })
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        millis(&*self.clock)
    }

    /// 32 hexadecimal digits.
    pub(crate) fn new_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        let filled = self.entropy.fill(&mut bytes);
        filled.map_err(|error| Error::Storage(error.to_string()))?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
