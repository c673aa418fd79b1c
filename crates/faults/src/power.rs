//! The power of a machine: it goes out at a chosen operation, for everything that hangs on it.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

/// Counts the operations of all that shares it, and fails everything from one of them on.
#[derive(Debug)]
pub struct Power {
    operations: AtomicU64,
    out_at: AtomicU64,
    out: AtomicBool,
}

impl Default for Power {
    fn default() -> Power {
        Power {
            operations: AtomicU64::new(0),
            out_at: AtomicU64::new(u64::MAX),
            out: AtomicBool::new(false),
        }
    }
}

impl Power {
    /// Power that goes out at this operation, counted from 0.
    pub fn out_at(operation: u64) -> Power {
        Power {
            out_at: AtomicU64::new(operation),
            ..Power::default()
        }
    }

    /// Takes it away now.
    pub fn cut(&self) {
        self.out.store(true, SeqCst);
    }

    /// Whether it is gone.
    pub fn is_out(&self) -> bool {
        self.out.load(SeqCst)
    }

    /// How many operations there were.
    pub fn operations(&self) -> u64 {
        self.operations.load(SeqCst)
    }

    /// Counts an operation; an error when the power is out or goes out with it.
    pub(crate) fn use_once(&self) -> io::Result<()> {
        let number = self.operations.fetch_add(1, SeqCst);
        if number >= self.out_at.load(SeqCst) {
            self.cut();
        }
        self.check()
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        match self.is_out() {
            true => Err(io::Error::other("the power is out")),
            false => Ok(()),
        }
    }
}
