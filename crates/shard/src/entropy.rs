//! Where a shard gets randomness from: an [`Entropy`], so that a test can repeat it. It is needed
//! for the id of a new store and for the names that SlateDB gives its files. [`RealEntropy`] is the
//! system's, and the only place of this crate that asks the system for it.

use std::io;

/// A source of random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`; on an error nothing of them may be used.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The operating system's source, fit for keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealEntropy;

impl Entropy for RealEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(|e| io::Error::other(e.to_string()))
    }
}
