//! Calls and requests between an app and its objects: the cases of `js/object_calls.js`, clients that leave,
//! and streams that are larger than memory. Memory is the whole process's, so this is one of its own.

mod support;

use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError};
use cellhouse_runtime::Limits;
use futures_util::StreamExt;
use serde_json::{Value, json};
use support::{App, PATIENCE, Store, get, read, request, resident_bytes};
use tokio::sync::mpsc;

const LIMITS: Limits = Limits {
    cpu: Duration::from_secs(60),
    heap_bytes: 64 << 20,
};

const CASES: &str = concat!(
    include_str!("js/harness.js"),
    include_str!("js/object_calls.js")
);

/// Hands every request on to the object that its path names; the case file's own class.
fn forwarding() -> String {
    let class = CASES.replace("export default {", "const cases_ = {");
    format!(
        r#"{class}
        export default {{
          async fetch(request, env) {{
            const [, how, name, what] = new URL(request.url).pathname.split("/");
            const thing = env.THINGS.getByName(name);
            if (how === "read") return Response.json(await thing.read());
            const there = new Request(url(`/${{what}}`), request);
            const response = await thing.fetch(there);
            if (how === "again") return new Response(response.body, response);
            if (how === "look") return new Response(await response.text(), response);
            return response;
          }},
        }};"#
    )
}

async fn start(code: &str) -> (Store, App) {
    let mut store = Store::with_rest(Duration::from_secs(3600));
    store.limits = LIMITS;
    let app = store.whole_app(code, 2).await;
    (store, app)
}

#[tokio::test]
async fn cases() {
    let (_store, app) = start(CASES).await;
    let report = app.text("/").await;
    let totals = report.rsplit('\n').next().expect("totals");
    let (passed, all) = totals.split_once(" of ").expect("totals");
    assert_eq!(format!("{passed} pass"), all, "{report}");
}

async fn log(app: &App, name: &str) -> Value {
    serde_json::from_str(&app.text(&format!("/read/{name}")).await).expect("JSON")
}

