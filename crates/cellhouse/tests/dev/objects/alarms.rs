//! Alarms: they come, once each, also after kill -9, and again when the handler fails.

use serde_json::{Value, json};

use super::project;
use crate::support::{App, Client, Project, eventually};

const CLASS: &str = r#"
export class Thing {
    async fetch(request) {
        const { storage } = this.state;
        if (request.method === "GET") {
            const told = (await storage.get("told")) ?? [];
            return Response.json({ told, alarm: await storage.getAlarm() });
        }
        const { plan, delay } = await request.json();
        if (plan !== undefined) await storage.put("plan", plan);
        if (delay === null) await storage.deleteAlarm();
        else await storage.setAlarm(Date.now() + delay);
        return new Response("set");
    }

    async alarm(info) {
        const { storage } = this.state;
        const inside = await storage.getAlarm();
        const told = (await storage.get("told")) ?? [];
        told.push({ isRetry: info.isRetry, retryCount: info.retryCount, inside });
        await storage.put("told", told);
        const plan = await storage.get("plan");
        if (plan === "again" && told.length < 3) await storage.setAlarm(Date.now() + 20);
        if (plan === "undo") {
            await storage.setAlarm(Date.now() + 20);
            await storage.deleteAlarm();
        }
        if (plan === "hang" && told.length === 1) {
            await storage.sync();
            await scheduler.wait(3_600_000);
        }
        if (plan === "fail" && told.length < 3) throw new Error("not this time");
        if (plan?.startsWith("abort") && told.length === 1) {
            await storage.sync();
            this.state.abort("not now", { retryAlarm: plan !== "abort for good" });
        }
        if (plan === "fail-after-set" && told.length === 1) {
            await storage.setAlarm(Date.now() + 3_600_000);
            throw new Error("set, and then failed");
        }
    }
}
"#;

async fn start() -> (Project, App) {
    let project = project(CLASS);
    let app = project.dev().start().await;
    (project, app)
}

async fn set(app: &App, name: &str, body: Value) {
    let path = format!("/{name}");
    let reply = app.client().send("POST", &path, body.to_string()).await;
    assert_eq!(reply.expect(200).text(), "set");
}

async fn told(app: &App, name: &str) -> Value {
    let state = app.get(&format!("/{name}")).await.expect(200).json();
    state["told"].clone()
}

async fn becomes(app: &App, name: &str, expected: Value) {
    eventually("the alarms have come", async || {
        told(app, name).await.as_array().map(Vec::len) >= expected.as_array().map(Vec::len)
    })
    .await;
    assert_eq!(told(app, name).await, expected);
}

fn first() -> Value {
    json!({ "isRetry": false, "retryCount": 0, "inside": null })
}

fn retry(count: u32) -> Value {
    json!({ "isRetry": true, "retryCount": count, "inside": null })
}

#[tokio::test]
async fn an_alarm_comes_once() {
    let (_project, app) = start().await;
    set(&app, "one", json!({ "delay": 30 })).await;
    becomes(&app, "one", json!([first()])).await;
    set(&app, "past", json!({ "delay": -60_000 })).await;
    becomes(&app, "past", json!([first()])).await;
    // Another one that is set later comes later: nothing is left of the first.
    set(&app, "two", json!({ "delay": 200 })).await;
    becomes(&app, "two", json!([first()])).await;
    assert_eq!(told(&app, "one").await, json!([first()]));
}

#[tokio::test]
async fn the_last_time_that_was_set_counts() {
    let (_project, app) = start().await;
    set(&app, "deleted", json!({ "delay": 100 })).await;
    set(&app, "deleted", json!({ "delay": null })).await;
    set(&app, "moved", json!({ "delay": 100 })).await;
    set(&app, "moved", json!({ "delay": 3_600_000 })).await;
    set(&app, "sooner", json!({ "delay": 3_600_000 })).await;
    set(&app, "sooner", json!({ "delay": 400 })).await;
    becomes(&app, "sooner", json!([first()])).await;
    assert_eq!(told(&app, "deleted").await, json!([]));
    assert_eq!(told(&app, "moved").await, json!([]));
    assert!(app.get("/moved").await.json()["alarm"].is_u64());
}

#[tokio::test]
async fn a_handler_sets_and_deletes_the_next_one() {
    let (_project, app) = start().await;
    set(&app, "undone", json!({ "plan": "undo", "delay": 10 })).await;
    set(&app, "chain", json!({ "plan": "again", "delay": 200 })).await;
    becomes(&app, "chain", json!([first(), first(), first()])).await;
    assert_eq!(told(&app, "undone").await, json!([first()]));
    assert_eq!(app.get("/undone").await.json()["alarm"], Value::Null);
}

