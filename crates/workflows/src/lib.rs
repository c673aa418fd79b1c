//! Ploy's workflows: runs of a handler whose steps are remembered.
//!
//! A [`Workflow`] is one cell with its executions and their steps. A handler runs from its beginning
//! whenever it has to go on: after a sleep, a crash, a reload. Steps that are done give what they gave,
//! and are not run again. A step that was running when everything stopped runs again: at least once.
//! This crate knows no JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod error;
mod execution;
mod run;
mod steps;
mod workflow;
mod workflows;

pub use error::Error;
pub use execution::{Execution, Status};
pub use run::{Ended, NotRun, Run};
pub use steps::{Progress, StepError};
pub use workflow::Workflow;
pub use workflows::{Handler, Workflows, WorkflowsOptions};
