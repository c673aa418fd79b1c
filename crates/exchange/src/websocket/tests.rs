use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

fn text(text: &str) -> Frame {
    Frame::Text(text.to_owned())
}

fn now<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[test]
fn frames_arrive_in_order_and_both_ways() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, mut at_a), (to_a, mut at_b)) = (a.split(), b.split());
    to_b.send(text("1")).unwrap();
    to_b.clone().send(text("2")).unwrap();
    to_a.send(Frame::Binary(Bytes::from_static(b"3"))).unwrap();
    assert_eq!(now(at_b.receive()), Some(Some(text("1"))));
    assert_eq!(now(at_b.receive()), Some(Some(text("2"))));
    assert_eq!(
        now(at_a.receive()),
        Some(Some(Frame::Binary(Bytes::from_static(b"3"))))
    );
    assert_eq!(now(at_b.receive()), None);
}

#[test]
fn what_was_sent_before_the_end_went_still_arrives() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, at_a), (_to_a, mut at_b)) = (a.split(), b.split());
    to_b.send(text("last")).unwrap();
    drop((to_b, at_a));
    assert_eq!(now(at_b.receive()), Some(Some(text("last"))));
    assert_eq!(now(at_b.receive()), Some(None));
}

#[test]
fn sending_to_an_end_that_went_fails_and_counts_nothing() {
    let (a, b) = WebSocketEnd::pair();
    let (to_b, _at_a) = a.split();
    drop(b);
    assert!(to_b.is_closed());
    assert_eq!(to_b.send(text("lost")), Err(SendError::Closed));
    assert_eq!(to_b.queued_bytes(), 0);
}

#[test]
fn the_queue_is_bounded_by_bytes_but_takes_one_frame_of_any_size() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, _at_a), (_to_a, mut at_b)) = (a.split(), b.split());
    let huge = Frame::Binary(Bytes::from(vec![0; MAX_QUEUED_BYTES + 1]));
    to_b.send(huge.clone()).unwrap();
    assert_eq!(to_b.send(text("x")), Err(SendError::Overflow));
    assert_eq!(to_b.queued_bytes(), huge.size());
    assert_eq!(now(at_b.receive()), Some(Some(huge)));
    assert_eq!(to_b.queued_bytes(), 0);
    to_b.send(text("x")).unwrap();
}

#[test]
fn a_close_frame_fits_in_a_full_queue() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, _at_a), (_to_a, mut at_b)) = (a.split(), b.split());
    let huge = Frame::Binary(Bytes::from(vec![0; MAX_QUEUED_BYTES + 1]));
    to_b.send(huge).unwrap();
    let close = Frame::Close {
        code: Some(1011),
        reason: "too slow".to_owned(),
    };
    to_b.send(close.clone()).unwrap();
    now(at_b.receive()).unwrap().unwrap();
    assert_eq!(now(at_b.receive()), Some(Some(close)));
}

#[test]
fn empty_messages_are_bounded_too() {
    let (a, _b) = WebSocketEnd::pair();
    let (to_b, _at_a) = a.split();
    let taken = (0..=MAX_QUEUED_BYTES).take_while(|_| to_b.send(text("")).is_ok());
    assert_eq!(taken.count(), MAX_QUEUED_BYTES / size_of::<Frame>());
}

#[tokio::test]
async fn drained_waits_for_the_receiver() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, _at_a), (to_a, mut at_b)) = (a.split(), b.split());
    to_b.send(text("12345")).unwrap();
    to_b.send(text("678")).unwrap();
    let queued = text("12345").size() + text("678").size();
    assert_eq!(now(to_b.drained(queued - 1)), None);
    assert_eq!(now(to_b.drained(queued)), Some(()));
    let sender = to_b.clone();
    let waiting = tokio::spawn(async move { sender.drained(0).await });
    tokio::task::yield_now().await;
    at_b.receive().await.unwrap();
    at_b.receive().await.unwrap();
    waiting.await.unwrap();

    to_b.send(text("never received")).unwrap();
    let sender = to_b.clone();
    let waiting = tokio::spawn(async move { sender.drained(0).await });
    tokio::task::yield_now().await;
    drop((to_a, at_b));
    waiting.await.unwrap();
}
