//! Faults for tests: a disk and an object store in memory that lose, tear, refuse and delay, the
//! power that both hang on, and a valve in front of any disk. Seeded: the same seed and the same
//! calls give the same faults. Never part of the product: crates depend on it for tests only, and it
//! is no feature of the shard, because then everything above would be compiled twice.

#![forbid(unsafe_code)]

mod disk;
mod objects;
mod power;
mod random;
mod valve;

pub use disk::FaultyDisk;
pub use objects::{FaultyObjects, Moods};
pub use power::Power;
pub use random::Random;
pub use valve::Valve;
