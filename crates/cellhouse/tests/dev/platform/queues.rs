//! Queues in real processes: bodies, verdicts, dead letters, kill -9, Ploy's message handler.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{App, Client, Project, eventually, full};

const CONFIG: &str = r#"
name = "app"
main = "src/index.js"
[[kv_namespaces]]
binding = "KV"
[[queues.producers]]
binding = "Q"
queue = "jobs"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 4
max_batch_timeout = 0
max_retries = 1
dead_letter_queue = "dead"
[[queues.consumers]]
queue = "dead"
max_batch_timeout = 0
"#;

/// `POST /` sends its body, a list of messages; what consumers see is in KV, one key for each sighting.
const CODE: &str = r#"
let sightings = 0;
export default {
    async fetch(request, env) {
        if (request.method === "POST") {
            const { metadata } = await env.Q.sendBatch(await request.json());
            return Response.json(metadata);
        }
        if (new URL(request.url).pathname === "/metrics") return Response.json(await env.Q.metrics());
        const seen = [];
        let page;
        do {
            page = await env.KV.list({ cursor: page?.cursor });
            for (const { metadata } of page.keys) seen.push(metadata);
        } while (!page.list_complete);
        return Response.json(seen);
    },
    async queue(batch, env, ctx) {
        let bad = false;
        for (const message of batch.messages) {
            const { body, attempts } = message;
            const at = String(Date.now()).padStart(15, "0") + String(sightings++).padStart(6, "0");
            await env.KV.put(at, "", { metadata: { queue: batch.queue, body, attempts } });
            while (body?.plan === "spin" && batch.queue === "jobs");
            if (body?.plan === "hang") await new Promise((resolve) => setTimeout(resolve, 1e9));
            if (body?.plan === "fail" && batch.queue === "jobs") bad = true;
            else if (body?.plan === "retry" && attempts === 1) message.retry();
            else message.ack();
        }
        if (bad) throw new TypeError("no luck");
    },
};
"#;

fn project() -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.js", CODE)
}

async fn send(app: &App, messages: &Value) -> Value {
    let reply = app.client().send("POST", "/", messages.to_string()).await;
    reply.expect(200).json()
}

async fn seen(app: &App) -> Vec<Value> {
    let seen = app.get("/").await.expect(200).json();
    seen.as_array().expect("a list").clone()
}

fn sighting(queue: &str, body: &Value, attempts: u32) -> Value {
    json!({"queue": queue, "body": body, "attempts": attempts})
}

async fn becomes(app: &App, expected: &[Value]) {
    let mut last = Vec::new();
    eventually("the consumer has seen them", async || {
        last = seen(app).await;
        last.len() >= expected.len()
    })
    .await;
    let mut sorted = last.clone();
    sorted.sort_by_key(Value::to_string);
    let mut expected = expected.to_vec();
    expected.sort_by_key(Value::to_string);
    assert_eq!(sorted, expected);
}

#[tokio::test]
async fn messages_reach_their_consumer_with_their_values() {
    let project = project();
    let app = project.dev().start().await;
    let answer = send(
        &app,
        &json!([
            { "body": { "a": [1, null, "é"] } },
            { "body": "text", "contentType": "text" },
            { "body": null, "contentType": "v8" },
        ]),
    )
    .await;
    assert_eq!(answer["metrics"]["backlogCount"], 3);
    let bodies = [json!({ "a": [1, null, "é"] }), json!("text"), Value::Null];
    becomes(&app, &bodies.map(|body| sighting("jobs", &body, 1))).await;
    eventually("the queue is empty", async || {
        app.get("/metrics").await.json()["backlogCount"] == 0
    })
    .await;
    assert_eq!(
        app.get("/metrics").await.json(),
        json!({"backlogCount": 0, "backlogBytes": 0})
    );
}

#[tokio::test]
async fn what_fails_goes_to_the_dead_letter_queue_and_what_was_acked_does_not_come_again() {
    let project = project();
    let app = project.dev().start().await;
    let (good, bad, again) = (
        json!({"n": 1}),
        json!({"plan": "fail"}),
        json!({"plan": "retry"}),
    );
    send(
        &app,
        &json!([{ "body": good }, { "body": bad }, { "body": again }]),
    )
    .await;
    let expected = [
        sighting("jobs", &good, 1),
        sighting("jobs", &bad, 1),
        sighting("jobs", &bad, 2),
        sighting("dead", &bad, 1),
        sighting("jobs", &again, 1),
        sighting("jobs", &again, 2),
    ];
    becomes(&app, &expected).await;
    let told = app
        .events()
        .find(0, |event| event.to_string().contains("no luck"));
    assert!(told.await.is_some(), "the exception is told of");
}

