//! One app that runs in `dev`: from its source to a worker, and anew on every change of a file it was made of.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;
use cellhouse_assets::Site;
use cellhouse_bundle::Mode;
use cellhouse_config::Loaded;
use cellhouse_runtime::{Pool, Services, StartError, Worker};

use super::app::{self, Broken, Source};
use super::bindings::Stores;
use super::handler::Live;
use super::observer::Tell;
use super::peers::{self, Peers};
use super::tail::{Followers, Hub};
use super::watch::{Change, Watcher};
use crate::cli::{AppArguments, DevArguments};
use crate::report::{Problem, Reporter};
use crate::stack::Stacks;

/// How long the requests of old code may run after a reload.
const OLD_CODE_LIMIT: Duration = Duration::from_secs(30);

/// What the apps of one process share.
pub(super) struct Shared {
    pub(super) arguments: DevArguments,
    pub(super) pool: Pool,
    pub(super) reporter: Arc<Reporter>,
    pub(super) stores: Arc<Stores>,
    pub(super) services: Services,
    pub(super) peers: Peers,
    pub(super) hub: Arc<Hub>,
}

/// One app, as long as `dev` runs.
pub(super) struct Running {
    shared: Arc<Shared>,
    arguments: AppArguments,
    stacks: Arc<Stacks>,
    /// The static files of the app as it is now.
    site: Arc<ArcSwapOption<Site>>,
    pub(super) live: Arc<Live>,
    pub(super) name: String,
    source: Source,
    fingerprint: u64,
}

impl Running {
    /// Starts an app whose config has been read and whose build command has run.
    pub(super) async fn start(
        shared: &Arc<Shared>,
        arguments: AppArguments,
        loaded: Loaded,
    ) -> Result<Running, Broken> {
        let (stacks, site) = (Arc::default(), Arc::default());
        let source = shared.bundle(loaded).await?;
        let worker = shared.start(&source, &stacks, &site).await?;
        shared.services.set(&worker);
        let live = Live::new(
            worker,
            stacks.clone(),
            shared.reporter.clone(),
            site.clone(),
        );
        Ok(Running {
            shared: shared.clone(),
            arguments,
            stacks,
            site,
            live,
            name: source.app.name.clone(),
            fingerprint: source.fingerprint(),
            source,
        })
    }

    /// Whether other apps export what this one's config names. All apps must have been started.
    pub(super) fn check(&self) -> Result<(), Broken> {
        peers::check_exports(&self.source, &self.shared)
    }

    /// Watches what the app was made of, unless told not to or unable to.
    pub(super) fn watch(&self, read_since: SystemTime) -> Option<Watcher> {
        if self.shared.arguments.no_watch {
            return None;
        }
        let watcher = Watcher::new().inspect_err(|error| {
            let note = format!("changes are not noticed: {error}");
            self.shared.reporter.note(&note);
        });
        let mut watcher = watcher.ok()?;
        watcher.set(self.source.files.clone(), read_since);
        Some(watcher)
    }

    /// Reloads the app whenever something that it was made of changes. Never ends.
    pub(super) async fn reload_on_changes(&self, watcher: Option<Watcher>) {
        let Some(mut watcher) = watcher else {
            return std::future::pending().await;
        };
        let mut running = Some(self.fingerprint);
        loop {
            let change = watcher.changed().await;
            let read_since = SystemTime::now();
            if change == Change::Suspected && self.is_unchanged(running).await {
                continue;
            }
            match self.reload(&mut running).await {
                Ok(files) => watcher.set(files, read_since),
                Err(broken) => {
                    running = None;
                    self.shared.reporter.problem(&broken.problem);
                    watcher.add(broken.files, read_since);
                }
            }
        }
    }

    /// Whether the files still make what runs. Says nothing.
    async fn is_unchanged(&self, running: Option<u64>) -> bool {
        let arguments = &self.arguments;
        let Ok(loaded) = cellhouse_config::load(&arguments.path(), arguments.env.as_deref()) else {
            return false;
        };
        let source = app::source(loaded, Mode::Development, false).await;
        source.is_ok_and(|source| running == Some(source.fingerprint()))
    }

    /// `running`: the fingerprint of what runs, unless a later one was broken.
    async fn reload(&self, running: &mut Option<u64>) -> Result<Vec<PathBuf>, Broken> {
        let Running { shared, live, .. } = self;
        let started = Instant::now();
        let loaded = app::config(&self.arguments, &shared.reporter)?;
        let source = shared.bundle(loaded).await?;
        // One edit makes several events, of which a late one finds that it is done.
        let fingerprint = Some(source.fingerprint());
        if *running == fingerprint {
            return Ok(source.files);
        }
        let worker = shared.start(&source, &self.stacks, &self.site).await?;
        *running = fingerprint;
        live.worker().retire(&worker);
        shared.services.set(&worker);
        let old = live.swap(worker);
        live.worker().begin();
        shared.reporter.reloaded(&self.name, started.elapsed());
        tokio::spawn(async move { old.drain(OLD_CODE_LIMIT).await });
        shared.pool.warm();
        Ok(source.files)
    }
}

impl Shared {
    /// Bundles the app, and tells the warnings.
    async fn bundle(&self, loaded: Loaded) -> Result<Source, Broken> {
        let source = app::source(loaded, Mode::Development, false).await?;
        for warning in &source.bundle.warnings {
            let text = app::render(std::slice::from_ref(warning));
            self.reporter.problem(&Problem::Rendered(text));
        }
        Ok(source)
    }

    async fn start(
        &self,
        source: &Source,
        stacks: &Arc<Stacks>,
        site: &ArcSwapOption<Site>,
    ) -> Result<Worker, Broken> {
        let map = source.map();
        let consumers = source.app.tail_consumers.iter();
        let consumers = consumers
            .map(|one| self.peers.name_of(&one.service, one.environment.as_deref()))
            .collect();
        let (services, reporter) = (self.services.clone(), self.reporter.clone());
        let followers = Followers::new(self.hub.clone(), consumers, services, reporter);
        let observer = Arc::new(Tell {
            reporter: self.reporter.clone(),
            stacks: stacks.clone(),
            app: self.peers.are_several().then(|| source.app.name.clone()),
            followers,
        });
        let files = source.site(&self.reporter)?;
        let spec = source.spec(self, files.as_ref(), observer)?;
        match Worker::start(spec, &self.pool).await {
            Ok(worker) => {
                stacks.set(map);
                site.store(files.map(Arc::new));
                let platform = self.stores.platform();
                let followed = platform.follow(&source.app, &worker, &self.reporter);
                followed.map_err(|problem| Broken {
                    problem,
                    files: source.files.clone(),
                })?;
                Ok(worker)
            }
            Err(error) => {
                let stacks = Stacks::default();
                stacks.set(map);
                Err(Broken {
                    problem: cannot_start(&error, &stacks),
                    files: source.files.clone(),
                })
            }
        }
    }
}

fn cannot_start(error: &StartError, stacks: &Stacks) -> Problem {
    let text = match error {
        StartError::Evaluation(failure) => {
            let stack = stacks.map(&failure.stack);
            format!(
                "the app threw while it was loaded: {}\n{stack}",
                failure.message
            )
        }
        other => other.to_string(),
    };
    Problem::Text(text.trim_end().to_owned())
}
