//! Apps of one process that call each other: which app a name stands for, and what is sent to an entrypoint.
//!
//! A call is an event of its own in an isolate of the app that is called: its limits count, and what becomes of it
//! is an answer. What an entrypoint does is `js/service_entrypoint.js`; messages of RPC sessions are carried here.

mod call;
mod front;
mod session;

use std::collections::HashMap;
use std::sync::Arc;

use cellhouse_cell::Tickets;
use parking_lot::RwLock;
use tokio::sync::oneshot;

pub(crate) use call::{Entrypoint, ServiceCall, ServiceJob};
pub(crate) use session::carry;

use crate::failure::Failure;
use crate::isolate::{Events, IsolateHandle, Job};
use crate::objects::{ObjectRequest, ObjectResponse, Told};
use crate::placed::{Placed, answer_of};
use crate::worker::{WeakWorker, Worker};

/// The running apps that others may call, by name. Clones are the same; none of them keeps an app running.
#[derive(Clone, Default)]
pub struct Services(Arc<RwLock<HashMap<String, WeakWorker>>>);

impl Services {
    /// Calls to the app's name reach this worker from now on. What calls an older one of that name goes on there.
    pub fn set(&self, worker: &Worker) {
        let name = worker.name().to_owned();
        self.0.write().insert(name, worker.downgrade());
    }

    /// The exports of an app that bindings may name as their entrypoint, if it runs.
    pub fn entrypoints(&self, name: &str) -> Option<Arc<[String]>> {
        Some(self.find(name)?.entrypoints())
    }

    /// The app of that name, if it runs.
    pub fn find(&self, name: &str) -> Option<Worker> {
        self.0.read().get(name)?.upgrade()
    }
}

/// Sends a request to an entrypoint and waits for its answer. The request is aborted when the future is dropped, or
/// when the client of the caller's event `parent` goes away, if it is for that one. `near`: an isolate of the same
/// app, to be preferred.
pub(crate) async fn fetch(
    worker: &Worker,
    entrypoint: Entrypoint,
    request: ObjectRequest,
    tickets: Option<Tickets>,
    near: Option<IsolateHandle>,
    (events, parent): (&Events, Option<u32>),
) -> Told<ObjectResponse> {
    if let Some(response) = front::answer(worker, &entrypoint, &request).await {
        return Told {
            result: Ok(response),
            tickets: None,
        };
    }
    let (answer, told) = oneshot::channel();
    let job = ServiceJob {
        event: worker.next_event(),
        entrypoint,
        tickets,
        call: ServiceCall::Fetch { request, answer },
    };
    let placed = match place(worker, job, near).await {
        Ok(placed) => placed,
        Err(failure) => return Told::failed(failure),
    };
    let _follower = parent.map(|id| events.follow(id, placed.clone()));
    answer_of(placed, told).await
}

/// Sends a job to an isolate of the app: the preferred one, if it takes events, or else the least busy.
async fn place(
    worker: &Worker,
    job: ServiceJob,
    near: Option<IsolateHandle>,
) -> Result<Placed, Failure> {
    let event = job.event;
    let mut job = Job::Service(Box::new(job));
    let mut near = near.filter(IsolateHandle::is_usable);
    loop {
        let isolate = match near.take() {
            Some(isolate) => isolate,
            None => worker.least_busy().await?,
        };
        isolate.status.one_more();
        match isolate.send(job) {
            Ok(()) => {
                let isolate = isolate.weak();
                return Ok(Placed { event, isolate });
            }
            // It ended in this moment.
            Err(returned) => job = returned,
        }
    }
}
