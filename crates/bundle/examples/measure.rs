//! Bundles a project again and again, and prints how long it took and what memory it left.
//!
//! `cargo run --release -p cellhouse-bundle --example measure -- FOLDER ENTRY [TIMES [OUT]]`

use std::path::PathBuf;
use std::time::Instant;

use cellhouse_bundle::{Options, bundle};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(root), Some(entry)) = (arguments.next(), arguments.next()) else {
        eprintln!("measure FOLDER ENTRY [TIMES [OUT]]; OUT is where the bundle is written to");
        return;
    };
    let times: usize = arguments
        .next()
        .and_then(|times| times.parse().ok())
        .unwrap_or(10);
    let options = Options {
        root: PathBuf::from(root),
        entry: PathBuf::from(entry),
        name: "worker".into(),
        available_modules: vec!["cloudflare:workers".into()],
        ..Options::default()
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    let out = arguments.next();
    println!("before: {}", memory());
    for number in 1..=times {
        let start = Instant::now();
        let result = runtime.block_on(bundle(options.clone()));
        let taken = start.elapsed();
        match result {
            Ok(made) => {
                println!(
                    "{number}: {taken:?}, {} bytes, {}",
                    made.code.len(),
                    memory()
                );
                if let Some(out) = &out {
                    let written = std::fs::write(out, &made.code);
                    written.unwrap_or_else(|error| eprintln!("{out}: {error}"));
                }
            }
            Err(error) => println!("{number}: {taken:?}, {error}"),
        }
    }
    println!("after: {}", memory());
}

/// Resident memory of this process, where the system says it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let wanted = ["VmHWM", "VmRSS", "RssAnon", "RssFile", "Threads"];
    let lines = status
        .lines()
        .filter(|line| wanted.iter().any(|name| line.starts_with(name)));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}
