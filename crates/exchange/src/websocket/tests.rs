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

fn responder() -> AutoResponder {
    let responder = AutoResponder::new(|| 1_000);
    responder.set(Some(AutoResponse {
        request: "ping".to_owned(),
        response: "pong".to_owned(),
    }));
    responder
}

#[test]
fn a_known_text_is_answered_without_waking_anyone() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_app, mut at_client), (to_client, mut at_app)) = (a.split(), b.split());
    to_app.send(text("ping")).unwrap();
    assert_eq!(now(at_app.receive()), Some(Some(text("ping"))));
    assert_eq!(to_client.auto_responded_at(), None);

    to_client.set_auto_responder(Some(responder()));
    to_client.send(text("before")).unwrap();
    to_app.send(text("ping")).unwrap();
    assert_eq!(to_app.queued_bytes(), 0);
    assert_eq!(now(at_app.receive()), None);
    assert_eq!(now(at_client.receive()), Some(Some(text("before"))));
    assert_eq!(now(at_client.receive()), Some(Some(text("pong"))));
    assert_eq!(to_client.auto_responded_at(), Some(1_000));
    assert_eq!(to_app.auto_responded_at(), None);
}

#[test]
fn only_the_very_text_is_answered_and_only_in_one_direction() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_app, mut at_client), (to_client, mut at_app)) = (a.split(), b.split());
    to_client.set_auto_responder(Some(responder()));
    for frame in [
        text("Ping"),
        text("ping "),
        text(""),
        Frame::Binary(Bytes::from_static(b"ping")),
    ] {
        to_app.send(frame.clone()).unwrap();
        assert_eq!(now(at_app.receive()), Some(Some(frame)));
    }
    to_client.send(text("ping")).unwrap();
    assert_eq!(now(at_client.receive()), Some(Some(text("ping"))));
    assert_eq!(now(at_app.receive()), None);
    assert_eq!(to_client.auto_responded_at(), None);
}

#[test]
fn sockets_share_a_responder_and_follow_its_changes() {
    let responder = responder();
    let mut sockets: Vec<_> = (0..3)
        .map(|_| {
            let (a, b) = WebSocketEnd::pair();
            let (a, b) = (a.split(), b.split());
            b.0.set_auto_responder(Some(responder.clone()));
            (a, b)
        })
        .collect();
    let mut answers = |request: &str| -> Vec<_> {
        let each = sockets.iter_mut().map(|((to_app, at_client), _app)| {
            to_app.send(text(request)).unwrap();
            now(at_client.receive()).flatten()
        });
        each.collect()
    };
    assert_eq!(answers("ping"), vec![Some(text("pong")); 3]);
    responder.set(Some(AutoResponse {
        request: "alive?".to_owned(),
        response: "yes".to_owned(),
    }));
    assert_eq!(answers("alive?"), vec![Some(text("yes")); 3]);
    assert_eq!(answers("ping"), vec![None; 3]);
    responder.set(None);
    assert_eq!(answers("alive?"), vec![None; 3]);
    assert_eq!(responder.get(), None);
}

#[test]
fn nothing_is_answered_after_a_close_frame_or_without_an_app() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_app, mut at_client), (to_client, at_app)) = (a.split(), b.split());
    to_client.set_auto_responder(Some(responder()));
    let close = Frame::Close {
        code: Some(1000),
        reason: String::new(),
    };
    to_client.send(close.clone()).unwrap();
    to_app.send(text("ping")).unwrap();
    assert_eq!(now(at_client.receive()), Some(Some(close)));
    assert_eq!(now(at_client.receive()), None);
    drop(at_app);
    assert_eq!(to_app.send(text("ping")), Err(SendError::Closed));
}

#[test]
fn a_full_queue_loses_the_answer_and_nothing_else() {
    let (a, b) = WebSocketEnd::pair();
    let ((to_app, mut at_client), (to_client, _at_app)) = (a.split(), b.split());
    to_client.set_auto_responder(Some(responder()));
    let huge = Frame::Binary(Bytes::from(vec![0; MAX_QUEUED_BYTES]));
    to_client.send(huge.clone()).unwrap();
    to_app.send(text("ping")).unwrap();
    assert_eq!(now(at_client.receive()), Some(Some(huge)));
    assert_eq!(now(at_client.receive()), None);
}

