//! Runs an app until it is told to stop: starts it, listens, reloads it on changes, drains.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;
use cellhouse_assets::Site;
use cellhouse_bundle::Mode;
use cellhouse_cache::{Cache, Responses, ResponsesOptions};
use cellhouse_config::{App, Loaded, Style};
use cellhouse_gateway::{Gateway, Options};
use cellhouse_runtime::{Pool, StartError, Worker};

use super::app::{self, Broken, Source};
use super::bindings::Stores;
use super::handler::{Answers, Live};
use super::hands::Hands;
use super::observer::Tell;
use super::watch::{Change, Watcher};
use crate::cli::DevArguments;
use crate::report::{Problem, Reporter, Stop};
use crate::stack::Stacks;

/// The port of `wrangler dev` and `ploy dev`.
const DEFAULT_PORT: u16 = 8787;
/// How long a shutdown waits for running requests. A second Ctrl-C does not wait.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// How long the requests of old code may run after a reload.
const OLD_CODE_LIMIT: Duration = Duration::from_secs(30);

/// Runs `cellhouse dev`.
pub(crate) async fn serve(arguments: DevArguments) -> Result<(), Stop> {
    let (started, read_since) = (Instant::now(), SystemTime::now());
    let pool = Pool::new();
    // Boots while the config is read and the code is bundled.
    pool.warm();
    let reporter = Arc::new(Reporter::new(arguments.json, !arguments.no_request_log));
    let loaded = app::config(&arguments.app, &reporter).map_err(stop)?;
    let gateway = listen(&arguments, &loaded.app)?;
    let s3 = super::s3::listen(&arguments, gateway.local_addr().ip()).await?;
    let address = gateway.local_addr();
    let stores = open_stores(&arguments, &loaded.app)?;
    let mut dev = Dev {
        arguments,
        pool,
        reporter,
        stores,
        stacks: Arc::default(),
        site: Arc::default(),
    };
    run_build_command(&loaded.app, &dev.reporter).await?;
    let source = dev.bundle(loaded).await.map_err(stop)?;
    let worker = dev.start(&source).await.map_err(stop)?;
    let live = Live::new(
        worker,
        dev.stacks.clone(),
        dev.reporter.clone(),
        dev.site.clone(),
    );
    dev.stores.owner().set_app(Hands::of(&live));
    live.worker().begin();
    let fingerprint = source.fingerprint();
    let watcher = dev.watch(source.files, read_since);
    dev.reporter.ready(
        &format!("http://{address}"),
        &source.app.name,
        started.elapsed(),
    );
    if let Some(s3) = s3 {
        super::s3::serve(s3, &dev.stores, &dev.reporter)?;
    }
    let objects = dev.stores.objects().objects().clone();
    let alarms = objects.alarms().run(std::future::pending(), |due| {
        let worker = live.worker();
        async move { worker.alarm(due).await }
    });
    let reloads = dev.reload_on_changes(live.clone(), fingerprint, watcher);
    let summary = tokio::select! {
        summary = gateway.run(Arc::new(Answers(live.clone())), shutdown_signal()) => {
            summary.map_err(Stop::failed)?
        }
        () = reloads => unreachable!("reloads never end"),
        () = alarms => unreachable!("nobody stops them"),
    };
    let cut_off = live.worker().drain(Duration::from_secs(1)).await as usize + summary.aborted;
    if cut_off > 0 {
        dev.reporter
            .note(&format!("{cut_off} requests were cut off"));
    }
    drop(live);
    let closed = dev.stores.close();
    dev.reporter.finish();
    closed
}

struct Dev {
    arguments: DevArguments,
    pool: Pool,
    reporter: Arc<Reporter>,
    stores: Arc<Stores>,
    stacks: Arc<Stacks>,
    /// The static files of the app as it is now.
    site: Arc<ArcSwapOption<Site>>,
}

impl Dev {
    /// Bundles the app, and tells the warnings.
    async fn bundle(&self, loaded: Loaded) -> Result<Source, Broken> {
        let source = app::source(loaded, Mode::Development, false).await?;
        for warning in &source.bundle.warnings {
            let text = app::render(std::slice::from_ref(warning));
            self.reporter.problem(&Problem::Rendered(text));
        }
        Ok(source)
    }

