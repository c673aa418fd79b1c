//! Faults for tests: a disk and an object store in memory that lose, tear, refuse and delay, the
//! power that both hang on, a valve in front of any disk, a clock that jumps, random bytes. Seeded:
//! the same seed and the same calls give the same faults. Never part of the product: crates depend on it for tests only, and it
//! is no feature of the shard, because then everything above would be compiled twice.

#![forbid(unsafe_code)]

mod clock;
mod disk;
mod objects;
mod power;
mod random;
mod valve;

pub use clock::FaultyClock;
pub use disk::FaultyDisk;
pub use objects::{FaultyObjects, Moods};
pub use power::Power;
pub use random::{Random, SeededEntropy};
pub use valve::Valve;
