//! What runs when it is time: cron triggers, and the timers of Ploy.
//!
//! Both are rows of cells. A due time of a cron trigger is written down before its handler runs, so it
//! never runs twice, whatever crashes; a timer is written off after its handler has run, so it runs at
//! least once. This crate knows no JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod crons;
mod error;
mod options;
mod schedule;
mod timers;

pub use crons::{Cron, Crons, Tick};
pub use error::Error;
pub use options::SchedulesOptions;
pub use schedule::{Schedule, Syntax};
pub use timers::{Due, MAX_PAYLOAD_BYTES, NotRun, Timer, TimerStore, Timers};
