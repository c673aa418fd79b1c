//! What is sent to an entrypoint.

use std::sync::Arc;

use bytes::Bytes;
use cellhouse_cell::Tickets;

use crate::failure::Failure;
use crate::objects::{Answer, ObjectRequest, ObjectResponse, Parcel, Route, Told};

/// Which export of an app is called, and what it finds in `ctx.props`.
#[derive(Clone)]
pub(crate) struct Entrypoint {
    /// The name of the export; empty is the default export.
    pub(crate) name: Arc<str>,
    /// As `op_clone_write` has it; empty is an empty object.
    pub(crate) props: Bytes,
    /// Whether the app's code is called whatever the app has in front of it.
    pub(crate) direct: bool,
}

/// An event for an entrypoint.
pub(crate) struct ServiceJob {
    /// The number of the event.
    pub(crate) event: u32,
    pub(crate) entrypoint: Entrypoint,
    /// What the caller wrote or saw and could still be lost: what the entrypoint does depends on it.
    pub(crate) tickets: Option<Tickets>,
    pub(crate) call: ServiceCall,
}

pub(crate) enum ServiceCall {
    Fetch {
        request: ObjectRequest,
        answer: Answer<ObjectResponse>,
    },
    /// A message of an RPC session.
    Rpc { parcel: Parcel, route: Route },
}

impl ServiceCall {
    /// Answers that the call could not be made.
    pub(crate) fn refuse(self, failure: Failure) {
        match self {
            ServiceCall::Fetch { answer, .. } => drop(answer.send(Told::failed(failure))),
            ServiceCall::Rpc { route, .. } => {
                route.send(Err(failure), None);
            }
        }
    }
}
