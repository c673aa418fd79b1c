//! Isolates that have booted and wait for an app.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::failure::StartError;
use crate::isolate::IsolateHandle;

/// Isolates that have booted and wait for an app, so that a reload or a replacement is quick.
#[derive(Clone, Default)]
pub struct Pool(Arc<Mutex<Vec<IsolateHandle>>>);

impl Pool {
    /// A pool without a spare isolate yet.
    pub fn new() -> Self {
        Pool::default()
    }

    /// Starts a spare isolate unless there is one. Boots on a thread of its own; returns at once.
    pub fn warm(&self) {
        let mut spares = self.0.lock();
        if spares.is_empty() {
            spares.extend(IsolateHandle::spawn());
        }
    }

    /// [`Pool::warm`] a while from now, to leave the processor to what is more urgent.
    pub async fn warm_after(&self, delay: Duration) {
        tokio::time::sleep(delay).await;
        self.warm();
    }

    pub(crate) fn take(&self) -> Result<IsolateHandle, StartError> {
        match self.0.lock().pop() {
            Some(isolate) => Ok(isolate),
            None => IsolateHandle::spawn(),
        }
    }
}