    async fn start(&self, source: &Source) -> Result<Worker, Broken> {
        let map = source.map();
        let observer = Arc::new(Tell {
            reporter: self.reporter.clone(),
            stacks: self.stacks.clone(),
        });
        let site = source.site(&self.reporter)?;
        let spec = source.spec(&self.arguments, &self.stores, site.as_ref(), observer)?;
        match Worker::start(spec, &self.pool).await {
            Ok(worker) => {
                self.stacks.set(map);
                self.site.store(site.map(Arc::new));
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

    /// Watches what the app was made of, unless told not to or unable to.
    fn watch(&self, files: Vec<PathBuf>, read_since: SystemTime) -> Option<Watcher> {
        if self.arguments.no_watch {
            return None;
        }
        let watcher = Watcher::new().inspect_err(|error| self.cannot_watch(error));
        let mut watcher = watcher.ok()?;
        watcher.set(files, read_since);
        Some(watcher)
    }

    /// Reloads the app whenever something that it was made of changes. Never ends.
    async fn reload_on_changes(&mut self, live: Arc<Live>, running: u64, watcher: Option<Watcher>) {
        let pool = self.pool.clone();
        // The next isolate boots when the first response is out of the way.
        tokio::spawn(async move { pool.warm_after(Duration::from_millis(250)).await });
        let Some(mut watcher) = watcher else {
            return std::future::pending().await;
        };
        let mut running = Some(running);
        loop {
            let change = watcher.changed().await;
            let read_since = SystemTime::now();
            if change == Change::Suspected && self.is_unchanged(running).await {
                continue;
            }
            match self.reload(&live, &mut running).await {
                Ok(files) => watcher.set(files, read_since),
                Err(broken) => {
                    running = None;
                    self.reporter.problem(&broken.problem);
                    watcher.add(broken.files, read_since);
                }
            }
        }
    }

    /// Whether the files still make what runs. Says nothing.
    async fn is_unchanged(&self, running: Option<u64>) -> bool {
        let arguments = &self.arguments.app;
        let Ok(loaded) = cellhouse_config::load(&arguments.path(), arguments.env.as_deref()) else {
            return false;
        };
        let source = app::source(loaded, Mode::Development, false).await;
        source.is_ok_and(|source| running == Some(source.fingerprint()))
    }

    /// `running`: the fingerprint of what runs, unless a later one was broken.
    async fn reload(&self, live: &Live, running: &mut Option<u64>) -> Result<Vec<PathBuf>, Broken> {
        let started = Instant::now();
        let loaded = app::config(&self.arguments.app, &self.reporter)?;
        let source = self.bundle(loaded).await?;
        // One edit makes several events, of which a late one finds that it is done.
        let fingerprint = Some(source.fingerprint());
        if *running == fingerprint {
            return Ok(source.files);
        }
        let worker = self.start(&source).await?;
        *running = fingerprint;
        live.worker().retire(&worker);
        let old = live.swap(worker);
        live.worker().begin();
        self.reporter.reloaded(started.elapsed());
        tokio::spawn(async move { old.drain(OLD_CODE_LIMIT).await });
        self.pool.warm();
        Ok(source.files)
    }

    fn cannot_watch(&self, error: &notify::Error) {
        self.reporter
            .note(&format!("changes are not noticed: {error}"));
    }
}

fn stop(broken: Broken) -> Stop {
    Stop::Wrong(broken.problem)
}

/// For `ploy.yaml`, whose own tool leaves the command to the platform, a command that fails is only told
/// of if the entry is there without it.
async fn run_build_command(app: &App, reporter: &Reporter) -> Result<(), Stop> {
    match app::build_command(app).await {
        Err(broken) if app.style == Style::Ploy && app.entry().is_ok() => {
            reporter.problem(&broken.problem);
            reporter.note("going on with the source as it is");
            Ok(())
        }
        other => other.map_err(stop),
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

fn listen(arguments: &DevArguments, app: &App) -> Result<Gateway, Stop> {
    let host = arguments
        .host
        .as_deref()
        .or(app.dev.host.as_deref())
        .unwrap_or("127.0.0.1");
    let port = arguments.port.or(app.dev.port).unwrap_or(DEFAULT_PORT);
    let ip: IpAddr = match host {
        "localhost" => [127, 0, 0, 1].into(),
        "*" => [0, 0, 0, 0].into(),
        other => other.trim_matches(['[', ']']).parse().map_err(|_| {
            Stop::wrong(format!(
                "--host {host}: not an address; use one such as 127.0.0.1, ::1, or 0.0.0.0 for every interface"
            ))
        })?,
    };
    let options = Options {
        listen: vec![SocketAddr::new(ip, port)],
        max_body_bytes: arguments.max_body_mb << 20,
        drain_timeout: DRAIN_LIMIT,
        ..Options::default()
    };
    Gateway::bind(options).map_err(|error| {
        Stop::wrong(format!(
            "{error}; choose another port with --port, or --port 0 for any free one"
        ))
    })
}

fn open_stores(arguments: &DevArguments, app: &App) -> Result<Arc<Stores>, Stop> {
    let cache = match arguments.cache.as_str() {
        "memory" => Cache::memory(arguments.cache_limit_mb << 20),
        url => Cache::redis(url).map_err(|error| Stop::wrong(format!("--cache: {error}")))?,
    };
    let directory = app::data_directory(&app.root, arguments.store.as_deref());
    let stores = Stores::open(&directory, cache, |cache| {
        responses(arguments, cache, &directory)
    })?;
    if let Err(error) = crate::data::serve(&directory, stores.owner().clone()) {
        tracing::warn!("other commands cannot reach this process: {error}");
    }
    stores.sweep_in_background();
    stores.tidy_in_background();
    Ok(stores)
}

/// The Cache API, with its files beside the data, which this process has to itself by now.
fn responses(arguments: &DevArguments, cache: &Cache, directory: &Path) -> Result<Responses, Stop> {
    let limit = arguments.caches_limit_mb << 20;
    let folder = directory.join("caches");
    let options = ResponsesOptions {
        max_memory_bytes: limit / 8,
        max_file_bytes: limit,
        folder: Some(folder.clone()),
        ..ResponsesOptions::default()
    };
    Responses::new(cache, options).map_err(|error| {
        let folder = crate::report::shown(&folder);
        Stop::failed(format!("cannot empty {folder}: {error}"))
    })
}

/// Ctrl-C or SIGTERM.
async fn shutdown_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            // What was answered is on disk; the exit code is the shell's for Ctrl-C.
            std::process::exit(130);
        }
    });
}
