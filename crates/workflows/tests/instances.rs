//! Instances under a clock that the test sets: steps are remembered, sleeps and events wait, crashes cost nothing,
//! and what others do to an instance counts at once.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;

use cellhouse_workflows::{
    Create, Event, InstanceEnded, InstanceError, InstanceRun, InstanceStatus, InstanceStore,
    Instances, Key, Kind, Retention, Runner, Running, Slept, Stored, Waited, WorkflowsOptions,
};
use support::{BEGIN, Home};

fn open(home: &Home) -> (Instances, InstanceStore) {
    let options = WorkflowsOptions {
        clock: Arc::new(home.clock.clone()),
        ..WorkflowsOptions::default()
    };
    let instances = Instances::new(&home.cells, options);
    let runner = Runner {
        app: "app".to_owned(),
        workflow: "w".to_owned(),
        class: "W".to_owned(),
        max_steps: 10,
        keeps_messages: true,
    };
    instances.set_runners("app", vec![runner]);
    let store = instances.store("w").unwrap();
    (instances, store)
}

fn make(store: &InstanceStore, id: &str) {
    store.create(&one(id)).unwrap();
}

fn one(id: &str) -> Create<'_> {
    Create {
        id,
        params: b"params",
        retention: Retention::default(),
    }
}

fn key(kind: Kind, name: &str) -> Key<'_> {
    Key { kind, name, nth: 1 }
}

/// Runs at these moments, in milliseconds from the beginning: when a class began. One that gives nothing goes on.
fn run_at(
    home: &Home,
    instances: &Instances,
    moments: &[i64],
    code: impl Fn(&InstanceRun) -> Option<InstanceEnded>,
) -> Vec<i64> {
    let log = RefCell::new(Vec::new());
    let class = |run: InstanceRun| {
        log.borrow_mut().push(home.clock.ms() - BEGIN);
        let ended = code(&run);
        async move {
            match ended {
                Some(ended) => Ok(ended),
                None => std::future::pending().await,
            }
        }
    };
    let mut run = pin!(instances.run(std::future::pending(), class));
    for moment in moments {
        home.clock.set(*moment);
        home.settle(run.as_mut());
    }
    log.take()
}

fn complete() -> Option<InstanceEnded> {
    Some(InstanceEnded::Complete("7".to_owned()))
}

fn running(store: &InstanceStore, run: &InstanceRun) -> Running {
    store.running(&run.id, run.run)
}

fn status(store: &InstanceStore, id: &str) -> InstanceStatus {
    store.get(id).unwrap().0.status
}

#[test]
fn an_instance_from_its_beginning_to_its_end() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    assert_eq!(status(&store, "a"), InstanceStatus::Queued);
    run_at(&home, &instances, &[5], |run| {
        assert_eq!((&run.params[..], run.created), (&b"params"[..], BEGIN));
        assert_eq!(status(&store, "a"), InstanceStatus::Running);
        complete()
    });
    let found = store.get("a").unwrap().0;
    assert_eq!(found.status, InstanceStatus::Complete);
    assert_eq!(found.output.as_deref(), Some("7"));
}

#[test]
fn an_id_is_there_once_and_a_batch_is_all_or_nothing() {
    let home = Home::new();
    let (_instances, store) = open(&home);
    make(&store, "a");
    let again = store.create(&one("a")).unwrap_err();
    assert!(matches!(again, InstanceError::AlreadyExists), "{again}");
    let (made, _) = store
        .create_batch(&[one("b"), one("a"), one("c"), one("b")])
        .unwrap();
    assert_eq!(made, [0, 2]);
    for bad in ["", "-a", "a b", "é", &"a".repeat(101)] {
        let refused = store.create_batch(&[one("d"), one(bad)]).unwrap_err();
        assert!(matches!(refused, InstanceError::InvalidId), "{bad}");
    }
    assert!(matches!(store.get("d"), Err(InstanceError::NotFound)));
    assert!(store.create_batch(&[]).is_err());
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    let many: Vec<_> = many.iter().map(|id| one(id)).collect();
    assert!(store.create_batch(&many).is_err());
    let large = Create {
        params: &vec![0; (1 << 20) + 1],
        ..one("e")
    };
    assert!(matches!(
        store.create(&large),
        Err(InstanceError::TooLarge(_))
    ));
}

