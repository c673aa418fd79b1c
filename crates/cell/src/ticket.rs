//! Tickets: what a reader or writer saw, and waiting until that is durable.
//!
//! A ticket is a commit number of one cell. It is cheap to clone, outlives the cell's handles, and
//! may be awaited from any runtime and several at a time. Dropping a waiting future leaves the
//! commit as it is.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::Error;
use crate::shared::Shared;

/// Stands for everything that had been committed to one cell at one moment.
#[derive(Clone)]
pub struct Ticket {
    pub(crate) cell: Arc<Shared>,
    pub(crate) commit: u64,
}

impl Ticket {
    /// Whether everything this ticket stands for is on disk. Costs one atomic load.
    #[inline]
    pub fn is_durable(&self) -> bool {
        self.cell.durable() >= self.commit
    }

    /// Waits until everything this ticket stands for is on disk. An error means that it may be
    /// lost, and stays.
    pub async fn durable(&self) -> Result<(), Error> {
        if self.is_durable() {
            return Ok(());
        }
        self.cell.wait_durable(self.commit).await
    }

    /// [`Ticket::durable`] for callers outside of any async runtime: blocks the thread.
    pub fn wait(&self) -> Result<(), Error> {
        block_on(self.durable())
    }

    fn same_cell(&self, other: &Ticket) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Ticket({} commit {}, durable {})",
            self.cell.name,
            self.commit,
            self.cell.durable()
        )
    }
}

/// Tickets of any number of cells, at most one each: the newest. What an event has to wait for
/// before anything of it may be seen outside.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    waiting: Vec<Ticket>,
}

impl Tickets {
    /// An empty set.
    pub const fn new() -> Tickets {
        Tickets {
            waiting: Vec::new(),
        }
    }

    /// Adds a ticket. One that is already durable costs one atomic load and nothing else.
    #[inline]
    pub fn add(&mut self, ticket: Ticket) {
        if !ticket.is_durable() {
            self.insert(ticket);
        }
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: Tickets) {
        for ticket in other.waiting {
            self.add(ticket);
        }
    }

    fn insert(&mut self, ticket: Ticket) {
        match self.waiting.iter_mut().find(|held| held.same_cell(&ticket)) {
            Some(held) => held.commit = held.commit.max(ticket.commit),
            None => self.waiting.push(ticket),
        }
    }

    /// Whether there is nothing to wait for. Lets go of what has become durable since it was added.
    pub fn is_empty(&mut self) -> bool {
        self.waiting.retain(|ticket| !ticket.is_durable());
        self.waiting.is_empty()
    }

    /// Waits for all; the first failure is returned, when the other cells are done as well or not.
    pub async fn durable(self) -> Result<(), Error> {
        for ticket in &self.waiting {
            ticket.durable().await?;
        }
        Ok(())
    }

    /// [`Tickets::durable`] for callers outside of any async runtime: blocks the thread.
    pub fn wait(self) -> Result<(), Error> {
        block_on(self.durable())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Tickets wait for no reactor and no timer, so parking the thread is all a runtime has to do.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
