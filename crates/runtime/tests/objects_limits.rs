//! What a Durable Object may take: time in blockConcurrencyWhile(), events that wait, memory. Who is hit by a limit,
//! and who is not.

mod support;

use std::time::Duration;

use cellhouse_exchange::Body;
use cellhouse_runtime::{FailureKind, Limits, ObjectTimes};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{App, PATIENCE, Settings, Store, start};

const LONG_REST: Duration = Duration::from_secs(3600);

async fn ask(app: &App, path: &str) -> Value {
    serde_json::from_str(&app.text(path).await).expect("JSON")
}

/// An app with room for many events at once.
async fn roomy(store: &Store, code: &str, isolates: usize) -> App {
    let settings = Settings {
        limits: Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 512 << 20,
        },
        ..store.settings(isolates)
    };
    start(code, settings).await.expect("the app starts")
}

const BLOCKED: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  async fetch(request) {
    const { storage } = this.state;
    if (request.url.endsWith("/block")) {
      await storage.put("before", this.made);
      await storage.sync();
      await this.state.blockConcurrencyWhile(async () => {
        await storage.put("within", this.made);
        console.log("blocks");
        await scheduler.wait(3_600_000);
      });
    }
    return Response.json([this.made, await storage.get("before"), await storage.get("within")]);
  }
}
export default {
  async fetch(request, env) {
    try {
      return await env.THINGS.getByName("one").fetch(request);
    } catch (error) {
      return Response.json([error.name, error.message, error.durableObjectReset]);
    }
  },
};
"#;

/// Everybody is told: the event that blocks, and those that wait for it.
#[tokio::test]
async fn a_block_that_takes_too_long_resets_the_object() {
    let store = Store::with_times(ObjectTimes {
        rest: LONG_REST,
        block: Duration::from_millis(100),
    });
    let app = store.whole_app(BLOCKED, 1).await;
    let blocking = ask(&app, "/block");
    let waiting = async {
        app.log.wait_for("blocks").await;
        ask(&app, "/wait").await
    };
    let (blocking, waiting) = tokio::join!(blocking, waiting);
    let told = json!([
        "Error",
        "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled \
         and the Durable Object was reset.",
        true
    ]);
    assert_eq!((&blocking, &waiting), (&told, &told));
    let next = ask(&app, "/look").await;
    assert_eq!(next[0], 2, "another instance");
    assert_eq!(next[1], 1, "what was durable is there");
}

const QUEUE: &str = r#"
let open;
const opened = new Promise((resolve) => (open = resolve));
export class Thing {
  counted = 0;
  async fetch(request) {
    if (request.url.endsWith("/hold")) await this.state.blockConcurrencyWhile(() => opened);
    return Response.json(++this.counted);
  }
}
const seen = ({ name, message, overloaded, retryable, remote }) => [name, message, overloaded, retryable, remote];
export default {
  async fetch(request, env) {
    const ask = async (name, path = "") => await (await env.THINGS.getByName(name).fetch(`http://object/${path}`)).json();
    await ask("one");
    const held = ask("one", "hold");
    const calls = Array.from({ length: 20_100 }, () => ask("one").catch(seen));
    const refused = [];
    for (const call of calls) call.then((answer) => Array.isArray(answer) && refused.push(answer));
    while (refused.length === 0) await scheduler.wait(5);
    const other = await ask("other");
    open();
    await Promise.all([held, ...calls]);
    return Response.json({ refused: refused.length, error: refused[0], other, counted: await ask("one") });
  },
};
"#;

#[tokio::test]
async fn too_many_events_that_wait_are_refused() {
    let store = Store::with_rest(LONG_REST);
    let app = roomy(&store, QUEUE, 1).await;
    let answer = ask(&app, "/").await;
    let text = "Durable Object is overloaded. Too many requests queued.";
    assert_eq!(
        answer["error"],
        json!(["Error", text, true, null, true]),
        "{answer}"
    );
    assert_eq!(answer["other"], 1, "other objects answer");
    let refused = answer["refused"].as_u64().expect("a number");
    assert!((1..=101).contains(&refused), "{answer}");
    // One before, the one that held it, and one after.
    assert_eq!(answer["counted"], 20_100 - refused + 3, "the others ran");
}

