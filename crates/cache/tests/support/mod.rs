//! Real Redis servers for tests: each on a free port of 127.0.0.1 with its data in a temporary
//! directory, ended with the value that stands for it. A test whose server cannot be started fails
//! and says which package is missing.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cellhouse_cache::Store;
use tempfile::TempDir;

pub mod logs;
pub mod proxy;

/// Long enough for a slow and busy machine; tests end as soon as what they wait for is there.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}

/// A running `redis-server`.
pub struct Redis {
    pub port: u16,
    /// Where its data, and what the test puts there, live.
    pub dir: TempDir,
    arguments: Vec<String>,
    child: Child,
}

impl Redis {
    /// Starts a server with these further arguments and waits until it listens.
    pub fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        let port_text = port.to_string();
        let listen = ["--port", port_text.as_str()];
        Self::start_in(tempdir(), port, &[&listen, arguments].concat())
    }

    /// As [`Redis::start`], but the arguments say where it listens, which is `port`.
    pub fn start_in(dir: TempDir, port: u16, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let child = spawn(&dir, &arguments);
        let mut redis = Self {
            port,
            dir,
            arguments,
            child,
        };
        redis.wait_until_it_listens();
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("a killed process ends");
    }

    /// The same server again, after [`Redis::kill`].
    pub fn restart(&mut self) {
        self.child = spawn(&self.dir, &self.arguments);
        self.wait_until_it_listens();
    }

    /// Stops it from doing anything (`STOP`) or lets it go on (`CONT`), its sockets staying open.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(status.expect("the command kill").success());
    }

    /// One command by `redis-cli`, its output trimmed.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let output = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &port])
            .args(arguments)
            .output();
        let output = output.unwrap_or_else(|error| missing("redis-cli", "redis-tools", &error));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn wait_until_it_listens(&mut self) {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().expect("a child process");
            assert!(
                ended.is_none(),
                "redis-server does not accept {:?}",
                self.arguments
            );
            assert!(
                since.elapsed() < PATIENCE,
                "redis-server does not listen on port {}",
                self.port
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

pub fn tempdir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn spawn(dir: &TempDir, arguments: &[String]) -> Child {
    let dir = dir.path().to_str().expect("a temporary path is UTF-8");
    let quiet = [
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        dir,
    ];
    let mut command = Command::new("redis-server");
    let child = command
        .args(quiet)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    child.unwrap_or_else(|error| missing("redis-server", "redis-server", &error))
}

fn missing(program: &str, package: &str, error: &std::io::Error) -> ! {
    assert!(
        error.kind() == ErrorKind::NotFound,
        "{program} cannot be started: {error}"
    );
    panic!("{program} is not installed, and this test needs a real one: apt-get install {package}");
}

/// Waits until `done` says so.
pub async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !done().await {
        assert!(
            since.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the store keeps what it is given: its connections are there.
pub async fn until_it_keeps(store: &Store) {
    eventually("the store keeps values", async || {
        store.set("until-it-keeps", "1", None).await;
        store.get("until-it-keeps").await.is_some()
    })
    .await;
}
