//! The gate: what an isolate wrote or saw and that could still be lost.
//!
//! Every storage operation adds the ticket of what it wrote or saw. Nothing leaves the isolate before
//! the tickets of that moment are durable. The rule is per isolate, not per event: an event may wait
//! for a write of another one on the same isolate, never the other way round.

use std::cell::RefCell;

use cellhouse_cell::{Ticket, Tickets};

/// The tickets of one isolate.
#[derive(Default)]
pub(crate) struct Gate(RefCell<Tickets>);

impl Gate {
    /// Notes what a storage operation wrote or saw.
    pub(crate) fn add(&self, ticket: Ticket) {
        self.0.borrow_mut().add(ticket);
    }

    /// What holds an effect of this moment back; `None` lets it pass.
    pub(crate) fn closed_by(&self) -> Option<Tickets> {
        let mut tickets = self.0.borrow_mut();
        if tickets.is_empty() {
            return None;
        }
        Some(tickets.clone())
    }
}
