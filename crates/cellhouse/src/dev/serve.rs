//! Runs apps until they are told to stop: starts them, listens, reloads them on changes, drains.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use cellhouse_cache::{Cache, Responses, ResponsesOptions};
use cellhouse_config::{App, Loaded, Style};
use cellhouse_gateway::{Gateway, Options};
use cellhouse_objects::Address;
use cellhouse_runtime::{Pool, Services, Worker};
use futures_util::future::{join_all, try_join_all};

use super::app::{self, Broken};
use super::apps::{self, Apps};
use super::bindings::Stores;
use super::handler::{Answers, Live};
use super::hands::Hands;
use super::peers::Peers;
use super::running::{Running, Shared};
use crate::cli::DevArguments;
use crate::report::{Reporter, Stop};

/// The port of `wrangler dev` and `ploy dev`.
const DEFAULT_PORT: u16 = 8787;
/// How long a shutdown waits for running requests. A second Ctrl-C does not wait.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Runs `cellhouse dev`.
pub(crate) async fn serve(arguments: DevArguments) -> Result<(), Stop> {
    let (started, read_since) = (Instant::now(), SystemTime::now());
    let pool = Pool::new();
    // Boots while the config is read and the code is bundled.
    pool.warm();
    let reporter = Arc::new(Reporter::new(arguments.json, !arguments.no_request_log));
    let mut apps = apps::find(&arguments.app, &reporter).map_err(stop)?;
    let loaded = apps.load(&arguments.app.project, &reporter).map_err(stop)?;
    let gateways = listen_for_all(&arguments, &apps, &loaded)?;
    let s3 = super::s3::listen(&arguments).await?;
    let stores = open_stores(&arguments, apps.data_root(&loaded))?;
    let shared = Arc::new(Shared {
        peers: Peers::of(&loaded),
        arguments,
        pool,
        reporter,
        stores,
        services: Services::default(),
        hub: Arc::default(),
    });
    let running = start_all(&shared, apps, loaded).await?;
    let lives: Vec<Arc<Live>> = running.iter().map(|one| one.live.clone()).collect();
    shared
        .stores
        .owner()
        .set_app(Hands::of(&lives, &shared.hub));
    lives.iter().for_each(|live| live.worker().begin());
    let watchers: Vec<_> = running.iter().map(|one| one.watch(read_since)).collect();
    tell_ready(&shared, &running, &gateways, started);
    if let Some(s3) = s3 {
        super::s3::serve(s3, &shared.stores, &shared.reporter)?;
    }
    let objects = shared.stores.objects().objects().clone();
    let alarms = objects.alarms().run(std::future::pending(), |due| {
        let worker = worker_of(&lives, &due.address);
        async move { worker.alarm(due).await }
    });
    let pool = shared.pool.clone();
    // The next isolate boots when the first response is out of the way.
    tokio::spawn(async move { pool.warm_after(Duration::from_millis(250)).await });
    let platform = shared.stores.platform().run(&lives);
    let reloads = running.iter().zip(watchers);
    let reloads = join_all(reloads.map(|(one, watcher)| one.reload_on_changes(watcher)));
    let aborted = tokio::select! {
        aborted = answer_all(gateways, &lives) => aborted?,
        _ = reloads => unreachable!("reloads never end"),
        () = alarms => unreachable!("nobody stops them"),
        () = platform => unreachable!("nobody stops it"),
    };
    let mut cut_off = aborted;
    for live in &lives {
        cut_off += live.worker().drain(Duration::from_secs(1)).await as usize;
    }
    if cut_off > 0 {
        let note = format!("{cut_off} requests were cut off");
        shared.reporter.note(&note);
    }
    drop((lives, running));
    let closed = shared.stores.close();
    shared.reporter.finish();
    closed
}

/// Starts every app; none answers before all have been started.
async fn start_all(
    shared: &Arc<Shared>,
    apps: Apps,
    loaded: Vec<Loaded>,
) -> Result<Vec<Running>, Stop> {
    // The classes of all, before any app looks for those of others.
    for one in &loaded {
        super::objects::own_classes(&one.app, shared, false).map_err(Stop::Wrong)?;
    }
    let mut running = Vec::new();
    for (arguments, loaded) in apps.list.into_iter().zip(loaded) {
        run_build_command(&loaded.app, &shared.reporter).await?;
        running.push(
            Running::start(shared, arguments, loaded)
                .await
                .map_err(stop)?,
        );
    }
    running.iter().try_for_each(Running::check).map_err(stop)?;
    Ok(running)
}

