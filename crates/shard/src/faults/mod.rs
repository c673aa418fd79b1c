//! Faults for tests, of this crate and of those above it: a disk and an object store in memory that
//! lose, tear, refuse and delay, and a valve in front of any disk. Seeded: the same seed and the same
//! calls give the same faults. Built only with the feature `faults`.

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
