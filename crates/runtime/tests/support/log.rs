//! An observer that keeps what it hears.

use cellhouse_runtime::{ConsoleLevel, Failure, Observer};
use parking_lot::Mutex;

/// What an app printed, and the failures that no response carried, in order.
#[derive(Default)]
pub struct Log {
    lines: Mutex<Vec<String>>,
    failures: Mutex<Vec<Failure>>,
}

impl Log {
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().clone()
    }

    pub fn failures(&self) -> Vec<Failure> {
        self.failures.lock().clone()
    }

    /// Waits until a line is printed; panics with everything printed if it never is.
    pub async fn wait_for(&self, line: &str) {
        let printed = || self.lines.lock().iter().any(|printed| printed == line);
        assert!(
            eventually(printed).await,
            "no {line:?} in {:?}, failures {:?}",
            self.lines(),
            self.failures()
        );
    }

    /// Waits until a failure with this message is reported.
    pub async fn wait_for_failure(&self, message: &str) {
        let reported = || {
            self.failures
                .lock()
                .iter()
                .any(|failure| failure.message == message)
        };
        assert!(
            eventually(reported).await,
            "no {message:?} in {:?}",
            self.failures()
        );
    }
}

/// Whether something comes true.
async fn eventually(condition: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(super::PATIENCE, waiting).await.is_ok()
}

impl Observer for Log {
    fn console(&self, _level: ConsoleLevel, message: &str) {
        self.lines.lock().push(message.to_owned());
    }

    fn uncaught(&self, failure: &Failure) {
        self.failures.lock().push(failure.clone());
    }
}
