//! The binary at a terminal: a pseudo-terminal is its standard input, output and error, and a test types and reads
//! at the other end.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::process::{Child, Command};

use super::{PATIENCE, Project, eventually};

pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
}

impl Terminal {
    /// Runs a command of the binary in the folder of a project.
    pub fn run(project: &Project, arguments: &[&str]) -> Self {
        let (outside, inside) = pair();
        let end = || Stdio::from(inside.try_clone().expect("another descriptor"));
        let child = Command::new(env!("CARGO_BIN_EXE_cellhouse"))
            .args(arguments)
            .current_dir(project.path())
            .env("NO_COLOR", "1")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let screen = Arc::<Mutex<String>>::default();
        let reader = File::from(outside.try_clone().expect("another descriptor"));
        let shown = Arc::clone(&screen);
        // Reading a terminal blocks; the thread ends when the last who has the inside is gone.
        std::thread::spawn(move || show(reader, &shown));
        Self {
            child,
            keyboard: File::from(outside),
            screen,
        }
    }

    /// Waits until this stands on the screen, and clears the screen up to there.
    pub async fn wait_for(&mut self, text: &str) {
        let what = format!("{text:?} on the terminal");
        eventually(&what, async || {
            let mut screen = self.screen.lock().unwrap();
            let found = screen.find(text).map(|at| at + text.len());
            if let Some(end) = found {
                screen.drain(..end);
            }
            found.is_some()
        })
        .await;
    }

    pub async fn write(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("typed");
    }

    /// Waits for its end; its exit code.
    pub async fn ended(mut self) -> Option<i32> {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.expect("the command never ended");
        status.expect("it is a child").code()
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("kill the server");
    }
}

/// Both ends of a new pseudo-terminal: the one outside, and that of the program.
fn pair() -> (OwnedFd, OwnedFd) {
    let (mut outside, mut inside) = (-1, -1);
    let none = std::ptr::null_mut();
    // SAFETY: both results are variables that live through the call; no name, settings or size are asked for.
    let opened = unsafe {
        libc::openpty(
            &raw mut outside,
            &raw mut inside,
            none,
            std::ptr::null(),
            std::ptr::null(),
        )
    };
    assert_eq!(opened, 0, "the system has pseudo-terminals");
    // SAFETY: both were just opened, and nobody else has them.
    unsafe { (OwnedFd::from_raw_fd(outside), OwnedFd::from_raw_fd(inside)) }
}

fn show(mut reader: File, screen: &Mutex<String>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]);
        screen.lock().unwrap().push_str(&text);
    }
}
