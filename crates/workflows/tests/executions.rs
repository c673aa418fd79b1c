//! Executions under a clock that the test sets: steps are remembered, sleeps end, crashes cost nothing.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_workflows::{
    Ended, Error, Handler, NotRun, Progress, Run, Status, StepError, Workflow, Workflows,
    WorkflowsOptions,
};
use support::{BEGIN, Home};

fn open(home: &Home) -> (Workflows, Workflow) {
    let options = WorkflowsOptions {
        clock: Arc::new(home.clock.clone()),
        ..WorkflowsOptions::default()
    };
    let workflows = Workflows::new(&home.cells, options);
    let handler = Handler {
        app: "app".to_owned(),
        workflow: "w".to_owned(),
        timeout: Duration::from_secs(600),
        step_timeout: Duration::from_secs(120),
        retries: 3,
    };
    workflows.set_handlers("app", vec![handler]);
    let workflow = workflows.workflow("w").unwrap();
    (workflows, workflow)
}

/// Runs at these moments, in milliseconds from the beginning: when a handler began.
fn run_at(
    home: &Home,
    workflows: &Workflows,
    moments: &[i64],
    code: impl Fn(&Run) -> Option<Result<Ended, NotRun>>,
) -> Vec<i64> {
    let log = RefCell::new(Vec::new());
    let handler = |run: Run| {
        log.borrow_mut().push(home.clock.ms() - BEGIN);
        let ended = code(&run);
        async move {
            match ended {
                Some(ended) => ended,
                None => std::future::pending().await,
            }
        }
    };
    let mut run = pin!(workflows.run(std::future::pending(), handler));
    for moment in moments {
        home.clock.set(*moment);
        home.settle(run.as_mut());
    }
    log.take()
}

fn completed(output: &str) -> Option<Result<Ended, NotRun>> {
    Some(Ok(Ended::Completed(Some(output.to_owned()))))
}

#[test]
fn an_execution_from_its_beginning_to_its_end() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (id, _) = workflow.trigger(Some("{\"a\":1}")).unwrap();
    let (execution, _) = workflow.execution(&id).unwrap();
    assert_eq!(
        (execution.status, execution.started),
        (Status::Pending, None)
    );
    let log = run_at(&home, &workflows, &[5, 60_000], |run| {
        assert_eq!(run.input.as_deref(), Some("{\"a\":1}"));
        assert_eq!(
            workflow.execution(&run.id).unwrap().0.status,
            Status::Running
        );
        completed("7")
    });
    assert_eq!(log, [5]);
    let (execution, _) = workflow.execution(&id).unwrap();
    assert_eq!(
        (execution.status, execution.output.as_deref()),
        (Status::Completed, Some("7"))
    );
    assert_eq!(
        (execution.started, execution.completed),
        (Some(BEGIN + 5), Some(BEGIN + 5))
    );
}

#[test]
fn a_handler_that_returns_nothing_is_complete_and_one_that_throws_has_failed() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (nothing, _) = workflow.trigger(None).unwrap();
    let (thrown, _) = workflow.trigger(None).unwrap();
    run_at(&home, &workflows, &[0], |run| {
        Some(Ok(match run.id == nothing {
            true => Ended::Completed(None),
            false => Ended::Failed("no".to_owned()),
        }))
    });
    let nothing = workflow.execution(&nothing).unwrap().0;
    assert_eq!((nothing.status, nothing.output), (Status::Completed, None));
    let thrown = workflow.execution(&thrown).unwrap().0;
    assert_eq!(
        (thrown.status, thrown.error.as_deref()),
        (Status::Failed, Some("no"))
    );
}

