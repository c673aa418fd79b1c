//! Alarms under a clock that the test sets: on time, again after failures, across restarts, with a
//! crash at any moment, a hundred thousand at once.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use cellhouse_cell::Extra;
use cellhouse_objects::{AlarmInfo, AlarmOutcome, Due, NotRun, Objects, Storage};
use support::{BEGIN, Home, settle};

const START: i64 = BEGIN as i64;

/// What ran, and when.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<(i64, AlarmInfo)>>>);

impl Log {
    fn take(&self) -> Vec<(i64, u32)> {
        let mut log = self.0.borrow_mut();
        log.drain(..)
            .map(|(now, info)| (now - START, info.retry_count))
            .collect()
    }
}

fn storage_of(home: &Home, due: &Due) -> Storage {
    let id = home.namespace.id_at(&due.address).unwrap();
    home.objects.storage(&home.namespace, &id).unwrap()
}

/// As the runtime does: begins, runs the code, ends, flushes.
fn deliver(
    home: &Home,
    due: &Due,
    log: &Log,
    code: &dyn Fn(&mut Storage) -> AlarmOutcome,
) -> Result<(), NotRun> {
    let mut storage = storage_of(home, due);
    if let Some(info) = storage.alarm_begin(due).unwrap() {
        log.0.borrow_mut().push((home.clock.ms(), info));
        assert_eq!(storage.alarm().unwrap(), None, "while it runs");
        let outcome = code(&mut storage);
        storage.alarm_end(outcome).unwrap();
    }
    storage.flush().unwrap();
    Ok(())
}

/// Runs the scheduler at these moments, in milliseconds from the beginning.
fn run_at(home: &Home, moments: &[i64], log: &Log, code: &dyn Fn(&mut Storage) -> AlarmOutcome) {
    let alarms = home.objects.alarms().clone();
    let handler = |due: Due| {
        let result = deliver(home, &due, log, code);
        async move { result }
    };
    let mut run = pin!(alarms.run(std::future::pending(), handler));
    for moment in moments {
        home.clock.set(START + moment);
        settle(run.as_mut());
    }
}

fn set(storage: &mut Storage, after: i64) {
    storage.set_alarm((START + after) as f64).unwrap();
    storage.flush().unwrap().unwrap();
}

fn done(_: &mut Storage) -> AlarmOutcome {
    AlarmOutcome::Done
}

#[test]
fn arguments_are_checked_in_cloudflares_words() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let date = "The value cannot be converted because it is not a valid Date.";
    let past = "setAlarm() cannot be called with an alarm time <= 0";
    let cases = [
        (f64::NAN, date),
        (f64::INFINITY, date),
        (9e15, date),
        (-1.0, past),
        (0.0, past),
        (0.9, past),
    ];
    for (time, expected) in cases {
        assert_eq!(
            storage.set_alarm(time).unwrap_err().to_string(),
            expected,
            "{time}"
        );
    }
    assert_eq!(storage.alarm().unwrap(), None);
    storage.delete_alarm().unwrap();
    storage.set_alarm(1_000.9).unwrap();
    assert_eq!(storage.alarm().unwrap(), Some(1_000));
    storage.flush().unwrap();
    storage.delete_alarm().unwrap();
    assert_eq!(storage.alarm().unwrap(), None);
    storage.flush().unwrap();
    assert_eq!(home.index("alarms"), 0);
}

#[test]
fn it_runs_once_when_it_is_time_and_not_before() {
    let home = Home::new();
    let log = Log::default();
    let mut storage = home.storage("a");
    set(&mut storage, 500);
    set(&mut home.storage("b"), -1_000_000);
    run_at(&home, &[0, 499, 500, 501, 9_999_999], &log, &done);
    assert_eq!(log.take(), [(0, 0), (500, 0)]);
    assert_eq!(storage.alarm().unwrap(), None);
    assert_eq!(home.index("alarms"), 0);
}

