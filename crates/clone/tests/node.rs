//! Values go to Node and come from it, whose V8 has the format of its own making: what either writes the
//! other reads, and it is the same value. Needs `node` (20 or newer) in the path.

use std::io::Write;
use std::process::{Command, Stdio};

use cellhouse_clone::{Tree, VERSION};
use proptest::prelude::*;

/// What the script prints for an action; `lines` go to its standard input.
fn node(action: &str, seed: u32, lines: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/js/exchange.js");
    let mut child = Command::new("node")
        .args([script, action, &seed.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is in the path");
    let mut input = child.stdin.take().expect("it is piped");
    // A script that fails early does not read; its status tells.
    let _ = input.write_all(lines.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("node ends");
    assert!(output.status.success(), "{action} {seed} failed");
    String::from_utf8(output.stdout).expect("text")
}

fn from_hex(line: &str) -> Vec<u8> {
    let digits = line.as_bytes().as_chunks::<2>().0;
    let byte = |pair: &[u8; 2]| {
        let text = str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(text, 16).expect("hexadecimal digits")
    };
    digits.iter().map(byte).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn both_read_what_the_other_writes(seed in any::<u32>()) {
        let written = node("write", seed, "");
        let ours: Vec<String> = written
            .lines()
            .map(|line| {
                let bytes = [&[VERSION][..], &from_hex(line)].concat();
                let tree = Tree::read(&bytes).unwrap_or_else(|error| panic!("{line}: {error}"));
                to_hex(&tree.write()[1..])
            })
            .collect();
        let verdict = node("compare", seed, &ours.join("\n"));
        prop_assert_eq!(verdict.trim(), format!("{} equal", ours.len()));
    }
}
