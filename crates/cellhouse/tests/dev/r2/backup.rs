//! `cellhouse backup`, `restore` and `doctor` with the bodies of objects, beside an app that puts and deletes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::{FILES, files, pattern, project, start};
use crate::support::{App, Client, Exit, Project, eventually};

/// The size of a body, and what it begins with, tell which put it is of.
fn body(key: usize, round: usize) -> Vec<u8> {
    let mut bytes = format!("{key} {round} ").into_bytes();
    bytes.extend(pattern(20_000 + 1_000 * (round % 40)));
    bytes
}

async fn keep_writing(client: Client, first: usize, stop: Arc<AtomicBool>) {
    for round in 1.. {
        for key in (first..10).step_by(2) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let path = format!("/{key}");
            match (round + key) % 5 {
                0 => client.send("DELETE", &path, "").await,
                _ => client.send("PUT", &path, body(key, round)).await,
            };
        }
    }
}

fn json(exit: &Exit) -> Value {
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let last = exit.stdout.lines().last().expect("a line");
    serde_json::from_str(last).expect("JSON")
}

async fn restored(from: &Project, file: &str) -> (Project, App) {
    let other = project(FILES);
    let file = from.path().join(file);
    let from = file.to_str().expect("a plain path");
    let restore = other.command(&["restore", "--from", from]).run().await;
    assert_eq!(restore.code, Some(0), "{restore:#?}");
    let app = other.dev().start().await;
    (other, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_puts_and_deletes_restores_byte_for_byte() {
    let (project, app) = start(FILES).await;
    app.put("/kept", pattern(3_000_000)).await.expect(200);
    let stop = Arc::new(AtomicBool::new(false));
    let writers =
        [0, 1].map(|first| tokio::spawn(keep_writing(app.client().clone(), first, stop.clone())));
    eventually("some bodies are there", async || files(&project).len() > 5).await;
    for name in ["one", "two", "three"] {
        let backup = project.command(&["backup", "--json", "--to", name]).run();
        assert!(json(&backup.await)["bodies"].as_u64() >= Some(1));
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("no panic");
    }
    for name in ["one", "two", "three"] {
        let (other, app) = restored(&project, name).await;
        assert!(app.get("/kept").await.expect(200).body == pattern(3_000_000));
        for key in 0..10 {
            let got = app.get(&format!("/{key}")).await;
            if got.status == 404 {
                continue;
            }
            let bytes = got.expect(200).body;
            let text = String::from_utf8_lossy(&bytes[..20]).into_owned();
            let round = text.split(' ').nth(1).expect("a round");
            assert!(
                bytes == body(key, round.parse().expect("a number")),
                "{text}"
            );
        }
        let told = json(&other.command(&["doctor", "--json"]).run().await);
        assert_eq!(
            [&told["bodies_with_problems"], &told["orphans"]],
            [0, 0],
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_backup_that_is_killed_leaves_nothing_that_looks_whole() {
    let (project, app) = start(FILES).await;
    let large = pattern(64 << 20);
    for key in ["a", "b", "c"] {
        app.put(&format!("/{key}"), large.clone()).await.expect(200);
    }
    app.stop(libc::SIGTERM).await;
    // The command itself has the data now.
    let mut command = project.command(&["backup", "--to", "killed"]).spawn();
    let draft = project.path().join("killed.partial");
    eventually("it is being written", async || {
        draft.metadata().is_ok_and(|file| file.len() > 1 << 20) || project.has("killed")
    })
    .await;
    command.kill().await.expect("kill -9");
    if !project.has("killed") {
        let other = self::project(FILES);
        let from = draft.to_str().expect("a plain path");
        let restore = other.command(&["restore", "--from", from]).run().await;
        assert_eq!(restore.code, Some(1), "{restore:#?}");
        assert!(
            restore.stderr.contains("is not a usable backup"),
            "{restore:#?}"
        );
        assert!(files(&other).is_empty());
    }
    // It does not stand in the way of the next one.
    let backup = project
        .command(&["backup", "--json", "--to", "whole"])
        .run();
    assert_eq!(json(&backup.await)["bodies"], 3);
}

#[tokio::test]
async fn the_doctor_names_objects_whose_bodies_are_missing() {
    let (project, app) = start(FILES).await;
    app.put("/a%20b", pattern(50_000)).await.expect(200);
    let [file] = &files(&project)[..] else {
        panic!("one file");
    };
    let aside = project.path().join("aside");
    std::fs::rename(file, &aside).expect("move it away");
    let doctor = project.command(&["doctor"]).run().await;
    assert_eq!(doctor.code, Some(1), "{doctor:#?}");
    assert!(
        doctor
            .stdout
            .contains("bucket things: the body of \"a b\" is missing (r2/things/"),
        "{doctor:#?}"
    );
    let backup = project.command(&["backup", "--to", "b"]).run().await;
    assert_eq!(backup.code, Some(1), "{backup:#?}");
    assert!(backup.stderr.contains("--allow-missing"), "{backup:#?}");
    assert!(!project.has("b") && !project.has("b.partial"));
    let backup = project
        .command(&["backup", "--to", "b", "--allow-missing", "--json"])
        .run()
        .await;
    let told = json(&backup);
    assert_eq!([&told["bodies"], &told["missing_bodies"]], [0, 1], "{told}");
    std::fs::rename(&aside, file).expect("put it back");
    let name = "00112233445566778899aabbccddeeff";
    let orphan = project.path().join(".cellhouse/r2/things/00");
    std::fs::create_dir_all(&orphan).expect("a folder");
    std::fs::write(orphan.join(name), "12345").expect("write it");
    let doctor = project.command(&["doctor"]).run().await;
    assert_eq!(doctor.code, Some(0), "{doctor:#?}");
    assert!(
        doctor
            .stdout
            .contains(&format!("note: no object has r2/things/00/{name} (5 B)")),
        "{doctor:#?}"
    );
}
