//! One file for each command.

pub(crate) mod build;
pub(crate) mod dev;
pub(crate) mod types;
