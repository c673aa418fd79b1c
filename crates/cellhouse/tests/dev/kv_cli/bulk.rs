//! `cellhouse kv bulk`: the files of `wrangler kv bulk`, good ones, bad ones and large ones.

use serde_json::{Value, json};

use super::{bytes, kv, project, refused, told, told_json, value};
use crate::support::Project;

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
