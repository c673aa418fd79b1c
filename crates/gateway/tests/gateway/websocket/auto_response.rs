//! Messages that are answered without the app: `setWebSocketAutoResponse()` of Durable Objects.

use cellhouse_exchange::{AutoResponder, AutoResponse};

use super::*;

fn responder() -> AutoResponder {
    let responder = AutoResponder::new(|| 1_700_000_000_000);
    responder.set(Some(AutoResponse {
        request: "ping".to_owned(),
        response: "pong".to_owned(),
    }));
    responder
}

#[tokio::test]
async fn a_client_is_answered_and_the_app_sleeps_on() {
    let mut pair = pair(options()).await;
    pair.to_client.set_auto_responder(Some(responder()));
    for _ in 0..3 {
        pair.client.send(Message::text("ping")).await.unwrap();
        assert_eq!(pair.client_receives().await, Message::text("pong"));
    }
    assert_eq!(pair.to_client.auto_responded_at(), Some(1_700_000_000_000));
    // The first thing that the app hears of is what it alone can answer.
    pair.client.send(Message::text("hello")).await.unwrap();
    assert_eq!(pair.app_receives().await, Some(Frame::Text("hello".into())));
}

#[tokio::test]
async fn answers_keep_their_place_among_the_apps_messages() {
    let mut pair = pair(options()).await;
    pair.to_client.set_auto_responder(Some(responder()));
    pair.to_client.send(Frame::Text("1".into())).unwrap();
    assert_eq!(pair.client_receives().await, Message::text("1"));
    pair.client.send(Message::text("ping")).await.unwrap();
    assert_eq!(pair.client_receives().await, Message::text("pong"));
    pair.to_client.send(Frame::Text("2".into())).unwrap();
    assert_eq!(pair.client_receives().await, Message::text("2"));
    pair.to_client.set_auto_responder(None);
    pair.client.send(Message::text("ping")).await.unwrap();
    assert_eq!(pair.app_receives().await, Some(Frame::Text("ping".into())));
}

#[tokio::test]
async fn a_client_that_asks_without_reading_is_cut_off() {
    let mut options = options();
    options.write_timeout = SHORT * 2;
    let pair = pair(options).await;
    let responder = responder();
    responder.set(Some(AutoResponse {
        request: "ping".to_owned(),
        response: "x".repeat(2048),
    }));
    pair.to_client.set_auto_responder(Some(responder));
    let (mut sender, _unread) = pair.client.split();
    let asking =
        tokio::spawn(async move { while sender.send(Message::text("ping")).await.is_ok() {} });
    soon(asking).await.unwrap();
    until(|| pair.to_client.is_closed()).await;
}
