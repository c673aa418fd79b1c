//! Instances: what ends one, and what its successor finds.

use serde_json::{Value, json};

use super::project;
use crate::support::App;

/// `made` tells instances apart; `seen` is in memory, `stored` in storage.
const CLASS: &str = r#"
import { DurableObject } from "cloudflare:workers";

let made = 0;

export class Thing extends DurableObject {
    made = ++made;
    seen = 0;

    constructor(ctx, env) {
        super(ctx, env);
        const failures = ctx.storage.kv.get("failures") ?? 0;
        if (failures > 0) throw new RangeError("this one cannot be made");
        ctx.blockConcurrencyWhile(async () => {
            await scheduler.wait(1);
            this.ready = true;
            if ((await ctx.storage.get("late")) === true) {
                await ctx.storage.delete("late");
                throw new TypeError("this one is never ready");
            }
        });
    }

    async fetch(request) {
        const { storage } = this.ctx;
        this.seen++;
        const stored = ((await storage.get("stored")) ?? 0) + 1;
        await storage.put("stored", stored);
        const action = request.url.split("/").at(-1);
        if (action === "throw") throw new SyntaxError("a request failed");
        if (action === "abort") {
            await storage.sync();
            this.ctx.abort("had enough");
        }
        if (action === "break") storage.kv.put("failures", 1);
        if (action === "break-late") await storage.put("late", true);
        if (action === "break" || action === "break-late") {
            await storage.sync();
            this.ctx.abort();
        }
        if (action === "block") {
            await this.ctx.blockConcurrencyWhile(async () => {
                throw new Error("the block failed");
            });
        }
        return Response.json({ made: this.made, seen: this.seen, stored, ready: this.ready });
    }
}
"#;

async fn ask(app: &App, action: &str) -> Value {
    app.get(&format!("/one/{action}")).await.json()
}

#[tokio::test]
async fn an_error_of_a_request_ends_nothing() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    let first = ask(&app, "look").await;
    assert_eq!(
        first,
        json!({ "made": 1, "seen": 1, "stored": 1, "ready": true })
    );
    let failed = ask(&app, "throw").await;
    assert_eq!(failed, json!({ "error": "SyntaxError: a request failed" }));
    let next = ask(&app, "look").await;
    assert_eq!(
        next,
        json!({ "made": 1, "seen": 3, "stored": 3, "ready": true })
    );
}

#[tokio::test]
async fn abort_makes_a_new_instance_of_what_was_stored() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    ask(&app, "look").await;
    assert_eq!(
        ask(&app, "abort").await,
        json!({ "error": "Error: had enough" })
    );
    let next = ask(&app, "look").await;
    assert_eq!(
        next,
        json!({ "made": 2, "seen": 1, "stored": 3, "ready": true })
    );
}

#[tokio::test]
async fn a_failed_block_makes_a_new_instance() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    ask(&app, "look").await;
    assert_eq!(
        ask(&app, "block").await,
        json!({ "error": "Error: the block failed" })
    );
    let next = ask(&app, "look").await;
    assert_eq!(
        (&next["made"], &next["seen"]),
        (&json!(2), &json!(1)),
        "{next}"
    );
}

#[tokio::test]
async fn a_constructor_that_throws_is_tried_again_for_each_request() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    ask(&app, "break").await;
    for _ in 0..3 {
        assert_eq!(
            ask(&app, "look").await,
            json!({ "error": "RangeError: this one cannot be made" })
        );
    }
    // Another object of the class is none the worse.
    let other = app.get("/two/look").await.expect(200).json();
    assert_eq!(other["stored"], 1);

    // New code that can be made finds what was stored.
    let mark = app.events().mark();
    let repaired = CLASS.replace("failures > 0", "failures > 1");
    project.write("src/index.ts", &super::app(&repaired));
    app.events().next(mark, "reloaded").await;
    assert_eq!(ask(&app, "look").await["stored"], 2);
}

#[tokio::test]
async fn a_constructor_that_fails_late_is_made_again() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    ask(&app, "break-late").await;
    assert_eq!(
        ask(&app, "look").await,
        json!({ "error": "TypeError: this one is never ready" })
    );
}