/// The object lives in one isolate, which is busy while another one calls.
const CALLS: &str = r#"
import { DurableObject } from "cloudflare:workers";
let lives = false;
let leave;
const left = new Promise((resolve) => (leave = resolve));
export class Thing extends DurableObject {
  counted = 0;
  constructor(ctx, env) {
    super(ctx, env);
    lives = true;
  }
  async stay() {
    console.log("is home");
    await left;
  }
  leave() { leave(); }
  work(times) { for (let i = 0; i < times; i++) Math.sqrt(i); }
  count() { return ++this.counted; }
}
const seen = ({ name, message, overloaded, retryable, remote }) => [name, message, overloaded, retryable, remote];
export default {
  async fetch(request, env) {
    const stub = env.THINGS.getByName("one");
    if (request.url.endsWith("/home")) {
      await stub.stay();
      return Response.json(null);
    }
    if (lives) return Response.json("here");
    const ran = [];
    const refused = [];
    for (let times = 100_000_000; refused.length === 0; times *= 2) {
      const work = stub.work(times);
      const calls = Array.from({ length: 20_100 }, () => stub.count().catch(seen));
      for (const answer of await Promise.all(calls)) (Array.isArray(answer) ? refused : ran).push(answer);
      await work;
    }
    const inOrder = ran.every((answer, index) => answer === index + 1);
    const counted = await stub.count();
    await stub.leave();
    return Response.json({ error: refused[0], ran: ran.length, inOrder, counted });
  },
};
"#;

/// Those that were refused did not run, and those that ran are told what they returned.
#[tokio::test]
async fn too_many_calls_that_wait_are_refused() {
    let store = Store::with_rest(LONG_REST);
    let app = roomy(&store, CALLS, 2).await;
    // So many that there is a second isolate.
    let home = join_all((0..20).map(|_| ask(&app, "/home")));
    let calling = async {
        app.log.wait_for("is home").await;
        loop {
            let answer = ask(&app, "/call").await;
            if answer != "here" {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let (_, answer) = tokio::join!(home, calling);
    let text = "Durable Object is overloaded. Too many requests queued.";
    assert_eq!(
        answer["error"],
        json!(["Error", text, true, null, true]),
        "{answer}"
    );
    assert_eq!(answer["inOrder"], true, "{answer}");
    // The session goes on.
    let ran = answer["ran"].as_u64().expect("a number");
    assert_eq!(answer["counted"], ran + 1, "{answer}");
}

const HUNGRY: &str = r#"
let made = 0;
const hoard = [];
export class Thing {
  made = ++made;
  async fetch(request) {
    const { storage } = this.state;
    const stored = ((await storage.get("stored")) ?? 0) + 1;
    await storage.put("stored", stored);
    if (request.url.endsWith("/eat")) {
      await storage.sync();
      storage.put("lost", true);
      for (;;) hoard.push({ more: [1, 2, 3] });
    }
    return Response.json([this.made, stored, (await storage.get("lost")) ?? false]);
  }
}
"#;

#[tokio::test]
async fn an_object_that_eats_the_memory_of_its_isolate_starts_anew() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(HUNGRY, 1).await;
    let other = store.app(
        "export class Thing { fetch() { return Response.json('another app'); } }",
        1,
    );
    let other = other.await;
    assert_eq!(ask(&app, "/one").await, json!([1, 1, false]));
    assert_eq!(ask(&app, "/two").await, json!([2, 1, false]));
    assert_eq!(app.failure_kind("/one/eat").await, FailureKind::MemoryLimit);
    assert_eq!(ask(&other, "/three").await, json!("another app"));
    // In a new isolate, so `made` begins again; what was durable is there, and nothing after it.
    assert_eq!(ask(&app, "/one").await, json!([1, 3, false]));
    assert_eq!(ask(&app, "/two").await, json!([2, 2, false]));
}

const LATE: &str = r#"
export class Thing {
  async fetch(request) {
    if (request.url.endsWith("/timer")) setTimeout(() => { throw new Error("in a timer"); }, 1);
    if (request.url.endsWith("/promise")) Promise.reject(new Error("in a promise"));
    if (request.url.endsWith("/wait-until")) this.state.waitUntil(Promise.reject(new Error("in waitUntil")));
    this.seen = (this.seen ?? 0) + 1;
    return Response.json(this.seen);
  }
}
"#;

#[tokio::test]
async fn what_nobody_catches_is_told_and_ends_nothing() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(LATE, 1).await;
    for (number, how) in ["timer", "promise", "wait-until"].into_iter().enumerate() {
        assert_eq!(ask(&app, &format!("/one/{how}")).await, json!(number + 1));
    }
    for text in ["in a timer", "in a promise", "in waitUntil"] {
        app.log.wait_for_failure(&format!("Error: {text}")).await;
    }
    assert_eq!(ask(&app, "/one").await, json!(4), "the same instance");
}

/// Each instance holds 200 KB: all of them together are more than six times what an isolate may have.
const HEAVY: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  ballast = new Uint8Array(200_000).fill(1);
  async fetch() {
    const stored = ((await this.state.storage.get("stored")) ?? 0) + 1;
    await this.state.storage.put("stored", stored);
    return Response.json([this.made, stored, this.ballast.length]);
  }
}
"#;

