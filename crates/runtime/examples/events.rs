//! Events per second of an isolate, without sockets: `events FILE.js [isolates] [seconds]`.
//! FILE.js is one ES module. Prints the first response, then the rate at 16 requests in flight.

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

fn request() -> Request {
    let mut headers = http::HeaderMap::new();
    headers.insert("host", http::HeaderValue::from_static("localhost"));
    headers.insert("user-agent", http::HeaderValue::from_static("events/1"));
    Request {
        method: http::Method::GET,
        url: "http://localhost:8787/plain?a=1".to_owned(),
        headers,
        body: Body::Empty,
        client: Client {
            address: ([127, 0, 0, 1], 1).into(),
            protocol: "HTTP/1.1",
        },
    }
}

fn caches() -> Responses {
    let cache = Cache::memory(1 << 20);
    Responses::new(&cache, ResponsesOptions::default()).expect("nothing on disk")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let code = std::fs::read_to_string(&arguments[1]).expect("a readable file");
    let isolates = arguments
        .get(2)
        .map_or(1, |text| text.parse().expect("a number"));
    let seconds = arguments
        .get(3)
        .map_or(3.0, |text| text.parse().expect("a number"));
    let spec = AppSpec {
        name: "events".to_owned(),
        code: code.into(),
        file_name: "worker.js".to_owned(),
        assets: Arc::new([]),
        bindings: Arc::new([]),
        caches: caches(),
        services: Default::default(),
        front: None,
        flags: Arc::new([]),
        objects: None,
        node: Default::default(),
        limits: Limits::default(),
        max_isolates: isolates,
        observer: Arc::new(Print),
    };
    let started = Instant::now();
    let worker = match Worker::start(spec, &Pool::new()).await {
        Ok(worker) => worker,
        Err(error) => return eprintln!("start: {error:?}"),
    };
    println!("start {:?}", started.elapsed());
    match worker.fetch(request()).await {
        Ok(response) => println!(
            "{} {:?} {:?}",
            response.status, response.headers, response.body
        ),
        Err(failure) => println!("{:?} {}\n{}", failure.kind, failure.message, failure.stack),
    }
    rate(&worker, Duration::from_secs_f64(seconds)).await;
}

async fn rate(worker: &Worker, time: Duration) {
    let started = Instant::now();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let worker = worker.clone();
            tokio::spawn(async move {
                let mut count = 0u64;
                while started.elapsed() < time {
                    drop(worker.fetch(request()).await);
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await.expect("a task that ends");
    }
    println!(
        "{:.0} events/s",
        total as f64 / started.elapsed().as_secs_f64()
    );
}
