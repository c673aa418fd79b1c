//! The connections that are open: counted, and reachable when the gateway shuts down.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::connection::Connection;

/// All open connections of one gateway.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    open: Mutex<Open>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Open {
    connections: HashMap<u64, Arc<Connection>>,
    next: u64,
}

impl Registry {
    /// Adds a connection until the entry is dropped.
    pub(crate) fn add(self: &Arc<Self>, connection: &Arc<Connection>) -> Entry {
        let mut open = self.open.lock();
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, connection.clone());
        Entry {
            registry: self.clone(),
            number,
        }
    }

    /// Lets every connection look at what has become of the gateway.
    pub(crate) fn wake_all(&self) {
        for connection in self.open.lock().connections.values() {
            connection.wake();
        }
    }

    /// Requests and WebSockets that are running.
    pub(crate) fn running(&self) -> usize {
        let open = self.open.lock();
        let running = open.connections.values().map(|each| each.running());
        running.sum()
    }

    /// Waits until no connection is open.
    pub(crate) async fn emptied(&self) {
        loop {
            let mut emptied = std::pin::pin!(self.emptied.notified());
            emptied.as_mut().enable();
            if self.open.lock().connections.is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

/// A connection's place in the registry.
#[derive(Debug)]
pub(crate) struct Entry {
    registry: Arc<Registry>,
    number: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.registry.open.lock();
        let _connection = open.connections.remove(&self.number);
        if open.connections.is_empty() {
            self.registry.emptied.notify_waiters();
        }
    }
}
