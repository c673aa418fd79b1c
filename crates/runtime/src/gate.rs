//! The gate: what an isolate wrote or saw and that could still be lost.
//!
//! Every storage operation adds the ticket of what it wrote or saw. Nothing leaves the isolate before
//! the tickets of that moment are durable. The rule is per isolate, not per event: an event may wait
//! for a write of another one on the same isolate, never the other way round.

use std::cell::RefCell;

use cellhouse_cell::{Ticket, Tickets};

/// The tickets of one isolate.
#[derive(Default)]
pub(crate) struct Gate {
    tickets: RefCell<Tickets>,
    /// Why something that was believed in is gone. Nothing passes after that.
    lost: RefCell<Option<String>>,
}

impl Gate {
    /// Notes what a storage operation wrote or saw.
    pub(crate) fn add(&self, ticket: Ticket) {
        self.tickets.borrow_mut().add(ticket);
    }

    /// Notes what somebody else wrote or saw, whose answer or call arrived here.
    pub(crate) fn add_all(&self, tickets: Tickets) {
        self.tickets.borrow_mut().merge(tickets);
    }

    /// Shuts for good: something that was written could not be committed.
    pub(crate) fn lose(&self, reason: String) {
        self.lost.borrow_mut().get_or_insert(reason);
    }

    /// Why nothing passes any more.
    pub(crate) fn lost(&self) -> Option<String> {
        self.lost.borrow().clone()
    }

    /// What holds an effect of this moment back; `None` lets it pass.
    pub(crate) fn closed_by(&self) -> Option<Tickets> {
        let mut tickets = self.tickets.borrow_mut();
        if tickets.is_empty() && self.lost.borrow().is_none() {
            return None;
        }
        Some(tickets.clone())
    }
}
