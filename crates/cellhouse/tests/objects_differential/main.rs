//! Durable Objects of `cellhouse dev` and of workerd, asked the same: all cases of `worker/cases/`, and programs of
//! storage operations that are made at random. An answer that differs is a bug, or stands in `different.rs`
//! with its reason. workerd comes from npm (miniflare), see `tests/node`.

mod different;
mod operations;
mod peers;
mod programs;
mod random;
#[allow(dead_code, unused_imports, reason = "shared with the tests of `dev`")]
#[path = "../dev/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use different::DIFFERENT;
use futures_util::{StreamExt, stream};
use peers::Peers;
use serde_json::Value;

/// Requests at once to each of the two.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn objects_answer_as_those_of_workerd() {
    let peers = Peers::start().await;
    let (cases, programs) = tokio::join!(cases(&peers), programs::run(&peers));
    peers.stop().await;
    let problems = [cases, programs].concat();
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}

/// Runs every case on both; what is not as it should be.
async fn cases(peers: &Peers) -> Vec<String> {
    let names = peers.ask(&peers.ours, "/names", &Value::Null).await;
    let names: Vec<String> = serde_json::from_value(names).expect("a list of names");
    let answers = stream::iter(names).map(async |name| {
        let path = format!("/run?case={}", encoded(&name));
        let both = peers.ask_both(&path, &Value::Null).await;
        (name, both)
    });
    let answers: BTreeMap<String, [Value; 2]> = answers.buffer_unordered(AT_ONCE).collect().await;
    let unknown = DIFFERENT
        .iter()
        .filter(|(name, _)| !answers.contains_key(*name));
    let unknown =
        unknown.map(|(name, _)| format!("different.rs names a case that is none: {name}"));
    answers.iter().filter_map(judge).chain(unknown).collect()
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

fn judge((name, [ours, theirs]): (&String, &[Value; 2])) -> Option<String> {
    let listed = DIFFERENT.iter().any(|(known, _)| known == name);
    match (ours == theirs, listed) {
        (true, false) | (false, true) => None,
        (true, true) => Some(format!("{name}: differs no longer; different.rs lists it")),
        (false, false) => Some(format!("{name}\n   here: {ours}\nworkerd: {theirs}")),
    }
}