#[tokio::test]
async fn objects_at_rest_leave_when_memory_is_short() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(HEAVY, 1).await;
    for number in 1..=1000 {
        let answer = ask(&app, &format!("/n{number}")).await;
        assert_eq!(
            answer,
            json!([number, 1, 200_000]),
            "the isolate is the same"
        );
    }
    let resident = store.host.resident();
    assert!((10..160).contains(&resident), "{resident}");
    let last = ask(&app, "/n1000").await;
    assert_eq!(last, json!([1000, 2, 200_000]), "the last ones stayed");
    let first = ask(&app, "/n1").await;
    assert_eq!(first, json!([1001, 2, 200_000]), "the first ones had left");
    let patience = tokio::time::timeout(PATIENCE, app.worker.drain(PATIENCE));
    assert_eq!(patience.await.expect("it ends"), 0);
}

/// Objects elsewhere are called from an isolate that ends.
const ENDING: &str = r#"
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
  spin() {
    console.log("spins");
    for (;;);
  }
  async count() {
    const counted = ((await this.ctx.storage.get("counted")) ?? 0) + 1;
    await this.ctx.storage.put("counted", counted);
    return counted;
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/spin") await env.THINGS.getByName("spinner").spin();
    if (pathname === "/late") {
      console.log("reads");
      await request.text();
    }
    const name = pathname.startsWith("/of-") ? pathname : "counter";
    return Response.json(await env.THINGS.getByName(name).count());
  },
};
"#;

/// They wait behind the loop, in an isolate that takes no more jobs by the time the objects answer: one that it has
/// called before, and others.
#[tokio::test]
async fn requests_that_wait_behind_an_endless_loop_are_answered() {
    let store = Store::with_rest(LONG_REST);
    let app = store.whole_app(ENDING, 1).await;
    assert_eq!(ask(&app, "/").await, 1);
    let behind = async {
        app.log.wait_for("spins").await;
        join_all(["/of-a", "/", "/of-b"].map(|path| ask(&app, path))).await
    };
    let (spun, counted) = tokio::join!(app.get("/spin"), behind);
    assert!(spun.is_err(), "{spun:?}");
    assert_eq!(counted, [1, 2, 1]);
}

#[tokio::test]
async fn a_request_of_old_code_is_answered_by_objects_of_newer_code() {
    let store = Store::with_rest(LONG_REST);
    let (old, new) = (
        store.whole_app(ENDING, 1).await,
        store.whole_app(ENDING, 1).await,
    );
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let body = futures_util::stream::once(async move {
        drop(ended.await);
        Ok(bytes::Bytes::from_static(b"all"))
    });
    let body = Body::Stream {
        stream: Box::pin(body),
        length: None,
    };
    let late = old.fetch(support::request("POST", "/late", body));
    let swap = async {
        old.log.wait_for("reads").await;
        old.worker.retire(&new.worker);
        assert_eq!(ask(&new, "/").await, 1);
        let drained = old.worker.drain(PATIENCE);
        drop(end);
        drained.await
    };
    let (late, left) = tokio::join!(late, swap);
    let late = support::read(late.expect("an answer").body).await;
    assert_eq!((late.expect("a body"), left), (b"2".to_vec(), 0));
}