#[test]
fn one_that_is_set_while_it_sleeps_is_noticed() {
    let home = Home::new();
    let log = Log::default();
    let alarms = home.objects.alarms().clone();
    let handler = |due: Due| {
        let result = deliver(&home, &due, &log, &done);
        async move { result }
    };
    let mut run = pin!(alarms.run(std::future::pending(), handler));
    settle(run.as_mut());
    let mut storage = home.storage("a");
    set(&mut storage, 100);
    set(&mut storage, 50);
    settle(run.as_mut());
    home.clock.set(START + 50);
    settle(run.as_mut());
    assert_eq!(log.take(), [(50, 0)]);
    set(&mut storage, 80);
    storage.delete_alarm().unwrap();
    storage.flush().unwrap().unwrap();
    home.clock.set(START + 99);
    settle(run.as_mut());
    assert_eq!(log.take(), []);
}

#[test]
fn a_failure_is_tried_again_six_times_also_after_restarts() {
    let mut home = Home::new();
    let log = Log::default();
    set(&mut home.storage("a"), 10);
    let mut at = 10;
    let mut expected = vec![(10, 0)];
    run_at(&home, &[10], &log, &|_| AlarmOutcome::Failed);
    for retry in 1..=6u32 {
        home = home.reopen();
        at += 1_000 << retry;
        run_at(&home, &[at - 1, at], &log, &|_| AlarmOutcome::Failed);
        expected.push((at, retry));
    }
    assert_eq!(log.take(), expected);
    assert_eq!(home.index("alarms"), 0, "given up");
    assert_eq!(home.storage("a").alarm().unwrap(), None);
}

#[test]
fn between_tries_the_time_is_that_it_was_set_for_and_success_ends_it() {
    let home = Home::new();
    let log = Log::default();
    set(&mut home.storage("a"), 10);
    run_at(&home, &[10], &log, &|_| AlarmOutcome::Failed);
    assert_eq!(home.storage("a").alarm().unwrap(), Some(START + 10));
    run_at(&home, &[2_010], &log, &|_| AlarmOutcome::Interrupted);
    run_at(&home, &[6_010], &log, &done);
    assert_eq!(log.take(), [(10, 0), (2_010, 1), (6_010, 1)]);
    assert_eq!(home.index("alarms"), 0);
}

#[test]
fn what_the_handler_sets_or_deletes_wins() {
    let home = Home::new();
    let log = Log::default();
    set(&mut home.storage("set"), 10);
    run_at(&home, &[10], &log, &|storage| {
        storage.set_alarm((START + 10) as f64).unwrap();
        assert_eq!(storage.alarm().unwrap(), Some(START + 10));
        AlarmOutcome::Failed
    });
    assert!(
        log.take().len() > 1,
        "the same time, set anew, is another alarm"
    );
    home.storage("set").delete_alarm().unwrap();
    let home = Home::new();
    set(&mut home.storage("a"), 10);
    run_at(&home, &[10], &log, &|storage| {
        storage.set_alarm((START + 70) as f64).unwrap();
        AlarmOutcome::Failed
    });
    run_at(&home, &[60, 70], &log, &|storage| {
        storage.delete_alarm().unwrap();
        AlarmOutcome::Failed
    });
    assert_eq!(log.take(), [(10, 0), (70, 0)]);
    assert_eq!(home.index("alarms"), 0);
    // A setting that is rolled back was none.
    set(&mut home.storage("a"), 100);
    run_at(&home, &[100], &log, &|storage| {
        let level = storage.transaction().unwrap();
        storage.set_alarm((START + 500) as f64).unwrap();
        storage.rollback(level).unwrap();
        AlarmOutcome::Done
    });
    assert_eq!(home.index("alarms"), 0);
}

