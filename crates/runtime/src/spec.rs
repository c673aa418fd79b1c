//! What the runtime is told about an app: its code, what `env` holds, and how much it may use.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_exchange::{Request, Response};

use crate::objects::{ObjectClass, ObjectHost};
use crate::services::Services;

/// One app, ready to run. Cheap to clone; every isolate of the app gets the same one.
#[derive(Clone)]
pub struct AppSpec {
    pub name: String,
    /// The bundle: one ES module whose only imports are [`crate::RUNTIME_MODULES`] and `assets`.
    pub code: Arc<str>,
    /// What the bundle calls itself in stack traces, such as `worker.js`.
    pub file_name: String,
    pub assets: Arc<[Asset]>,
    pub bindings: Arc<[Binding]>,
    /// What the Cache API has stored for this app alone.
    pub caches: cellhouse_cache::Responses,
    /// What answers calls of the app as a service before its code does, as static files do.
    pub front: Option<Arc<dyn Front>>,
    /// Every compatibility flag that code is told of, and whether it is on.
    pub flags: Arc<[(&'static str, bool)]>,
    /// The apps that it may call, itself among them.
    pub services: Services,
    /// The Durable Objects of the app, if it has classes of them, or uses another app's.
    pub objects: Option<ObjectsSpec>,
    /// What there is of Node.js.
    pub node: NodeSettings,
    pub limits: Limits,
    /// Isolates at most; the first is started at once, others when there is something for them to do.
    pub max_isolates: usize,
    /// Hears of console messages and errors that no response carries.
    pub observer: Arc<dyn Observer>,
}

/// Answers requests before an app's code does.
pub trait Front: Send + Sync + 'static {
    /// The answer, or `None` if the code is to answer. The body of the request is not looked at. Dropping the
    /// future leaves what was begun to itself; it changes nothing.
    fn answer(&self, request: &Request) -> FrontAnswer;
}

/// What [`Front::answer`] gives.
pub type FrontAnswer = Pin<Box<dyn Future<Output = Option<Response>> + Send>>;

/// Where an app's Durable Objects live, and their classes.
#[derive(Clone)]
pub struct ObjectsSpec {
    /// The same for all versions of the app's code.
    pub host: ObjectHost,
    pub classes: Arc<[ObjectClass]>,
}

/// A file that the code imports: text, bytes, or WebAssembly.
#[derive(Clone)]
pub struct Asset {
    /// The specifier in the bundle's import, such as `cellhouse-asset:0`.
    pub specifier: String,
    /// What `node:fs` calls it: a path relative to `/bundle`.
    pub name: String,
    pub kind: AssetKind,
    pub bytes: Arc<[u8]>,
}

/// What an import of an [`Asset`] yields as its default export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetKind {
    /// A string.
    Text,
    /// An `ArrayBuffer`.
    Data,
    /// A `WebAssembly.Module`.
    Wasm,
}

/// One entry of `env`.
#[derive(Clone)]
pub struct Binding {
    pub name: String,
    pub value: BindingValue,
}

/// What a binding is.
#[derive(Clone)]
#[non_exhaustive]
pub enum BindingValue {
    /// A variable: a string, or what its JSON text says.
    Text(String),
    Json(String),
    /// A State store, which is also a KV namespace.
    State(cellhouse_kv::Store),
    /// A D1 database.
    D1(cellhouse_d1::Database),
    /// A named store of the Cache.
    Cache(cellhouse_cache::Store),
    /// An R2 bucket.
    Bucket(cellhouse_r2::Bucket),
    /// The static files of the app, which answer `fetch()`.
    Assets(Arc<dyn cellhouse_exchange::Handler>),
    /// A namespace of Durable Objects: the index of its class in [`ObjectsSpec::classes`].
    Objects(u32),
    /// An entrypoint of an app of [`AppSpec::services`]. Whether there is one is found out by calling it.
    Service(ServiceBinding),
    /// A queue to send to.
    Queue(crate::QueueBinding),
    /// Ploy's timers.
    Timer(cellhouse_schedules::TimerStore),
    /// One of Ploy's workflows.
    Workflow(cellhouse_workflows::Workflow),
    /// A Workflow of Cloudflare's.
    Instances(cellhouse_workflows::InstanceStore),
    /// A Workflow whose class this app runs. Its name is that of [`crate::runs_workflow`].
    RunsInstances(cellhouse_workflows::InstanceStore),
    /// Ploy's file storage: a bucket.
    Files(cellhouse_r2::Bucket),
    /// Cloudflare's rate limiting.
    RateLimit(crate::RateLimiter),
    /// Cloudflare's Analytics Engine: what is written is dropped.
    AnalyticsEngine,
    /// Cloudflare's Hyperdrive: the connection string of the database itself, a URL.
    Hyperdrive(String),
    /// A secret of Cloudflare's Secrets Store, and its value, if it has one.
    StoredSecret {
        name: String,
        value: Option<String>,
    },
    /// Several values under one name, as `env.vars` of Ploy.
    Group(Vec<Binding>),
    /// Configured, and not to be had here: using it throws, saying this.
    Absent(String),
    /// Configured, and of a kind that this version does not have: using it throws, naming this.
    NotYet(String),
}

/// What a service binding calls.
#[derive(Clone, Debug)]
pub struct ServiceBinding {
    /// The app's name.
    pub service: String,
    /// The export; the default export if there is none.
    pub entrypoint: Option<String>,
    /// What it finds in `ctx.props`: an object, as JSON.
    pub props: Option<String>,
}

/// Which of Node.js's modules can be imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeModules {
    #[default]
    None,
    /// `node:async_hooks`.
    AsyncHooks,
    /// [`crate::NODE_MODULES`].
    All,
}

/// What an app has of Node.js.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeSettings {
    pub modules: NodeModules,
    /// `process`, `Buffer`, `global`, `setImmediate`, `clearImmediate` in the global scope.
    pub globals: bool,
    /// The variables of `env` also in `process.env`.
    pub environment: bool,
    /// `setTimeout()` and `setInterval()` give objects.
    pub timers: bool,
}

/// What one isolate may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// CPU time of one event. Cloudflare's default and maximum for Workers: 30 s.
    pub cpu: Duration,
    /// Bytes of JavaScript heap. Cloudflare's: 128 MB per isolate.
    pub heap_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 128 << 20,
        }
    }
}

/// Levels of `console`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleLevel {
    Debug,
    Log,
    Info,
    Warn,
    Error,
}

/// Told what an app prints, and what goes wrong outside any response.
pub trait Observer: Send + Sync + 'static {
    fn console(&self, level: ConsoleLevel, message: &str);
    /// An exception that nobody caught: in a timer, a waitUntil() promise, a scheduled event.
    fn uncaught(&self, failure: &crate::Failure);
    /// Whether anybody follows the app: then `traced` is told of every event that begins now, when it is over.
    fn is_tracing(&self) -> bool {
        false
    }
    /// What happened in an event, in the shape of Cloudflare's tail events; a request has `unredacted` beside it,
    /// which is for tail handlers only.
    fn traced(&self, trace: serde_json::Value) {
        drop(trace);
    }
}
