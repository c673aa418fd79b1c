//! A client that is not ours: npm's `ws`, with every way to agree on compression. Its zlib is another than the
//! gateway's, so that a mistake is not made on both sides. By itself, because it keeps the machine busy, and
//! other tests wait for time limits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_exchange::{Body, Handler, HandlerFuture, Request, Response, WebSocketEnd};
use cellhouse_gateway::{Gateway, Options};
use tokio::process::Command;

/// The client sends some 5 MB on each of 9 connections.
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends back what it gets.
struct Echo;

impl Handler for Echo {
    fn handle(&self, _request: Request) -> HandlerFuture {
        let (ours, theirs) = WebSocketEnd::pair();
        let (sender, mut receiver) = ours.split();
        tokio::spawn(async move {
            while let Some(frame) = receiver.receive().await {
                sender.send(frame).unwrap();
            }
        });
        let mut response = Response::text(101, Body::Empty);
        response.web_socket = Some(theirs);
        Box::pin(std::future::ready(response))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn npms_client_gets_back_what_it_sends() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let packages = folder.join("node_modules");
    assert!(
        packages.is_dir(),
        "{} is missing: run ./test, or `npm ci` beside it",
        packages.display()
    );
    let options = Options {
        listen: vec![([127, 0, 0, 1], 0).into()],
        ..Options::default()
    };
    let gateway = Gateway::bind(options).unwrap();
    let url = format!("ws://{}/", gateway.local_addr());
    tokio::spawn(gateway.run(Arc::new(Echo), std::future::pending()));
    let client = Command::new("node")
        .arg("echo.mjs")
        .arg(url)
        .current_dir(folder)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, client);
    let output = output
        .await
        .expect("the client comes to an end")
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
