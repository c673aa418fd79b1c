//! What is behind the bindings of an app: stores that stay open while its code is reloaded.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_assets::Site;
use cellhouse_cache::{Cache, Responses};
use cellhouse_cell::Cells;
use cellhouse_config::{App, BindingKind, Style};
use cellhouse_kv::Store;
use cellhouse_objects::{Objects, ObjectsOptions};
use cellhouse_r2::{R2, R2Options};
use cellhouse_runtime::{
    Binding, BindingValue, DATABASE_BINDING, ObjectHost, ObjectsSpec, STATE_BINDING, ServiceBinding,
};
use serde_json::Value;

use super::history::HistorySweeper;
use super::peers::Peers;
use super::platform::Platform;
use crate::data::{Owner, database_of};
use crate::report::{Problem, Stop};

/// How often expired entries are removed from disk. Reads never see them, however old.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);
/// How often bodies are removed that a put or delete has let go of.
const R2_TIDY: Duration = Duration::from_secs(1);
/// How often it is looked for bodies and uploads that crashes and apps have left.
const R2_SWEEP: Duration = Duration::from_secs(60 * 60);
/// Rows removed in one transaction: small, so that no request waits for long.
const SWEEP_ROWS: usize = 1_000;

/// What the State store and the database of apps are called that name none.
const DEFAULT: &str = "default";

