//! Every folder under `examples/`, run and driven with the requests that its README names.

mod assets;
mod cache;
mod chat;
mod d1;
mod objects;
mod queues;
mod r2;
mod reminders;
mod sdk;
mod services;
mod shop;
mod state;
mod state_patterns;
mod storage;
mod workflows;
mod workkit;
mod wrangler;

use std::collections::BTreeSet;
use std::fs;

use crate::support::{App, Project, repository};

/// The examples that have a test in this module or in `websocket.rs`.
pub const TESTED: &[&str] = &[
    "cache",
    "cache-expensive-computation",
    "cache-multiple-bindings",
    "cache-one-time-token",
    "cache-rate-limit",
    "chat",
    "objects",
    "ploy-db",
    "ploy-workflow",
    "r2-images",
    "reminders",
    "sdk-ai",
    "sdk-database",
    "sdk-events",
    "sdk-objects",
    "sdk-patterns",
    "services",
    "shop",
    "state",
    "state-feature-flags",
    "state-inc",
    "state-json",
    "state-multiple-bindings",
    "state-partial-updates",
    "state-persistent-counters",
    "state-queue",
    "state-user-preferences",
    "websocket-echo",
    "workkit-caching",
    "workkit-feature-flags",
    "workkit-kv",
    "workkit-rate-counter",
    "workkit-sessions",
    "wrangler-assets",
    "wrangler-cache",
    "wrangler-d1",
    "wrangler-kv",
    "wrangler-queues",
    "wrangler-r2",
    "wrangler-storage",
    "wrangler-workflows",
];

#[test]
fn every_example_is_tested() {
    let folders: BTreeSet<String> = fs::read_dir(repository().join("examples"))
        .expect("the folder of the examples")
        .map(|entry| entry.expect("read it"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let tested = TESTED.iter().map(|name| name.to_string()).collect();
    assert_eq!(folders, tested);
}

async fn run(example: &str) -> (Project, App) {
    let project = Project::example(example);
    let app = project.dev().start().await;
    (project, app)
}
