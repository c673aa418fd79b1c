//! A real redis-server of its own, on a free port of 127.0.0.1, that keeps nothing on disk.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::eventually;

pub struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    pub async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        Self::start_on(port).await
    }

    /// Starts one where another one was, so that clients find it again.
    pub async fn start_on(port: u16) -> Self {
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server starts (./test installs it)");
        let redis = Self { child, port };
        eventually("redis answers", async || {
            TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub async fn kill(mut self) -> u16 {
        self.child.kill().await.expect("kill redis");
        self.port
    }

    /// Sends one command and returns the first line of the answer, such as `:1`.
    pub async fn ask(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("connect");
        stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await
            .expect("send");
        let mut lines = BufReader::new(stream).lines();
        lines.next_line().await.expect("read").expect("an answer")
    }
}
