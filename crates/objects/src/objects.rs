//! The objects of a store: opening the storage of one, and what all share.

use std::sync::Arc;

use cellhouse_cell::{Cell, Cells, Clock, Entropy, HistorySweep, RealClock, RealEntropy};

use crate::restores::Restores;
use crate::schema::{SCHEMA, SETUP};
use crate::{Address, Alarms, Error, Namespace, ObjectId, Storage};

/// How objects behave. All have sensible defaults.
#[derive(Clone)]
pub struct ObjectsOptions {
    /// The most alarms that wait in memory, of all that are set; at least 2.
    pub alarms_in_memory: usize,
    /// The time, for alarms.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for unique ids.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for ObjectsOptions {
    /// 512 alarms; the system's time and randomness.
    fn default() -> ObjectsOptions {
        ObjectsOptions {
            alarms_in_memory: 512,
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}

/// All objects of a data directory. Cheap to clone; one for each directory, because alarms that
/// another one sets are not noticed until the directory is opened again.
#[derive(Clone)]
pub struct Objects {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) cells: Cells,
    pub(crate) alarms: Alarms,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) restores: Restores,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Objects {
    /// The objects of this directory.
    pub fn new(cells: &Cells, options: ObjectsOptions) -> Objects {
        Objects {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                alarms: Alarms::new(cells.clone(), &options),
                clock: options.clock,
                restores: Restores::default(),
                entropy: options.entropy,
            }),
        }
    }

    /// The storage of an object. Nothing is stored before its first write; one that is not there
    /// is empty. An id of another namespace is refused.
    ///
    /// Two storages of one object take turns, transaction by transaction, but only one of them may
    /// run its alarm.
    pub fn storage(&self, namespace: &Namespace, id: &ObjectId) -> Result<Storage, Error> {
        if !namespace.contains(id) {
            return Err(Error::type_error(
                "Durable Object ID is not valid for this namespace.",
            ));
        }
        Storage::open(self.inner.clone(), namespace.address(id), id)
    }

    /// Whether an object may have been asked to go back when it next starts: then its storage is to
    /// be opened, and [`Storage::restore_if_asked`] called, also when its code does not need it. Costs
    /// nothing unless some object was asked.
    pub fn may_restore(&self, address: &Address) -> Result<bool, Error> {
        self.inner.restores.may_wait(&self.inner.cells, address)
    }

    /// An id that never was.
    pub fn unique_id(&self, namespace: &Namespace) -> Result<ObjectId, Error> {
        namespace.unique_id(&*self.inner.entropy)
    }

    /// Removes history that is too old: see [`Cells::sweep_history`]. Whether there is more to do.
    pub fn sweep_history(&self, sweep: &mut HistorySweep, rows: usize) -> Result<bool, Error> {
        Ok(self.inner.cells.sweep_history(sweep, rows)?)
    }

    /// The alarms of all objects.
    pub fn alarms(&self) -> &Alarms {
        &self.inner.alarms
    }
}

impl Inner {
    pub(crate) fn cell(&self, address: &Address) -> Result<Cell, Error> {
        Ok(self
            .cells
            .cell_with_history(&address.cell_name()?, SCHEMA, SETUP)?)
    }
}