/// Waits until the log of an object has a line that begins so.
async fn until(app: &App, name: &str, line: &str) -> Value {
    let waiting = async {
        loop {
            let log = log(app, name).await;
            let lines = log.as_array().expect("a list").iter();
            if lines
                .clone()
                .any(|one| one.as_str().is_some_and(|one| one.starts_with(line)))
            {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(line)
}

#[tokio::test]
async fn an_object_sees_that_the_client_has_left() {
    let (_store, app) = start(&forwarding()).await;
    let worker = app.worker.clone();
    let asking = tokio::spawn(async move { worker.fetch(get("/pass/one/hang")).await });
    until(&app, "one", "begun").await;
    asking.abort();
    let log = until(&app, "one", "waited").await;
    let seen = "AbortError: The client has disconnected";
    assert_eq!(log, json!(["begun", seen, "goes on", "waited"]));
}

#[tokio::test]
async fn an_object_sees_that_the_client_left_its_answer() {
    let (_store, app) = start(&forwarding()).await;
    for how in ["pass", "again"] {
        for what in ["endless", "silent"] {
            let name = format!("{how}-{what}");
            let path = format!("/{how}/{name}/{what}");
            let response = app.fetch(get(&path)).await.expect("a response");
            drop(response.body);
            let log = until(&app, &name, "cancelled").await;
            let lines = log.as_array().expect("a list");
            assert!(
                lines
                    .iter()
                    .any(|line| line == "AbortError: The client has disconnected"),
                "{log}"
            );
        }
    }
}

#[tokio::test]
async fn an_object_sees_that_the_client_left_its_request() {
    let (_store, app) = start(&forwarding()).await;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, BodyError>>(1);
    let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let body = Body::Stream {
        stream: stream.boxed(),
        length: None,
    };
    let worker = app.worker.clone();
    let asking = request("POST", "/pass/up/upload", body);
    let asking = tokio::spawn(async move { worker.fetch(asking).await });
    sender
        .send(Ok(Bytes::from("some")))
        .await
        .expect("it is read");
    until(&app, "up", "piece").await;
    sender
        .send(Err(BodyError::Disconnected))
        .await
        .expect("it is read");
    let log = until(&app, "up", "Error").await;
    assert_eq!(log, json!(["piece", "Error: Network connection lost."]));
    asking.await.expect("it ends").expect("an answer");
}

/// The bytes of an answer, and its encoding and length.
async fn raw(app: &App, path: &str) -> (Vec<u8>, String, Option<u64>) {
    let response = app.fetch(get(path)).await.expect("a response");
    let encoding = response
        .headers
        .get("content-encoding")
        .expect("an encoding");
    let encoding = encoding.to_str().expect("text").to_owned();
    let length = response.body.length();
    (read(response.body).await.expect("a body"), encoding, length)
}

fn unzipped(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    std::io::Read::read_to_string(&mut decoder, &mut text).expect("gzip, once");
    text
}

#[tokio::test]
async fn clients_get_what_an_object_has_encoded() {
    let (_store, app) = start(&forwarding()).await;
    let (direct, _, length) = raw(&app, "/pass/one/manual").await;
    assert_eq!(length, Some(direct.len() as u64));
    for how in ["pass", "again", "look"] {
        for what in ["manual", "manual-stream", "automatic"] {
            let (bytes, encoding, _) = raw(&app, &format!("/{how}/one/{what}")).await;
            assert_eq!(encoding, "gzip", "{how} {what}");
            let expected = if what == "automatic" {
                "by itself"
            } else {
                "by hand"
            };
            assert_eq!(unzipped(&bytes), expected, "{how} {what}");
            if how != "look" && what != "automatic" {
                assert_eq!(bytes, direct, "not encoded anew: {how} {what}");
            }
        }
        let (bytes, encoding, _) = raw(&app, &format!("/{how}/one/manual-other")).await;
        assert_eq!((&*bytes, &*encoding), (&b"opaque"[..], "zstd"));
        let response = app
            .fetch(get(&format!("/{how}/one/length")))
            .await
            .expect("a response");
        if how != "look" {
            assert_eq!(response.body.length(), Some(5), "{how}");
        }
    }
}

/// 512 MiB pass from one object to another; the slower side sets the pace. The other tests take some memory too.
#[tokio::test]
async fn a_stream_over_rpc_takes_little_memory() {
    let code = r#"
    export class Thing {
      produced = 0;
      large(pieces) {
        const thing = this;
        return new ReadableStream({
          type: "bytes",
          pull(controller) {
            thing.produced++;
            if (pieces-- > 0) return controller.enqueue(new Uint8Array(1 << 20));
            controller.close();
            controller.byobRequest?.respond(0);
          },
        });
      }
      ahead() { return this.produced; }
      async count(stream) {
        let size = 0;
        for await (const chunk of stream) size += chunk.byteLength;
        return size;
      }
    }
    export default { async fetch(request, env) {
      const [from, to] = ["from", "to"].map((name) => env.THINGS.getByName(name));
      const slow = (await from.large(1000)).getReader();
      await slow.read();
      await scheduler.wait(20);
      const ahead = await from.ahead();
      await slow.cancel();
      const size = await to.count(await from.large(512));
      return Response.json([size, ahead <= 3]);
    } };"#;
    let (_store, app) = start(code).await;
    let before = resident_bytes();
    let mut largest = before;
    let mut answer = std::pin::pin!(app.text("/"));
    let answer = loop {
        tokio::select! {
            answer = &mut answer => break answer,
            () = tokio::time::sleep(Duration::from_millis(5)) => largest = largest.max(resident_bytes()),
        }
    };
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer, json!([512_u64 << 20, true]));
    let grown = largest - before;
    assert!(grown < 192 << 20, "{} MiB more", grown >> 20);
}
