//! Runs a config's build command.
//!
//! The command is a line for the shell. What it prints is handed on as it comes; its end is
//! awaited. A command that is no longer wanted is ended with everything it started.

use std::collections::VecDeque;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// Lines that a [`BuildCommandError`] shows of what the command printed last.
const LAST_LINES: usize = 20;

/// Longer lines (progress bars) are cut.
const LINE_BYTES: usize = 2_000;

/// How long output is awaited after the shell's end, from what it left running in the background.
const LINGER: Duration = Duration::from_millis(200);

/// Set for what a build command starts, so that one whose script is `cellhouse build` ends: the inner
/// one only bundles.
pub const BUILD_COMMAND_RUNNING: &str = "CELLHOUSE_BUILD_COMMAND_RUNNING";

/// Which of its outputs a command wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Stdout,
    Stderr,
}

/// A build command that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildCommandError {
    /// There was nothing to run it with, or its folder is missing.
    #[error("the build command `{command}` could not be started in {}: {source}", cwd.display())]
    Start {
        command: String,
        cwd: PathBuf,
        source: io::Error,
    },
    /// It ran and said that it failed.
    #[error("the build command `{command}` failed: {status}")]
    Failed {
        command: String,
        status: ExitStatus,
        /// The last lines of its output, of both kinds in the order they came.
        last_lines: Vec<String>,
    },
}

/// Runs `command` in `cwd` with the shell, and hands what it prints to `print`, piece by piece.
///
/// Programs in `node_modules/.bin` of `cwd` and the folders above it are found as in npm scripts.
/// Dropping the future ends the command and what it started.
///
/// # Errors
/// [`BuildCommandError`] if it cannot be started or does not end with status 0.
pub async fn run_build_command(
    command: &str,
    cwd: &Path,
    mut print: impl FnMut(Output, &[u8]),
) -> Result<(), BuildCommandError> {
    let failed = |source| BuildCommandError::Start {
        command: command.to_owned(),
        cwd: cwd.to_path_buf(),
        source,
    };
    let mut running = Running::start(command, cwd).map_err(failed)?;
    let mut tail = Tail::default();
    let status = running
        .finish(|output, piece| {
            tail.push(piece);
            print(output, piece);
        })
        .await
        .map_err(failed)?;
    if status.success() {
        return Ok(());
    }
    Err(BuildCommandError::Failed {
        command: command.to_owned(),
        status,
        last_lines: tail.lines(),
    })
}

/// A child that leads a process group of its own, so that all of it can be ended.
struct Running {
    child: Child,
    done: bool,
}

impl Running {
    fn start(command: &str, cwd: &Path) -> io::Result<Self> {
        let mut shell = shell(command);
        shell.current_dir(cwd).env("PATH", path_with_packages(cwd));
        shell.env(BUILD_COMMAND_RUNNING, "1");
        shell
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell.kill_on_drop(true);
        #[cfg(unix)]
        shell.process_group(0);
        Ok(Running {
            child: shell.spawn()?,
            done: false,
        })
    }

    async fn finish(&mut self, mut print: impl FnMut(Output, &[u8])) -> io::Result<ExitStatus> {
        let mut out = Pipe::new(self.child.stdout.take());
        let mut err = Pipe::new(self.child.stderr.take());
        let mut status = None;
        while out.is_open() || err.is_open() || status.is_none() {
            let ended = status.is_some();
            tokio::select! {
                biased;
                more = out.read() => if more { print(Output::Stdout, out.piece()) },
                more = err.read() => if more { print(Output::Stderr, err.piece()) },
                ended = self.child.wait(), if status.is_none() => status = Some(ended?),
                () = tokio::time::sleep(LINGER), if ended => break,
            }
        }
        self.done = true;
        match status {
            Some(status) => Ok(status),
            None => self.child.wait().await,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self
            .child
            .id()
            .filter(|_| !self.done)
            .and_then(|id| i32::try_from(id).ok())
        {
            // SAFETY: kill takes no pointers. The child is not yet reaped, so the group is ours.
            unsafe {
                libc::kill(-group, libc::SIGTERM);
            }
        }
    }
}

/// One output of the child; closed when there is nothing to read any more.
struct Pipe<R> {
    reader: Option<R>,
    buffer: Box<[u8]>,
    /// Bytes of the buffer that the last read filled.
    filled: usize,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(reader: Option<R>) -> Self {
        Pipe {
            reader,
            buffer: vec![0; 8 * 1024].into(),
            filled: 0,
        }
    }

    fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    /// Fills the buffer; `false` when the pipe has just been closed. Never ready after that.
    /// Nothing is lost when the future is dropped.
    async fn read(&mut self) -> bool {
        let Some(reader) = &mut self.reader else {
            return std::future::pending().await;
        };
        self.filled = reader.read(&mut self.buffer).await.unwrap_or(0);
        if self.filled == 0 {
            self.reader = None;
        }
        self.filled > 0
    }

    fn piece(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

/// The last lines of a stream of bytes.
#[derive(Default)]
struct Tail {
    lines: VecDeque<Vec<u8>>,
    open: Vec<u8>,
}

impl Tail {
    fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            match byte {
                b'\n' => self.close(),
                _ if self.open.len() < LINE_BYTES => self.open.push(*byte),
                _ => {}
            }
        }
    }

    fn close(&mut self) {
        if self.lines.len() == LAST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(std::mem::take(&mut self.open));
    }

    fn lines(mut self) -> Vec<String> {
        if !self.open.is_empty() {
            self.close();
        }
        let text = |line: &Vec<u8>| String::from_utf8_lossy(line).trim_end().to_owned();
        self.lines.iter().map(text).collect()
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    shell
        .arg("/d")
        .arg("/s")
        .arg("/c")
        .raw_arg(format!("\"{command}\""));
    shell
}

/// The search path with the programs of installed packages before everything else.
fn path_with_packages(cwd: &Path) -> OsString {
    let packages = cwd
        .ancestors()
        .map(|folder| folder.join("node_modules").join(".bin"));
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all = packages
        .filter(|folder| folder.is_dir())
        .chain(env::split_paths(&inherited));
    // A folder with the separator in its name cannot be on a search path.
    env::join_paths(all).unwrap_or(inherited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_keeps_the_last_lines() {
        let mut tail = Tail::default();
        for number in 0..30 {
            tail.push(format!("line {number}\r\n").as_bytes());
        }
        tail.push(b"half");
        let lines = tail.lines();
        assert_eq!(lines.len(), LAST_LINES);
        assert_eq!(lines.first().unwrap(), "line 11");
        assert_eq!(lines.last().unwrap(), "half");
    }

    #[test]
    fn endless_lines_are_cut() {
        let mut tail = Tail::default();
        tail.push(&[b'x'; 100_000]);
        assert_eq!(tail.lines()[0].len(), LINE_BYTES);
    }
}
