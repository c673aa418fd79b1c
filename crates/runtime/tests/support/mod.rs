//! Apps from inline JavaScript, requests to them, and what they print. Shared by the tests of this
//! directory; each uses a part of it.
#![allow(dead_code, unused_imports)]

mod log;
mod memory;
mod origin;
mod socket;
mod store;
mod valve;

use std::sync::Arc;
use std::time::Duration;

use cellhouse_cache::{Cache, Responses, ResponsesOptions};
use cellhouse_exchange::{Body, Client, Request, Response};
use cellhouse_runtime::{
    AppSpec, Asset, AssetKind, Binding, Failure, FailureKind, Limits, ObjectsSpec, Pool, Services,
    StartError, Worker,
};
use futures_util::StreamExt;

pub use log::Log;
pub use memory::resident_bytes;
pub use origin::origin;
pub use socket::Socket;
pub use store::Store;
pub use valve::Valve;

/// Longer than anything here takes; a test that waits this long has found a hang.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What an isolate of a test may use, unless the test says otherwise.
pub const LIMITS: Limits = Limits {
    cpu: Duration::from_secs(1),
    heap_bytes: 32 << 20,
};

/// An app and what it printed.
pub struct App {
    pub worker: Worker,
    pub log: Arc<Log>,
    /// Holds the app's data until the app is gone.
    pub folder: Option<tempfile::TempDir>,
}

/// Settings of a test's app.
#[derive(Clone)]
pub struct Settings {
    /// What other apps call it.
    pub name: &'static str,
    pub limits: Limits,
    pub isolates: usize,
    pub assets: Vec<Asset>,
    pub bindings: Vec<Binding>,
    pub caches: Responses,
    pub services: Services,
    pub objects: Option<ObjectsSpec>,
}

/// A WebAssembly module, which the code imports as `cellhouse-asset:0`.
pub fn wasm(module: &[u8]) -> Vec<Asset> {
    vec![Asset {
        specifier: "cellhouse-asset:0".to_owned(),
        name: "module.wasm".to_owned(),
        kind: AssetKind::Wasm,
        bytes: module.into(),
    }]
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            name: "test",
            limits: LIMITS,
            isolates: 1,
            assets: Vec::new(),
            bindings: Vec::new(),
            caches: caches(),
            services: Services::default(),
            objects: None,
        }
    }
}

/// An empty Cache API.
pub fn caches() -> Responses {
    let cache = Cache::memory(1 << 20);
    Responses::new(&cache, ResponsesOptions::default()).expect("nothing on disk")
}

/// An app of one isolate whose default export is `{ async fetch(request, env, ctx) { BODY } }`.
pub async fn handler(body: &str) -> App {
    let code = format!("export default {{ async fetch(request, env, ctx) {{\n{body}\n}} }};");
    module(&code).await
}

/// An app of one isolate and the limits of [`LIMITS`].
pub async fn module(code: &str) -> App {
    start(code, Settings::default())
        .await
        .expect("the app starts")
}

/// Starts an app; `StartError` is what the tests of start-up look at.
pub async fn start(code: &str, settings: Settings) -> Result<App, StartError> {
    let log = Arc::new(Log::default());
    let spec = AppSpec {
        name: settings.name.to_owned(),
        code: code.into(),
        file_name: "worker.js".to_owned(),
        assets: settings.assets.into(),
        bindings: settings.bindings.into(),
        caches: settings.caches,
        services: settings.services,
        front: None,
        flags: Arc::new([]),
        objects: settings.objects,
        node: Default::default(),
        limits: settings.limits,
        max_isolates: settings.isolates,
        observer: log.clone(),
    };
    let worker = tokio::time::timeout(PATIENCE, Worker::start(spec, &Pool::new()))
        .await
        .expect("the start ends")?;
    Ok(App {
        worker,
        log,
        folder: None,
    })
}

impl App {
    /// The whole answer to a GET request.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        Answer::read(self.fetch(get(path)).await?).await
    }

    /// The text of a successful answer.
    pub async fn text(&self, path: &str) -> String {
        match self.get(path).await {
            Ok(answer) => answer.text,
            Err(failure) => panic!("{path}: {failure:?}\n{:?}", self.log.lines()),
        }
    }

    /// How a request fails.
    pub async fn failure(&self, path: &str) -> Failure {
        match self.get(path).await {
            Ok(answer) => panic!("{path} answered: {answer:?}"),
            Err(failure) => failure,
        }
    }

    /// The kind of a request's failure.
    pub async fn failure_kind(&self, path: &str) -> FailureKind {
        self.failure(path).await.kind
    }

    /// A response whose body was not read yet.
    pub async fn fetch(&self, request: Request) -> Result<Response, Failure> {
        let answer = tokio::time::timeout(PATIENCE, self.worker.fetch(request));
        answer.await.expect("the request ends")
    }
}

/// A response that arrived wholly.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    async fn read(response: Response) -> Result<Self, Failure> {
        let bytes = read(response.body).await.expect("a whole body");
        Ok(Answer {
            status: response.status,
            headers: response.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }
}

/// All bytes of a body, or the text of its error.
pub async fn read(body: Body) -> Result<Vec<u8>, String> {
    match body {
        Body::Empty => Ok(Vec::new()),
        Body::Bytes(bytes) => Ok(bytes.to_vec()),
        Body::Stream { mut stream, .. } => {
            let mut all = Vec::new();
            while let Some(chunk) = stream.next().await {
                all.extend_from_slice(&chunk.map_err(|error| error.to_string())?);
            }
            Ok(all)
        }
    }
}

/// A GET request for `http://test.local` + `path`.
pub fn get(path: &str) -> Request {
    request("GET", path, Body::Empty)
}

/// A request with a body.
pub fn request(method: &str, path: &str, body: Body) -> Request {
    Request {
        method: method.parse().expect("a method"),
        url: format!("http://test.local{path}"),
        headers: http::HeaderMap::new(),
        body,
        client: Client {
            address: ([127, 0, 0, 1], 4000).into(),
            protocol: "HTTP/1.1",
        },
    }
}
