//! What is left of R2 after kill -9.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;

use super::{FILES, files, pattern, project, start};
use crate::support::{eventually, streamed};

#[tokio::test]
async fn an_answered_put_survives_kill_9() {
    let (project, app) = start(FILES).await;
    for size in [100, 100_000] {
        app.put(&format!("/{size}"), pattern(size))
            .await
            .expect(200);
    }
    app.kill().await;
    let app = project.dev().start().await;
    for size in [100, 100_000] {
        let got = app.get(&format!("/{size}")).await.expect(200);
        assert!(got.body == pattern(size));
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_upload_that_died() {
    let project = project(FILES);
    let app = project.dev().start().await;
    app.put("/a", pattern(50_000)).await.expect(200);
    let before = files(&project);
    // Three of the four mebibytes arrive, and then nothing.
    let chunks = futures_util::stream::iter((0..48).map(|_| Bytes::from(pattern(64 << 10))));
    let body = streamed(chunks.chain(futures_util::stream::pending()));
    let request = app.client().request("PUT", "/a");
    let request = request
        .header("content-length", (4 << 20).to_string())
        .body(body)
        .expect("a request");
    let client = app.client().clone();
    let upload = tokio::spawn(async move { client.try_call(request).await });
    eventually("the body is being written", async || {
        files(&project).len() > before.len()
    })
    .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    app.kill().await;
    drop(upload.await);
    assert!(files(&project).len() > before.len(), "a draft is there");
    let app = project.dev().start().await;
    assert!(
        app.get("/a").await.expect(200).body == pattern(50_000),
        "the old object is whole"
    );
    eventually("the draft is swept", async || files(&project) == before).await;
}

#[tokio::test]
async fn a_client_that_leaves_stores_nothing() {
    let (project, app) = start(FILES).await;
    let chunks = futures_util::stream::iter((0..32).map(|_| Bytes::from(pattern(64 << 10))));
    let body = streamed(chunks.chain(futures_util::stream::pending()));
    let request = app.client().request("PUT", "/a");
    let request = request
        .header("content-length", (4 << 20).to_string())
        .body(body)
        .expect("a request");
    let client = app.client().clone();
    let upload = tokio::spawn(async move { client.try_call(request).await });
    eventually("the body is being written", async || {
        !files(&project).is_empty()
    })
    .await;
    upload.abort();
    eventually("the draft is gone", async || files(&project).is_empty()).await;
    app.get("/a").await.expect(404);
}
