//! `y-partyserver`, a Yjs server, with real Yjs clients in Node: their documents converge.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use super::installed;
use crate::support::{App, PATIENCE};
use crate::types::node_modules;

const SERVER: &str = r#"
import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import * as Y from "yjs";

export class Notes extends YServer {
    static options = { hibernate: true };
    static callbackOptions = { debounceWait: 20, debounceMaxWait: 50 };

    async onLoad() {
        const update = await this.ctx.storage.get("document");
        if (update !== undefined) Y.applyUpdate(this.document, update);
    }

    async onSave() {
        await this.ctx.storage.put("document", Y.encodeStateAsUpdate(this.document));
    }

    async onRequest() {
        const stored = new Y.Doc();
        Y.applyUpdate(stored, await this.ctx.storage.get("document"));
        return Response.json([this.document.getText("text").toString(), stored.getText("text").toString()]);
    }
}

export default {
    async fetch(request, env) {
        return (await routePartykitRequest(request, env)) ?? new Response("Not found", { status: 404 });
    },
};
"#;

/// Runs `tests/node/yjs_clients.mjs`, which says what its documents hold in the end.
async fn clients(app: &App, task: &str) -> Value {
    let folder = node_modules()
        .parent()
        .expect("the folder of npm")
        .to_path_buf();
    let running = Command::new("node")
        .args(["yjs_clients.mjs", app.client().address(), task])
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, running).await;
    let output = output.expect("the clients end").expect("node starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn yjs_documents_converge() {
    let project = installed("durable_objects:\n  NOTES: Notes\n", SERVER);
    let app = project.dev().start().await;
    let texts = clients(&app, "edit").await;
    let text = texts[0].as_str().expect("a text").to_owned();
    assert_eq!(texts, json!([text, text]), "both hold the same");
    for part in ["together", "from a ", "from b ", "a alone", "b alone"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    crate::support::eventually("all of it is stored", async || {
        app.get("/parties/notes/shared").await.json() == json!([text, text])
    })
    .await;

    app.kill().await;
    let app = project.dev().start().await;
    assert_eq!(clients(&app, "read").await, json!([text, text]));
}
