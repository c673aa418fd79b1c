//! The Cache API over HTTP: what is stored streams through, in memory, in files and in Redis.

use std::fs;

use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use crate::support::{App, Project, Redis, full, streamed};

const APP: &str = r#"
const cache = caches.default;
const keep = { "cache-control": "max-age=600" };

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const key = `http://cache.test${pathname}`;
    if (request.method === "PUT") {
      await cache.put(key, new Response(request.body, { headers: keep }));
      return new Response(null, { status: 204 });
    }
    if (request.method === "DELETE") return Response.json(await cache.delete(key));
    if (pathname === "/fails") {
      let pulled = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (++pulled > 40) controller.error(new RangeError("no more"));
          else controller.enqueue(new Uint8Array(8192));
        },
      });
      const error = await cache.put(key, new Response(body, { headers: keep })).catch((error) => error);
      return Response.json([error.name, error.message, await cache.match(key) === undefined]);
    }
    if (pathname === "/encoded") {
      const response = new Response("hello", { headers: { ...keep, "content-encoding": "gzip" } });
      await cache.put(key, response);
      const found = await cache.match(key);
      const text = await found.clone().text();
      return new Response(found.body, { headers: { "x-text": text, "content-encoding": "gzip" } });
    }
    const wanted = new Request(key, { method: request.method, headers: request.headers });
    const found = await cache.match(wanted, { ignoreMethod: true });
    return found ?? new Response("nothing", { status: 404 });
  },
};
"#;

fn project(name: &str) -> Project {
    let config =
        format!("name = \"{name}\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n");
    Project::empty()
        .with("wrangler.toml", &config)
        .with("index.js", APP)
}

fn body(length: u32) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

fn files(project: &Project) -> Vec<u64> {
    let folder = fs::read_dir(project.path().join(".cellhouse/caches"));
    let files = folder.into_iter().flatten().flatten();
    files
        .map(|file| file.metadata().expect("a file").len())
        .collect()
}

async fn asked(app: &App, method: &str, path: &str, header: (&str, &str)) -> crate::support::Reply {
    let request = app.client().request(method, path);
    let request = request.header(header.0, header.1).body(full(""));
    app.client().call(request.expect("a request")).await
}

#[tokio::test]
async fn a_large_body_is_in_a_file_and_its_parts_can_be_asked_for() {
    let project = project("large");
    let app = project.dev().start().await;
    let large = body(3_000_000);
    app.put("/large", large.clone()).await.expect(204);
    app.put("/small", body(1_000)).await.expect(204);
    assert_eq!(files(&project), [3_000_000]);

    let whole = app.get("/large").await.expect(200);
    assert_eq!(whole.body, large);
    assert_eq!(whole.header("cf-cache-status"), "HIT");
    assert_eq!(whole.header("content-length"), "3000000");
    let part = asked(&app, "GET", "/large", ("range", "bytes=1000000-1099999")).await;
    assert_eq!(
        part.header("content-range"),
        "bytes 1000000-1099999/3000000"
    );
    assert_eq!(part.expect(206).body, large[1_000_000..1_100_000]);
    let beyond = asked(&app, "GET", "/large", ("range", "bytes=3000000-")).await;
    assert_eq!(
        beyond.expect(416).header("content-range"),
        "bytes */3000000"
    );
    let head = asked(&app, "HEAD", "/large", ("accept", "*/*"))
        .await
        .expect(200);
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        ("3000000", 0)
    );

    assert_eq!(app.delete("/large").await.json(), json!(true));
    assert_eq!(app.delete("/large").await.json(), json!(false));
    app.get("/large").await.expect(404);
    assert!(files(&project).is_empty());
}

#[tokio::test]
async fn it_does_not_outlive_the_process() {
    let project = project("ephemeral");
    let app = project.dev().start().await;
    app.put("/a", body(200_000)).await.expect(204);
    app.kill().await;
    assert_eq!(files(&project), [200_000]);
    let app = project.dev().start().await;
    assert!(files(&project).is_empty(), "of the process before");
    app.get("/a").await.expect(404);
}

#[tokio::test]
async fn a_body_that_fails_is_not_stored_and_the_error_is_its_own() {
    let project = project("fails");
    let app = project.dev().start().await;
    let answer = app.get("/fails").await.json();
    assert_eq!(answer, json!(["RangeError", "no more", true]));
    assert!(files(&project).is_empty());
}

#[tokio::test]
async fn an_upload_that_is_cut_off_is_not_stored() {
    let project = project("cut");
    let app = project.dev().start().await;
    let pieces = stream::iter([Bytes::from(body(300_000))]);
    let request = app
        .client()
        .request("PUT", "/cut")
        .header("content-length", "400000")
        .body(streamed(pieces));
    let sent = app.client().try_call(request.expect("a request")).await;
    assert!(sent.is_err() || sent.is_ok_and(|reply| reply.status != 204));
    crate::support::eventually("the file is gone", async || files(&project).is_empty()).await;
    app.get("/cut").await.expect(404);
}

#[tokio::test]
async fn what_the_client_gets_encoded_is_stored_as_it_was() {
    let project = project("encoded");
    let app = project.dev().start().await;
    let reply = app.get("/encoded").await.expect(200);
    assert_eq!(reply.header("x-text"), "hello");
    assert_eq!(reply.header("content-encoding"), "gzip");
    assert_eq!(reply.body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn a_small_limit_makes_the_least_used_leave() {
    let project = project("limit");
    let app = project
        .dev()
        .arguments(&["--caches-limit-mb", "1"])
        .start()
        .await;
    for path in ["/a", "/b", "/c"] {
        app.put(path, body(400_000)).await.expect(204);
    }
    app.get("/a").await.expect(404);
    app.get("/b").await.expect(200);
    app.put("/too-large", body(2_000_000)).await.expect(204);
    app.get("/too-large").await.expect(404);
    assert_eq!(files(&project).len(), 2);
}

#[tokio::test]
async fn processes_of_one_app_share_redis_and_other_apps_see_nothing() {
    let redis = Redis::start().await;
    let start = async |name| {
        let project = project(name);
        let dev = project.dev().arguments(&["--cache", &redis.url()]);
        let app = dev.start().await;
        (project, app)
    };
    let (first, second, other) = (
        start("shared").await,
        start("shared").await,
        start("other").await,
    );
    first.1.put("/a", body(200_000)).await.expect(204);
    assert!(files(&first.0).is_empty());
    assert_eq!(second.1.get("/a").await.expect(200).body, body(200_000));
    let part = asked(&second.1, "GET", "/a", ("range", "bytes=-10")).await;
    assert_eq!(part.expect(206).body, body(200_000)[199_990..]);
    other.1.get("/a").await.expect(404);
    let ttl = redis
        .ask("EVAL \"return redis.call('PTTL',redis.call('KEYS','*')[1])\" 0")
        .await;
    let ttl: u64 = ttl.trim_start_matches(':').parse().expect("a number");
    assert!((1..=600_000).contains(&ttl), "{ttl}");
    assert_eq!(second.1.delete("/a").await.json(), json!(true));
    first.1.get("/a").await.expect(404);
    // Larger than what a value of Redis is used for.
    first.1.put("/large", body(5_000_000)).await.expect(204);
    first.1.get("/large").await.expect(404);
}
