//! How events begin, of each kind.

use std::rc::Rc;

use cellhouse_exchange::Response;

use super::super::Reply;
use super::answers::Waiting;
use super::{Events, OpenEvent};
use crate::objects::{Answer, ObjectResponse, Route, Slot};

impl Events {
    pub(crate) fn open_fetch(&self, id: u32, reply: Reply<Response>) {
        self.open(id, Waiting::Fetch(reply), None);
    }

    pub(crate) fn open_scheduled(&self, id: u32, reply: Reply<()>) {
        self.open(id, Waiting::Scheduled(reply), None);
    }

    pub(crate) fn open_event(&self, id: u32, reply: Reply<String>) {
        self.open(id, Waiting::Event(reply), None);
    }

    pub(crate) fn open_object_fetch(
        &self,
        id: u32,
        object: Rc<Slot>,
        answer: Answer<ObjectResponse>,
    ) {
        self.open(id, Waiting::ObjectFetch(answer), Some(object));
    }

    /// A request to an entrypoint.
    pub(crate) fn open_service_fetch(&self, id: u32, answer: Answer<ObjectResponse>) {
        self.open(id, Waiting::ObjectFetch(answer), None);
    }

    /// A message of an RPC session, whose failure ends that.
    pub(crate) fn open_message(&self, id: u32, route: Route) {
        self.open(id, Waiting::Call(route), None);
    }

    pub(crate) fn open_alarm(&self, id: u32, object: Rc<Slot>, answer: Answer<()>) {
        self.open(id, Waiting::Alarm(answer), Some(object));
    }

    pub(super) fn open(&self, id: u32, waiting: Waiting, object: Option<Rc<Slot>>) {
        if let Some(object) = &object {
            object.hold();
        }
        let event = OpenEvent {
            waiting,
            holds: 1,
            object,
            own: false,
            connections: Vec::new(),
            followers: Vec::new(),
            trace: None,
        };
        self.0.open.borrow_mut().insert(id, event);
    }

    /// A call that an object was sent in an RPC session.
    pub(crate) fn open_call(&self, id: u32, object: Option<Rc<Slot>>, session: u32) {
        let waiting = self
            .0
            .instances
            .route(session)
            .map_or(Waiting::Nobody, Waiting::Call);
        self.0.status.one_more();
        self.open(id, waiting, object);
    }

    /// The event of an object that nobody waits for.
    pub(crate) fn open_unanswered(&self, id: u32, object: Rc<Slot>) {
        self.open(id, Waiting::Nobody, Some(object));
    }

    /// The event of an object that it has begun itself.
    pub(crate) fn open_own(&self, id: u32, object: Rc<Slot>) {
        self.0.status.one_more();
        self.open_unanswered(id, object);
        if let Some(event) = self.0.open.borrow_mut().get_mut(&id) {
            event.own = true;
        }
    }
}