#[test]
fn a_receiver_that_waits_is_woken_by_a_frame_and_by_the_last_sender() {
    use std::sync::atomic::AtomicUsize;
    struct Count(AtomicUsize);
    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (a, b) = WebSocketEnd::pair();
    let ((to_b, _at_a), (_to_a, mut at_b)) = (a.split(), b.split());
    let woken = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(at_b.poll_receive(&mut cx).is_pending());
    to_b.send(text("1")).unwrap();
    to_b.send(text("2")).unwrap();
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert!(at_b.poll_receive(&mut cx).is_ready());
    assert!(at_b.poll_receive(&mut cx).is_ready());
    assert!(at_b.poll_receive(&mut cx).is_pending());
    let clone = to_b.clone();
    drop(to_b);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    drop(clone);
    assert_eq!(woken.0.load(Ordering::Relaxed), 2);
    assert_eq!(at_b.poll_receive(&mut cx), Poll::Ready(None));
}

#[test]
fn slow_readers_share_a_budget_and_quick_ones_are_not_silenced() {
    let budget = Budget::new(1 << 20);
    let message = Frame::Binary(Bytes::from(vec![0; 10_000]));
    let slow: Vec<_> = (0..100)
        .map(|_| WebSocketEnd::pair_within(&budget))
        .map(|(a, b)| (a.split(), b))
        .collect();
    for ((sender, _), _) in &slow {
        while sender.send(message.clone()).is_ok() {}
    }
    // The first took all there was but what is assured to the others.
    assert!(slow[0].0.0.queued_bytes() > (1 << 20) - message.size());
    for ((sender, _), _) in &slow[1..] {
        assert_eq!(
            sender.queued_bytes(),
            ASSURED_BYTES / message.size() * message.size()
        );
    }
    let queued: usize = slow
        .iter()
        .map(|((sender, _), _)| sender.queued_bytes())
        .sum();
    assert_eq!(budget.used(), queued);

    let (a, b) = WebSocketEnd::pair_within(&budget);
    let ((quick, _at_a), (to_a, mut at_b)) = (a.split(), b.split());
    for _ in 0..100 {
        // What comes from the network is not counted.
        to_a.send(message.clone()).unwrap();
        quick.send(message.clone()).unwrap();
        assert_eq!(now(at_b.receive()), Some(Some(message.clone())));
    }
    // What is alone in its queue is taken whatever its size, and a close frame always.
    let huge = Frame::Binary(Bytes::from(vec![0; 2 << 20]));
    quick.send(huge).unwrap();
    assert_eq!(quick.send(message.clone()), Err(SendError::Overflow));
    let code = Some(1011);
    let reason = String::new();
    quick.send(Frame::Close { code, reason }).unwrap();
    drop((slow, at_b));
    assert_eq!(budget.used(), 0);
}

#[test]
fn threads_lose_no_frame_and_no_wake_up() {
    const SENDERS: usize = 4;
    const FRAMES: usize = 5000;
    let budget = Budget::default();
    let (a, b) = WebSocketEnd::pair_within(&budget);
    let ((to_b, _at_a), (_to_a, mut at_b)) = (a.split(), b.split());
    let threads: Vec<_> = (0..SENDERS)
        .map(|thread| {
            let sender = to_b.clone();
            std::thread::spawn(move || {
                for number in 0..FRAMES {
                    sender.send(text(&format!("{thread} {number}"))).unwrap();
                }
            })
        })
        .collect();
    drop(to_b);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut next = [0; SENDERS];
    while let Some(frame) = runtime.block_on(at_b.receive()) {
        let Frame::Text(frame) = frame else {
            panic!("{frame:?}");
        };
        let (thread, number) = frame.split_once(' ').unwrap();
        let expected = &mut next[thread.parse::<usize>().unwrap()];
        assert_eq!(number.parse::<usize>().unwrap(), *expected);
        *expected += 1;
    }
    assert_eq!(next, [FRAMES; SENDERS]);
    assert_eq!(budget.used(), 0);
    for thread in threads {
        thread.join().unwrap();
    }
}
