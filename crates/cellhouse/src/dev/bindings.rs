//! What is behind the bindings of an app: stores that stay open while its code is reloaded.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cache::Cache;
use cellhouse_cell::Cells;
use cellhouse_config::{App, BindingKind, Style};
use cellhouse_kv::{Store, StoreOptions};
use cellhouse_objects::{Objects, ObjectsOptions};
use cellhouse_runtime::{Binding, BindingValue, ObjectHost, ObjectsSpec, STATE_BINDING};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

use crate::data::Owner;
use crate::report::{Problem, Stop};

/// How often expired entries are removed from disk. Reads never see them, however old.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);
/// Rows removed in one transaction: small, so that no request waits for long.
const SWEEP_ROWS: usize = 1_000;

/// The State store of apps that name none.
const DEFAULT_STORE: &str = "default";

/// The data of one process.
pub(crate) struct Stores {
    cells: Cells,
    owner: Arc<Owner>,
    cache: Cache,
    objects: ObjectHost,
    open: Mutex<HashMap<String, Store>>,
}

impl Stores {
    /// Opens a data directory, and makes it if there is none.
    pub(crate) fn open(directory: &Path, cache: Cache) -> Result<Arc<Stores>, Stop> {
        std::fs::create_dir_all(directory)
            .and_then(|()| keep_out_of_git(directory))
            .map_err(|error| {
                Stop::failed(format!(
                    "cannot make {}: {error}",
                    crate::report::shown(directory)
                ))
            })?;
        let cells = Cells::open(directory, cellhouse_cell::Options::default()).map_err(
            |error| match error {
                cellhouse_cell::Error::InUse { .. } => Stop::wrong(error),
                other => Stop::failed(other),
            },
        )?;
        let objects = Objects::new(&cells, ObjectsOptions::default());
        Ok(Arc::new(Stores {
            owner: Arc::new(Owner::new(cells.clone(), objects.clone())),
            cells,
            objects: ObjectHost::new(objects),
            cache,
            open: Mutex::default(),
        }))
    }

    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The data as commands see it.
    pub(super) fn owner(&self) -> &Arc<Owner> {
        &self.owner
    }

    pub(super) fn objects(&self) -> &ObjectHost {
        &self.objects
    }

    /// Removes expired entries for as long as the process lives.
    pub(crate) fn sweep_in_background(self: &Arc<Self>) {
        let stores = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP_INTERVAL).await;
                let Some(stores) = stores.upgrade() else {
                    return;
                };
                let open: Vec<Store> = stores.lock().values().cloned().collect();
                drop(stores);
                drop(tokio::task::spawn_blocking(move || sweep(&open)).await);
            }
        });
    }

    /// Waits until everything is on disk.
    pub(crate) fn close(&self) -> Result<(), Stop> {
        self.lock().clear();
        self.cells.close().map_err(Stop::failed)
    }

    /// `env` of an app.
    pub(super) fn bind(
        &self,
        app: &App,
        objects: Option<&ObjectsSpec>,
    ) -> Result<Vec<Binding>, Problem> {
        let mut bindings = Vec::new();
        let vars = app.vars.iter().map(|(name, value)| Binding {
            name: name.clone(),
            value: variable(value),
        });
        match app.style {
            Style::Ploy => {
                let group = BindingValue::Group(vars.collect());
                bindings.push(Binding {
                    name: "vars".to_owned(),
                    value: group,
                });
            }
            Style::Wrangler => bindings.extend(vars),
        }
        for binding in &app.bindings {
            let value = self.value(app, binding, objects).map_err(|error| {
                Problem::Text(format!(
                    "the binding {} cannot be opened: {error}",
                    binding.name
                ))
            })?;
            bindings.push(Binding {
                name: binding.name.clone(),
                value,
            });
        }
        Ok(bindings)
    }

    /// The State store that an app gets without asking for one: its own default one, if it has that, or else
    /// its first.
    pub(super) fn default_state(&self, app: &App) -> Result<Binding, Problem> {
        let bound = app
            .bindings
            .iter()
            .filter_map(|binding| match binding.kind {
                BindingKind::State { .. } => binding.store(),
                _ => None,
            });
        let stores: Vec<&str> = bound.collect();
        let store = match stores.first() {
            Some(first) if !stores.contains(&DEFAULT_STORE) => *first,
            _ => DEFAULT_STORE,
        };
        let opened = self.kv(&format!("state-{store}")).map_err(|error| {
            Problem::Text(format!(
                "the State store {store:?} cannot be opened: {error}"
            ))
        })?;
        Ok(Binding {
            name: STATE_BINDING.to_owned(),
            value: BindingValue::State(opened),
        })
    }

    fn value(
        &self,
        app: &App,
        binding: &cellhouse_config::Binding,
        objects: Option<&ObjectsSpec>,
    ) -> Result<BindingValue, cellhouse_kv::Error> {
        let store = binding.store().unwrap_or_default();
        Ok(match &binding.kind {
            BindingKind::State { .. } => BindingValue::State(self.kv(&format!("state-{store}"))?),
            BindingKind::Kv { .. } => BindingValue::State(self.kv(&format!("kv-{store}"))?),
            BindingKind::Cache { .. } => {
                BindingValue::Cache(self.cache.for_app(&app.name).store(store))
            }
            kind @ BindingKind::DurableObject { .. } => match index_of_class(app, kind, objects) {
                Some(index) => BindingValue::Objects(index),
                None => BindingValue::NotYet("objects of another script".to_owned()),
            },
            other => BindingValue::NotYet(other.not_yet().unwrap_or("this binding").to_owned()),
        })
    }

    fn kv(&self, name: &str) -> Result<Store, cellhouse_kv::Error> {
        let mut open = self.lock();
        if let Some(store) = open.get(name) {
            return Ok(store.clone());
        }
        let store = Store::open(&self.cells, name, StoreOptions::default())?;
        open.insert(name.to_owned(), store.clone());
        Ok(store)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Store>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn index_of_class(app: &App, kind: &BindingKind, objects: Option<&ObjectsSpec>) -> Option<u32> {
    let class = super::objects::class_of(app, kind)?;
    let index = objects?
        .classes
        .iter()
        .position(|known| known.name == class)?;
    u32::try_from(index).ok()
}

fn variable(value: &Value) -> BindingValue {
    match value {
        Value::String(text) => BindingValue::Text(text.clone()),
        other => BindingValue::Json(other.to_string()),
    }
}

fn sweep(stores: &[Store]) {
    for store in stores {
        loop {
            match store.sweep(SWEEP_ROWS) {
                Ok((removed, _)) if removed == SWEEP_ROWS => {}
                Ok(_) => break,
                Err(error) => {
                    break tracing::warn!("expired entries could not be removed: {error}");
                }
            }
        }
    }
}

fn keep_out_of_git(directory: &Path) -> std::io::Result<()> {
    let file = directory.join(".gitignore");
    if file.exists() {
        return Ok(());
    }
    std::fs::write(file, "# Data of cellhouse dev.\n*\n")
}
