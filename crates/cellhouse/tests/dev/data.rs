//! `cellhouse backup`, `restore` and `doctor`, on an app that runs and on one that does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{App, Client, Exit, Project};

/// Two counters that every request moves together, under two keys.
const PAIRS: &str = r#"
export default {
    async fetch(request, env) {
        if (request.method === "POST") {
            await env.STATE.update("pair", { $inc: { left: 1, right: 1 } });
            return new Response(null, { status: 204 });
        }
        return Response.json(await env.STATE.get("pair", "json"));
    },
} satisfies Ploy;
"#;

fn project() -> Project {
    Project::ploy("state:\n  STATE: default\n", PAIRS)
}

async fn add(app: &App, count: usize) {
    for _ in 0..count {
        assert_eq!(app.client().send("POST", "/", "").await.status, 204);
    }
}

async fn keep_adding(client: Client, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        client.send("POST", "/", "").await;
    }
}

fn done(exit: &Exit) -> &str {
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    &exit.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_app_is_one_moment_of_it() {
    let project = project();
    let app = project.dev().start().await;
    add(&app, 20).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(keep_adding(app.client().clone(), stop.clone()));
    let backup = project
        .command(&["backup", "--to", "all.backup", "--json"])
        .run()
        .await;
    stop.store(true, Ordering::Relaxed);
    writer.await.expect("no panic");
    let told: Value = serde_json::from_str(done(&backup)).expect("one line of JSON");
    assert_eq!(told["cells"], 1, "{told}");

    let other = self::project();
    let file = project.path().join("all.backup");
    let from = file.to_str().expect("a plain path");
    done(&other.command(&["restore", "--from", from]).run().await);
    let restored = other.dev().start().await;
    let pair = restored.get("/").await.json();
    let left = pair["left"].as_u64().expect("a number");
    let now = app.get("/").await.json()["left"]
        .as_u64()
        .expect("a number");
    assert_eq!(pair["left"], pair["right"]);
    assert!((20..=now).contains(&left), "{left} of {now}");
    let again = other.command(&["restore", "--from", from]).run().await;
    assert_eq!(again.code, Some(2), "{again:#?}");
}

#[tokio::test]
async fn a_backup_never_takes_the_place_of_a_file() {
    let project = project().with("precious", "mine");
    let app = project.dev().start().await;
    add(&app, 1).await;
    let backup = project.command(&["backup", "--to", "precious"]).run().await;
    assert_eq!(backup.code, Some(2), "{backup:#?}");
    assert!(backup.stderr.contains("precious"), "{backup:#?}");
    assert_eq!(project.read("precious"), "mine");
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let project = project();
    let app = project.dev().start().await;
    add(&app, 3).await;
    done(&project.command(&["backup", "--to", "b"]).run().await);
    let file = project.path().join("b");
    let mut bytes = fs::read(&file).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).expect("write it");
    let other = self::project();
    let from = file.to_str().expect("a plain path");
    let restore = other.command(&["restore", "--from", from]).run().await;
    assert_eq!(restore.code, Some(1), "{restore:#?}");
    assert!(restore.stderr.contains(from), "{restore:#?}");
    let app = other.dev().start().await;
    assert_eq!(app.get("/").await.json(), json!(null));
}

#[tokio::test]
async fn the_doctor_looks_at_running_and_stopped_apps() {
    let project = project();
    let nothing = project.command(&["doctor"]).run().await;
    assert_eq!(nothing.code, Some(2), "{nothing:#?}");
    assert!(nothing.stderr.contains("no data"), "{nothing:#?}");
    let app = project.dev().start().await;
    add(&app, 5).await;
    let sound = |exit: Exit| {
        let told: Value = serde_json::from_str(done(&exit)).expect("one line of JSON");
        assert_eq!([&told["cells"], &told["with_problems"]], [1, 0], "{told}");
    };
    sound(project.command(&["doctor", "--json"]).run().await);
    app.kill().await;
    sound(project.command(&["doctor", "--json"]).run().await);
    app_after(&project).await;
}

/// The app still has its data.
async fn app_after(project: &Project) {
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.json(), json!({ "left": 5, "right": 5 }));
}

#[tokio::test]
async fn a_data_directory_may_have_a_long_path() {
    let project = project();
    let deep: PathBuf = (0..8).map(|_| "a-folder-with-a-long-name").collect();
    let store = project.path().join(deep);
    let store = store.to_str().expect("a plain path");
    let app = project.dev().arguments(&["--store", store]).start().await;
    add(&app, 1).await;
    let doctor = project.command(&["doctor", "--store", store]).run().await;
    done(&doctor);
    assert!(Path::new(store).join("control.sock").exists());
}
