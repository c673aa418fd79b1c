//! RPC sessions with entrypoints. One belongs to one call of a binding: it begins in an isolate of the app that is
//! called, stays with that isolate, and ends when nobody uses anything of it any more.

use cellhouse_cell::Tickets;
use tokio::sync::mpsc;

use super::{Entrypoint, ServiceCall, ServiceJob, place};
use crate::failure::{Failure, FailureKind};
use crate::isolate::{IsolateHandle, Job};
use crate::objects::{Home, Parcel, Route};
use crate::worker::Worker;

/// Sends a job to where the session is; false if that has ended.
fn send(home: &Home, job: ServiceJob) -> bool {
    let Some(jobs) = home.isolate.jobs() else {
        return false;
    };
    home.isolate.status.one_more();
    jobs.send(Job::Service(Box::new(job))).is_ok()
}

/// Brings the messages of a session to its entrypoint, one after the other, until the session is closed or this
/// future is dropped, and tells the caller if the other side cannot go on.
pub(crate) async fn carry(
    mut queue: mpsc::UnboundedReceiver<(Parcel, Option<Tickets>)>,
    worker: Worker,
    entrypoint: Entrypoint,
    route: Route,
    near: Option<IsolateHandle>,
) {
    let numbers = worker.downgrade();
    let mut first = Some((worker, near));
    let mut home: Option<Home> = None;
    loop {
        let message = tokio::select! {
            message = queue.recv() => message,
            why = Home::abandoned(home.as_ref()) => {
                route.send(Err(Failure::of(why)), None);
                return;
            }
        };
        let Some((parcel, tickets)) = message else {
            return;
        };
        let Some(worker) = numbers.upgrade() else {
            route.send(Err(Failure::of(FailureKind::Stopped)), None);
            return;
        };
        let job = ServiceJob {
            event: worker.next_event(),
            entrypoint: entrypoint.clone(),
            tickets,
            call: ServiceCall::Rpc {
                parcel,
                route: route.clone(),
            },
        };
        let sent = match (&home, first.take()) {
            (None, Some((worker, near))) => place(&worker, job, near).await.map(|placed| {
                home = Some(Home {
                    isolate: placed.isolate,
                    session: route.session,
                });
            }),
            (Some(home), _) if send(home, job) => Ok(()),
            _ => Err(Failure::of(FailureKind::Stopped)),
        };
        if let Err(failure) = sent {
            route.send(Err(failure), None);
            return;
        }
    }
}
