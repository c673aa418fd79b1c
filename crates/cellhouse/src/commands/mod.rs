//! One file for each command.

pub(crate) mod backup;
pub(crate) mod build;
pub(crate) mod d1;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod kv;
pub(crate) mod objects;
pub(crate) mod queues;
pub(crate) mod r2;
pub(crate) mod restore;
pub(crate) mod tail;
pub(crate) mod types;
pub(crate) mod workflows;
