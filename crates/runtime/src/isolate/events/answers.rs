//! Who waits for an event, and how it is answered: once what it has written is durable.

use cellhouse_cell::Tickets;
use cellhouse_exchange::Response;

use super::super::Reply;
use super::Events;
use crate::failure::{Failure, FailureKind};
use crate::objects::{Answer, ObjectResponse, Route, Told};

/// Who waits for an event.
pub(super) enum Waiting {
    Fetch(Reply<Response>),
    Scheduled(Reply<()>),
    Event(Reply<String>),
    ObjectFetch(Answer<ObjectResponse>),
    Alarm(Answer<()>),
    /// A call of an RPC session. Its result goes another way, a failure ends the session.
    Call(Route),
    /// It has been answered; waitUntil() promises or a body are still running.
    Nobody,
}

impl Waiting {
    /// Gives the failure back if nobody waits for it.
    pub(super) fn fail(self, failure: Failure) -> Option<Failure> {
        match self {
            Waiting::Fetch(reply) => drop(reply.send(Err(failure))),
            Waiting::Scheduled(reply) => drop(reply.send(Err(failure))),
            Waiting::Event(reply) => drop(reply.send(Err(failure))),
            Waiting::ObjectFetch(answer) => tell(answer, Err(failure), None),
            Waiting::Alarm(answer) => tell(answer, Err(failure), None),
            Waiting::Call(route) => {
                route.send(Err(failure), None);
            }
            Waiting::Nobody => return Some(failure),
        }
        None
    }
}

fn tell<T>(answer: Answer<T>, result: Result<T, Failure>, tickets: Option<Tickets>) {
    drop(answer.send(Told { result, tickets }));
}

impl Events {
    /// Does `then` once the tickets are durable, or lost. The isolate does not end before.
    pub(super) fn hold_back(
        &self,
        tickets: Tickets,
        then: impl FnOnce(Result<(), Failure>) + 'static,
    ) {
        let events = self.clone();
        self.0.held_back.set(self.0.held_back.get() + 1);
        deno_core::unsync::spawn(async move {
            then(events.until_durable(tickets).await.map_err(storage_failure));
            events.0.held_back.set(events.0.held_back.get() - 1);
            events.wake_if_over();
        });
    }

    /// Sends a response once the gate lets it pass. `is_encoded` as in [`ObjectResponse`].
    pub(crate) fn respond(&self, id: u32, response: Response, is_encoded: bool) {
        self.with_trace(id, |trace| trace.respond(response.status));
        let reply = match self.take_waiting(id) {
            Some(Waiting::Fetch(reply)) => reply,
            // Another event of this process, which is told what to wait for.
            Some(Waiting::ObjectFetch(answer)) => {
                let response = ObjectResponse {
                    response,
                    is_encoded,
                };
                return tell(answer, Ok(response), self.closed_by());
            }
            _ => return,
        };
        match self.closed_by() {
            None => drop(reply.send(Ok(response))),
            Some(tickets) => self.hold_back(tickets, |durable| {
                drop(reply.send(durable.map(|()| response)));
            }),
        }
    }

    /// Reports a scheduled event as done once its writes are durable.
    pub(crate) fn complete_scheduled(&self, id: u32) {
        let Some(Waiting::Scheduled(reply)) = self.take_waiting(id) else {
            return;
        };
        match self.closed_by() {
            None => drop(reply.send(Ok(()))),
            Some(tickets) => self.hold_back(tickets, |durable| drop(reply.send(durable))),
        }
    }

    /// Gives the answer to an event once what it has written is durable.
    pub(crate) fn complete_event(&self, id: u32, answer: String) {
        let Some(Waiting::Event(reply)) = self.take_waiting(id) else {
            return;
        };
        match self.closed_by() {
            None => drop(reply.send(Ok(answer))),
            Some(tickets) => self.hold_back(tickets, |durable| {
                drop(reply.send(durable.map(|()| answer)));
            }),
        }
    }

    /// Reports that an alarm was run, or why it could not be.
    pub(crate) fn complete_alarm(&self, id: u32, result: Result<(), Failure>) {
        if let Some(Waiting::Alarm(answer)) = self.take_waiting(id) {
            tell(answer, result, self.closed_by());
        }
    }

    /// Answers an event with a failure. An event that was answered already has its failure observed.
    pub(crate) fn fail(&self, id: u32, failure: Failure) {
        self.note(id, |trace, is_answer| trace.fail(&failure, is_answer));
        self.fail_noted(id, failure);
    }

    pub(super) fn fail_noted(&self, id: u32, failure: Failure) {
        let unheard = match self.take_waiting(id) {
            Some(waiting) => waiting.fail(failure),
            None => Some(failure),
        };
        if let (Some(failure), Some(observer)) = (unheard, self.observer()) {
            observer.uncaught(&failure);
        }
    }

    /// The code of an event threw, which does not change what its caller gets: those are told who watch the app.
    pub(crate) fn threw_aside(&self, id: u32, failure: &Failure) {
        self.note(id, |trace, is_answer| trace.fail(failure, is_answer));
        if let Some(observer) = self.observer() {
            observer.uncaught(failure);
        }
    }

    /// Answers an event with what its code threw. That may tell what the code saw, so it passes the gate
    /// as a response does.
    pub(crate) fn throw(&self, id: u32, failure: Failure) {
        self.note(id, |trace, is_answer| trace.fail(&failure, is_answer));
        let Some(tickets) = self.closed_by() else {
            return self.fail_noted(id, failure);
        };
        let waiting = match self.take_waiting(id) {
            None | Some(Waiting::Nobody) => return self.fail_noted(id, failure),
            Some(Waiting::ObjectFetch(answer)) => return tell(answer, Err(failure), Some(tickets)),
            Some(Waiting::Alarm(answer)) => return tell(answer, Err(failure), Some(tickets)),
            Some(Waiting::Call(route)) => {
                route.send(Err(failure), Some(tickets));
                return;
            }
            Some(waiting) => waiting,
        };
        self.hold_back(tickets, |durable| {
            waiting.fail(durable.err().unwrap_or(failure));
        });
    }

    /// Fails and closes every event that somebody waits for (`all`: the others too).
    pub(crate) fn fail_all(&self, kind: FailureKind, all: bool) {
        let ids: Vec<u32> = self.0.open.borrow().keys().copied().collect();
        for id in ids {
            let waited_for = match self.0.open.borrow().get(&id) {
                Some(event) => !matches!(event.waiting, Waiting::Nobody),
                None => continue,
            };
            if waited_for {
                self.fail(id, Failure::of(kind));
            }
            if waited_for || all {
                self.end(id);
            }
        }
    }
}

fn storage_failure(error: impl std::fmt::Display) -> Failure {
    Failure {
        message: format!("a write could not be made durable: {error}"),
        ..Failure::of(FailureKind::Storage)
    }
}
