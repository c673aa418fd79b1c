//! The whole binary, driven from outside as a user does: `cellhouse dev` on a project in a
//! temporary folder, requests over HTTP, edits of files, signals. One module per subject.

mod assets;
mod build;
mod builds;
mod cache_redis;
mod caches;
mod code_generation;
mod d1;
mod data;
mod decorators;
mod durability;
mod errors;
mod examples;
mod kill;
mod kv;
mod kv_cli;
mod limits;
mod node;
mod objects;
mod objects_cli;
mod packages;
mod platform;
mod r2;
mod reload;
mod requests;
mod service_worker;
mod services;
mod shutdown;
mod snippets;
mod sockets;
mod startup;
mod streaming;
mod support;
mod types;
mod variables;
mod websocket;
