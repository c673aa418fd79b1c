//! Isolates that end, of a limit or because newer code is there: what they have begun they finish, with objects
//! that live elsewhere by then.

mod support;

use std::time::Duration;

use cellhouse_exchange::Body;
use futures_util::future::join_all;
use serde_json::Value;
use support::{App, PATIENCE, Store};

const LONG_REST: Duration = Duration::from_secs(3600);

async fn ask(app: &App, path: &str) -> Value {
    serde_json::from_str(&app.text(path).await).expect("JSON")
}

/// Objects elsewhere are called from an isolate that ends.
const ENDING: &str = r#"
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
  spin() {
    console.log("spins");
    for (;;);
  }
  // After the answer.
  later() {
    this.ctx.waitUntil((async () => {
      await scheduler.wait(30);
      await this.env.THINGS.getByName("counter").count();
      await this.ctx.storage.put("done", true);
      console.log("done");
    })());
    return null;
  }
  forever() {
    this.ctx.waitUntil(new Promise(() => {}));
    return null;
  }
  end() { this.ctx.abort("a test ends it"); }
  done() { return this.ctx.storage.get("done"); }
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
    if (pathname === "/forever") {
      // Something is always under way.
      setInterval(() => {}, 10);
      const stub = env.THINGS.getByName("endless");
      await stub.forever();
      return Response.json(await stub.end().catch((error) => error.message));
    }
    if (pathname === "/later") return Response.json(await env.THINGS.getByName("worker").later());
    if (pathname === "/done") return Response.json(await env.THINGS.getByName("worker").done());
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

#[tokio::test]
async fn what_an_object_waits_for_by_itself_is_finished_by_old_code() {
    let store = Store::with_rest(LONG_REST);
    let (old, new) = (
        store.whole_app(ENDING, 1).await,
        store.whole_app(ENDING, 1).await,
    );
    assert_eq!(ask(&old, "/later").await, Value::Null);
    old.worker.retire(&new.worker);
    assert_eq!(old.worker.drain(PATIENCE).await, 0);
    assert_eq!(old.log.lines(), ["done"]);
    assert_eq!(ask(&new, "/done").await, true);
    assert_eq!(ask(&new, "/").await, 2);
}

#[tokio::test]
async fn what_a_reset_object_waited_for_keeps_nothing_open() {
    let store = Store::with_rest(LONG_REST);
    let app = store.whole_app(ENDING, 1).await;
    assert_eq!(ask(&app, "/forever").await, "a test ends it");
    assert_eq!(app.worker.drain(PATIENCE).await, 0);
}
