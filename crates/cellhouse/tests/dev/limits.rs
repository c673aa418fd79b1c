//! An app that runs away gets an error, is replaced, and answers again.

use futures_util::stream;
use http::header::CONTENT_LENGTH;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{App, PATIENCE, Project, streamed};

const GREEDY: &str = r#"
const kept: unknown[] = [];

export default {
    async fetch(request: Request): Promise<Response> {
        switch (new URL(request.url).pathname) {
            case "/spin":
                for (;;) {}
            case "/spin-later":
                await scheduler.wait(10);
                for (;;) {}
            case "/promises": {
                const again = (): Promise<void> => Promise.resolve().then(again);
                await again();
            }
            case "/objects":
                for (;;) kept.push({ one: kept.length, two: [kept.length, "three" + kept.length] });
            case "/strings":
                for (let text = "abc"; ; text += text) kept.push(text + kept.length);
            case "/bytes":
                for (;;) kept.push(new Uint8Array(1 << 20).fill(kept.length));
            case "/length": {
                let length = 0;
                for await (const piece of request.body ?? []) length += piece.byteLength;
                return Response.json({ length });
            }
            default:
                return new Response("fine");
        }
    },
};
"#;

async fn start(arguments: &[&str]) -> (Project, App) {
    let project = Project::ploy("", GREEDY);
    let app = project.dev().arguments(arguments).start().await;
    (project, app)
}

/// The request fails, and the app goes on.
async fn survives(app: &App, path: &str) {
    app.get("/").await.expect(200);
    let reply = app.get(path).await;
    assert!(reply.status.is_server_error(), "{path}: {reply:?}");
    assert_eq!(
        app.get("/").await.expect(200).text(),
        "fine",
        "after {path}"
    );
}

#[tokio::test]
async fn endless_loops_end_at_the_cpu_limit() {
    let (_project, app) = start(&["--cpu-limit-ms", "300"]).await;
    for path in ["/spin", "/spin-later", "/promises", "/spin"] {
        survives(&app, path).await;
    }
}

#[tokio::test]
async fn memory_ends_at_the_limit() {
    let (_project, app) = start(&["--memory-limit-mb", "64"]).await;
    for path in ["/objects", "/strings", "/bytes", "/objects"] {
        survives(&app, path).await;
    }
}

#[tokio::test]
async fn the_terminal_says_which_limit_was_hit() {
    let (_project, app) = start(&["--cpu-limit-ms", "300", "--memory-limit-mb", "64"]).await;
    for (path, word) in [("/spin", "CPU"), ("/objects", "memory")] {
        let mark = app.events().mark();
        app.get(path).await;
        let error = app.events().next(mark, "error").await.expect("it goes on");
        assert!(
            error["message"].as_str().expect("a message").contains(word),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_body_announced_as_too_long_is_refused_unread() {
    let (_project, app) = start(&[]).await;
    let mut stream = TcpStream::connect(app.client().address())
        .await
        .expect("connect");
    let head = format!(
        "POST /length HTTP/1.1\r\nHost: {}\r\n{CONTENT_LENGTH}: {}\r\n\r\n",
        app.client().address(),
        100 * 1024 * 1024 + 1
    );
    stream.write_all(head.as_bytes()).await.expect("send");
    let mut answer = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer))
        .await
        .expect("no answer")
        .expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_that_grows_too_long_is_cut_off() {
    let (_project, app) = start(&[]).await;
    let piece = bytes::Bytes::from(vec![7; 1 << 20]);
    for (pieces, status) in [(99, 200), (101, 413)] {
        let body = streamed(stream::iter(vec![piece.clone(); pieces]));
        let request = app
            .client()
            .request("POST", "/length")
            .body(body)
            .expect("a request");
        match app.client().try_call(request).await {
            Ok(reply) => assert_eq!(reply.status.as_u16(), status, "{reply:?}"),
            // The server may close the connection before the client has sent all.
            Err(error) => assert_eq!(status, 413, "{error}"),
        }
    }
    app.get("/").await.expect(200);
}
