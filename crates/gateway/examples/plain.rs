//! Measures what the gateway alone costs: a handler that answers "hello" at once, through a channel from
//! another thread as an isolate would, or through a channel from a task of the gateway's own runtime.
//! Prints the address; on Ctrl-C the CPU time of the process and what it is per request.
//!
//! Usage: `plain [--threads N] [--channel | --local]`; 0 threads is tokio's current-thread runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cellhouse_exchange::{Body, Handler, HandlerFuture, Request, Response};
use cellhouse_gateway::{Gateway, Options};
use http::HeaderMap;
use tokio::sync::{mpsc, oneshot};

fn hello() -> Response {
    Response {
        status: 200,
        status_text: None,
        headers: HeaderMap::new(),
        body: Body::from("hello"),
        web_socket: None,
    }
}

/// Answers on the connection's own task.
struct Inline {
    requests: AtomicU64,
}

impl Handler for Inline {
    fn handle(&self, _request: Request) -> HandlerFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(hello()))
    }
}

type Requests = mpsc::UnboundedReceiver<(Request, oneshot::Sender<Response>)>;

/// Lets another task answer.
struct Channel {
    requests: AtomicU64,
    isolate: mpsc::UnboundedSender<(Request, oneshot::Sender<Response>)>,
}

async fn answer_all(mut requests: Requests) {
    while let Some((_request, answer)) = requests.recv().await {
        let _gone = answer.send(hello());
    }
}

impl Channel {
    fn new() -> (Self, Requests) {
        let (isolate, receiver) = mpsc::unbounded_channel();
        let requests = AtomicU64::new(0);
        (Channel { requests, isolate }, receiver)
    }

    /// Answers on a thread of its own.
    fn threaded() -> Self {
        let (channel, requests) = Channel::new();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.build().expect("a runtime without drivers");
            runtime.block_on(answer_all(requests));
        });
        channel
    }
}

impl Handler for Channel {
    fn handle(&self, request: Request) -> HandlerFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        let sent = self.isolate.send((request, sender));
        Box::pin(async move {
            sent.expect("the other thread runs");
            receiver.await.expect("the other thread answers")
        })
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let threads = (arguments
        .iter()
        .position(|argument| argument == "--threads"))
    .and_then(|at| arguments.get(at + 1)?.parse().ok())
    .unwrap_or(0);
    let runtime = match threads {
        0 => tokio::runtime::Builder::new_current_thread(),
        threads => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
    };
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let options = Options {
        listen: vec![([127, 0, 0, 1], 0).into()],
        ..Options::default()
    };
    let gateway = Gateway::bind(options).expect("a free port");
    println!("{}", gateway.local_addr());
    let started = Instant::now();
    let chosen = |name: &str| arguments.iter().any(|argument| argument == name);
    let requests = if chosen("--channel") || chosen("--local") {
        let handler = Arc::new(match chosen("--local") {
            true => {
                let (channel, requests) = Channel::new();
                runtime.spawn(answer_all(requests));
                channel
            }
            false => Channel::threaded(),
        });
        serve(&runtime, threads, gateway, handler.clone());
        handler.requests.load(Ordering::Relaxed)
    } else {
        let handler = Arc::new(Inline {
            requests: AtomicU64::new(0),
        });
        serve(&runtime, threads, gateway, handler.clone());
        handler.requests.load(Ordering::Relaxed)
    };
    report(requests, started.elapsed().as_secs_f64());
}

fn serve(
    runtime: &tokio::runtime::Runtime,
    threads: usize,
    gateway: Gateway,
    handler: Arc<dyn Handler>,
) {
    let running = gateway.run(handler, async {
        let _received = tokio::signal::ctrl_c().await;
    });
    let summary = match threads {
        0 => runtime.block_on(running),
        _ => runtime.block_on(async {
            // So that accepting, too, happens on the workers.
            let running = tokio::spawn(running);
            running.await.expect("the gateway does not panic")
        }),
    };
    println!("{:?}", summary.expect("the listener works"));
}

fn report(requests: u64, seconds: f64) {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Fields 14 and 15 of proc(5), in ticks of 10 ms.
    let (Some(user), Some(system)) = (ticks(13), ticks(14)) else {
        return;
    };
    let micros = |ticks: f64| ticks * 10_000.0 / requests.max(1) as f64;
    println!("{requests} requests in {seconds:.1} s");
    println!(
        "CPU per request: {:.2} us user + {:.2} us system = {:.2} us",
        micros(user),
        micros(system),
        micros(user + system)
    );
}