#[test]
fn steps_are_remembered_over_a_crash_and_attempts_counted() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let (done, open_step) = (key(Kind::Do, "done"), key(Kind::Do, "open"));
    run_at(&home, &instances, &[0], |run| {
        let running = running(&store, run);
        assert_eq!(running.step(&done, "{}").unwrap().0.stored, None);
        assert_eq!(running.attempt(&done).unwrap().0, 1);
        running.done(&done, b"value").unwrap();
        running.step(&open_step, "{}").unwrap();
        assert_eq!(running.attempt(&open_step).unwrap().0, 1);
        running.retry(&open_step, BEGIN + 500).unwrap();
        None
    });
    drop((instances, store));
    let home = home.reopen();
    let (instances, store) = open(&home);
    run_at(&home, &instances, &[1], |run| {
        let running = running(&store, run);
        let found = running.step(&done, "other").unwrap().0;
        assert_eq!(found.stored, Some(Stored::Value));
        assert_eq!(found.config, "{}", "as it was at first");
        assert_eq!(running.value(&done).unwrap().0, b"value");
        let found = running.step(&open_step, "{}").unwrap().0;
        assert_eq!((found.attempts, found.at), (1, Some(BEGIN + 500)));
        assert_eq!(running.attempt(&open_step).unwrap().0, 2);
        running.failed(&open_step, "why").unwrap();
        let found = running.step(&open_step, "{}").unwrap().0;
        assert_eq!(found.stored, Some(Stored::Error("why".to_owned())));
        complete()
    });
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
}

#[test]
fn a_sleep_ends_when_it_was_to_end_whatever_comes_between() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    fn code(home: &Home, store: &InstanceStore, run: &InstanceRun) -> Option<InstanceEnded> {
        let now = home.clock.ms();
        let slept = running(store, run).sleep(&key(Kind::Sleep, "nap"), now + 60_000, false);
        match slept.unwrap().0 {
            Slept::Until(at) if at > now => Some(InstanceEnded::Waiting(at)),
            _ => complete(),
        }
    }
    let log = run_at(&home, &instances, &[0], |run| code(&home, &store, run));
    assert_eq!(log, [0]);
    assert_eq!(status(&store, "a"), InstanceStatus::Waiting);
    drop((instances, store));
    let home = home.reopen();
    let (instances, store) = open(&home);
    let log = run_at(&home, &instances, &[30_000, 59_999, 60_000], |run| {
        code(&home, &store, run)
    });
    assert_eq!(log, [60_000]);
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
}

#[test]
fn events_are_kept_until_somebody_waits_and_wake_who_does() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let event = |value| Event { kind: "go", value };
    store.send("a", &event(b"early")).unwrap();
    let (first, second) = (key(Kind::Wait, "first"), key(Kind::Wait, "second"));
    let code = |run: &InstanceRun| {
        let running = running(&store, run);
        assert_eq!(running.wait(&first, "go", 50).unwrap().0, Waited::Event);
        assert_eq!(running.value(&first).unwrap().0, b"early");
        match running.wait(&second, "go", 1_000).unwrap().0 {
            Waited::Open(at) => Some(InstanceEnded::Waiting(at)),
            Waited::Event => complete(),
            Waited::TimedOut => Some(InstanceEnded::Errored("late".to_owned())),
        }
    };
    assert_eq!(run_at(&home, &instances, &[0, 500], code), [0]);
    assert_eq!(status(&store, "a"), InstanceStatus::Waiting);
    store.send("a", &event(b"woken")).unwrap();
    assert_eq!(run_at(&home, &instances, &[600], code), [600]);
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
    let late = store.send("a", &event(b"late")).unwrap_err();
    assert!(matches!(late, InstanceError::CannotSend("complete")));
    // Another one, to whom nobody sends a second one.
    make(&store, "b");
    store.send("b", &event(b"early")).unwrap();
    assert_eq!(
        run_at(&home, &instances, &[600, 1_599, 1_600], code),
        [600, 1_600]
    );
    assert_eq!(status(&store, "b"), InstanceStatus::Errored);
}

#[test]
fn an_event_that_comes_while_the_class_leaves_is_not_missed() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let wait = key(Kind::Wait, "wait");
    let log = run_at(&home, &instances, &[0], |run| {
        let waited = running(&store, run).wait(&wait, "go", 1_000).unwrap().0;
        let Waited::Open(at) = waited else {
            return complete();
        };
        let (kind, value) = ("go", &b"1"[..]);
        store.send("a", &Event { kind, value }).unwrap();
        Some(InstanceEnded::Waiting(at))
    });
    assert_eq!(log, [0, 0]);
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
}

#[test]
fn a_pause_stops_the_clock_of_an_instance() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let nap = key(Kind::Sleep, "nap");
    let code = |run: &InstanceRun| {
        let now = home.clock.ms();
        match running(&store, run)
            .sleep(&nap, now + 1_000, false)
            .unwrap()
            .0
        {
            Slept::Until(at) if at > now => Some(InstanceEnded::Waiting(at)),
            _ => complete(),
        }
    };
    run_at(&home, &instances, &[0], code);
    home.clock.set(400);
    store.pause("a").unwrap();
    store.pause("a").unwrap();
    assert_eq!(status(&store, "a"), InstanceStatus::Paused);
    assert!(run_at(&home, &instances, &[5_000], code).is_empty());
    store.resume("a").unwrap();
    store.resume("a").unwrap();
    let log = run_at(&home, &instances, &[5_000, 5_599, 5_600], code);
    assert_eq!(log, [5_000, 5_600]);
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
}

