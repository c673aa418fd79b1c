//! Timers under a clock that the test sets: on time, once, again after failures and restarts.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;

use cellhouse_schedules::{Due, Error, NotRun, SchedulesOptions, TimerStore, Timers};
use support::{BEGIN, Home};

fn open(home: &Home) -> (Timers, TimerStore) {
    let clock = Arc::new(home.clock.clone());
    let timers = Timers::new(&home.cells, SchedulesOptions { clock });
    timers.set_handlers("app", &["t".to_owned()]);
    let store = timers.store("t").unwrap();
    (timers, store)
}

fn set(store: &TimerStore, id: &str, after: i64, interval: Option<f64>) {
    store
        .set(id, (BEGIN + after) as f64, Some("{\"a\":1}"), interval)
        .unwrap();
}

/// Runs at these moments, in milliseconds from the beginning: what ran when.
fn run_at(
    home: &Home,
    timers: &Timers,
    moments: &[i64],
    decide: impl Fn(&Due) -> Option<Result<(), NotRun>>,
) -> Vec<(String, i64)> {
    let log = RefCell::new(Vec::new());
    let handler = |due: Due| {
        log.borrow_mut()
            .push((due.timer.id.clone(), home.clock.ms() - BEGIN));
        let decision = decide(&due);
        async move {
            match decision {
                Some(result) => result,
                None => std::future::pending().await,
            }
        }
    };
    let mut run = pin!(timers.run(std::future::pending(), handler));
    for moment in moments {
        home.clock.set(*moment);
        home.settle(run.as_mut());
    }
    log.take()
}

fn ran(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected
        .iter()
        .map(|(id, at)| ((*id).to_owned(), *at))
        .collect()
}

fn fine(_: &Due) -> Option<Result<(), NotRun>> {
    Some(Ok(()))
}

#[test]
fn a_timer_runs_once_when_it_is_time_and_is_gone() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "late", 2_000, None);
    set(&store, "early", 1_000, None);
    set(&store, "past", -5_000, None);
    let log = run_at(&home, &timers, &[0, 999, 1_000, 2_000, 60_000], fine);
    assert_eq!(log, ran(&[("past", 0), ("early", 1_000), ("late", 2_000)]));
    assert_eq!(store.get("late").unwrap().0, None);
}

#[test]
fn setting_it_again_moves_it_and_deleting_it_ends_it() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "a", 1_000, None);
    set(&store, "a", 3_000, None);
    set(&store, "b", 1_000, None);
    store.delete("b").unwrap();
    store.delete("never").unwrap();
    let timer = store.get("a").unwrap().0.unwrap();
    assert_eq!(
        (timer.scheduled, timer.payload.as_deref()),
        (BEGIN + 3_000, Some("{\"a\":1}"))
    );
    assert_eq!(
        run_at(&home, &timers, &[1_000, 3_000, 9_000], fine),
        ran(&[("a", 3_000)])
    );
}

#[test]
fn one_that_is_set_in_its_own_handler_stays() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "a", 1_000, None);
    let log = run_at(&home, &timers, &[1_000, 2_000, 9_000], |_| {
        if home.clock.ms() == BEGIN + 1_000 {
            set(&store, "a", 2_000, None);
        }
        Some(Ok(()))
    });
    assert_eq!(log, ran(&[("a", 1_000), ("a", 2_000)]));
}

#[test]
fn one_that_takes_long_does_not_run_beside_itself_and_keeps_nobody_waiting() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "slow", 0, Some(1_000.0));
    set(&store, "other", 5_000, None);
    let log = run_at(&home, &timers, &[0, 1_000, 5_000, 9_000], |due| {
        (due.timer.id == "other").then_some(Ok(()))
    });
    assert_eq!(log, ran(&[("slow", 0), ("other", 5_000)]));
}

#[test]
fn one_that_repeats_keeps_its_beat_and_leaves_out_what_has_passed() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "beat", 100, Some(500.0));
    let log = run_at(&home, &timers, &[100, 600, 2_350, 2_599, 2_600], fine);
    assert_eq!(
        log,
        ran(&[
            ("beat", 100),
            ("beat", 600),
            ("beat", 2_350),
            ("beat", 2_600)
        ])
    );
    let timer = store.get("beat").unwrap().0.unwrap();
    assert_eq!(
        (timer.scheduled - BEGIN, timer.interval),
        (3_100, Some(500))
    );
}

#[test]
fn one_that_fails_runs_again_after_a_pause_that_grows() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "a", 0, None);
    let moments = [0, 4_999, 5_000, 14_999, 15_000, 60_000];
    let log = run_at(&home, &timers, &moments, |_| {
        match home.clock.ms() - BEGIN {
            15_000 => Some(Ok(())),
            _ => Some(Err(NotRun::Failed("Error: no".to_owned()))),
        }
    });
    assert_eq!(log, ran(&[("a", 0), ("a", 5_000), ("a", 15_000)]));
}

#[test]
fn a_handler_that_was_running_at_a_crash_runs_again() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "a", 0, None);
    set(&store, "b", 0, None);
    let log = run_at(&home, &timers, &[0], |due| {
        (due.timer.id == "b").then_some(Ok(()))
    });
    assert_eq!(log.len(), 2);
    drop((timers, store));
    let home = home.reopen();
    let (timers, _store) = open(&home);
    assert_eq!(run_at(&home, &timers, &[1, 60_000], fine), ran(&[("a", 1)]));
}

#[test]
fn many_that_are_due_at_once_all_run() {
    let home = Home::new();
    let (timers, store) = open(&home);
    for number in 0..100 {
        set(&store, &format!("t{number}"), 0, None);
    }
    let log = run_at(&home, &timers, &[0, 1, 2], fine);
    assert_eq!(log.len(), 100);
}

#[test]
fn without_a_handler_they_wait() {
    let home = Home::new();
    let (timers, store) = open(&home);
    set(&store, "a", 0, None);
    timers.set_handlers("app", &[]);
    assert_eq!(run_at(&home, &timers, &[0, 60_000], fine), ran(&[]));
    timers.set_handlers("app", &["t".to_owned()]);
    assert_eq!(run_at(&home, &timers, &[60_000], fine).len(), 1);
}

#[test]
fn what_is_no_timer_is_refused_and_changes_nothing() {
    let home = Home::new();
    let (_timers, store) = open(&home);
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    for (id, time, payload, interval) in [
        ("", 0.0, None, None),
        ("a", f64::NAN, None, None),
        ("a", f64::INFINITY, None, None),
        ("a", 8.65e15, None, None),
        ("a", 0.0, None, Some(0.0)),
        ("a", 0.0, None, Some(-1.0)),
        ("a", 0.0, None, Some(f64::NAN)),
        ("a", 0.0, Some(large.as_str()), None),
    ] {
        let error = store.set(id, time, payload, interval).unwrap_err();
        assert!(matches!(error, Error::Wrong(_)), "{error}");
        assert_eq!(store.get("a").unwrap().0, None);
    }
}
