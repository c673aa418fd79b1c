//! RPC between several sides, in plain Node: `node/sessions.mjs`. Needs `node` (20 or newer) in the path.

use std::process::Command;

#[test]
fn sessions() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node/sessions.mjs");
    let output = Command::new("node")
        .args(["--test", script])
        .output()
        .expect("node is in the path");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
}
