//! What the running binary reports on its standard output: one JSON object per line (`--json`).
//! Keeps all of them, and lets a test wait for the next one of a kind.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

use super::PATIENCE;

#[derive(Clone)]
pub struct Events {
    seen: Arc<Mutex<Vec<Value>>>,
    /// How many lines came, or `None` once the output has ended.
    count: watch::Receiver<Option<usize>>,
}

impl Events {
    /// Reads the output to its end in the background.
    pub fn of(output: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (sender, count) = watch::channel(Some(0));
        tokio::spawn(collect(output, Arc::clone(&seen), sender));
        Self { seen, count }
    }

    /// A place in the stream: only what comes after it counts for `next`.
    pub fn mark(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The first event of this kind after `mark`, or `None` when the output ended without one.
    pub async fn next(&self, mark: usize, kind: &str) -> Option<Value> {
        self.find(mark, |event| event["event"] == kind).await
    }

    pub async fn find(&self, mark: usize, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let mut count = self.count.clone();
        let search = async {
            loop {
                let ended = count.borrow_and_update().is_none();
                if let Some(event) = self.after(mark).into_iter().find(&wanted) {
                    return Some(event);
                }
                if ended || count.changed().await.is_err() {
                    return None;
                }
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!("the event never came; what came: {:#?}", self.after(mark)),
        }
    }

    /// All events since `mark`.
    pub fn after(&self, mark: usize) -> Vec<Value> {
        self.seen.lock().unwrap()[mark..].to_vec()
    }

    /// All events of a kind since `mark`.
    pub fn all(&self, mark: usize, kind: &str) -> Vec<Value> {
        let mut events = self.after(mark);
        events.retain(|event| event["event"] == kind);
        events
    }
}

async fn collect(
    output: impl AsyncRead + Unpin,
    seen: Arc<Mutex<Vec<Value>>>,
    count: watch::Sender<Option<usize>>,
) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let event = serde_json::from_str(&line)
            .unwrap_or_else(|_| serde_json::json!({ "event": "not JSON", "line": line }));
        let length = {
            let mut seen = seen.lock().unwrap();
            seen.push(event);
            seen.len()
        };
        count.send_replace(Some(length));
    }
    count.send_replace(None);
}
