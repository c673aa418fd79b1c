//! Standard output as a queue: whoever tells something does not wait for the terminal.
//!
//! One thread writes. Lines keep their order. While more than [`MAX_WAITING`] lines wait, lines that
//! are only a log of requests are left out and counted, so that a slow terminal never slows an app.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Lines that may wait to be written before request lines are left out.
const MAX_WAITING: usize = 10_000;

/// How long a line may wait for others. Waking the writer for every request of a busy app would cost more
/// than the request's log line itself.
const GATHER: Duration = Duration::from_millis(5);

/// The queue. Dropping it, or [`Output::finish`], writes what is left.
pub(super) struct Output {
    sender: Mutex<Option<Sender<String>>>,
    counts: Arc<Counts>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Counts {
    waiting: AtomicUsize,
    left_out: AtomicUsize,
}

impl Output {
    pub(super) fn start() -> Output {
        let (sender, lines) = channel();
        let counts = Arc::new(Counts::default());
        let shared = counts.clone();
        let writer = std::thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || write_all(&lines, &shared))
            .expect("the process may start a thread");
        Output {
            sender: Mutex::new(Some(sender)),
            counts,
            writer: Mutex::new(Some(writer)),
        }
    }

    /// Writes a line.
    pub(super) fn line(&self, text: String) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sender.as_ref() {
            self.counts.waiting.fetch_add(1, Ordering::Relaxed);
            drop(sender.send(text));
        }
    }

    /// Writes a line that may be left out; it is only made if it is written.
    pub(super) fn request_line(&self, text: impl FnOnce() -> String) {
        if self.counts.waiting.load(Ordering::Relaxed) > MAX_WAITING {
            self.counts.left_out.fetch_add(1, Ordering::Relaxed);
        } else {
            self.line(text());
        }
    }

    /// Writes what is left, and nothing more.
    pub(super) fn finish(&self) {
        drop(
            self.sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            drop(writer.join());
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.finish();
    }
}

fn write_all(lines: &Receiver<String>, counts: &Counts) {
    while let Ok(first) = lines.recv() {
        std::thread::sleep(GATHER);
        // A closed standard output (`| head`) is no reason to stop serving.
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        drop(writeln!(out, "{first}"));
        let mut written = 1;
        for line in lines.try_iter() {
            drop(writeln!(out, "{line}"));
            written += 1;
        }
        counts.waiting.fetch_sub(written, Ordering::Relaxed);
        let left_out = counts.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            drop(writeln!(out, "({left_out} requests are not shown)"));
        }
        drop(out.flush());
    }
}
