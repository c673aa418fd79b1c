//! `cellhouse tail` of a running `dev`, and `tail()` handlers of apps beside it.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{together, two};
use crate::support::{PATIENCE, Project, eventually};

/// `cellhouse tail`, running and following.
struct Tail {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Tail {
    async fn start(project: &Project, arguments: &[&str]) -> Tail {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cellhouse"))
            .arg("tail")
            .args(arguments)
            .current_dir(project.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut said = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let first = tokio::time::timeout(PATIENCE, said.next_line()).await;
        let first = first.expect("it follows").expect("a line");
        assert!(first.expect("a line").starts_with("waiting for events"));
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Tail {
            lines,
            _child: child,
        }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("an event")
            .expect("a line")
            .expect("it goes on")
    }

    async fn event(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("JSON")
    }
}

const APP: &str = "
    import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
    export class Named extends WorkerEntrypoint { hi(n) { console.log('in rpc', n); return n; } }
    export class Thing extends DurableObject { touch() { console.warn('in an object'); } }
    export default { async fetch(request, env, ctx) {
        const { pathname } = new URL(request.url);
        console.log('hello', { a: 1, b: undefined }, 5n, undefined);
        if (pathname === '/rpc') await ctx.exports.Named.hi(3);
        if (pathname === '/object') await ctx.exports.Thing.getByName('a').touch();
        if (pathname === '/throw') throw new RangeError('thrown');
        if (pathname === '/spin') for (;;);
        if (pathname === '/later') ctx.waitUntil(scheduler.wait(1).then(() => console.log('later')));
        return new Response('ok', { status: 201 });
    } };";

fn project() -> Project {
    let config = "name = \"app\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n\
        [[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Thing\"]\n";
    Project::empty()
        .with("wrangler.toml", config)
        .with("index.js", APP)
}

#[tokio::test]
async fn events_come_in_the_shape_of_cloudflares() {
    let project = project();
    let app = project
        .dev()
        .arguments(&["--cpu-limit-ms", "200"])
        .start()
        .await;
    let mut tail = Tail::start(&project, &["--format", "json"]).await;

    let secret = app
        .client()
        .request("GET", "/?q=1")
        .header("authorization", "Bearer x");
    app.client()
        .call(
            secret
                .header("x-user", "ada")
                .body(crate::support::full(""))
                .unwrap(),
        )
        .await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "ok");
    assert_eq!(event["scriptName"], "app");
    assert_eq!(event["executionModel"], "stateless");
    assert_eq!(event["event"]["response"]["status"], 201);
    let request = &event["event"]["request"];
    assert!(
        request["url"].as_str().unwrap().ends_with("/?q=1"),
        "{request}"
    );
    assert_eq!(request["headers"]["authorization"], "REDACTED");
    assert_eq!(request["headers"]["x-user"], "ada");
    assert!(request.get("unredacted").is_none());
    assert_eq!(
        event["logs"][0]["message"],
        json!(["hello", { "a": 1 }, "5", null])
    );
    assert_eq!(event["logs"][0]["level"], "log");

    app.get("/throw").await.expect(500);
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exception");
    assert_eq!(event["exceptions"][0]["name"], "RangeError");
    assert_eq!(event["exceptions"][0]["message"], "thrown");

    app.get("/rpc").await;
    let mut both = [tail.event().await, tail.event().await];
    both.sort_by_key(|event| event["event"]["rpcMethod"].is_null());
    assert_eq!(both[0]["event"], json!({ "rpcMethod": "hi" }));
    assert_eq!(both[0]["entrypoint"], "Named");
    assert_eq!(both[0]["logs"][0]["message"], json!(["in rpc", 3]));

    app.get("/object").await;
    let mut both = [tail.event().await, tail.event().await];
    both.sort_by_key(|event| event["event"]["rpcMethod"].is_null());
    assert_eq!(both[0]["executionModel"], "durableObject");
    assert_eq!(both[0]["entrypoint"], "Thing");
    assert_eq!(both[0]["durableObjectId"].as_str().map(str::len), Some(64));
    assert_eq!(both[0]["logs"][0]["level"], "warn");

    app.get("/later").await;
    let event = tail.event().await;
    assert_eq!(event["logs"][1]["message"], json!(["later"]));

    app.get("/spin").await.expect(500);
    assert_eq!(tail.event().await["outcome"], "exceededCpu");
}

#[tokio::test]
async fn what_is_not_asked_for_is_left_out() {
    let project = project();
    let app = project.dev().start().await;
    let mut errors = Tail::start(&project, &["--status", "error", "--format", "pretty"]).await;
    let mut posts = Tail::start(&project, &["--method", "post", "--format", "json"]).await;
    let mut later = Tail::start(&project, &["--search", "later"]).await;
    app.get("/").await;
    app.post("/").await;
    app.get("/later").await;
    app.get("/throw").await;
    let line = errors.line().await;
    assert!(
        line.starts_with("GET http://") && line.contains("/throw - Exception @ "),
        "{line}"
    );
    assert_eq!(errors.line().await, "  (log) hello {\"a\":1} 5 null");
    assert_eq!(errors.line().await, "  RangeError: thrown");
    assert_eq!(posts.event().await["event"]["request"]["method"], "POST");
    let later = later.event().await;
    assert!(
        later["event"]["request"]["url"]
            .as_str()
            .unwrap()
            .ends_with("/later")
    );
}

#[tokio::test]
async fn an_app_that_does_not_run_cannot_be_followed() {
    let project = project();
    let exit = project.command(&["tail"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    drop(project.dev().start().await.stop(libc::SIGTERM).await);
    let exit = project.command(&["tail"]).run().await;
    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert!(
        exit.stderr.contains("no app runs on this data"),
        "{}",
        exit.stderr
    );
}

#[tokio::test]
async fn another_app_gets_what_happens() {
    let consumers = "[[tail_consumers]]\nservice = \"second\"\n";
    let first = "export default { fetch(request) {
        console.log('seen');
        if (new URL(request.url).pathname === '/throw') throw new TypeError('thrown');
        return new Response('ok');
    } };";
    let second = "export default {
        async tail(events, env, ctx) {
            for (const { outcome, logs, exceptions, event, scriptName } of events) {
                const { headers } = event.request.getUnredacted();
                const { cookie } = event.request.headers;
                console.log(JSON.stringify([
                    scriptName, outcome, logs[0].message, exceptions.map(({ name }) => name), cookie, headers.cookie,
                ]));
            }
        },
    };";
    let project = two(consumers, first, second);
    let app = together(&project).start().await;
    for path in ["/", "/throw"] {
        let request = app.client().request("GET", path).header("cookie", "a=b");
        app.client()
            .call(request.body(crate::support::full("")).unwrap())
            .await;
    }
    for expected in [
        json!(["first", "ok", ["seen"], [], "REDACTED", "a=b"]),
        json!([
            "first",
            "exception",
            ["seen"],
            ["TypeError"],
            "REDACTED",
            "a=b"
        ]),
    ] {
        let line = format!("[second] {expected}");
        eventually("the handler prints it", async || {
            app.events()
                .all(0, "console")
                .iter()
                .any(|event| event["message"] == line)
        })
        .await;
    }
}

#[tokio::test]
async fn a_consumer_without_a_handler_is_an_error() {
    let hello = "export default { fetch() { return new Response('hello'); } };";
    let consumers = "[[tail_consumers]]\nservice = \"second\"\n";
    let exit = together(&two(consumers, hello, hello)).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    assert!(
        exit.stderr
            .contains("the app `second` has no tail() handler"),
        "{}",
        exit.stderr
    );
}
