//! `cellhouse kv`, on an app that runs and on one that does not, with the files of `wrangler kv`.

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

const MANY: &str = r#"[
  {"key": "text", "value": "ü"},
  {"key": "bytes", "value": "AP8K", "base64": true},
  {"key": "short", "value": "AP8", "base64": true, "expiration_ttl": 600},
  {"key": "meta", "value": "", "metadata": {"a": [1, null]}, "expiration": 4102444800, "odd": 1}
]"#;

async fn files(project: &Project) {
    project.write("many.json", MANY);
    let of = ["--binding", "KV"];
    let exit = kv(project, &[&["bulk", "put", "many.json"], &of[..]].concat()).await;
    assert_eq!(
        (exit.code, exit.stdout.as_str()),
        (Some(0), "wrote 4 keys in KV\n"),
        "{exit:#?}"
    );
    assert!(
        exit.stderr
            .contains("line 5, the item at index 3 has what no entry has: \"odd\""),
        "{exit:#?}"
    );
    assert_eq!(
        bytes(project, &["key", "get", "bytes", "--binding", "KV"]),
        [0, 255, 10]
    );
    assert_eq!(
        bytes(project, &["key", "get", "short", "--binding", "KV"]),
        [0, 255]
    );
    let list = told_json(
        project,
        &["key", "list", "--prefix", "m", "--binding", "KV"],
    )
    .await;
    let expected =
        json!([{"name": "meta", "expiration": 4_102_444_800_i64, "metadata": {"a": [1, null]}}]);
    assert_eq!(list, expected);

    project.write("keys.json", r#"["text", {"name": "meta"}, "none", "text"]"#);
    let got = told(project, &["bulk", "get", "keys.json", "--binding", "KV"]).await;
    // To the byte what wrangler prints.
    let expected = "{\n  \"text\": {\n    \"value\": \"ü\"\n  },\n  \"meta\": {\n    \"value\": \"\"\n  },\n  \"none\": {\n    \"value\": null\n  }\n}\n";
    assert_eq!(got, expected);
    refused(
        project,
        &["bulk", "delete", "keys.json", "--binding", "KV"],
        2,
        "Add --force",
    )
    .await;
    let deleted = told(
        project,
        &["bulk", "delete", "keys.json", "--force", "--binding", "KV"],
    )
    .await;
    assert_eq!(deleted, "deleted 4 keys in KV\n");
    let left = told_json(project, &["key", "list", "--binding", "KV"]).await;
    assert_eq!(left.as_array().map(Vec::len), Some(2), "{left}");
    project.write("rest.json", &left.to_string());
    told(
        project,
        &["bulk", "delete", "rest.json", "-f", "--binding", "KV"],
    )
    .await;
    assert_eq!(
        told_json(project, &["key", "list", "--binding", "KV"]).await,
        json!([])
    );
}

#[tokio::test]
async fn files_of_many_keys() {
    let project = project();
    let app = project.dev().start().await;
    files(&project).await;
    app.kill().await;
    files(&project).await;
}

#[tokio::test]
async fn a_bad_entry_is_named_and_nothing_is_changed() {
    let project = project();
    let app = project.dev().start().await;
    let long = "k".repeat(513);
    let long = format!(r#"{{"key": "{long}", "value": ""}}"#);
    let large = json!({"key": "b", "value": "", "metadata": {"m": "m".repeat(1_024)}}).to_string();
    for (entry, why) in [
        (r#"{"key": "b"}"#, "it has no \"value\""),
        (r#"{"value": "b"}"#, "it has no \"key\""),
        (
            r#"{"key": 1, "value": ""}"#,
            "\"key\" must be a string, not 1",
        ),
        (r#"{"key": "", "value": ""}"#, "Key name cannot be empty."),
        (
            r#"{"key": "b", "value": {}}"#,
            "\"value\" must be a string, not {}",
        ),
        (
            r#"{"key": "b", "value": "?", "base64": true}"#,
            "is not base64",
        ),
        (
            r#"{"key": "b", "value": "", "base64": 1}"#,
            "\"base64\" must be true or false, not 1",
        ),
        (
            r#"{"key": "b", "value": "", "metadata": "m"}"#,
            "\"metadata\" must be an object, not \"m\"",
        ),
        (
            r#"{"key": "b", "value": "", "expiration": "1"}"#,
            "\"expiration\" must be a whole number of seconds",
        ),
        (
            r#"{"key": "b", "value": "", "expiration_ttl": 60.5}"#,
            "\"expiration_ttl\" must be a whole number",
        ),
        (
            r#"{"key": "b", "value": "", "expiration_ttl": 59}"#,
            "Expiration TTL must be at least 60.",
        ),
        (
            "\"b\"",
            "it must be an object with a \"key\" and a \"value\"",
        ),
        (&long, "exceeds key length limit of 512."),
        (&large, "exceeds limit of 1024."),
    ] {
        project.write(
            "bad.json",
            &format!("[\n{{\"key\": \"a\", \"value\": \"1\"}},\n{entry}]"),
        );
        let put = ["bulk", "put", "bad.json", "--binding", "KV"];
        refused(&project, &put, 2, "bad.json: line 3, the item at index 1: ").await;
        refused(&project, &put, 2, why).await;
        refused(&project, &put, 2, "nothing was changed").await;
    }
    for (text, why) in [
        ("{}", "expected a JSON array at line 1"),
        (
            "[{\"key\": \"a\", \"value\": \"1\"},\n",
            "EOF while parsing a value at line 2 column 0",
        ),
    ] {
        project.write("bad.json", text);
        refused(
            &project,
            &["bulk", "put", "bad.json", "--binding", "KV"],
            2,
            why,
        )
        .await;
    }
    project.write("bad.json", "[\"a\",\n 5]");
    for command in ["get", "delete"] {
        let arguments = ["bulk", command, "bad.json", "--binding", "KV", "--force"];
        let arguments = &arguments[..if command == "get" { 5 } else { 6 }];
        refused(
            &project,
            arguments,
            2,
            "line 2, the item at index 1: it must be a key",
        )
        .await;
    }
    refused(
        &project,
        &["bulk", "put", "none.json", "--binding", "KV"],
        2,
        "none.json cannot be read",
    )
    .await;
    assert_eq!(
        told_json(&project, &["key", "list", "--binding", "KV"]).await,
        json!([])
    );
    drop(app);
}

#[tokio::test]
async fn a_large_file_goes_in_and_out() {
    let project = project();
    let app = project.dev().start().await;
    let key = |index: u32| format!("key-{index:05}");
    let entry = |index| json!({"key": key(index), "value": format!("{index}").repeat(200)});
    let entries: Vec<Value> = (0..20_000).map(entry).collect();
    project.write("many.json", &Value::from(entries).to_string());
    let put = told(&project, &["bulk", "put", "many.json", "--binding", "KV"]).await;
    assert_eq!(put, "wrote 20000 keys in KV\n");
    let last = value(&app, "/key-19999").await;
    assert_eq!(last.as_array().map(Vec::len), Some(1_000));
    let list = told_json(&project, &["key", "list", "--binding", "KV"]).await;
    assert_eq!(list.as_array().map(Vec::len), Some(20_000));
    project.write("keys.json", &list.to_string());
    let got: Value = serde_json::from_str(
        &told(&project, &["bulk", "get", "keys.json", "--binding", "KV"]).await,
    )
    .expect("one object");
    assert_eq!(got["key-00007"]["value"], "7".repeat(200));
    assert_eq!(got.as_object().map(serde_json::Map::len), Some(20_000));
}
