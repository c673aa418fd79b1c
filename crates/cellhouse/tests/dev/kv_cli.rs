//! `cellhouse kv`, on an app that runs and on one that does not.

mod bulk;

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{App, Exit, Project};

const CONFIG: &str = r#"
name = "kv"
main = "index.js"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "KV", id = "main" }, { binding = "BOTH", id = "live", preview_id = "test" }]
"#;
const APP: &str = "export default { async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const kv = env[searchParams.get('in') ?? 'KV'];
    if (request.method === 'PUT') await kv.put(pathname.slice(1), request.body);
    const { value, metadata } = await kv.getWithMetadata(pathname.slice(1), 'arrayBuffer');
    return Response.json({ value: value && [...new Uint8Array(value)], metadata });
} };";

fn project() -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("index.js", APP)
}

async fn kv(project: &Project, arguments: &[&str]) -> Exit {
    project.command(&["kv"]).arguments(arguments).run().await
}

async fn told(project: &Project, arguments: &[&str]) -> String {
    let exit = kv(project, arguments).await;
    assert_eq!(exit.code, Some(0), "{arguments:?}: {exit:#?}");
    exit.stdout
}

async fn told_json(project: &Project, arguments: &[&str]) -> Value {
    let told = told(project, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"))
}

async fn refused(project: &Project, arguments: &[&str], code: i32, why: &str) {
    let exit = kv(project, arguments).await;
    assert_eq!(exit.code, Some(code), "{arguments:?}: {exit:#?}");
    assert!(exit.stderr.contains(why), "{arguments:?}: {exit:#?}");
    assert_eq!(exit.stdout, "", "{arguments:?}");
}

/// Standard output as it is, which need not be text.
fn bytes(project: &Project, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_cellhouse"))
        .arg("kv")
        .args(arguments)
        .current_dir(project.path())
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

async fn value(app: &App, path: &str) -> Value {
    app.get(path).await.expect(200).json()["value"].clone()
}

async fn single_keys(project: &Project) {
    let of = ["--binding", "KV"];
    let with = |arguments: &[&'static str]| [arguments, &of].concat();
    told(project, &with(&["key", "put", "a", "-1"])).await;
    assert_eq!(bytes(project, &with(&["key", "get", "a"])), b"-1");
    assert_eq!(
        bytes(project, &with(&["key", "get", "a", "--text"])),
        b"-1\n"
    );

    let raw: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    std::fs::write(project.path().join("raw"), &raw).expect("a file");
    let put = [
        "key",
        "put",
        "raw key/ü",
        "--path",
        "raw",
        "--ttl",
        "600",
        "--metadata",
        "{\"a\": [1]}",
    ];
    told(project, &with(&put)).await;
    assert_eq!(bytes(project, &with(&["key", "get", "raw key/ü"])), raw);
    let shown = told_json(project, &with(&["key", "get", "raw key/ü"])).await;
    assert_eq!(shown["metadata"], json!({"a": [1]}));
    assert!(
        shown["expiration"].is_i64() && shown["base64"].is_string(),
        "{}",
        shown["key"]
    );

    let list = told_json(project, &with(&["key", "list"])).await;
    let expected = json!([
        {"name": "a"},
        {"name": "raw key/ü", "expiration": shown["expiration"], "metadata": {"a": [1]}},
    ]);
    assert_eq!(list, expected);
    let list = told(project, &with(&["key", "list", "--prefix", "r"])).await;
    assert!(
        list.contains("raw key/ü  {\"a\":[1]}") && !list.contains(" a\n"),
        "{list}"
    );
    assert_eq!(
        told_json(project, &with(&["key", "list", "--prefix", "z"])).await,
        json!([])
    );

    told(project, &with(&["key", "delete", "a"])).await;
    told(project, &with(&["key", "delete", "a"])).await;
    refused(
        project,
        &with(&["key", "get", "a"]),
        3,
        "there is no key \"a\"",
    )
    .await;
    let by_id = ["key", "get", "raw key/ü", "--namespace-id", "main"];
    assert_eq!(bytes(project, &by_id), raw);
    for (arguments, why) in [
        (&["key", "put", "", "x"][..], "Key name cannot be empty."),
        (
            &["key", "put", "b", "x", "--ttl", "59"],
            "Expiration TTL must be at least 60.",
        ),
        (
            &["key", "put", "b", "x", "--expiration", "1000"],
            "Invalid expiration of 1000.",
        ),
        (
            &["key", "put", "b", "x", "--metadata", "{"],
            "metadata is not JSON",
        ),
        (
            &["key", "put", "b", "--path", "nothing"],
            "nothing cannot be read",
        ),
    ] {
        refused(project, &with(arguments), 2, why).await;
    }
    assert_eq!(
        told_json(project, &with(&["key", "list", "--prefix", "b"])).await,
        json!([])
    );
    told(project, &with(&["key", "delete", "raw key/ü"])).await;
}

#[tokio::test]
async fn single_keys_while_the_app_runs_and_when_it_is_stopped() {
    let project = project();
    refused(
        &project,
        &["key", "get", "a", "--binding", "KV"],
        2,
        "no data",
    )
    .await;
    let app = project.dev().start().await;
    single_keys(&project).await;
    // Each sees at once what the other has done.
    told(
        &project,
        &[
            "key",
            "put",
            "seen",
            "1",
            "--binding",
            "KV",
            "--metadata",
            "{\"m\":1}",
        ],
    )
    .await;
    let seen = app.get("/seen").await.json();
    assert_eq!(seen, json!({"value": [49], "metadata": {"m": 1}}));
    app.put("/seen", "2").await.expect(200);
    assert_eq!(
        bytes(&project, &["key", "get", "seen", "--binding", "KV"]),
        b"2"
    );
    told(&project, &["key", "delete", "seen", "--binding", "KV"]).await;
    assert_eq!(value(&app, "/seen").await, json!(null));
    app.kill().await;
    single_keys(&project).await;
}

#[tokio::test]
async fn which_namespace_is_meant() {
    let project = project();
    let app = project.dev().start().await;
    told(&project, &["key", "put", "k", "dev", "--binding", "BOTH"]).await;
    assert_eq!(value(&app, "/k?in=BOTH").await, json!(b"dev"));
    let get = ["key", "get", "k", "--binding", "BOTH", "--preview"];
    assert_eq!(bytes(&project, &get), b"dev");
    let live = [&get[..], &["false"]].concat();
    refused(&project, &live, 3, "there is no key").await;
    refused(
        &project,
        &["key", "get", "k", "--binding", "NONE"],
        2,
        "there are KV, BOTH",
    )
    .await;
    refused(&project, &["key", "get", "k"], 2, "--binding").await;
    refused(
        &project,
        &["key", "get", "k", "--binding", "KV", "--preview"],
        2,
        "has no preview_id",
    )
    .await;
    let put = ["key", "put", "k", "v", "--namespace-id", "another"];
    told(&project, &put).await;
    let namespaces = told_json(&project, &["namespace", "list"]).await;
    let of = |id, title, bindings: &[&str], has_data| json!({"id": id, "title": title, "bindings": bindings, "has_data": has_data});
    let expected = json!([
        of("main", "KV", &["KV"], false),
        of("test", "BOTH", &["BOTH"], true),
        of("another", "another", &[], true),
    ]);
    assert_eq!(namespaces, expected);
    app.kill().await;
    assert_eq!(told_json(&project, &["namespace", "list"]).await, expected);
}

#[tokio::test]
async fn state_of_ploy_is_a_namespace_too() {
    let code = "export default { async fetch(_r, env) { return new Response(await env.STATE.get('a')); } }";
    let project = Project::ploy("state:\n  STATE: default\n", code);
    let app = project.dev().start().await;
    told(&project, &["key", "put", "a", "1", "--binding", "STATE"]).await;
    assert_eq!(app.get("/").await.text(), "1");
    assert_eq!(
        bytes(&project, &["key", "get", "a", "--namespace-id", "default"]),
        b"1"
    );
}
