//! Queues under a clock that the test sets: when a batch is handed out, what becomes of its messages, what a
//! restart leaves.

mod support;

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_queues::{
    Batch, Consumer, Content, ErrorKind, MAX_BATCH, MAX_MESSAGE_BYTES, NotRun, Outcome, Outgoing,
    Queues, QueuesOptions, Retry, RetryPause,
};
use support::Home;

fn open(home: &Home) -> Queues {
    let options = QueuesOptions {
        clock: Arc::new(home.clock.clone()),
        ..QueuesOptions::default()
    };
    Queues::open(&home.cells, options).unwrap()
}

fn text(body: &str) -> Outgoing<'_> {
    Outgoing {
        content: Content::Text,
        body: body.as_bytes(),
        delay_seconds: 0.0,
    }
}

fn send(queues: &Queues, queue: &str, bodies: &[&str]) {
    let messages: Vec<_> = bodies.iter().map(|body| text(body)).collect();
    queues.queue(queue).unwrap().send_batch(&messages).unwrap();
}

fn consumer(batch: u32, seconds: u64) -> Consumer {
    Consumer {
        max_batch_size: batch,
        max_batch_timeout: Duration::from_secs(seconds),
        ..Consumer::new("app", "q")
    }
}

/// What was handed out: the moment, and the body and attempts of each message.
type Log = RefCell<Vec<(i64, Vec<(String, u32)>)>>;

/// Runs at these moments, in milliseconds from the beginning; `decide` is the handler.
fn run_at(
    home: &Home,
    queues: &Queues,
    moments: &[i64],
    decide: impl Fn(&Batch) -> Option<Result<Outcome, NotRun>>,
) -> Vec<(i64, Vec<(String, u32)>)> {
    let log = Log::default();
    let handler = |batch: Batch| {
        let bodies = batch.messages.iter().map(|m| {
            let body = String::from_utf8(m.body.clone()).unwrap();
            (body, m.attempts)
        });
        log.borrow_mut()
            .push((home.clock.ms() - support::BEGIN, bodies.collect()));
        let decision = decide(&batch);
        async move {
            match decision {
                Some(result) => result,
                None => std::future::pending().await,
            }
        }
    };
    let mut run = pin!(queues.run(std::future::pending(), handler));
    for moment in moments {
        home.clock.set(*moment);
        home.settle(run.as_mut());
    }
    log.take()
}

fn fine() -> Option<Result<Outcome, NotRun>> {
    Some(Ok(Outcome {
        ok: true,
        ..Outcome::default()
    }))
}

fn failed() -> Option<Result<Outcome, NotRun>> {
    Some(Ok(Outcome::failed()))
}

fn batch(moment: i64, messages: &[(&str, u32)]) -> (i64, Vec<(String, u32)>) {
    let messages = messages
        .iter()
        .map(|(body, attempts)| ((*body).to_owned(), *attempts));
    (moment, messages.collect())
}

#[test]
fn a_full_batch_goes_at_once_and_another_waits() {
    let home = Home::new();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(2, 5)]).unwrap();
    send(&queues, "q", &["a", "b", "c"]);
    let log = run_at(&home, &queues, &[0, 4_999, 5_000, 9_000], |_| fine());
    assert_eq!(
        log,
        [batch(0, &[("a", 1), ("b", 1)]), batch(5_000, &[("c", 1)])]
    );
    let backlog = queues.queue("q").unwrap().backlog().unwrap().0;
    assert_eq!((backlog.count, backlog.bytes, backlog.oldest), (0, 0, None));
}

#[test]
fn a_delayed_message_comes_when_it_is_time_and_not_before() {
    let home = Home::new();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(10, 0)]).unwrap();
    let delayed = Outgoing {
        delay_seconds: 60.9,
        ..text("later")
    };
    queues
        .queue("q")
        .unwrap()
        .send_batch(&[delayed, text("now")])
        .unwrap();
    let log = run_at(&home, &queues, &[0, 59_999, 60_000], |_| fine());
    assert_eq!(
        log,
        [batch(0, &[("now", 1)]), batch(60_000, &[("later", 1)])]
    );
}

