//! A gateway on a free port of 127.0.0.1, and a client that sends and sees exact bytes.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError, BodyStream, Handler, HandlerFuture, Request, Response};
use cellhouse_gateway::{Gateway, Options, Summary};
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what must happen soon.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this takes too long")
}

/// Waits until a condition holds.
pub async fn until(mut condition: impl FnMut() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

struct Closure<F>(F);

impl<F, A> Handler for Closure<F>
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    fn handle(&self, request: Request) -> HandlerFuture {
        Box::pin((self.0)(request))
    }
}

/// A gateway that runs.
pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Summary>,
}

pub fn options() -> Options {
    Options {
        listen: vec![([127, 0, 0, 1], 0).into()],
        ..Options::default()
    }
}

pub fn start<F, A>(options: Options, handler: F) -> Running
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let gateway = Gateway::bind(options).unwrap();
    let address = gateway.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let handler = Arc::new(Closure(handler));
    let task = tokio::spawn(async move {
        let shutdown = async move {
            let _dropped = stopped.await;
        };
        gateway.run(handler, shutdown).await.unwrap()
    });
    Running {
        address,
        stop: Some(stop),
        task,
    }
}

impl Running {
    pub fn begin_shutdown(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub async fn summary(self) -> Summary {
        soon(self.task).await.unwrap()
    }

    pub async fn connect(&self) -> Client {
        Client {
            stream: TcpStream::connect(self.address).await.unwrap(),
            read: Vec::new(),
        }
    }

    /// One request on a connection of its own, and all that comes back.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut client = self.connect().await;
        client.send(request).await;
        client.rest().await
    }
}

/// A response as it was on the wire, without the framing of its body.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} comes more than once");
        value
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub struct Client {
    pub stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Reads more; `false` at the end.
    pub async fn read_more(&mut self) -> bool {
        soon(self.stream.read_buf(&mut self.read))
            .await
            .is_ok_and(|count| count > 0)
    }

    pub fn unread(&self) -> usize {
        self.read.len()
    }

    pub async fn take(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            let more = self.read_more().await;
            assert!(more, "the connection ended after {:?}", self.shown());
        }
        self.read.drain(..count).collect()
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// Everything up to and with `end`.
    pub async fn take_until(&mut self, end: &str) -> String {
        loop {
            let mut windows = self.read.windows(end.len());
            if let Some(at) = windows.position(|window| window == end.as_bytes()) {
                return String::from_utf8(self.take(at + end.len()).await).unwrap();
            }
            let more = self.read_more().await;
            assert!(more, "the connection ended after {:?}", self.shown());
        }
    }

    /// Everything up to the end of the connection.
    pub async fn rest(&mut self) -> String {
        while self.read_more().await {}
        String::from_utf8(std::mem::take(&mut self.read)).unwrap()
    }

    /// A status line and headers.
    pub async fn head(&mut self) -> Answer {
        let head = self.take_until("\r\n\r\n").await;
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().to_owned();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        Answer {
            status,
            headers,
            body: Vec::new(),
        }
    }

    /// A response to anything but HEAD.
    pub async fn answer(&mut self) -> Answer {
        let mut answer = self.head().await;
        if let Some(length) = answer.header("content-length") {
            answer.body = self.take(length.parse().unwrap()).await;
        } else if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk().await {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    /// A chunk of a chunked body; `None` at its end.
    pub async fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.take_until("\r\n").await;
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let chunk = self.take(size).await;
        assert_eq!(self.take(2).await, b"\r\n");
        (size > 0).then_some(chunk)
    }
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}

pub fn text(text: impl Into<Body>) -> Response {
    Response::text(200, text)
}

pub fn with_body(body: Body) -> Response {
    Response {
        status: 200,
        status_text: None,
        headers: HeaderMap::new(),
        body,
        web_socket: None,
    }
}

/// A body of chunks that come one at a time.
pub fn chunks(chunks: Vec<Result<&'static str, BodyError>>) -> BodyStream {
    let chunks = chunks
        .into_iter()
        .map(|chunk| chunk.map(|text| Bytes::from_static(text.as_bytes())));
    Box::pin(futures_util::stream::iter(chunks).then(|chunk| async {
        tokio::task::yield_now().await;
        chunk
    }))
}

pub fn streamed(stream: BodyStream, length: Option<u64>) -> Response {
    with_body(Body::Stream { stream, length })
}

/// Reads a body to its end.
pub async fn collect(body: Body) -> Result<Vec<u8>, BodyError> {
    match body {
        Body::Empty => Ok(Vec::new()),
        Body::Bytes(bytes) => Ok(bytes.to_vec()),
        Body::Stream { mut stream, .. } => {
            let mut all = Vec::new();
            while let Some(chunk) = stream.next().await {
                all.extend(chunk?);
            }
            Ok(all)
        }
    }
}

/// Counts something that happens in a handler.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub async fn reaches(&self, count: usize) {
        until(|| self.get() >= count).await;
    }

    /// Counts when it is dropped.
    pub fn on_drop(&self) -> OnDrop {
        OnDrop(self.clone())
    }

    /// Waits until the count stands still.
    pub async fn settles(&self) -> usize {
        let mut count = self.get();
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            match self.get() {
                same if same == count => return count,
                other => count = other,
            }
        }
    }
}

pub struct OnDrop(Counter);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// A body without end, whose chunks are counted as they are asked for.
pub struct Endless {
    pub chunk: Bytes,
    pub given: Counter,
    pub _dropped: OnDrop,
}

impl Stream for Endless {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.given.add();
        Poll::Ready(Some(Ok(self.chunk.clone())))
    }
}

/// An [`Endless`] of 64 KiB chunks with its two counters: given, and dropped.
pub fn endless() -> (Counter, Counter, impl Fn() -> BodyStream + Send + Sync) {
    let (given, dropped) = (Counter::default(), Counter::default());
    let make = {
        let (given, dropped) = (given.clone(), dropped.clone());
        move || -> BodyStream {
            Box::pin(Endless {
                chunk: Bytes::from(vec![b'x'; 64 << 10]),
                given: given.clone(),
                _dropped: dropped.on_drop(),
            })
        }
    };
    (given, dropped, make)
}