#[test]
fn steps_are_remembered_over_a_crash() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (id, _) = workflow.trigger(None).unwrap();
    run_at(&home, &workflows, &[0], |run| {
        let step = |name, nth| workflow.step(&run.id, name, nth, None).unwrap().0;
        assert_eq!(step("a", 0), Progress::Open(0));
        workflow.step_done(&run.id, "a", 0, Some("1")).unwrap();
        // Of the same name, and another one.
        assert_eq!(step("a", 1), Progress::Open(0));
        workflow.step_failed(&run.id, "a", 1, None).unwrap();
        None
    });
    drop((workflows, workflow));
    let home = home.reopen();
    let (workflows, workflow) = open(&home);
    let log = run_at(&home, &workflows, &[1], |run| {
        assert_eq!((run.id == id, run.started), (true, BEGIN));
        let step = |name, nth| workflow.step(&run.id, name, nth, None).unwrap().0;
        assert_eq!(step("a", 0), Progress::Done(Some("1".to_owned())));
        assert_eq!(step("a", 1), Progress::Open(1));
        let error = StepError {
            name: "TypeError".to_owned(),
            message: "no".to_owned(),
        };
        workflow.step_failed(&run.id, "a", 1, Some(&error)).unwrap();
        assert_eq!(step("a", 1), Progress::Failed(error));
        completed("null")
    });
    assert_eq!(log, [1]);
}

#[test]
fn a_sleep_ends_when_it_was_to_end_whatever_comes_between() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    workflow.trigger(None).unwrap();
    let sleeps = |workflow: &Workflow, run: &Run| {
        let (wake, _) = workflow.sleep(&run.id, 0, 60_000).unwrap();
        assert_eq!(wake, BEGIN + 60_000);
        wake
    };
    let log = run_at(&home, &workflows, &[0, 30_000], |run| {
        Some(Ok(Ended::Asleep(sleeps(&workflow, run))))
    });
    assert_eq!(log, [0]);
    drop((workflows, workflow));
    let home = home.reopen();
    let (workflows, workflow) = open(&home);
    let log = run_at(&home, &workflows, &[30_000, 59_999, 60_000], |run| {
        sleeps(&workflow, run);
        completed("1")
    });
    assert_eq!(log, [60_000]);
}

#[test]
fn what_was_cancelled_stays_so() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (waits, _) = workflow.trigger(None).unwrap();
    workflow.cancel(&waits).unwrap();
    let (runs, _) = workflow.trigger(None).unwrap();
    let log = run_at(&home, &workflows, &[0, 60_000], |run| {
        assert_eq!(run.id, runs);
        workflow.cancel(&runs).unwrap();
        let error = workflow.step(&run.id, "a", 0, None).unwrap_err();
        assert!(matches!(error, Error::Over { .. }), "{error}");
        completed("1")
    });
    assert_eq!(log, [0]);
    for id in [&waits, &runs] {
        let execution = workflow.execution(id).unwrap().0;
        assert_eq!(
            (execution.status, execution.output),
            (Status::Cancelled, None)
        );
        workflow.cancel(id).unwrap();
    }
}

#[test]
fn a_handler_that_could_not_run_runs_again() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (id, _) = workflow.trigger(None).unwrap();
    let log = run_at(&home, &workflows, &[0, 999, 1_000], |_| {
        match home.clock.ms() - BEGIN {
            0 => Some(Err(NotRun("stopped".to_owned()))),
            _ => completed("1"),
        }
    });
    assert_eq!(log, [0, 1_000]);
    assert_eq!(workflow.execution(&id).unwrap().0.status, Status::Completed);
}

#[test]
fn what_has_ended_long_ago_is_removed() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let (old, _) = workflow.trigger(None).unwrap();
    run_at(&home, &workflows, &[0], |_| completed("1"));
    let days = 31 * 86_400_000;
    home.clock.set(days);
    workflow.trigger(None).unwrap();
    run_at(&home, &workflows, &[days], |_| completed("1"));
    let error = workflow.execution(&old).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
}

#[test]
fn what_is_too_large_changes_nothing() {
    let home = Home::new();
    let (workflows, workflow) = open(&home);
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    assert!(workflow.trigger(Some(&large)).is_err());
    let (id, _) = workflow.trigger(None).unwrap();
    run_at(&home, &workflows, &[0], |run| {
        workflow.step(&run.id, "a", 0, None).unwrap();
        let error = workflow
            .step_done(&run.id, "a", 0, Some(&large))
            .unwrap_err();
        assert!(matches!(error, Error::TooLarge(_)), "{error}");
        completed(&large)
    });
    let execution = workflow.execution(&id).unwrap().0;
    assert_eq!(execution.status, Status::Failed);
    assert!(execution.error.unwrap().contains("1048576 at most"));
}