/// The app whose object has this address, as it is now.
fn worker_of(lives: &[Arc<Live>], address: &Address) -> Arc<Worker> {
    let mut workers = lives.iter().map(|live| live.worker());
    let found = workers.find(|worker| worker.has_object_at(address));
    found.unwrap_or_else(|| lives[0].worker())
}

/// Answers until it is told to stop; gives how many requests were cut off then.
async fn answer_all(gateways: Vec<Gateway>, lives: &[Arc<Live>]) -> Result<usize, Stop> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        shutdown_signal().await;
        stop.send_replace(true);
    });
    let running = gateways.into_iter().zip(lives).map(|(gateway, live)| {
        let mut stopped = stopped.clone();
        let until = async move {
            // The sender goes after it has sent.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        gateway.run(Arc::new(Answers(live.clone())), until)
    });
    let summaries = try_join_all(running).await.map_err(Stop::failed)?;
    Ok(summaries.iter().map(|summary| summary.aborted).sum())
}

fn tell_ready(shared: &Shared, running: &[Running], gateways: &[Gateway], started: Instant) {
    let urls = gateways
        .iter()
        .map(|gateway| format!("http://{}", gateway.local_addr()));
    for (one, url) in running.iter().zip(urls) {
        shared.reporter.ready(&url, &one.name, started.elapsed());
    }
    for one in &running[gateways.len()..] {
        let note = format!("{} runs beside it, for calls by services", one.name);
        shared.reporter.note(&note);
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

/// How many ports are tried for an app of a workspace.
const PORTS_TRIED: u16 = 200;

/// The ports of the apps: the first one's only, or in a workspace each one's.
fn listen_for_all(
    arguments: &DevArguments,
    apps: &Apps,
    loaded: &[Loaded],
) -> Result<Vec<Gateway>, Stop> {
    let Some(first) = apps.first_port else {
        let app = &loaded[0].app;
        let port = arguments.port.or(app.dev.port).unwrap_or(DEFAULT_PORT);
        return Ok(vec![listen(arguments, app, port)?]);
    };
    let mut next = arguments.port.unwrap_or(first);
    let mut gateways = Vec::new();
    for one in loaded {
        if let Some(port) = one.app.dev.port.filter(|_| arguments.port.is_none()) {
            gateways.push(listen(arguments, &one.app, port)?);
            continue;
        }
        let last = next.saturating_add(PORTS_TRIED);
        let gateway = loop {
            match listen(arguments, &one.app, next) {
                Err(_) if next != 0 && next < last => next += 1,
                gateway => break gateway?,
            }
        };
        gateways.push(gateway);
        next = if next == 0 { 0 } else { next.saturating_add(1) };
    }
    Ok(gateways)
}

fn listen(arguments: &DevArguments, app: &App, port: u16) -> Result<Gateway, Stop> {
    let host = arguments
        .host
        .as_deref()
        .or(app.dev.host.as_deref())
        .unwrap_or("127.0.0.1");
    let ip = address("--host", host)?;
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

/// The address that a flag names.
pub(super) fn address(flag: &str, host: &str) -> Result<IpAddr, Stop> {
    match host {
        "localhost" => Ok([127, 0, 0, 1].into()),
        "*" => Ok([0, 0, 0, 0].into()),
        other => other.trim_matches(['[', ']']).parse().map_err(|_| {
            Stop::wrong(format!(
                "{flag} {host}: not an address; use one such as 127.0.0.1, ::1, or 0.0.0.0 for every interface"
            ))
        }),
    }
}

fn open_stores(arguments: &DevArguments, root: &Path) -> Result<Arc<Stores>, Stop> {
    let cache = match arguments.cache.as_str() {
        "memory" => Cache::memory(arguments.cache_limit_mb << 20),
        url => Cache::redis(url).map_err(|error| Stop::wrong(format!("--cache: {error}")))?,
    };
    let directory = app::data_directory(root, arguments.store.as_deref());
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
