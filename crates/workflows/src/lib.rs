//! Workflows: runs of a handler whose steps are remembered.
//!
//! A [`Workflow`] of Ploy's is one cell with its executions and their steps; an [`InstanceStore`] is one with
//! the instances of a Workflow of Cloudflare's. A handler runs from its beginning
//! whenever it has to go on: after a sleep, a crash, a reload. Steps that are done give what they gave,
//! and are not run again. A step that was running when everything stopped runs again: at least once.
//! This crate knows no JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod drive;
mod error;
mod execution;
mod instances;
mod run;
mod steps;
mod workflow;
mod workflows;

pub use error::Error;
pub use execution::{Execution, Status};
pub use instances::{
    Create, Event, Found, Instance, InstanceEnded, InstanceError, InstanceRun, InstanceStatus,
    InstanceStore, Instances, Key, Kind, Retention, Runner, Running, Slept, Step, StepState,
    Stored, Waited,
};
pub use run::{Ended, NotRun, Run};
pub use steps::{Progress, StepError};
pub use workflow::Workflow;
pub use workflows::{Handler, Workflows, WorkflowsOptions};
