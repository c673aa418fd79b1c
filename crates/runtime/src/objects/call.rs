//! What is sent to an object, and what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cellhouse_cell::Tickets;
use cellhouse_exchange::{Body, Response};
use cellhouse_objects::{Address, Due, FacetPath, Namespace, ObjectId};
use tokio::sync::oneshot;

use super::hibernation::SocketEvent;
use super::rpc::{Parcel, Route};
use crate::failure::Failure;

/// Which facet of an object.
pub(crate) struct Facet {
    /// The object.
    pub(crate) root: Address,
    pub(crate) path: FacetPath,
    /// The object or facet whose facet it is.
    pub(crate) parent: Address,
    /// Tells those apart that had this place one after the other.
    pub(crate) incarnation: u32,
}

/// An object of an app, or a facet of one.
#[derive(Clone)]
pub(crate) struct Target {
    /// Of a facet the place.
    pub(crate) address: Address,
    /// It is that one of the object that the rest is about.
    pub(crate) facet: Option<Arc<Facet>>,
    /// The index of its class in the app's list.
    pub(crate) class: u32,
    pub(crate) namespace: Namespace,
    pub(crate) id: ObjectId,
    /// The app whose object it is, if that is another one than the caller's.
    pub(crate) app: Option<Arc<str>>,
}

impl Target {
    pub(crate) fn new(class: u32, namespace: Namespace, id: ObjectId) -> Target {
        Target {
            address: namespace.address(&id),
            facet: None,
            class,
            namespace,
            id,
            app: None,
        }
    }

    pub(crate) fn incarnation(&self) -> Option<u32> {
        self.facet.as_ref().map(|facet| facet.incarnation)
    }
}

/// An event for an object.
pub(crate) struct ObjectJob {
    /// The number of the event.
    pub(crate) event: u32,
    pub(crate) target: Target,
    /// What the caller wrote or saw and could still be lost: what the object does depends on it.
    pub(crate) tickets: Option<Tickets>,
    pub(crate) call: Call,
    /// Counts it among those that wait for the object, until it begins.
    pub(crate) waits: Option<Waits>,
}

impl ObjectJob {
    /// Whether its sender can be told that there are too many. What a message of a session says of earlier
    /// calls has to arrive.
    pub(crate) fn may_be_refused(&self) -> bool {
        !matches!(&self.call, Call::Rpc { parcel, .. } if parcel.call == 0)
    }
}

/// One event more that waits for an object.
pub(crate) struct Waits(Arc<AtomicU32>);

impl Waits {
    /// `None` if more than `limit` would wait.
    pub(crate) fn join(queue: &Arc<AtomicU32>, limit: u32) -> Option<Waits> {
        let before = queue.fetch_add(1, Ordering::Relaxed);
        let waits = Waits(queue.clone());
        // Dropping it takes it back.
        (before < limit).then_some(waits)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) enum Call {
    Fetch {
        request: ObjectRequest,
        answer: Answer<ObjectResponse>,
    },
    Alarm {
        due: Due,
        answer: Answer<()>,
    },
    /// Ends what runs of it, and deletes all that it has stored: whether there was any.
    Delete {
        answer: Answer<bool>,
    },
    /// A message of an RPC session.
    Rpc {
        parcel: Parcel,
        route: Route,
    },
    /// Of one of its hibernating sockets. Answered when it has begun.
    Socket {
        socket: u32,
        event: SocketEvent,
        answer: Answer<()>,
    },
}

/// The response of an object.
pub(crate) struct ObjectResponse {
    pub(crate) response: Response,
    /// The body is already as its Content-Encoding says (`encodeBody: "manual"`). Between events of this
    /// process others are not: they are encoded on their way to a client.
    pub(crate) is_encoded: bool,
}

/// A request as JavaScript hands it over, and takes it.
pub(crate) struct ObjectRequest {
    pub(crate) method: String,
    pub(crate) url: String,
    /// Name and value of each header, all separated by NUL, as they came.
    pub(crate) headers: Vec<u8>,
    pub(crate) body: Body,
    /// How many calls of apps and objects led to it.
    pub(crate) depth: u32,
}

/// Where the answer of an object goes: to another event of this process, which need not wait for what
/// it could depend on to be durable. It is told of it instead.
pub(crate) type Answer<T> = oneshot::Sender<Told<T>>;

/// An answer, and what the object wrote or saw before it and could still be lost.
pub(crate) struct Told<T> {
    pub(crate) result: Result<T, Failure>,
    pub(crate) tickets: Option<Tickets>,
}

impl<T> Told<T> {
    pub(crate) fn failed(failure: Failure) -> Told<T> {
        Told {
            result: Err(failure),
            tickets: None,
        }
    }
}

impl Told<()> {
    pub(crate) fn done() -> Told<()> {
        Told {
            result: Ok(()),
            tickets: None,
        }
    }
}

impl Call {
    /// Answers that the call could not be made.
    pub(crate) fn refuse(self, failure: Failure) {
        match self {
            Call::Fetch { answer, .. } => tell(answer, failure),
            Call::Rpc { route, .. } => {
                route.send(Err(failure), None);
            }
            Call::Alarm { answer, .. } | Call::Socket { answer, .. } => tell(answer, failure),
            Call::Delete { answer } => tell(answer, failure),
        }
    }
}

fn tell<T>(answer: Answer<T>, failure: Failure) {
    drop(answer.send(Told::failed(failure)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_may_wait_and_room_comes_back() {
        let queue = Arc::new(AtomicU32::new(0));
        let first = Waits::join(&queue, 2);
        let second = Waits::join(&queue, 2);
        assert!(first.is_some() && second.is_some());
        assert!(Waits::join(&queue, 2).is_none());
        drop(first);
        assert!(Waits::join(&queue, 2).is_some());
        drop(second);
        assert_eq!(queue.load(Ordering::Relaxed), 0);
    }
}
