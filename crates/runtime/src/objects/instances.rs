//! The objects that live in one isolate: their storage, and which of them are at rest.
//!
//! JavaScript has an instance for each slot. An object that has had nothing to do for a while leaves; its
//! next event, wherever, makes a new instance from what it stored. Once the isolate is condemned, nothing
//! that still runs in it gets at the storage, because the object may live elsewhere by then.

mod facets;
mod slot;

pub(crate) use slot::{Refused, Slot};

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cellhouse_cell::{Ticket, Tickets};
use cellhouse_exchange::AutoResponder;
use cellhouse_objects::{Address, Error};
use tokio::time::Instant;

use super::{Hibernating, ObjectHost, Route, Target};
use crate::failure::{Failure, FailureKind};
use crate::isolate::Status;
use crate::sockets::GOING_AWAY;

/// How long an object with hibernating sockets stays without anything to do; as Cloudflare's.
const HIBERNATE_AFTER: Duration = Duration::from_secs(10);

/// What an app is told whose object lives elsewhere by now; Cloudflare's text for new code.
pub(crate) const RESET: &str = "Durable Object reset because its code was updated.";

/// The objects of an isolate. Lives in `OpState`; clones are the same.
#[derive(Clone)]
pub(crate) struct Instances(Rc<Inner>);

struct Inner {
    status: Arc<Status>,
    host: RefCell<Option<ObjectHost>>,
    slots: RefCell<HashMap<u32, Rc<Slot>>>,
    stays: RefCell<HashMap<Address, Stay>>,
    next: Cell<u32>,
    /// Objects with writes that are not committed.
    dirty: RefCell<Vec<Rc<Slot>>>,
    /// The callers of RPC sessions with the objects here.
    routes: RefCell<HashMap<u32, Route>>,
    /// How many facets of an object are among the stays.
    facets: RefCell<HashMap<Address, u32>>,
}

/// An object that has its home here, with an instance or without; or a facet of such an object.
#[derive(Default)]
struct Stay {
    /// Of a facet: its object.
    root: Option<Address>,
    slot: Option<u32>,
    kept: Rc<Kept>,
    /// Events that arrived.
    taken: u64,
}

/// What an object has besides its storage and its instance.
struct Kept {
    sockets: Hibernating,
    responder: AutoResponder,
    /// Milliseconds that an event of a socket may take; 0 is as long as it likes.
    event_timeout: Cell<u32>,
}

impl Default for Kept {
    fn default() -> Self {
        let since_1970 = || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.map_or(0, |time| time.as_millis() as u64)
        };
        Kept {
            sockets: Hibernating::default(),
            responder: AutoResponder::new(since_1970),
            event_timeout: Cell::default(),
        }
    }
}

impl Instances {
    pub(crate) fn new(status: Arc<Status>) -> Self {
        Instances(Rc::new(Inner {
            status,
            host: RefCell::default(),
            slots: RefCell::default(),
            stays: RefCell::default(),
            next: Cell::new(1),
            dirty: RefCell::default(),
            routes: RefCell::default(),
            facets: RefCell::default(),
        }))
    }

    pub(crate) fn set_host(&self, host: Option<ObjectHost>) {
        *self.0.host.borrow_mut() = host;
    }

    pub(crate) fn host(&self) -> Option<ObjectHost> {
        self.0.host.borrow().clone()
    }

    /// The object of an event that arrived. `sent`: through [`ObjectHost::send`], which counts them. `None` where
    /// nothing of it may run any more: it may live elsewhere.
    pub(crate) fn enter(&self, target: &Target, sent: bool) -> Option<Rc<Slot>> {
        if self.0.status.is_condemned() {
            return None;
        }
        let known = {
            let mut stays = self.0.stays.borrow_mut();
            if !self.admit(target, &mut stays) {
                return None;
            }
            let stay = stays.entry(target.address).or_default();
            stay.taken += u64::from(sent);
            stay.slot
        };
        match known.and_then(|number| self.get(number)) {
            // What was sent to a facet that has ended since is not for the next one.
            Some(slot) if slot.target.incarnation() != target.incarnation() => None,
            Some(slot) => Some(slot),
            None => self.add(target),
        }
    }

    fn add(&self, target: &Target) -> Option<Rc<Slot>> {
        let number = self.next_number();
        let kept = {
            let mut stays = self.0.stays.borrow_mut();
            let stay = stays.entry(target.address).or_default();
            stay.slot = Some(number);
            stay.kept.clone()
        };
        let slot = Rc::new(Slot {
            number,
            target: target.clone(),
            kept,
            status: self.0.status.clone(),
            host: self.host()?,
            storage: RefCell::default(),
            dirty: Cell::default(),
            holds: Cell::default(),
            rests_since: Cell::new(now()),
            gone: Cell::default(),
            interrupted: Cell::default(),
            levels: RefCell::default(),
            cursors: RefCell::default(),
            last_cursor: Cell::default(),
            open_sockets: RefCell::default(),
            open_connections: RefCell::default(),
            parent: RefCell::new(self.hold_parent(target)),
        });
        self.0.slots.borrow_mut().insert(number, slot.clone());
        slot.go_back_if_asked();
        Some(slot)
    }

    /// A number that nothing has had here.
    pub(crate) fn next_number(&self) -> u32 {
        self.0.next.replace(self.0.next.get() + 1)
    }

