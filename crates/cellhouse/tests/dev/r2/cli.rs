//! `cellhouse r2`, on an app that runs and on one that does not.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{FILES, pattern, project};
use crate::support::{Exit, Project};

async fn r2(project: &Project, arguments: &[&str]) -> Exit {
    project.command(&["r2"]).arguments(arguments).run().await
}

async fn told(project: &Project, arguments: &[&str]) -> String {
    let exit = r2(project, arguments).await;
    assert_eq!(exit.code, Some(0), "{arguments:?}: {exit:#?}");
    exit.stdout
}

async fn told_json(project: &Project, arguments: &[&str]) -> Value {
    let told = told(project, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {told:?}"))
}

async fn refused(project: &Project, arguments: &[&str], code: i32, why: &str) {
    let exit = r2(project, arguments).await;
    assert_eq!(exit.code, Some(code), "{arguments:?}: {exit:#?}");
    assert!(exit.stderr.contains(why), "{arguments:?}: {exit:#?}");
}

/// Standard input becomes an object, if all of it came.
async fn put_by_pipe(project: &Project, bytes: &[u8]) {
    let arguments = ["r2", "object", "put", "things/piped", "--pipe"];
    let mut put = project.command(&arguments).with_input().spawn();
    let mut input = put.stdin.take().expect("it is a pipe");
    input.write_all(bytes).await.expect("it reads");
    drop(input);
    let done = put.wait_with_output().await.expect("it ends");
    assert!(done.status.success(), "{done:?}");
    let got = project.command(&["r2", "object", "get", "things/piped", "--pipe"]);
    let got = got.spawn().wait_with_output().await.expect("it ends");
    assert!(got.stdout == bytes);

    let mut put = project.command(&arguments).with_input().spawn();
    let mut input = put.stdin.take().expect("it is a pipe");
    input.write_all(b"half").await.expect("it reads");
    tokio::time::sleep(Duration::from_millis(100)).await;
    put.kill().await.expect("kill -9");
    let got = project.command(&["r2", "object", "get", "things/piped", "--pipe"]);
    let got = got.spawn().wait_with_output().await.expect("it ends");
    assert!(got.stdout == bytes, "what is cut off is not stored");
    told(project, &["object", "delete", "things/piped"]).await;
}

/// `others`: objects that are there besides.
async fn look(project: &Project, others: u64) {
    let bytes = pattern(300_000);
    std::fs::write(project.path().join("in"), &bytes).expect("write a file");
    let put = told_json(
        project,
        &[
            "object",
            "put",
            "things/dir/a b",
            "--file",
            "in",
            "--content-type",
            "text/x",
        ],
    )
    .await;
    assert_eq!(put["size"], 300_000);
    told(
        project,
        &["object", "put", "things/small", "--file", "wrangler.toml"],
    )
    .await;
    told(
        project,
        &["object", "get", "things/dir/a b", "--file", "out"],
    )
    .await;
    assert!(std::fs::read(project.path().join("out")).expect("read it") == bytes);
    let piped = told(project, &["object", "get", "things/small", "--pipe"]).await;
    assert_eq!(piped, project.read("wrangler.toml"));
    put_by_pipe(project, &bytes).await;
    let listed = told(project, &["object", "list", "things/dir/", "--json"]).await;
    assert_eq!(listed.lines().count(), 1);
    let info = told_json(project, &["bucket", "info", "things"]).await;
    assert_eq!(info["objects"], 2 + others);
    assert!(
        told(project, &["bucket", "list"])
            .await
            .starts_with("things ")
    );
    told(project, &["object", "delete", "things/dir/a b"]).await;
    refused(
        project,
        &["object", "delete", "things/dir/a b"],
        3,
        "there is no object \"dir/a b\"",
    )
    .await;
    refused(
        project,
        &["object", "get", "other/a", "--pipe"],
        3,
        "there are things",
    )
    .await;
    refused(
        project,
        &["object", "get", "things", "--pipe"],
        2,
        "write BUCKET/KEY",
    )
    .await;
    refused(
        project,
        &["object", "put", "things/x", "--file", "missing"],
        1,
        "No such file",
    )
    .await;
    let long = format!("things/{}", "k".repeat(1025));
    refused(
        project,
        &["object", "put", &long, "--file", "in"],
        2,
        "not valid. (10020)",
    )
    .await;
    told(project, &["object", "delete", "things/small"]).await;
}

async fn look_at_keys(project: &Project) {
    assert_eq!(told(project, &["keys", "list"]).await, "no access keys\n");
    let made = told_json(
        project,
        &[
            "keys",
            "create",
            "--name",
            "laptop",
            "--bucket",
            "things",
            "--read-only",
        ],
    )
    .await;
    let id = made["accessKeyId"].as_str().expect("an id");
    assert_eq!(made["secretAccessKey"].as_str().map(str::len), Some(64));
    let listed = told_json(project, &["keys", "list"]).await;
    assert_eq!(
        (
            &listed["name"],
            &listed["bucket"],
            &listed["writes"],
            listed.get("secretAccessKey")
        ),
        (&json!("laptop"), &json!("things"), &json!(false), None)
    );
    told(project, &["keys", "delete", id]).await;
    refused(
        project,
        &["keys", "delete", id],
        3,
        "there is no access key",
    )
    .await;
    refused(
        project,
        &["keys", "create", "--bucket", "nope"],
        3,
        "there is no bucket",
    )
    .await;
}

#[tokio::test]
async fn on_an_app_that_runs_and_on_one_that_does_not() {
    let project = project(FILES);
    let app = project.dev().start().await;
    look(&project, 0).await;
    look_at_keys(&project).await;
    app.put("/kept", pattern(20_000)).await.expect(200);
    app.stop(libc::SIGTERM).await;
    look(&project, 1).await;
    look_at_keys(&project).await;
    let app = project.dev().start().await;
    assert!(app.get("/kept").await.expect(200).body == pattern(20_000));
}