#[test]
fn after_a_crash_in_the_handler_it_runs_again_with_the_same_count() {
    let home = Home::new();
    let log = Log::default();
    set(&mut home.storage("a"), 10);
    home.clock.set(START + 10);
    let due = Due {
        address: home.storage("a").address(),
        early: false,
        time: START + 10,
    };
    let mut storage = storage_of(&home, &due);
    assert!(storage.alarm_begin(&due).unwrap().is_some());
    assert!(
        storage.alarm_begin(&due).unwrap().is_none(),
        "it runs already"
    );
    storage.put("k", b"half done").unwrap();
    drop(storage);
    let home = home.reopen();
    run_at(&home, &[10], &log, &done);
    assert_eq!(log.take(), [(10, 0)]);
    assert_eq!(home.storage("a").get("k").unwrap(), None);
}

#[test]
fn one_that_could_not_run_is_tried_again_without_counting() {
    let home = Home::new();
    let tries = RefCell::new(Vec::new());
    set(&mut home.storage("a"), 10);
    let alarms = home.objects.alarms().clone();
    let handler = |_| {
        tries.borrow_mut().push(home.clock.ms() - START);
        async { Err(NotRun("no isolate".to_owned())) }
    };
    let mut run = pin!(alarms.run(std::future::pending(), handler));
    for moment in [10, 2_009, 2_010, 6_009, 6_010] {
        home.clock.set(START + moment);
        settle(run.as_mut());
    }
    assert_eq!(*tries.borrow(), [10, 2_010, 6_010]);
    let mut storage = home.storage("a");
    storage.delete_alarm().unwrap();
    storage.flush().unwrap();
    home.clock.set(START + 99_999);
    settle(run.as_mut());
    assert_eq!(tries.borrow().len(), 3, "deleted meanwhile");
}

#[test]
fn one_can_be_fired_now() {
    let home = Home::new();
    let log = Log::default();
    let mut storage = home.storage("a");
    set(&mut storage, 1_000_000);
    home.objects.alarms().fire_now(storage.address());
    home.objects
        .alarms()
        .fire_now(home.storage("has none").address());
    run_at(&home, &[0, 1], &log, &done);
    assert_eq!(log.take(), [(0, 0)]);
    assert_eq!(home.index("alarms"), 0);
}

/// Rows of the index without an object, as nothing that works leaves them.
fn strays(home: &Home, objects: &Objects, count: u32, due: impl Fn(u32) -> i64) {
    let _ = objects;
    let name = cellhouse_cell::CellName::new("test", "strays").unwrap();
    let cell = home.cells.cell(&name, &["CREATE TABLE t (n)"]).unwrap();
    let mut session = cell.session();
    let rows = (0..count).map(|n| {
        let id = home.namespace.id_from_name(&n.to_string());
        let address = home.namespace.address(&id).to_string().replace('-', "");
        let byte = |at: usize| u8::from_str_radix(&address[2 * at..2 * at + 2], 16).unwrap();
        let address = (0..address.len() / 2).map(byte);
        Extra {
            keyspace: "alarms",
            key: due(n).to_be_bytes().into_iter().chain(address).collect(),
            value: Some(Default::default()),
        }
    });
    session.attach(rows);
    session.commit().unwrap().wait().unwrap();
}

#[test]
fn a_hundred_thousand_that_wait_cost_no_memory() {
    let home = Home::new();
    let log = Log::default();
    strays(&home, &home.objects, 100_000, |n| {
        START + 1_000_000 + i64::from(n)
    });
    let mut storage = home.storage("a");
    set(&mut storage, 100);
    run_at(&home, &[0, 100], &log, &done);
    assert_eq!(log.take(), [(100, 0)]);
    assert!(home.objects.alarms().in_memory() <= 512);
    for after in (0..2_000).rev() {
        set(
            &mut home.storage(&format!("{}", after % 7)),
            500_000 + after,
        );
    }
    assert!(home.objects.alarms().in_memory() <= 512);
    assert_eq!(home.index("alarms"), 100_007);
}

#[test]
fn rows_of_the_index_without_an_alarm_go() {
    let home = Home::new();
    let log = Log::default();
    strays(&home, &home.objects, 1_000, |n| START + i64::from(n % 3));
    run_at(&home, &[0, 5, 6], &log, &done);
    assert_eq!(log.take(), []);
    assert_eq!(home.index("alarms"), 0);
}
