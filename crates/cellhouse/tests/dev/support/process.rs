//! The real binary as a child process: starting it, waiting until it is ready, stopping it
//! politely or with kill -9. A process that a test leaves behind dies with its value.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::{Client, Events, PATIENCE, Reply};

/// How the binary is to be started.
pub struct Start {
    folder: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    has_input: bool,
}

/// How a command ended.
#[derive(Debug)]
pub struct Exit {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// `cellhouse dev`, running and ready.
pub struct App {
    child: Child,
    client: Client,
    events: Events,
    stderr: Arc<Mutex<String>>,
}

impl Start {
    pub fn dev(folder: &Path) -> Self {
        Self::command(folder, &["dev"])
            .arguments(&[folder.to_str().expect("a plain path")])
            .arguments(&["--port", "0", "--json"])
    }

    pub fn command(folder: &Path, arguments: &[&str]) -> Self {
        Self {
            folder: folder.to_path_buf(),
            arguments: arguments.iter().map(OsString::from).collect(),
            variables: Vec::new(),
            has_input: false,
        }
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_string(), value.into()));
        self
    }

    /// Its standard input is a pipe.
    pub fn with_input(mut self) -> Self {
        self.has_input = true;
        self
    }

    /// Starts the command, which is killed with the value.
    pub fn spawn(self) -> Child {
        self.process().spawn().expect("the binary starts")
    }

    /// Runs the command to its end.
    pub async fn run(self) -> Exit {
        let output = tokio::time::timeout(PATIENCE, self.process().output())
            .await
            .expect("the command never ended")
            .expect("the binary starts");
        Exit {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the output is UTF-8"),
        }
    }

    /// Starts the server and waits until it says that it is ready.
    pub async fn start(self) -> App {
        let mut child = self.process().spawn().expect("the binary starts");
        let stderr = keep(child.stderr.take().expect("stderr is a pipe"));
        let events = Events::of(child.stdout.take().expect("stdout is a pipe"));
        let Some(ready) = events.next(0, "ready").await else {
            let said = stderr.lock().unwrap().clone();
            panic!(
                "the server ended before it was ready: {:#?}\n{said}",
                events.after(0)
            );
        };
        let url = ready["url"].as_str().expect("the ready line has the url");
        App {
            client: Client::new(url),
            child,
            events,
            stderr,
        }
    }

    fn process(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cellhouse"));
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("NO_COLOR", "1")
            .stdin(match self.has_input {
                true => Stdio::piped(),
                false => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl App {
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn events(&self) -> &Events {
        &self.events
    }

    /// What it wrote to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.client.send("GET", path, "").await
    }

    pub async fn put(&self, path: &str, body: impl Into<bytes::Bytes>) -> Reply {
        self.client.send("PUT", path, body).await
    }

    pub async fn post(&self, path: &str) -> Reply {
        self.client.send("POST", path, "").await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.client.send("DELETE", path, "").await
    }

    /// What the server has used of its processors so far.
    pub fn cpu_time(&self) -> Duration {
        let id = self.child.id().expect("the server runs");
        let stat =
            std::fs::read_to_string(format!("/proc/{id}/stat")).expect("the system has /proc");
        // After the name, which ends with the last parenthesis, come the fields from the third on.
        let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks: u64 = ticks
            .map(|field| field.parse::<u64>().expect("a number"))
            .sum();
        // SAFETY: sysconf() takes a number and changes nothing.
        let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
        Duration::from_secs(ticks) / u32::try_from(per_second).expect("ticks of a second")
    }

    /// Bytes of memory that the server holds.
    pub fn resident_bytes(&self) -> usize {
        let id = self.child.id().expect("the server runs");
        let statm =
            std::fs::read_to_string(format!("/proc/{id}/statm")).expect("the system has /proc");
        let pages = statm.split(' ').nth(1).expect("statm has a second field");
        pages.parse::<usize>().expect("a number of pages") * 4096
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("kill the server");
    }

    /// A polite signal (SIGTERM, SIGINT), which must lead to an end.
    pub async fn stop(self, signal: libc::c_int) -> Exit {
        self.signal(signal);
        self.ended().await
    }

    /// Waits until it has stopped after a signal that was sent before.
    pub async fn ended(mut self) -> Exit {
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("the server did not stop")
            .expect("the server is a child");
        Exit {
            code: status.code(),
            stdout: String::new(),
            stderr: self.stderr(),
        }
    }

    pub fn signal(&self, signal: libc::c_int) {
        let id = self.child.id().expect("the server runs");
        let id = libc::pid_t::try_from(id).expect("a process id fits");
        // SAFETY: kill() takes two numbers; the child was not waited for, so the id is still its own.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0, "send the signal");
    }
}

/// Collects a stream of text in the background.
fn keep(mut stream: impl AsyncRead + Unpin + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&text);
    tokio::spawn(async move {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            let piece = String::from_utf8_lossy(&buffer[..length]);
            kept.lock().unwrap().push_str(&piece);
        }
    });
    text
}