/// The data of one process.
pub(crate) struct Stores {
    cells: Cells,
    owner: Arc<Owner>,
    cache: Cache,
    responses: Responses,
    r2: R2,
    objects: ObjectHost,
    platform: Platform,
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
        let r2 = R2::open(&cells, R2Options::default()).map_err(Stop::failed)?;
        let platform = Platform::open(&cells).map_err(Stop::failed)?;
        Ok(Arc::new(Stores {
            owner: Arc::new(Owner::new(
                cells.clone(),
                objects.clone(),
                r2.clone(),
                platform.queues().clone(),
                platform.instances().clone(),
            )),
            platform,
            r2,
            cells,
            objects: ObjectHost::new(objects),
            responses: responses(&cache)?,
            cache,
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

    pub(crate) fn r2(&self) -> &R2 {
        &self.r2
    }

    /// Cron triggers, queues, timers, workflows.
    pub(super) fn platform(&self) -> &Platform {
        &self.platform
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
                let open = stores.owner.all_kv();
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

    /// Removes bodies of R2 that nobody has any more, for as long as the process lives: those of the past at
    /// the start and every hour, and what is let go of meanwhile soon.
    pub(crate) fn tidy_in_background(self: &Arc<Self>) {
        let r2 = self.r2.clone();
        let stores = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                if let Err(error) = r2.sweep().await {
                    tracing::warn!("what R2 no longer needs could not be removed: {error}");
                }
                for _ in 0..R2_SWEEP.as_secs() / R2_TIDY.as_secs() {
                    tokio::time::sleep(R2_TIDY).await;
                    if stores.strong_count() == 0 {
                        return;
                    }
                    r2.tidy().await;
                }
            }
        });
    }

    /// Waits until everything is on disk.
    pub(crate) fn close(&self) -> Result<(), Stop> {
        self.owner.close_kv();
        self.cells.close().map_err(Stop::failed)
    }

    /// `env` of an app.
    pub(super) fn bind(
        &self,
        app: &App,
        objects: Option<&ObjectsSpec>,
        peers: &Peers,
        site: Option<&Site>,
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
            if let (BindingKind::Assets, Some(site)) = (&binding.kind, site) {
                bindings.push(Binding {
                    name: binding.name.clone(),
                    value: BindingValue::Assets(Arc::new(site.clone())),
                });
                continue;
            }
            let value = self.value(app, binding, objects, peers).map_err(|error| {
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
        let runs = self.platform.runs(app);
        bindings.extend(runs.map_err(|error| Problem::Text(error.to_string()))?);
        Ok(bindings)
    }

    /// What an app gets without asking for it, where a built-in package does: a State store and a D1 database.
    /// Its own one named `default`, if it has that, or else its first, or else one with that name.
    pub(super) fn defaults(&self, app: &App) -> Result<[Binding; 2], Problem> {
        let broken = |what: &str, name: &str, error: &dyn std::fmt::Display| {
            Problem::Text(format!("the {what} {name:?} cannot be opened: {error}"))
        };
        let state = default_of(app, |kind| matches!(kind, BindingKind::State { .. }));
        let state = state.and_then(kv_store);
        let state = state.unwrap_or_else(|| format!("state-{DEFAULT}"));
        let store = self.owner.kv(&state);
        let store = store.map_err(|error| broken("State store", &state, &error))?;
        let is_database =
            |kind: &_| matches!(kind, BindingKind::D1 { .. } | BindingKind::PloyDb { .. });
        let database = default_of(app, is_database).map(database_of);
        let database = database.unwrap_or_else(|| format!("db-{DEFAULT}"));
        let opened = self.owner.databases.open(&database);
        let opened = opened.map_err(|error| broken("database", &database, &error))?;
        Ok([
            Binding {
                name: STATE_BINDING.to_owned(),
                value: BindingValue::State(store),
            },
            Binding {
                name: DATABASE_BINDING.to_owned(),
                value: BindingValue::D1(opened),
            },
        ])
    }

    fn value(
        &self,
        app: &App,
        binding: &cellhouse_config::Binding,
        objects: Option<&ObjectsSpec>,
        peers: &Peers,
    ) -> Result<BindingValue, Box<dyn std::error::Error>> {
        if let Some(store) = kv_store(binding) {
            let store = self.owner.kv(&store)?;
            return Ok(BindingValue::State(store));
        }
        if peers.are_without(app, &binding.kind) {
            return Ok(BindingValue::Absent(not_here(&binding.kind)));
        }
        let small = super::small::bind(app, binding);
        if let Some(value) =
            small.map_or_else(|| self.platform.bind(app, binding), |it| Ok(Some(it)))?
        {
            return Ok(value);
        }
        let store = binding.store().unwrap_or_default();
        Ok(match &binding.kind {
            BindingKind::D1 { .. } | BindingKind::PloyDb { .. } => {
                let database = self.owner.databases.open(&database_of(binding));
                BindingValue::D1(database?)
            }
            BindingKind::Cache { .. } => {
                BindingValue::Cache(self.cache.for_app(&app.name).store(store))
            }
            BindingKind::R2 { .. } => BindingValue::Bucket(self.r2.bucket(&bucket_name(binding))?),
            BindingKind::Fs { storage } => {
                BindingValue::Files(self.r2.bucket(&files_name(storage))?)
            }
            kind @ BindingKind::DurableObject { .. } => {
                let index = super::objects::index_of(app, kind, objects, peers);
                index.map_or_else(
                    || BindingValue::Absent(not_here(kind)),
                    BindingValue::Objects,
                )
            }
            BindingKind::Service {
                service,
                entrypoint,
                environment,
                props,
            } => BindingValue::Service(ServiceBinding {
                service: peers.name_of(service, environment.as_deref()),
                entrypoint: entrypoint.clone(),
                props: props.as_ref().map(ToString::to_string),
            }),
            other => BindingValue::NotYet(other.not_yet().unwrap_or("this binding").to_owned()),
        })
    }
}

/// Of the bindings of a kind the one whose store is called `default`, or else the first.
fn default_of(
    app: &App,
    is_it: impl Fn(&BindingKind) -> bool,
) -> Option<&cellhouse_config::Binding> {
    let of_kind = || app.bindings.iter().filter(|binding| is_it(&binding.kind));
    let named = of_kind().find(|binding| binding.store() == Some(DEFAULT));
    named.or_else(|| of_kind().next())
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

/// The bucket of an R2 binding: that for development if one is named, and without any the binding's own.
pub(crate) fn bucket_name(binding: &cellhouse_config::Binding) -> String {
    let named = match &binding.kind {
        BindingKind::R2 {
            bucket_name,
            preview_bucket_name,
            ..
        } => preview_bucket_name.as_ref().or(bucket_name.as_ref()),
        _ => None,
    };
    named.cloned().unwrap_or_else(|| {
        let small = binding.name.to_ascii_lowercase();
        let name = small.replace(|char: char| !char.is_ascii_alphanumeric(), "-");
        format!("r2-{}", name.trim_matches('-'))
    })
}

/// The bucket of Ploy's file storage. Names of buckets have no underscores, and those of storages no hyphens.
fn files_name(storage: &str) -> String {
    format!("fs-{}", storage.replace('_', "-"))
}

/// What somebody is told who uses the objects of an app that does not run here.
fn not_here(kind: &BindingKind) -> String {
    let script = match kind {
        BindingKind::DurableObject {
            script_name: Some(script),
            ..
        }
        | BindingKind::Workflow {
            script_name: Some(script),
            ..
        } => script.as_str(),
        _ => "another app",
    };
    format!(
        "the class is one of \"{script}\", which does not run here: start both together, \
         `cellhouse dev -c FIRST -c SECOND`"
    )
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
