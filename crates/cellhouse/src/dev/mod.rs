//! What `cellhouse dev` is made of: an app from source, the data behind it, its answers, its reloads.

mod app;
mod apps;
mod assets;
mod bindings;
mod handler;
mod hands;
mod history;
mod node;
mod objects;
mod observer;
mod page;
mod peers;
mod platform;
mod running;
mod s3;
mod scheduled;
mod serve;
mod small;
mod tail;
mod watch;

pub(crate) use app::{Broken, build_command, config, data_directory, render, source};
pub(crate) use bindings::kv_store;
pub(crate) use objects::class_of;
pub(crate) use serve::serve;
