//! `on`, `send` and `every`: which handlers get which events, what becomes of those that fail, and the
//! events that State and sessions send by themselves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

fn project() -> Project {
    Project::ploy("state:\n  STATE: default\n", include_str!("events.ts"))
}

async fn post(app: &App, path: &str, body: Value) {
    let client = app.client();
    client
        .send("POST", path, body.to_string())
        .await
        .expect(200);
}

/// What handlers saw, by handler: the event or a part of it, and something more.
async fn seen(app: &App) -> BTreeMap<String, Vec<(Value, Value)>> {
    let mut by_handler: BTreeMap<String, Vec<(Value, Value)>> = BTreeMap::new();
    for row in app
        .get("/")
        .await
        .expect(200)
        .json()
        .as_array()
        .expect("a list")
    {
        let handler = row[0].as_str().expect("a name").to_owned();
        by_handler
            .entry(handler)
            .or_default()
            .push((row[1].clone(), row[2].clone()));
    }
    by_handler
}

async fn whats(app: &App, handler: &str) -> Vec<Value> {
    let seen = seen(app).await;
    let of_it = seen.get(handler).cloned().unwrap_or_default();
    of_it.into_iter().map(|(what, _)| what).collect()
}

async fn until_handled(app: &App) {
    eventually("all events are handled", async || {
        app.get("/pending").await.expect(200).json() == json!(0)
    })
    .await;
}

#[tokio::test]
async fn a_handler_gets_the_events_of_its_pattern() {
    let project = project();
    let app = project.dev().start().await;
    let events = json!([
        ["Order.created", { "id": "o1", "orderId": 7 }],
        ["Order.paid", { "id": "o1" }],
        ["Shop.opened", {}],
        ["Shop.closed", { "loud": true }],
        ["Shop.sold", { "loud": true }],
    ]);
    post(&app, "/send", events).await;
    until_handled(&app).await;
    let created = whats(&app, "created").await;
    assert_eq!(created.len(), 1, "{created:?}");
    let event = &created[0];
    assert_eq!(
        event["what"],
        json!({ "$type": "Order", "id": "o1", "orderId": 7 })
    );
    assert_eq!(event["metadata"], "created");
    assert_eq!(
        (&event["orderId"], &event["$type"]),
        (&json!(7), &json!("Order.created"))
    );
    assert!(event["$id"].is_string(), "{event}");
    assert_eq!(whats(&app, "any").await, ["Order.created", "Order.paid"]);
    let mut by_expression = whats(&app, "regexp").await;
    by_expression.sort_by_key(ToString::to_string);
    assert_eq!(by_expression, ["Shop.closed", "Shop.opened"]);
    assert_eq!(whats(&app, "predicate").await, ["Shop.closed", "Shop.sold"]);
    assert_eq!(whats(&app, "removed").await, [Value::Null; 0]);
}

#[tokio::test]
async fn events_of_a_subject_keep_their_order_across_handlers() {
    let project = project();
    let app = project.dev().start().await;
    let events: Vec<Value> = (0..3)
        .flat_map(|n| {
            ["sailed", "landed"].map(|what| json!([format!("Ship.{what}"), { "id": 1, "n": n }]))
        })
        .collect();
    post(&app, "/send", json!(events)).await;
    until_handled(&app).await;
    let expected = [
        "sailed 0", "landed 0", "sailed 1", "landed 1", "sailed 2", "landed 2",
    ];
    assert_eq!(whats(&app, "ship").await, expected);
}

#[tokio::test]
async fn a_handler_that_fails_is_tried_again_alone_and_in_order() {
    let project = project();
    let app = project.dev().start().await;
    let events = json!([
        ["Flaky.tried", { "id": "a", "n": 1 }],
        ["Flaky.tried", { "id": "a", "n": 2 }],
        ["Flaky.tried", { "id": "b", "n": 1 }],
    ]);
    post(&app, "/send", events).await;
    until_handled(&app).await;
    let seen = seen(&app).await;
    let of = |handler: &str, id: &str| -> Vec<Value> {
        let rows = seen[handler].iter().filter(|(what, _)| what == id);
        rows.map(|(_, attempt)| attempt.clone()).collect()
    };
    assert_eq!(of("flaky", "a"), [1, 2, 3, 1, 2, 3]);
    assert_eq!(of("flaky", "b"), [1, 2, 3]);
    assert_eq!(
        (of("steady", "a"), of("steady", "b")),
        (vec![json!(1), json!(1)], vec![json!(1)])
    );
}

