//! Those who follow the apps of this process: `cellhouse tail` in other processes, and the `tail()` handlers of other
//! apps (`tail_consumers`). One that is too slow for what happens misses some of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use cellhouse_runtime::Services;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::report::Reporter;

/// Events that wait for one listener before others are left out.
const MOST_WAITING: usize = 10_000;

/// The listeners of other processes.
#[derive(Default)]
pub(super) struct Hub {
    listeners: Mutex<Vec<SyncSender<Value>>>,
    /// How many there are: every event of every app asks.
    count: AtomicUsize,
}

impl Hub {
    /// What happens from now on, until the receiver is dropped.
    pub(super) fn follow(&self) -> Receiver<Value> {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let mut listeners = self.lock();
        listeners.push(sender);
        self.count.store(listeners.len(), Ordering::Relaxed);
        receiver
    }

    fn is_followed(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    fn publish(&self, item: &Value) {
        let mut listeners = self.lock();
        listeners.retain(|listener| {
            let sent = listener.try_send(item.clone());
            !matches!(sent, Err(TrySendError::Disconnected(_)))
        });
        self.count.store(listeners.len(), Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SyncSender<Value>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who follows one app.
pub(super) struct Followers {
    hub: Arc<Hub>,
    /// The apps whose handlers do.
    consumers: Vec<String>,
    services: Services,
    reporter: Arc<Reporter>,
    runtime: Handle,
}

impl Followers {
    /// To be called on the runtime that handlers are to be waited for on.
    pub(super) fn new(
        hub: Arc<Hub>,
        consumers: Vec<String>,
        services: Services,
        reporter: Arc<Reporter>,
    ) -> Followers {
        Followers {
            hub,
            consumers,
            services,
            reporter,
            runtime: Handle::current(),
        }
    }

    pub(super) fn are_there(&self) -> bool {
        !self.consumers.is_empty() || self.hub.is_followed()
    }

    /// Tells them what happened in an event.
    pub(super) fn tell(&self, mut item: Value) {
        for name in &self.consumers {
            let Some(worker) = self.services.find(name) else {
                continue;
            };
            let events = Value::Array(vec![item.clone()]).to_string();
            let reporter = self.reporter.clone();
            let name = name.clone();
            self.runtime.spawn(async move {
                if let Err(failure) = worker.tail(events).await {
                    let message = format!("[{name}] tail(): {}", failure.message);
                    reporter.exception(&message, &failure.stack);
                }
            });
        }
        if let Some(request) = item
            .pointer_mut("/event/request")
            .and_then(Value::as_object_mut)
        {
            request.remove("unredacted");
        }
        self.hub.publish(&item);
    }
}