#[tokio::test]
async fn alarms_survive_kill_9_and_restart() {
    let (project, app) = start().await;
    for number in 0..20 {
        set(&app, &format!("n{number}"), json!({ "delay": 400 })).await;
    }
    app.kill().await;
    let app = project.dev().start().await;
    for number in 0..20 {
        becomes(&app, &format!("n{number}"), json!([first()])).await;
    }
    assert_eq!(app.stop(libc::SIGTERM).await.code, Some(0));
    let app = project.dev().start().await;
    set(&app, "fence", json!({ "delay": 200 })).await;
    becomes(&app, "fence", json!([first()])).await;
    assert_eq!(told(&app, "n0").await, json!([first()]), "not again");
}

#[tokio::test]
async fn an_alarm_whose_handler_was_killed_comes_again() {
    let (project, app) = start().await;
    set(&app, "one", json!({ "plan": "hang", "delay": 10 })).await;
    eventually("the handler runs", async || {
        told(&app, "one").await == json!([first()])
    })
    .await;
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it runs again", async || {
        told(&app, "one").await.as_array().map(Vec::len) == Some(2)
    })
    .await;
}

/// The pauses are 2 s and 4 s.
#[tokio::test]
async fn a_handler_that_throws_is_tried_again() {
    let (_project, app) = start().await;
    set(&app, "one", json!({ "plan": "fail", "delay": 10 })).await;
    becomes(&app, "one", json!([first(), retry(1), retry(2)])).await;
    assert_eq!(app.get("/one").await.json()["alarm"], Value::Null);
}

#[tokio::test]
async fn a_retry_that_waits_survives_kill_9() {
    let (project, app) = start().await;
    set(&app, "one", json!({ "plan": "fail", "delay": 10 })).await;
    becomes(&app, "one", json!([first()])).await;
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it is tried again", async || {
        told(&app, "one").await.as_array().map(Vec::len) >= Some(2)
    })
    .await;
}

/// Sets alarms for many objects that have nothing else, in 2286.
const MANY: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Thing extends DurableObject {
    async set(time) {
        await this.ctx.storage.setAlarm(time);
    }
    time() {
        return this.ctx.storage.getAlarm();
    }
    alarm() {
        console.log(`alarm of ${this.ctx.id.name}`);
    }
}

export default {
    async fetch(request, env) {
        const [, verb, from, to] = new URL(request.url).pathname.split("/");
        if (verb === "soon") await env.THINGS.getByName("soon").set(Date.now() + 50);
        if (verb === "time") return Response.json(await env.THINGS.getByName(`n${from}`).time());
        if (verb === "fill") {
            const numbers = Array.from({ length: Number(to) - Number(from) }, (_, n) => Number(from) + n);
            await Promise.all(numbers.map((n) => env.THINGS.getByName(`n${n}`).set(9_000_000_000_000 + n)));
        }
        return new Response("set");
    },
};
"#;

/// A hundred thousand of them are in `cellhouse-objects`, in its `tests/alarms.rs`; here each needs an instance too.
const PENDING: usize = 3_000;

async fn fill(client: &Client) {
    let batches: Vec<_> = (0..PENDING).step_by(1000).collect();
    let fill = async |from: &usize| {
        let path = format!("/fill/{from}/{}", from + 1000);
        client.send("POST", &path, "").await.expect(200);
    };
    for pair in batches.chunks(2) {
        futures_util::future::join_all(pair.iter().map(fill)).await;
    }
}

/// A process that starts with them holds no more than one without, does nothing while they wait, and an alarm that is
/// due comes as ever.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_alarms_that_wait_cost_nothing() {
    let project = Project::ploy("durable_objects:\n  THINGS: Thing\n", MANY);
    let app = project.dev().start().await;
    let empty = app.resident_bytes();
    fill(app.client()).await;
    app.kill().await;

    let app = project.dev().start().await;
    let mark = app.events().mark();
    app.post("/soon").await.expect(200);
    let rang = |event: &Value| event["message"] == "alarm of soon";
    assert!(app.events().find(mark, rang).await.is_some());
    let full = app.resident_bytes();
    assert!(
        full < empty + (64 << 20),
        "{} MiB to {} MiB",
        empty >> 20,
        full >> 20
    );
    let before = app.cpu_time();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let used = app.cpu_time() - before;
    assert!(
        used < std::time::Duration::from_millis(500),
        "{used:?} while they wait"
    );
    assert_eq!(app.get("/time/2999").await.json(), 9_000_000_002_999_u64);
}

#[tokio::test]
async fn an_abort_says_whether_the_alarm_comes_again() {
    let (_project, app) = start().await;
    set(
        &app,
        "over",
        json!({ "plan": "abort for good", "delay": 0 }),
    )
    .await;
    becomes(&app, "over", json!([first()])).await;
    eventually("the alarm is gone for good", async || {
        app.get("/over").await.expect(200).json()["alarm"] == Value::Null
    })
    .await;
    set(&app, "again", json!({ "plan": "abort", "delay": 0 })).await;
    becomes(&app, "again", json!([first(), retry(1)])).await;
    // Had it been tried again, that would have been earlier.
    assert_eq!(told(&app, "over").await, json!([first()]));
}
