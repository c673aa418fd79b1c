//! What is behind the bindings of an app: stores that stay open while its code is reloaded.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cache::{Cache, Responses};
use cellhouse_cell::Cells;
use cellhouse_config::{App, BindingKind, Style};
use cellhouse_kv::{Store, StoreOptions};
use cellhouse_objects::{Objects, ObjectsOptions};
use cellhouse_runtime::{Binding, BindingValue, ObjectHost, ObjectsSpec};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

use super::history::HistorySweeper;
use crate::data::{Owner, database_of};
use crate::report::{Problem, Stop};

/// How often expired entries are removed from disk. Reads never see them, however old.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);
/// Rows removed in one transaction: small, so that no request waits for long.
const SWEEP_ROWS: usize = 1_000;

/// The data of one process.
pub(crate) struct Stores {
    cells: Cells,
    owner: Arc<Owner>,
    cache: Cache,
    responses: Responses,
    objects: ObjectHost,
    open: Mutex<HashMap<String, Store>>,
}

impl Stores {
    /// Opens a data directory, and makes it if there is none.
    /// `responses` makes what is behind the Cache API once nobody else has the directory.
    pub(crate) fn open(
        directory: &Path,
        cache: Cache,
        responses: impl FnOnce(&Cache) -> Result<Responses, Stop>,
    ) -> Result<Arc<Stores>, Stop> {
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
            responses: responses(&cache)?,
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

    /// The Cache API.
    pub(super) fn responses(&self) -> &Responses {
        &self.responses
    }

    pub(super) fn objects(&self) -> &ObjectHost {
        &self.objects
    }

    /// Removes expired entries, and history that is too old, for as long as the process lives.
    pub(crate) fn sweep_in_background(self: &Arc<Self>) {
        let stores = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut history = HistorySweeper::default();
            loop {
                tokio::time::sleep(SWEEP_INTERVAL).await;
                let Some(stores) = stores.upgrade() else {
                    return;
                };
                let open: Vec<Store> = stores.lock().values().cloned().collect();
                let objects = stores.objects.objects().clone();
                drop(stores);
                let swept = tokio::task::spawn_blocking(move || {
                    sweep(&open);
                    history.go_on(&objects);
                    history
                });
                history = swept.await.unwrap_or_default();
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

    fn value(
        &self,
        app: &App,
        binding: &cellhouse_config::Binding,
        objects: Option<&ObjectsSpec>,
    ) -> Result<BindingValue, String> {
        if let Some(store) = kv_store(binding) {
            let store = self.kv(&store).map_err(|error| error.to_string())?;
            return Ok(BindingValue::State(store));
        }
        let store = binding.store().unwrap_or_default();
        Ok(match &binding.kind {
            BindingKind::D1 { .. } | BindingKind::PloyDb { .. } => {
                let database = self.owner.databases.open(&database_of(binding));
                BindingValue::D1(database.map_err(|error| error.to_string())?)
            }
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

    fn kv(&self, name: &str) -> Result<Store, String> {
        let mut open = self.lock();
        if let Some(store) = open.get(name) {
            return Ok(store.clone());
        }
        let store = Store::open(&self.cells, name, StoreOptions::default());
        let store = store.map_err(|error| error.to_string())?;
        open.insert(name.to_owned(), store.clone());
        Ok(store)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Store>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key-value store behind a binding of State or of a KV namespace, as the data has it. Apps that name the same
/// one share it.
pub(crate) fn kv_store(binding: &cellhouse_config::Binding) -> Option<String> {
    let kind = match &binding.kind {
        BindingKind::State { .. } => "state",
        BindingKind::Kv { .. } => "kv",
        _ => return None,
    };
    Some(format!("{kind}-{}", binding.store()?))
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