#[tokio::test]
async fn a_handler_that_never_ends_is_stopped_and_its_messages_go_to_the_dead_letter_queue() {
    let config = format!("{CONFIG}[limits]\ncpu_ms = 200\n");
    let project = project().with("wrangler.toml", &config);
    let app = project.dev().start().await;
    let body = json!({ "plan": "spin" });
    send(&app, &json!([{ "body": body }])).await;
    let expected = [
        sighting("jobs", &body, 1),
        sighting("jobs", &body, 2),
        sighting("dead", &body, 1),
    ];
    becomes(&app, &expected).await;
    let told = app.events().find(0, |event| {
        event.to_string().contains("exceeded CPU time limit")
    });
    assert!(told.await.is_some(), "the limit is told of");
}

#[tokio::test]
async fn what_was_accepted_survives_kill_9() {
    let project = project();
    let app = project.dev().start().await;
    let messages: Vec<_> = (0..60).map(|n| json!({ "body": { "n": n } })).collect();
    for batch in messages.chunks(20) {
        send(&app, &json!(batch)).await;
    }
    app.kill().await;
    let app = project.dev().start().await;
    eventually("all of them are handled", async || {
        let seen = seen(&app).await;
        (0..60).all(|n| seen.iter().any(|one| one["body"]["n"] == n))
    })
    .await;
    // Until the last of them is written down.
    eventually("nothing is left", async || {
        app.get("/metrics").await.json()["backlogCount"] == 0
    })
    .await;
    let handled = seen(&app).await;
    app.kill().await;
    let app = project.dev().start().await;
    send(&app, &json!([{ "body": "fence" }])).await;
    eventually("the fence", async || {
        seen(&app).await.iter().any(|one| one["body"] == "fence")
    })
    .await;
    assert_eq!(
        seen(&app).await.len(),
        handled.len() + 1,
        "nothing comes again"
    );
}

#[tokio::test]
async fn a_message_that_was_being_handled_at_kill_9_comes_again() {
    let project = project();
    let app = project.dev().start().await;
    let body = json!({ "plan": "hang" });
    send(&app, &json!([{ "body": body }])).await;
    becomes(&app, &[sighting("jobs", &body, 1)]).await;
    app.kill().await;
    let app = project.dev().start().await;
    becomes(
        &app,
        &[sighting("jobs", &body, 1), sighting("jobs", &body, 1)],
    )
    .await;
}

#[tokio::test]
async fn without_a_handler_messages_wait_and_it_is_said() {
    let project = project();
    let app = project.dev().start().await;
    let without = CODE.replace("async queue(", "async other(");
    project.write("src/index.js", &without);
    let said = "the app exports no queue() handler: messages of jobs, dead wait until it does";
    let note = app.events().find(0, |event| {
        event["event"] == "note" && event["message"] == said
    });
    assert!(note.await.is_some());
    send(&app, &json!([{ "body": 1 }])).await;
    project.write("src/index.js", CODE);
    becomes(&app, &[sighting("jobs", &json!(1), 1)]).await;
}

const PLOY: &str = r#"
export default {
    async fetch(request, env) {
        const { pathname } = new URL(request.url);
        if (pathname === "/send") return Response.json(await env.JOBS.send({ n: 1 }));
        if (pathname === "/batch") {
            return Response.json(await env.JOBS.sendBatch([{ payload: 2 }, { payload: "x", delaySeconds: 3600 }]));
        }
        if (pathname === "/undefined") {
            return env.JOBS.send(undefined).catch((error) => new Response(String(error)));
        }
        return Response.json((await env.STATE.get("seen", "json")) ?? { all: [] });
    },
    async message(event, env, ctx) {
        const { id, queueName, payload, attempt, timestamp } = event;
        if (payload?.n === 1 && attempt === 1) throw new Error("not yet");
        const seen = { id, queueName, payload, attempt, isDate: timestamp instanceof Date };
        await env.STATE.update("seen", { $push: { all: seen } });
    },
} satisfies Ploy;
"#;

