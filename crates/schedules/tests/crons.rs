//! Cron triggers under a clock that the test sets: each due time once, also over restarts.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;

use cellhouse_schedules::{Cron, Crons, Schedule, SchedulesOptions, Syntax, Tick};
use proptest::prelude::*;
use support::{BEGIN, Home};

fn open(home: &Home) -> Crons {
    let clock = Arc::new(home.clock.clone());
    Crons::new(&home.cells, SchedulesOptions { clock })
}

fn cron(expression: &str) -> Cron {
    Cron {
        expression: expression.to_owned(),
        schedule: Schedule::parse(expression, Syntax::Ploy).unwrap(),
    }
}

/// Runs at these moments, in milliseconds from the beginning: what fired, and for when.
fn run_at(home: &Home, crons: &Crons, moments: &[i64]) -> Vec<(String, i64)> {
    let log = RefCell::new(Vec::new());
    let handler = |tick: Tick| {
        log.borrow_mut().push((tick.expression, tick.time - BEGIN));
        async {}
    };
    let mut run = pin!(crons.run(std::future::pending(), handler));
    for moment in moments {
        home.clock.set(*moment);
        home.settle(run.as_mut());
    }
    log.take()
}

fn times(home: &Home, crons: &Crons, moments: &[i64]) -> Vec<i64> {
    let fired = run_at(home, crons, moments);
    fired.into_iter().map(|(_, time)| time).collect()
}

const MINUTE: i64 = 60_000;

#[test]
fn each_due_time_once() {
    let home = Home::new();
    let crons = open(&home);
    crons
        .set("app", &[cron("* * * * *"), cron("*/2 * * * *")])
        .unwrap();
    let fired = run_at(
        &home,
        &crons,
        &[0, MINUTE - 1, MINUTE, MINUTE + 500, 2 * MINUTE],
    );
    let expected = [
        ("* * * * *", MINUTE),
        ("* * * * *", 2 * MINUTE),
        ("*/2 * * * *", 2 * MINUTE),
    ];
    let expected = expected.map(|(expression, time)| (expression.to_owned(), time));
    assert_eq!(fired, expected);
}

#[test]
fn a_line_that_is_there_twice_fires_once() {
    let home = Home::new();
    let crons = open(&home);
    crons
        .set("app", &[cron("* * * * *"), cron("* * * * *")])
        .unwrap();
    assert_eq!(times(&home, &crons, &[MINUTE]), [MINUTE]);
}

#[test]
fn a_restart_at_once_fires_nothing_again() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    assert_eq!(times(&home, &crons, &[MINUTE]), [MINUTE]);
    drop(crons);
    let home = home.reopen();
    let crons = open(&home);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    assert_eq!(times(&home, &crons, &[MINUTE, MINUTE + 100]), [0_i64; 0]);
}

#[test]
fn of_what_was_missed_the_latest_fires_once() {
    let home = Home::new();
    let crons = open(&home);
    let lines = [cron("* * * * *"), cron("0 0 * * *")];
    crons.set("app", &lines).unwrap();
    assert_eq!(times(&home, &crons, &[0]), [0_i64; 0]);
    drop(crons);
    let home = home.reopen();
    home.clock.set(10 * MINUTE + 100);
    let crons = open(&home);
    crons.set("app", &lines).unwrap();
    // The nightly one was not due.
    assert_eq!(
        times(&home, &crons, &[10 * MINUTE + 100, 11 * MINUTE]),
        [10 * MINUTE, 11 * MINUTE]
    );
}

#[test]
fn a_machine_that_slept_runs_the_latest_and_one_that_was_slow_runs_all() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("app", &[cron("*/10 * * * * *")]).unwrap();
    assert_eq!(times(&home, &crons, &[0, 35_000]), [10_000, 20_000, 30_000]);
    assert_eq!(times(&home, &crons, &[60 * MINUTE + 5_000]), [60 * MINUTE]);
}

#[test]
fn a_reload_changes_nothing_for_lines_that_stay() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    assert_eq!(times(&home, &crons, &[MINUTE]), [MINUTE]);
    crons
        .set("app", &[cron("* * * * *"), cron("*/5 * * * * *")])
        .unwrap();
    assert_eq!(
        times(&home, &crons, &[MINUTE, MINUTE + 5_000]),
        [MINUTE + 5_000]
    );
    // What is gone is forgotten, and begins anew.
    crons.set("app", &[]).unwrap();
    assert_eq!(times(&home, &crons, &[5 * MINUTE]), [0_i64; 0]);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    assert_eq!(
        times(&home, &crons, &[5 * MINUTE + 1, 6 * MINUTE]),
        [6 * MINUTE]
    );
}

#[test]
fn a_clock_that_is_set_back_fires_nothing_twice() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    let moments = [5 * MINUTE, 3 * MINUTE, 4 * MINUTE, 5 * MINUTE, 6 * MINUTE];
    let fired = times(&home, &crons, &moments);
    assert_eq!(fired.last(), Some(&(6 * MINUTE)));
    let mut once = fired.clone();
    once.dedup();
    assert_eq!(fired, once);
}

#[test]
fn two_apps_do_not_know_of_each_other() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("a", &[cron("* * * * *")]).unwrap();
    crons.set("b", &[cron("* * * * *")]).unwrap();
    assert_eq!(times(&home, &crons, &[MINUTE]), [MINUTE, MINUTE]);
    crons.set("a", &[]).unwrap();
    assert_eq!(times(&home, &crons, &[2 * MINUTE]), [2 * MINUTE]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whenever it is stopped and started, no due time fires twice, and none out of order.
    #[test]
    fn never_twice_and_in_order(steps in prop::collection::vec((0i64..90_000, any::<bool>()), 1..12)) {
        let mut home = Home::new();
        let mut crons = open(&home);
        let line = [cron("*/7 * * * * *")];
        crons.set("app", &line).unwrap();
        let mut now = 0;
        let mut fired = Vec::new();
        for (pass, restart) in steps {
            now += pass;
            home.clock.set(now);
            if restart {
                drop(crons);
                home = home.reopen();
                crons = open(&home);
                crons.set("app", &line).unwrap();
            }
            let times = times(&home, &crons, &[now]);
            prop_assert!(times.iter().all(|time| *time <= now));
            fired.extend(times);
        }
        prop_assert!(fired.windows(2).all(|pair| pair[0] < pair[1]), "{fired:?}");
        prop_assert!(fired.iter().all(|time| time % 60_000 % 7_000 == 0), "{fired:?}");
    }
}

#[test]
fn a_line_that_was_removed_while_nothing_ran_is_forgotten() {
    let home = Home::new();
    let crons = open(&home);
    crons.set("app", &[cron("* * * * *")]).unwrap();
    for without in [true, false] {
        drop(open(&home));
        home.clock.set(10 * MINUTE);
        let crons = open(&home);
        let line = [cron("* * * * *")];
        crons.set("app", if without { &[] } else { &line }).unwrap();
        assert_eq!(times(&home, &crons, &[10 * MINUTE + 1]), [0_i64; 0]);
    }
}
