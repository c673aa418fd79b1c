//! How long values take through the encoding, both ways: `clone [times]`. An app makes copies with
//! `structuredClone()`; the time of an empty loop is taken off. Single values stand in a list, because they
//! need no copy alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cellhouse_cache::{Cache, Responses, ResponsesOptions};
use cellhouse_exchange::{Body, Client, Request};
use cellhouse_runtime::{AppSpec, ConsoleLevel, Failure, Limits, Observer, Pool, Worker};

struct Print;

impl Observer for Print {
    fn console(&self, level: ConsoleLevel, message: &str) {
        eprintln!("{level:?} {message}");
    }

    fn uncaught(&self, failure: &Failure) {
        eprintln!("uncaught {} {}", failure.message, failure.stack);
    }
}

/// Copies `value` as often as the path says; `copy` is what one turn of the loop does.
const APP: &str = r#"
const values = {
  number: [12345],
  string: ["a short string"],
  unicode: ["\u20ac uro"],
  object: { id: 1, name: "some name", active: true, score: 1.5, tags: null, city: "Berlin", zip: "10115", count: 7, last: "x", first: "y" },
  nested: { user: { id: 1, roles: ["a", "b", "c"] }, at: new Date(5), seen: new Map([["a", 1], ["b", 2]]) },
  numbers: Array.from({ length: 1000 }, (_, index) => index),
  bytes: new Uint8Array(65536),
  error: new RangeError("no"),
};
export default {
  fetch(request) {
    const [, kind, name, times] = new URL(request.url).pathname.split("/");
    const value = values[name];
    const count = Number(times);
    const copy = kind === "copy" ? structuredClone : (one) => one;
    for (let index = 0; index < count; index++) copy(value);
    return new Response(Object.keys(values).join());
  },
};
"#;

fn request(path: &str) -> Request {
    Request {
        method: http::Method::GET,
        url: format!("http://localhost{path}"),
        headers: http::HeaderMap::new(),
        body: Body::Empty,
        client: Client {
            address: ([127, 0, 0, 1], 1).into(),
            protocol: "HTTP/1.1",
        },
    }
}

async fn time(worker: &Worker, path: &str) -> Duration {
    let started = Instant::now();
    worker.fetch(request(path)).await.expect("an answer");
    started.elapsed()
}

fn caches() -> Responses {
    let cache = Cache::memory(1 << 20);
    Responses::new(&cache, ResponsesOptions::default()).expect("nothing on disk")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let times = std::env::args().nth(1);
    let times: u32 = times.map_or(20_000, |text| text.parse().expect("a number"));
    let spec = AppSpec {
        name: "clone".to_owned(),
        code: APP.into(),
        file_name: "worker.js".to_owned(),
        assets: Arc::new([]),
        bindings: Arc::new([]),
        caches: caches(),
        services: Default::default(),
        front: None,
        flags: Arc::new([]),
        objects: None,
        node: Default::default(),
        limits: Limits {
            cpu: Duration::from_secs(600),
            ..Limits::default()
        },
        max_isolates: 1,
        observer: Arc::new(Print),
    };
    let worker = Worker::start(spec, &Pool::new()).await.expect("it starts");
    for name in [
        "number", "string", "unicode", "object", "nested", "numbers", "bytes", "error",
    ] {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let empty = time(&worker, &format!("/nothing/{name}/{times}")).await;
            let whole = time(&worker, &format!("/copy/{name}/{times}")).await;
            best = best.min(whole.saturating_sub(empty) / times);
        }
        println!("{name}: {best:?} there and back");
    }
}
