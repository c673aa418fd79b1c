//! Measures what a WebSocket costs while it is open and nothing happens: opens many on one gateway, and
//! prints the memory of this process for each, without the system's own. The ends of the apps lie in a list,
//! as those of hibernated objects do; the clients are bare sockets. With `--echo`, a server instead that
//! sends back what it gets, for clients of other makes; with `--chat`, one that sends it to everybody.
//!
//! Usage: `sockets [COUNT] [--deflate]` (10,000 want 20,000 file descriptors), `sockets --echo | --chat`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use cellhouse_exchange::{
    Body, Frame, FrameReceiver, FrameSender, Handler, HandlerFuture, Request, Response,
    WebSocketEnd,
};
use cellhouse_gateway::{Gateway, Options};

/// The system's allocator, counting what is in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Ends = Mutex<Vec<(FrameSender, FrameReceiver)>>;

/// What is done with the app's end of each socket.
enum App {
    /// It is kept.
    Sleep(Ends),
    Echo,
    /// Everybody hears of everything.
    Chat(Arc<Mutex<Vec<FrameSender>>>),
}

impl Handler for App {
    fn handle(&self, _request: Request) -> HandlerFuture {
        let (own, other) = WebSocketEnd::pair();
        let (sender, receiver) = own.split();
        match self {
            App::Sleep(ends) => locked(ends).push((sender, receiver)),
            App::Echo => drop(tokio::spawn(echo(sender, receiver))),
            App::Chat(room) => {
                locked(room).push(sender);
                tokio::spawn(chat(room.clone(), receiver));
            }
        }
        let mut response = Response::text(101, Body::Empty);
        response.web_socket = Some(other);
        Box::pin(std::future::ready(response))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics")
}

async fn chat(room: Arc<Mutex<Vec<FrameSender>>>, mut receiver: FrameReceiver) {
    while let Some(frame) = receiver.receive().await {
        locked(&room).retain(|member| member.send(frame.clone()).is_ok());
    }
}

async fn echo(sender: FrameSender, mut receiver: FrameReceiver) {
    while let Some(frame) = receiver.receive().await {
        if sender.send(frame).is_err() {
            return;
        }
    }
}

fn open(address: SocketAddr, extensions: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the gateway listens");
    let request = format!(
        "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extensions}\r\n"
    );
    stream.write_all(request.as_bytes()).expect("open");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    stream
}

/// Bytes that the process has allocated, and those that the system gave it for them.
fn memory() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<usize>().ok());
    (
        IN_USE.load(Ordering::Relaxed),
        kilobytes.unwrap_or(0) * 1024,
    )
}

struct Report {
    count: usize,
    before: (usize, usize),
}

impl Report {
    fn print(&self, what: &str) {
        // What was freed by tasks a moment ago is to be counted as free.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let (heap, resident) = memory();
        let each = |now: usize, before: usize| now.saturating_sub(before) / self.count;
        println!(
            "{what}: {} bytes each allocated, {} resident",
            each(heap, self.before.0),
            each(resident, self.before.1)
        );
    }
}

fn measure(address: SocketAddr, ends: &Ends, count: usize, extensions: &str) {
    // What is made once is not a socket's.
    drop(
        (0..50)
            .map(|_| open(address, extensions))
            .collect::<Vec<_>>(),
    );
    locked(ends).clear();
    std::thread::sleep(std::time::Duration::from_millis(300));
    locked(ends).reserve_exact(count);
    let mut clients = Vec::with_capacity(count);
    let report = Report {
        count,
        before: memory(),
    };
    clients.extend((0..count).map(|_| open(address, extensions)));
    report.print("open, never used");

    let text = "0123456789abcdef".repeat(100);
    for (client, (sender, receiver)) in clients.iter_mut().zip(&mut *locked(ends)) {
        // "hello", masked with zeros.
        client.write_all(b"\x81\x85\0\0\0\0hello").expect("open");
        while block_on(receiver.receive()) != Some(Frame::Text("hello".to_owned())) {}
        sender.send(Frame::Text(text.clone())).expect("open");
        assert!(client.read(&mut [0; 4096]).expect("a message") > 0);
    }
    report.print("after a message each way");
}

fn block_on<F: std::future::Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers")
        .block_on(future)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = |name: &str| arguments.iter().any(|argument| argument == name);
    let count = arguments.iter().find_map(|argument| argument.parse().ok());
    let count = count.unwrap_or(5000);
    let app = Arc::new(match () {
        () if chosen("--echo") => App::Echo,
        () if chosen("--chat") => App::Chat(Arc::default()),
        () => App::Sleep(Mutex::default()),
    });
    let options = Options {
        listen: vec![([127, 0, 0, 1], 0).into()],
        max_connections: count + 100,
        ..Options::default()
    };
    let gateway = Gateway::bind(options).expect("a free port");
    let address = gateway.local_addr();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let running = runtime.spawn(gateway.run(app.clone(), std::future::pending()));
    let App::Sleep(ends) = &*app else {
        println!("{address}");
        _ = runtime.block_on(running);
        return;
    };
    let extensions = match chosen("--deflate") {
        true => "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
        false => "",
    };
    measure(address, ends, count, extensions);
}