#[tokio::test]
async fn what_fails_for_good_is_a_dead_letter_that_survives_a_crash() {
    let project = project();
    let app = project.dev().start().await;
    let events = json!([["Broken.tried", { "id": "x" }], ["Hanging.tried", { "id": "y" }]]);
    post(&app, "/send", events).await;
    until_handled(&app).await;
    app.kill().await;
    let app = project.dev().start().await;
    let dead = app.get("/dead").await.expect(200).json();
    let mut told: Vec<_> = dead
        .as_array()
        .expect("a list")
        .iter()
        .map(|letter| {
            (
                letter["handler"].clone(),
                letter["attempts"].clone(),
                letter["error"].clone(),
            )
        })
        .collect();
    told.sort_by_key(|(handler, ..)| handler.to_string());
    let late = json!("the handler was not done after 20 ms");
    assert_eq!(
        told,
        [
            (json!("Hanging.tried"), json!(1), late),
            (json!("broken"), json!(3), json!("never ever")),
        ]
    );
    assert_eq!(whats(&app, "onError").await, ["never ever"; 3]);
    assert_eq!(app.get("/retry").await.expect(200).json(), 2);
    until_handled(&app).await;
    assert_eq!(whats(&app, "onError").await.len(), 6);
    assert_eq!(
        app.get("/dead").await.json().as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn changes_of_state_are_events() {
    let project = project();
    let app = project.dev().start().await;
    let changes = json!([
        ["put", "k", "1"],
        ["set", "k", "2"],
        ["update", "u", { "$set": { "a": 1 } }],
        ["update", "u", { "$inc": { "a": 1 } }],
        ["delete", "k"],
        ["delete", "nothing"],
    ]);
    post(&app, "/state", changes).await;
    eventually("the last change is an event", async || {
        whats(&app, "State.deleted").await.len() == 1
            && whats(&app, "State.updated").await.len() == 4
    })
    .await;
    let sorted = async |handler: &str| {
        let mut keys = whats(&app, handler).await;
        keys.sort_by_key(ToString::to_string);
        keys
    };
    assert_eq!(sorted("State.created").await, ["k", "u"]);
    assert_eq!(sorted("State.updated").await, ["k", "k", "u", "u"]);
    assert_eq!(sorted("State.deleted").await, ["k"]);
    let stores = seen(&app).await["State.created"].clone();
    assert!(
        stores.iter().all(|(_, store)| store == "STATE"),
        "{stores:?}"
    );
}

#[tokio::test]
async fn a_session_that_expires_says_so_once() {
    let project = project();
    let app = project.dev().start().await;
    app.client()
        .send("POST", "/session", "null")
        .await
        .expect(200);
    eventually("both sessions have expired", async || {
        whats(&app, "Session.expired").await.len() == 2
    })
    .await;
    until_handled(&app).await;
    let mut ids = whats(&app, "Session.expired").await;
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, ["s", "u"]);
}

#[tokio::test]
async fn a_schedule_runs_once_per_due_time_also_after_a_crash() {
    let project = project();
    for runs in [2, 4] {
        let app = project.dev().start().await;
        eventually("the schedule has run", async || {
            whats(&app, "every").await.len() >= runs
        })
        .await;
        app.kill().await;
    }
    let app = project.dev().start().await;
    let mut times: Vec<String> = seen(&app).await["every"]
        .iter()
        .map(|(_, time)| time.to_string())
        .collect();
    assert!(times.iter().all(|time| time.contains(".000Z")), "{times:?}");
    let all = times.len();
    times.dedup();
    assert_eq!(times.len(), all);
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_change_of_state_has_its_event_also_after_a_crash() {
    let project = project();
    for round in 0..4 {
        let app = project.dev().start().await;
        let key = format!("k{round}");
        post(&app, "/state", json!([["put", key, "1"]])).await;
        app.kill().await;
    }
    let app = project.dev().start().await;
    eventually("each change has its event", async || {
        let mut keys = whats(&app, "State.created").await;
        keys.sort_by_key(ToString::to_string);
        keys.dedup();
        keys == ["k0", "k1", "k2", "k3"]
    })
    .await;
}

const POISON: &str = "
    import { $, on, send, state } from 'sdk.do';
    export class Seen { list = []; async add(n) { this.list.push(n); await state.save(this); } all() { return this.list; } }
    on($.Loop.begun, () => { for (;;); });
    on($.Fine.done, async (event) => (await state.get(Seen, 'all')).add(event.n));
    export default { async fetch(request) {
        if (request.method === 'GET') return Response.json([await (await state.get(Seen, 'all')).all(), await on.dead.list()]);
        await Promise.all([send('Loop.begun', { id: 1 }), send('Fine.done', { id: 2, n: 7 })]);
        return Response.json(null);
    } };
";

#[tokio::test]
async fn a_handler_that_ends_its_isolate_is_given_up() {
    let project = Project::ploy("", POISON);
    let dev = project.dev().arguments(&["--cpu-limit-ms", "200"]);
    let app = dev.start().await;
    // The answer may be cut off: the log lives where it was first called from.
    app.post("/").await;
    eventually("it is given up", async || {
        let reply = app.get("/").await;
        reply.status == 200 && reply.json()[1][0]["handler"] == "Loop.begun"
    })
    .await;
    eventually("the other one has its event", async || {
        let reply = app.get("/").await;
        reply.status == 200 && reply.json()[0] == json!([7])
    })
    .await;
}
