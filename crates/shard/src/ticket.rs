//! Tickets: what a reader or writer saw, and waiting until that is durable.
//!
//! A ticket is a commit number of one shard. Commits become durable in the order of their numbers,
//! over all cells, so a ticket stands for every commit up to its own. It is cheap to clone, outlives
//! the shard's handles, and may be awaited from any runtime, several at a time. Dropping a waiting
//! future leaves the commit as it is.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::Error;
use crate::progress::Progress;

/// Stands for everything that had been committed to one shard at one moment.
#[derive(Clone)]
pub struct Ticket {
    progress: Arc<Progress>,
    commit: u64,
}

impl Ticket {
    pub(crate) fn new(progress: Arc<Progress>, commit: u64) -> Ticket {
        Ticket { progress, commit }
    }

    /// The number of the commit: greater than that of every earlier commit in the store, also of
    /// those before it was last opened. Numbers of commits that were lost are given again.
    pub fn commit(&self) -> u64 {
        self.commit
    }

    /// Whether everything this ticket stands for is durable. Costs one atomic load.
    #[inline]
    pub fn is_durable(&self) -> bool {
        self.progress.durable() >= self.commit
    }

    /// The reason why this will never be durable, if there is one.
    pub fn failure(&self) -> Option<Error> {
        if self.is_durable() {
            return None;
        }
        self.progress.failure().cloned()
    }

    /// Waits until everything this ticket stands for is durable. An error means that it may be
    /// lost, and stays.
    pub async fn durable(&self) -> Result<(), Error> {
        if self.is_durable() {
            return Ok(());
        }
        Durable {
            ticket: self,
            place: None,
        }
        .await
    }

    /// [`Ticket::durable`] for callers outside of any async runtime: blocks the thread.
    pub fn wait(&self) -> Result<(), Error> {
        block_on(self.durable())
    }

    fn same_shard(&self, other: &Ticket) -> bool {
        Arc::ptr_eq(&self.progress, &other.progress)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let durable = self.progress.durable();
        write!(f, "Ticket(commit {}, durable {durable})", self.commit)
    }
}

struct Durable<'a> {
    ticket: &'a Ticket,
    place: Option<u64>,
}

impl Future for Durable<'_> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        let ticket = this.ticket;
        ticket
            .progress
            .poll(ticket.commit, &mut this.place, context.waker())
    }
}

impl Drop for Durable<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.ticket.progress.leave(self.ticket.commit, place);
        }
    }
}

/// Tickets of any number of shards, at most one each: the newest. What an event has to wait for
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
        match self
            .waiting
            .iter_mut()
            .find(|held| held.same_shard(&ticket))
        {
            Some(held) => held.commit = held.commit.max(ticket.commit),
            None => self.waiting.push(ticket),
        }
    }

    /// Whether there is nothing to wait for. Lets go of what has become durable since it was added.
    pub fn is_empty(&mut self) -> bool {
        self.waiting.retain(|ticket| !ticket.is_durable());
        self.waiting.is_empty()
    }

    /// Waits for all; the first failure is returned, when the other shards are done as well or not.
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

/// Runs a future on this thread, which sleeps while there is nothing to do. Works on any thread,
/// also on one that belongs to a runtime (whose other tasks then wait).
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    // In a task of tokio's, a budget would stop the future until the task yields, which it cannot do
    // while it waits here.
    let mut future = pin!(tokio::task::coop::unconstrained(future));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