#[tokio::test]
async fn ploys_messages_come_one_by_one_and_again_after_five_seconds() {
    let project = Project::ploy("queue:\n  JOBS: jobs\nstate:\n  STATE: default\n", PLOY);
    let app = project.dev().start().await;
    let one = app.get("/send").await.json()["messageId"].clone();
    let two = app.get("/batch").await.json()["messageIds"].clone();
    assert_eq!(two.as_array().map(Vec::len), Some(2));
    eventually("both are handled", async || {
        app.get("/").await.json()["all"].as_array().map(Vec::len) == Some(2)
    })
    .await;
    let event = |id: &Value, payload: Value, attempt: u32| json!({"id": id, "queueName": "jobs", "payload": payload, "attempt": attempt, "isDate": true});
    let all = app.get("/").await.json()["all"].clone();
    assert_eq!(
        all,
        json!([event(&two[0], json!(2), 1), event(&one, json!({"n": 1}), 2)])
    );
    let refused = app.get("/undefined").await;
    assert_eq!(
        refused.text(),
        "TypeError: Queue send(): the payload must not be undefined."
    );
}

/// On an app that runs, and on one that does not.
#[tokio::test]
async fn the_commands_look_pause_and_purge() {
    let project = project();
    let queues = async |arguments: &[&str]| {
        let exit = project
            .command(&[&["queues"], arguments].concat())
            .run()
            .await;
        (exit.code, format!("{}{}", exit.stdout, exit.stderr))
    };
    let app = project.dev().start().await;
    let (code, said) = queues(&["pause-delivery", "jobs"]).await;
    assert_eq!(code, Some(0), "{said}");
    send(&app, &json!([{ "body": 1 }, { "body": 2 }])).await;
    let (_, listed) = queues(&["list", "--json"]).await;
    let jobs = listed.lines().find(|line| line.contains("\"jobs\""));
    let jobs: Value = serde_json::from_str(jobs.expect("it is listed")).expect("JSON");
    let shown = (
        &jobs["messages"],
        &jobs["bytes"],
        &jobs["paused"],
        &jobs["consumer"],
    );
    assert_eq!(shown, (&json!(2), &json!(2), &json!(true), &json!("app")));
    app.kill().await;
    let (_, said) = queues(&["info", "jobs"]).await;
    assert!(
        said.contains("messages  2") && said.contains("delivery  paused"),
        "{said}"
    );
    let app = project.dev().start().await;
    assert_eq!(seen(&app).await, Vec::<Value>::new(), "it is paused");
    let (code, said) = queues(&["purge", "jobs"]).await;
    assert!(code == Some(2) && said.contains("--force"), "{said}");
    let (code, said) = queues(&["purge", "jobs", "--force"]).await;
    assert_eq!((code, said.trim()), (Some(0), "removed 2 messages"));
    assert_eq!(queues(&["resume-delivery", "jobs"]).await.0, Some(0));
    send(&app, &json!([{ "body": 3 }])).await;
    becomes(&app, &[sighting("jobs", &json!(3), 1)]).await;
    let (code, said) = queues(&["info", "jbos"]).await;
    assert!(
        code == Some(3) && said.contains("there are dead, jobs"),
        "{said}"
    );
}

/// Sends one message after another until the server is gone: those that were accepted.
async fn send_until_gone(client: Client, from: String) -> Vec<String> {
    let mut accepted = Vec::new();
    for number in 0.. {
        let name = format!("{from}-{number}");
        let body = json!([{ "body": { "name": name } }]).to_string();
        let request = client.request("POST", "/").body(full(body));
        match client.try_call(request.expect("a request")).await {
            Ok(reply) if reply.status == 200 => accepted.push(name),
            _ => break,
        }
    }
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_messages_come_and_go_loses_none_that_was_accepted() {
    let project = project();
    let mut accepted = Vec::new();
    for round in 0..3 {
        let app = project.dev().start().await;
        let senders = (0..4).map(|client| {
            let from = format!("{round}-{client}");
            tokio::spawn(send_until_gone(app.client().http2(), from))
        });
        let senders: Vec<_> = senders.collect();
        eventually("some are handled", async || {
            seen(&app).await.len() > round * 20 + 10
        })
        .await;
        app.kill().await;
        for sender in senders {
            accepted.extend(sender.await.expect("it sends"));
        }
    }
    assert!(accepted.len() > 30, "{}", accepted.len());
    let app = project.dev().start().await;
    eventually("nothing is left", async || {
        app.get("/metrics").await.json()["backlogCount"] == 0
    })
    .await;
    let seen: HashSet<String> = seen(&app)
        .await
        .iter()
        .filter_map(|one| Some(one["body"]["name"].as_str()?.to_owned()))
        .collect();
    let lost: Vec<_> = accepted
        .iter()
        .filter(|name| !seen.contains(*name))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
}