    pub(crate) fn get(&self, number: u32) -> Option<Rc<Slot>> {
        self.0.slots.borrow().get(&number).cloned()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.stays.borrow().is_empty()
    }

    /// Notes that an object may have written something.
    pub(crate) fn wrote(&self, slot: &Rc<Slot>) {
        if !slot.dirty.replace(true) {
            self.0.dirty.borrow_mut().push(slot.clone());
        }
    }

    /// Notes where the messages of a session go.
    pub(crate) fn keep_route(&self, route: Route) {
        self.0.routes.borrow_mut().insert(route.session, route);
    }

    pub(crate) fn route(&self, session: u32) -> Option<Route> {
        self.0.routes.borrow().get(&session).cloned()
    }

    pub(crate) fn forget_route(&self, session: u32) {
        self.0.routes.borrow_mut().remove(&session);
    }

    /// Commits what objects have written. An error means that what they believe in may be gone.
    pub(crate) fn flush(&self) -> Result<Option<Tickets>, String> {
        if self.0.dirty.borrow().is_empty() {
            return Ok(None);
        }
        let mut tickets = Tickets::new();
        let mut lost = None;
        // Others may run the objects by now: what belongs together is not committed in part.
        let abandoned = self.0.status.is_abandoned();
        for slot in self.0.dirty.take() {
            slot.dirty.set(false);
            if abandoned {
                slot.storage.take();
                lost = Some(RESET.to_owned());
                continue;
            }
            let flushed = match &mut *slot.storage.borrow_mut() {
                Some(storage) => storage.flush(),
                None => Ok(None),
            };
            match flushed {
                Ok(Some(ticket)) => tickets.add(ticket),
                Ok(None) => {}
                Err(error) => lost = Some(error.to_string()),
            }
        }
        match lost {
            Some(error) => Err(error),
            None => Ok(Some(tickets)),
        }
    }

    /// The instance is gone, and what it did not commit. Its next event makes another one here.
    pub(crate) fn reset(&self, slot: &Slot) {
        slot.leave();
        self.0.slots.borrow_mut().remove(&slot.number);
        if let Some(stay) = self.0.stays.borrow_mut().get_mut(&slot.target.address)
            && stay.slot == Some(slot.number)
        {
            stay.slot = None;
        }
    }

    /// Deletes all that an object has stored, and closes its sockets: whether it existed. Its instance must
    /// have ended; one without any is none from now on.
    pub(crate) fn delete(&self, slot: &Slot) -> Result<(bool, Ticket), Error> {
        slot.sockets().end_all(GOING_AWAY, "the object was deleted");
        self.reset(slot);
        if let Some(stay) = self.0.stays.borrow_mut().get_mut(&slot.target.address) {
            stay.kept = Rc::default();
        }
        let Target { namespace, id, .. } = &slot.target;
        slot.host.objects().delete(namespace, id)
    }

    /// Lets go of an object's instance, and of the object for others, unless something keeps it or is on
    /// its way to it. With sockets it keeps its home. The instance must go then.
    pub(crate) fn try_forget(&self, slot: &Slot) -> bool {
        let Some(host) = self.host().filter(|_| slot.holds.get() == 0) else {
            return false;
        };
        if !slot.sockets().is_empty() {
            self.reset(slot);
            return true;
        }
        let address = &slot.target.address;
        if self.has_facets(address) {
            self.reset(slot);
            return true;
        }
        let mut stays = self.0.stays.borrow_mut();
        let taken = stays.get(address).map_or(0, |stay| stay.taken);
        if !host.forget(address, &self.0.status, taken) {
            return false;
        }
        let stay = stays.remove(address);
        drop(stays);
        stay.iter().for_each(|stay| self.left(stay));
        self.reset(slot);
        true
    }

    /// Lets go of the objects that have no instance.
    pub(crate) fn forget_empty(&self) {
        let Some(host) = self.host() else { return };
        let status = &self.0.status;
        let keep = |address: &Address, stay: &mut Stay| {
            let stays = stay.slot.is_some()
                || !stay.kept.sockets.is_empty()
                || self.has_facets(address)
                || !host.forget(address, status, stay.taken);
            if !stays {
                self.left(stay);
            }
            stays
        };
        self.0.stays.borrow_mut().retain(keep);
    }

    /// The objects that may leave: those that have rested for long, or all that rest.
    pub(crate) fn resting(&self, all: bool) -> Vec<Rc<Slot>> {
        let rest = match self.host() {
            Some(host) if !all => host.times().rest,
            _ => Duration::ZERO,
        };
        let asleep = rest.min(HIBERNATE_AFTER);
        let now = now();
        let slots = self.0.slots.borrow();
        let rests = |slot: &&Rc<Slot>| {
            let after = if slot.sockets().is_empty() {
                rest
            } else {
                asleep
            };
            slot.holds.get() == 0 && now.duration_since(slot.rests_since.get()) >= after
        };
        slots.values().filter(rests).cloned().collect()
    }

    /// All objects are gone: the isolate ends.
    pub(crate) fn clear(&self) {
        for slot in self.0.slots.take().into_values() {
            slot.leave();
        }
        self.0.stays.take();
        self.0.facets.take();
        self.0.dirty.take();
        for route in self.0.routes.take().into_values() {
            route.send(Err(Failure::of(FailureKind::Stopped)), None);
        }
        if let Some(host) = self.host() {
            host.forget_all(&self.0.status);
        }
    }
}

fn now() -> Instant {
    Instant::now()
}
