//! Ploy's timers in real processes: on time, once, repeating, set anew in their handler, after kill -9.

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

const CODE: &str = r#"
export default {
    async fetch(request, env) {
        const { pathname, searchParams } = new URL(request.url);
        const id = pathname.slice(1);
        if (request.method === "PUT") {
            const { after, options } = await request.json();
            const time = Date.now() + after;
            try {
                await env.TIMERS.set(id, searchParams.has("date") ? new Date(time) : time, options);
            } catch (error) {
                return new Response(String(error), { status: 400 });
            }
            return Response.json({ time });
        }
        if (request.method === "DELETE") await env.TIMERS.delete(id);
        const ran = (await env.STATE.get(id, "json"))?.ran ?? [];
        return Response.json({ ran, timer: await env.TIMERS.get(id) });
    },
    async timer(event, env, ctx) {
        const { id, payload } = event;
        await env.STATE.update(id, { $push: { ran: event } });
        if (payload === "again") await env.TIMERS.set(id, Date.now() + 50, "last");
        if (payload === "hang") await new Promise((resolve) => setTimeout(resolve, 1e9));
        if (payload === "fail" && (await env.STATE.get(id, "json")).ran.length === 1) throw new Error("not yet");
    },
} satisfies Ploy;
"#;

async fn start() -> (Project, App) {
    let project = Project::ploy("timer:\n  TIMERS: timers\nstate:\n  STATE: default\n", CODE);
    let app = project.dev().start().await;
    (project, app)
}

async fn set(app: &App, id: &str, after: i64, options: Value) -> Value {
    let body = json!({ "after": after, "options": options }).to_string();
    app.put(&format!("/{id}"), body).await.expect(200).json()["time"].clone()
}

async fn ran(app: &App, id: &str) -> Vec<Value> {
    let reply = app.get(&format!("/{id}")).await.json();
    reply["ran"].as_array().expect("a list").clone()
}

async fn runs(app: &App, id: &str, times: usize) -> Vec<Value> {
    let mut found = Vec::new();
    eventually("the timer runs", async || {
        found = ran(app, id).await;
        found.len() >= times
    })
    .await;
    found
}

#[tokio::test]
async fn a_timer_runs_once_with_what_it_was_given_and_is_gone() {
    let (_project, app) = start().await;
    let time = set(&app, "a", 100, json!({ "payload": { "x": [1] } })).await;
    set(&app, "never", 3_600_000, json!({ "payload": 1 })).await;
    let timer = app.get("/never").await.json()["timer"].clone();
    assert_eq!(
        (&timer["id"], &timer["payload"]),
        (&json!("never"), &json!(1))
    );
    let expected = json!({ "id": "a", "scheduledTime": time, "payload": { "x": [1] } });
    assert_eq!(runs(&app, "a", 1).await, [expected]);
    eventually("it is gone", async || {
        app.get("/a").await.json()["timer"].is_null()
    })
    .await;
    app.delete("/never").await.expect(200);
    assert!(app.get("/never").await.json()["timer"].is_null());
}

#[tokio::test]
async fn one_repeats_and_one_is_set_anew_in_its_handler() {
    let (_project, app) = start().await;
    set(&app, "beat", 0, json!({ "intervalMs": 100 })).await;
    set(&app, "again", 0, json!("again")).await;
    let beats = runs(&app, "beat", 3).await;
    let times: Vec<_> = beats
        .iter()
        .map(|beat| beat["scheduledTime"].as_u64().unwrap())
        .collect();
    assert!(
        times
            .windows(2)
            .all(|pair| pair[1] > pair[0] && (pair[1] - pair[0]) % 100 == 0),
        "{times:?}"
    );
    app.delete("/beat").await.expect(200);
    let again = runs(&app, "again", 2).await;
    assert_eq!(
        (&again[0]["payload"], &again[1]["payload"]),
        (&json!("again"), &json!("last"))
    );
}

#[tokio::test]
async fn timers_survive_kill_9_and_run_once() {
    let (project, app) = start().await;
    for number in 0..10 {
        set(&app, &format!("n{number}"), 500, json!(null)).await;
    }
    set(&app, "hang", 0, json!("hang")).await;
    runs(&app, "hang", 1).await;
    app.kill().await;
    let app = project.dev().start().await;
    for number in 0..10 {
        runs(&app, &format!("n{number}"), 1).await;
    }
    // It was running.
    runs(&app, "hang", 2).await;
    app.kill().await;
    let app = project.dev().start().await;
    set(&app, "fence", 0, json!(null)).await;
    runs(&app, "fence", 1).await;
    for number in 0..10 {
        assert_eq!(ran(&app, &format!("n{number}")).await.len(), 1, "not again");
    }
}

#[tokio::test]
async fn one_that_fails_runs_again() {
    let (_project, app) = start().await;
    set(&app, "bad", 0, json!("fail")).await;
    assert_eq!(runs(&app, "bad", 2).await.len(), 2);
    eventually("it is gone", async || {
        app.get("/bad").await.json()["timer"].is_null()
    })
    .await;
}

#[tokio::test]
async fn what_is_no_time_is_refused() {
    let (_project, app) = start().await;
    for (options, words) in [
        (
            json!({ "intervalMs": 0 }),
            "intervalMs must be at least 1, not 0",
        ),
        (
            json!({ "intervalMs": "1" }),
            "intervalMs must be a number, not a string",
        ),
    ] {
        let body = json!({ "after": 0, "options": options }).to_string();
        let reply = app.put("/x", body).await.expect(400);
        assert!(reply.text().contains(words), "{}", reply.text());
    }
    let body = json!({ "after": "nonsense" }).to_string();
    let reply = app.put("/x?date", body).await.expect(400);
    assert!(
        reply
            .text()
            .contains("must be a Date or milliseconds since 1970"),
        "{}",
        reply.text()
    );
    assert!(app.get("/x").await.json()["timer"].is_null());
}
