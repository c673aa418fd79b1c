//! Shutting down: nothing new is taken, what runs is finished, what does not finish is cut off.

use std::time::Duration;

use cellhouse_exchange::{Request, Response};
use cellhouse_gateway::{Options, Summary};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::helper::*;

/// A handler that answers when told to.
fn held(options: Options) -> (Running, Counter, tokio::sync::watch::Sender<bool>) {
    let began = Counter::default();
    let counter = began.clone();
    let (release, released) = tokio::sync::watch::channel(false);
    let server = start(options, move |_: Request| {
        counter.add();
        let mut released = released.clone();
        async move {
            released.wait_for(|released| *released).await.unwrap();
            text("finished")
        }
    });
    (server, began, release)
}

#[tokio::test]
async fn running_requests_are_finished() {
    let (mut server, began, release) = held(options());
    let mut idle = server.connect().await;
    let mut client = server.connect().await;
    client.send(get("/")).await;
    began.reaches(1).await;
    server.begin_shutdown();
    assert_eq!(idle.rest().await, "");
    // Nobody listens any more.
    let address = server.address;
    until(|| std::net::TcpStream::connect(address).is_err()).await;
    release.send(true).unwrap();
    let answer = client.answer().await;
    assert_eq!(answer.text(), "finished");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(client.rest().await, "");
    let expected = Summary {
        drained: 1,
        aborted: 0,
    };
    assert_eq!(server.summary().await, expected);
}

#[tokio::test]
async fn a_shutdown_without_requests_is_quick() {
    let (mut server, began, release) = held(options());
    release.send(true).unwrap();
    let mut client = server.connect().await;
    client.send(get("/")).await;
    assert_eq!(client.answer().await.text(), "finished");
    assert_eq!(began.get(), 1);
    server.begin_shutdown();
    assert_eq!(client.rest().await, "");
    assert_eq!(server.summary().await, Summary::default());
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off() {
    let options = Options {
        drain_timeout: Duration::from_millis(100),
        ..options()
    };
    let (mut server, began, _release) = held(options);
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect().await;
        client.send(get("/")).await;
        clients.push(client);
    }
    began.reaches(3).await;
    server.begin_shutdown();
    let expected = Summary {
        drained: 0,
        aborted: 3,
    };
    assert_eq!(server.summary().await, expected);
    for mut client in clients {
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_response_that_streams_is_finished() {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<&'static str>();
    let receiver = std::sync::Mutex::new(Some(receiver));
    let mut server = start(options(), move |_| {
        let receiver = receiver.lock().unwrap().take().unwrap();
        let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
            let chunk = receiver.recv().await?;
            Some((Ok(chunk.into()), receiver))
        });
        async move { streamed(Box::pin(stream), None) }
    });
    let mut client = server.connect().await;
    client.send(get("/")).await;
    client.head().await;
    sender.send("one").unwrap();
    assert_eq!(client.chunk().await.unwrap(), b"one");
    server.begin_shutdown();
    tokio::time::sleep(Duration::from_millis(50)).await;
    sender.send("two").unwrap();
    assert_eq!(client.chunk().await.unwrap(), b"two");
    drop(sender);
    assert_eq!(client.chunk().await, None);
    assert_eq!(client.rest().await, "");
    assert_eq!(server.summary().await.drained, 1);
}

#[tokio::test]
async fn http2_says_goodbye_and_finishes() {
    let (mut server, began, release) = held(options());
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = || {
        let body = http_body_util::Empty::<bytes::Bytes>::new();
        http::Request::get("http://test/").body(body).unwrap()
    };
    let running = tokio::spawn(client.send_request(request()));
    began.reaches(1).await;
    server.begin_shutdown();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(client.send_request(request()).await.is_err());
    release.send(true).unwrap();
    assert_eq!(soon(running).await.unwrap().unwrap().status(), 200);
    let expected = Summary {
        drained: 1,
        aborted: 0,
    };
    assert_eq!(server.summary().await, expected);
    drop(client);
    soon(connection).await.unwrap().unwrap();
}

#[tokio::test]
async fn dropping_the_gateway_cuts_everything_off() {
    let dropped = Counter::default();
    let counter = dropped.clone();
    struct Sleeper(Counter);
    impl cellhouse_exchange::Handler for Sleeper {
        fn handle(&self, _: Request) -> cellhouse_exchange::HandlerFuture {
            let guard = self.0.on_drop();
            Box::pin(async move {
                let _guard = guard;
                std::future::pending::<Response>().await
            })
        }
    }
    let gateway = cellhouse_gateway::Gateway::bind(options()).unwrap();
    let address = gateway.local_addr();
    let handler = std::sync::Arc::new(Sleeper(counter));
    let running = tokio::spawn(gateway.run(handler, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, get("/").as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.abort();
    dropped.reaches(1).await;
}