#[test]
fn what_fails_comes_again_and_then_goes_to_the_dead_letter_queue() {
    let home = Home::new();
    let queues = open(&home);
    let first = Consumer {
        max_retries: Some(2),
        dead_letter_queue: Some("dead".to_owned()),
        pause: RetryPause::Fixed(Duration::from_secs(10)),
        ..consumer(10, 0)
    };
    let dead = Consumer {
        queue: "dead".to_owned(),
        ..consumer(10, 0)
    };
    queues.set_consumers("app", vec![first, dead]).unwrap();
    send(&queues, "q", &["a"]);
    let moments = [0, 9_999, 10_000, 20_000, 30_000];
    let log = run_at(&home, &queues, &moments, |batch| {
        match batch.consumer.queue.as_str() {
            "q" => failed(),
            _ => fine(),
        }
    });
    let expected = [
        batch(0, &[("a", 1)]),
        batch(10_000, &[("a", 2)]),
        batch(20_000, &[("a", 3)]),
        batch(20_000, &[("a", 1)]),
    ];
    assert_eq!(log, expected);
}

#[test]
fn without_a_dead_letter_queue_it_is_dropped_and_with_no_limit_it_stays() {
    let home = Home::new();
    let queues = open(&home);
    let limited = Consumer {
        max_retries: Some(0),
        ..consumer(1, 0)
    };
    queues.set_consumers("app", vec![limited]).unwrap();
    send(&queues, "q", &["a"]);
    assert_eq!(run_at(&home, &queues, &[0, 60_000], |_| failed()).len(), 1);
    assert_eq!(queues.queue("q").unwrap().backlog().unwrap().0.count, 0);
    let for_ever = Consumer {
        max_retries: None,
        pause: RetryPause::Doubling(Duration::from_secs(5)),
        ..consumer(1, 0)
    };
    queues.set_consumers("app", vec![for_ever]).unwrap();
    home.clock.set(0);
    send(&queues, "q", &["b"]);
    let moments = [0, 4_999, 5_000, 14_999, 15_000, 34_999, 35_000];
    let log = run_at(&home, &queues, &moments, |_| failed());
    let moments: Vec<_> = log.iter().map(|(moment, _)| *moment).collect();
    assert_eq!(moments, [0, 5_000, 15_000, 35_000]);
}

#[test]
fn each_message_has_its_own_verdict() {
    let home = Home::new();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(3, 0)]).unwrap();
    send(&queues, "q", &["acked", "again", "left"]);
    let log = run_at(&home, &queues, &[0, 29_000, 30_000], |batch| {
        let id = |body: &str| {
            let found = batch.messages.iter().find(|m| m.body == body.as_bytes());
            found.map(|m| m.id.clone())
        };
        let later = Retry {
            delay_seconds: Some(30),
        };
        // It throws: what is left is tried again too, once.
        Some(Ok(Outcome {
            ok: batch.messages[0].attempts > 1,
            acks: id("acked").into_iter().collect(),
            retries: match batch.messages.iter().all(|m| m.attempts == 1) {
                true => id("again").into_iter().map(|id| (id, later)).collect(),
                false => HashMap::new(),
            },
            ..Outcome::default()
        }))
    });
    let expected = [
        batch(0, &[("acked", 1), ("again", 1), ("left", 1)]),
        batch(0, &[("left", 2)]),
        batch(30_000, &[("again", 2)]),
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_handler_that_could_not_run_costs_no_attempt() {
    let home = Home::new();
    let queues = open(&home);
    let strict = Consumer {
        max_retries: Some(0),
        ..consumer(1, 0)
    };
    queues.set_consumers("app", vec![strict]).unwrap();
    send(&queues, "q", &["a"]);
    let log = run_at(&home, &queues, &[0, 999], |_| {
        Some(Err(NotRun("the isolate was stopped".to_owned())))
    });
    assert_eq!(log, [batch(0, &[("a", 1)])]);
    let log = run_at(&home, &queues, &[1_000], |_| fine());
    assert_eq!(log, [batch(1_000, &[("a", 1)])]);
}

#[test]
fn what_was_handed_out_at_a_crash_comes_again() {
    let home = Home::new();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(1, 0)]).unwrap();
    send(&queues, "q", &["done", "open"]);
    let log = run_at(&home, &queues, &[0], |batch| {
        match &batch.messages[0].body[..] {
            b"done" => fine(),
            _ => None,
        }
    });
    assert_eq!(log.len(), 2);
    drop(queues);
    let home = home.reopen();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(1, 0)]).unwrap();
    let log = run_at(&home, &queues, &[0], |_| fine());
    assert_eq!(log, [batch(0, &[("open", 1)])]);
}