#[test]
fn one_that_is_to_be_paused_is_when_its_steps_are_done_or_the_process_is_gone() {
    let home = Home::new();
    let (instances, store) = open(&home);
    for id in ["done", "gone"] {
        make(&store, id);
    }
    run_at(&home, &instances, &[0], |run| {
        store.pause(&run.id).unwrap();
        assert_eq!(status(&store, &run.id), InstanceStatus::WaitingForPause);
        let step = running(&store, run).step(&key(Kind::Do, "still"), "{}");
        step.expect("what runs is written down");
        (run.id == "done").then_some(InstanceEnded::Paused)
    });
    assert_eq!(status(&store, "done"), InstanceStatus::Paused);
    drop((instances, store));
    let home = home.reopen();
    let (instances, store) = open(&home);
    assert!(run_at(&home, &instances, &[1], |_| complete()).is_empty());
    assert_eq!(status(&store, "gone"), InstanceStatus::Paused);
}

#[test]
fn what_was_terminated_or_restarted_is_nobodys_who_still_runs_it() {
    let home = Home::new();
    let (instances, store) = open(&home);
    for id in ["ended", "anew"] {
        make(&store, id);
    }
    let log = run_at(&home, &instances, &[0, 1], |run| {
        let running = running(&store, run);
        let step = key(Kind::Do, "step");
        running.step(&step, "{}").unwrap();
        if run.id == "anew" && run.run > 1 {
            assert_eq!(running.attempt(&step).unwrap().0, 1, "nothing is left");
            return complete();
        }
        match &*run.id {
            "ended" => store.terminate("ended"),
            _ => store.restart("anew", None),
        }
        .unwrap();
        let refused = running.done(&step, b"1").unwrap_err();
        assert!(matches!(refused, InstanceError::Superseded), "{refused}");
        complete()
    });
    assert_eq!(log, [0, 0, 0]);
    assert_eq!(status(&store, "ended"), InstanceStatus::Terminated);
    assert_eq!(status(&store, "anew"), InstanceStatus::Complete);
    let again = store.terminate("ended").unwrap_err();
    assert!(matches!(again, InstanceError::CannotTerminate), "{again}");
    store.restart("ended", None).unwrap();
    assert_eq!(status(&store, "ended"), InstanceStatus::Queued);
}

#[test]
fn restarting_from_a_step_keeps_what_came_before() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let steps = ["one", "two", "three"].map(|name| key(Kind::Do, name));
    let ran = RefCell::new(Vec::new());
    let code = |run: &InstanceRun| {
        let running = running(&store, run);
        for step in &steps {
            if running.step(step, "{}").unwrap().0.stored.is_none() {
                ran.borrow_mut().push(step.name);
                running.done(step, step.name.as_bytes()).unwrap();
            }
        }
        complete()
    };
    run_at(&home, &instances, &[0], code);
    let missing = store
        .restart("a", Some(&key(Kind::Sleep, "two")))
        .unwrap_err();
    assert!(
        missing.to_string().contains("Step \"two\" not found"),
        "{missing}"
    );
    store.restart("a", Some(&steps[1])).unwrap();
    run_at(&home, &instances, &[1], code);
    assert_eq!(ran.take(), ["one", "two", "three", "two", "three"]);
}

#[test]
fn streams_are_stored_in_pieces_and_an_attempt_begins_anew() {
    let home = Home::new();
    let (instances, store) = open(&home);
    make(&store, "a");
    let step = key(Kind::Do, "stream");
    run_at(&home, &instances, &[0], |run| {
        let running = running(&store, run);
        running.step(&step, "{}").unwrap();
        running.attempt(&step).unwrap();
        running.put_chunk(&step, 0, b"half of it").unwrap();
        running.attempt(&step).unwrap();
        running.put_chunk(&step, 0, b"a").unwrap();
        running.put_chunk(&step, 1, b"b").unwrap();
        running.streamed(&step, 2).unwrap();
        let found = running.step(&step, "{}").unwrap().0;
        assert_eq!(found.stored, Some(Stored::Chunks(2)));
        assert_eq!(running.chunk(&step, 0).unwrap().0, b"a");
        assert_eq!(running.chunk(&step, 1).unwrap().0, b"b");
        complete()
    });
    assert_eq!(status(&store, "a"), InstanceStatus::Complete);
}

#[test]
fn what_has_ended_is_kept_for_as_long_as_it_was_to_be() {
    let home = Home::new();
    let (instances, store) = open(&home);
    let retention = Retention {
        success: Some(1_000),
        error: None,
    };
    for id in ["good", "bad"] {
        store
            .create(&Create {
                retention,
                ..one(id)
            })
            .unwrap();
    }
    run_at(&home, &instances, &[0], |run| match &*run.id {
        "good" => complete(),
        _ => Some(InstanceEnded::Errored("{}".to_owned())),
    });
    make(&store, "other");
    run_at(&home, &instances, &[2_000], |_| complete());
    assert!(matches!(store.get("good"), Err(InstanceError::NotFound)));
    assert_eq!(status(&store, "bad"), InstanceStatus::Errored);
}