#[test]
fn no_more_batches_at_a_time_than_the_consumer_wants() {
    let home = Home::new();
    let queues = open(&home);
    let two = Consumer {
        max_concurrency: 2,
        ..consumer(1, 0)
    };
    queues.set_consumers("app", vec![two]).unwrap();
    send(&queues, "q", &["a", "b", "c"]);
    let log = run_at(&home, &queues, &[0, 60_000], |_| None);
    assert_eq!(log, [batch(0, &[("a", 1)]), batch(0, &[("b", 1)])]);
    // Whoever waited has gone: they are handed out again, and first.
    let log = run_at(&home, &queues, &[60_000], |_| fine());
    assert_eq!(log.len(), 3);
}

#[test]
fn a_queue_that_is_paused_keeps_its_messages_over_a_restart() {
    let home = Home::new();
    let queues = open(&home);
    send(&queues, "q", &["a"]);
    queues.set_paused("q", true).unwrap();
    drop(queues);
    let home = home.reopen();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(1, 0)]).unwrap();
    assert_eq!(run_at(&home, &queues, &[0, 60_000], |_| fine()).len(), 0);
    let info = queues.info("q").unwrap().unwrap();
    assert!(info.paused && info.backlog.count == 1 && info.consumer.as_deref() == Some("app"));
    queues.set_paused("q", false).unwrap();
    assert_eq!(run_at(&home, &queues, &[60_000], |_| fine()).len(), 1);
}

#[test]
fn purging_and_listing() {
    let home = Home::new();
    let queues = open(&home);
    send(&queues, "b", &["1", "22"]);
    send(&queues, "a", &["1"]);
    let listed = queues.list().unwrap();
    let shown = listed
        .iter()
        .map(|q| (q.name.as_str(), q.backlog.count, q.backlog.bytes));
    assert_eq!(shown.collect::<Vec<_>>(), [("a", 1, 1), ("b", 2, 3)]);
    assert_eq!(queues.purge("b").unwrap().0, 2);
    assert_eq!(queues.info("b").unwrap().unwrap().backlog.count, 0);
    assert_eq!(queues.info("c").unwrap(), None);
}

#[test]
fn a_batch_that_is_purged_while_it_is_handled_does_not_come_back() {
    let home = Home::new();
    let queues = open(&home);
    queues.set_consumers("app", vec![consumer(1, 0)]).unwrap();
    send(&queues, "q", &["a"]);
    let log = run_at(&home, &queues, &[0, 60_000], |_| {
        queues.purge("q").unwrap();
        failed()
    });
    assert_eq!(log.len(), 1);
}

#[test]
fn a_queue_has_one_consumer() {
    let home = Home::new();
    let queues = open(&home);
    queues
        .set_consumers("one", vec![Consumer::new("one", "q")])
        .unwrap();
    let error = queues.set_consumers("two", vec![Consumer::new("two", "q")]);
    let message = error.unwrap_err().to_string();
    assert!(message.contains("\"one\" and \"two\""), "{message}");
    queues.set_consumers("one", Vec::new()).unwrap();
    queues
        .set_consumers("two", vec![Consumer::new("two", "q")])
        .unwrap();
}

#[test]
fn what_is_too_large_or_too_late_changes_nothing() {
    let home = Home::new();
    let queues = open(&home);
    let queue = queues.queue("q").unwrap();
    let large = "x".repeat(MAX_MESSAGE_BYTES + 1);
    let error = queue.send(&text(&large)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "message length of 128001 bytes exceeds limit of 128000"
    );
    let error = queue.send_batch(&[text("a"), text(&large)]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("exceeds single message size limit of 128000")
    );
    let many = vec![text("a"); MAX_BATCH + 1];
    let error = queue.send_batch(&many).unwrap_err();
    assert_eq!(
        error.to_string(),
        "batch message count of 101 exceeds limit of 100"
    );
    let three = vec![text(&large[..127_000]); 3];
    let error = queue.send_batch(&three).unwrap_err();
    assert_eq!(
        error.to_string(),
        "batch size of 381000 bytes exceeds limit of 288000"
    );
    for delay in [-1.0, 86_401.0] {
        let message = Outgoing {
            delay_seconds: delay,
            ..text("a")
        };
        let error = queue.send_batch(&[text("b"), message]).unwrap_err();
        assert!(error.to_string().contains("from 0 to 86400"), "{error}");
    }
    assert_eq!(queue.backlog().unwrap().0.count, 0);
    queue.send(&text(&large[..MAX_MESSAGE_BYTES])).unwrap();
    assert_eq!(queue.backlog().unwrap().0.bytes, 128_000);
}
