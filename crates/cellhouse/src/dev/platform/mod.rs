//! What runs in an app beside requests: cron triggers, queues, timers, workflows. Opens their data, and brings
//! what is due to the handlers of the app that is meant.

mod cron;
mod instance;
mod queue;
mod timer;
mod workflow;

use std::collections::HashMap;
use std::sync::Arc;

use cellhouse_cell::Cells;
use cellhouse_config::{App, Binding, BindingKind, Style};
use cellhouse_queues::{Queues, QueuesOptions};
use cellhouse_runtime::{
    BindingValue, Failure, FailureKind, QueueBinding, QueueStyle, RateLimiter, Worker,
    runs_workflow,
};
use cellhouse_schedules::{Crons, SchedulesOptions, Timers};
use cellhouse_workflows::{Instances, Workflows, WorkflowsOptions};
use parking_lot::Mutex;

use crate::report::{Problem, Reporter};

/// The data of cron triggers, queues, timers and workflows, of all apps of this process.
pub(crate) struct Platform {
    queues: Queues,
    crons: Crons,
    timers: Timers,
    workflows: Workflows,
    instances: Instances,
    /// Rate limits count for as long as the process lives, by namespace.
    limits: Mutex<HashMap<String, RateLimiter>>,
}

/// Finds the code of an app as it is now, and hears what goes wrong in handlers that no client waits for.
pub(super) trait Apps {
    /// The app of that name, if it runs.
    fn worker(&self, app: &str) -> Option<Arc<Worker>>;
    /// A handler of that app failed.
    fn failed(&self, app: &str, failure: &Failure);
}

impl Platform {
    pub(super) fn open(cells: &Cells) -> Result<Platform, cellhouse_queues::Error> {
        Ok(Platform {
            queues: Queues::open(cells, QueuesOptions::default())?,
            crons: Crons::new(cells, SchedulesOptions::default()),
            timers: Timers::new(cells, SchedulesOptions::default()),
            workflows: Workflows::new(cells, WorkflowsOptions::default()),
            instances: Instances::new(cells, WorkflowsOptions::default()),
            limits: Mutex::default(),
        })
    }

    /// What is behind a binding of these kinds; `None` for others.
    pub(super) fn bind(
        &self,
        app: &App,
        binding: &Binding,
    ) -> Result<Option<BindingValue>, Box<dyn std::error::Error>> {
        Ok(Some(match &binding.kind {
            BindingKind::Queue { delivery_delay, .. } => BindingValue::Queue(QueueBinding {
                queue: self.queues.queue(queue_name(binding))?,
                delivery_delay: delivery_delay.unwrap_or(0),
                style: match app.style {
                    Style::Ploy => QueueStyle::Ploy,
                    Style::Wrangler => QueueStyle::Cloudflare,
                },
            }),
            BindingKind::Timer { timer } => BindingValue::Timer(self.timers.store(timer)?),
            BindingKind::PloyWorkflow { name, .. } => {
                BindingValue::Workflow(self.workflows.workflow(name)?)
            }
            BindingKind::Workflow { name, .. } => {
                BindingValue::Instances(self.instances.store(name)?)
            }
            BindingKind::RateLimit {
                namespace,
                limit,
                period,
            } => BindingValue::RateLimit(self.rate_limiter(namespace, *limit, *period)),
            _ => return Ok(None),
        }))
    }

    /// The Workflows that the app runs, as no app sees them.
    pub(super) fn runs(
        &self,
        app: &App,
    ) -> Result<Vec<cellhouse_runtime::Binding>, Box<dyn std::error::Error>> {
        let own = app
            .bindings
            .iter()
            .filter_map(|binding| instance::own(app, binding));
        let runs = own.map(|(name, ..)| {
            Ok(cellhouse_runtime::Binding {
                name: runs_workflow(name),
                value: BindingValue::RunsInstances(self.instances.store(name)?),
            })
        });
        runs.collect()
    }

    /// What is due is for this code of the app from now on. What the config asks for and the code has no
    /// handler for is told of, and waits.
    pub(super) fn follow(
        &self,
        app: &App,
        worker: &Worker,
        reporter: &Reporter,
    ) -> Result<(), Problem> {
        let problem = |error: &dyn std::fmt::Display| Problem::Text(error.to_string());
        let mut missing = Vec::new();
        let runners = instance::runners(app, worker)?;
        self.crons
            .set(&app.name, &cron::triggers(app, worker, &mut missing)?)
            .map_err(|error| problem(&error))?;
        self.queues
            .set_consumers(&app.name, queue::consumers(app, worker, &mut missing))
            .map_err(|error| problem(&error))?;
        let timers = timer::stores(app, worker, &mut missing);
        self.timers.set_handlers(&app.name, &timers);
        let handlers = workflow::handlers(app, worker, &mut missing);
        self.workflows.set_handlers(&app.name, handlers);
        self.instances.set_runners(&app.name, runners);
        for what in missing {
            reporter.note(&what);
        }
        Ok(())
    }

    /// Brings what is due to its handlers. Never ends.
    pub(super) async fn run(&self, apps: &dyn Apps) {
        let never = std::future::pending;
        tokio::join!(
            self.crons.run(never(), |tick| cron::fire(apps, tick)),
            self.queues
                .run(never(), |batch| queue::deliver(apps, batch)),
            self.timers.run(never(), |due| timer::fire(apps, due)),
            self.workflows
                .run(never(), |run| workflow::go_on(apps, run)),
            self.instances
                .run(never(), |run| instance::go_on(apps, run)),
        );
    }

    /// The queues, for commands.
    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The Workflows, for commands.
    pub(crate) fn instances(&self) -> &Instances {
        &self.instances
    }

    fn rate_limiter(&self, namespace: &str, limit: u32, period: u32) -> RateLimiter {
        let mut limits = self.limits.lock();
        let limiter = limits.entry(namespace.to_owned());
        let limiter = limiter.or_insert_with(|| RateLimiter::new(limit, period));
        limiter.with(limit, period)
    }
}

/// The queue of a binding; one that names none is called as the binding.
fn queue_name(binding: &Binding) -> &str {
    match &binding.kind {
        BindingKind::Queue { queue, .. } => queue.as_deref().unwrap_or(&binding.name),
        _ => &binding.name,
    }
}

/// Whether a handler was stopped by something that is not its own fault.
fn is_interrupted(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Stopped | FailureKind::Updated | FailureKind::Storage
    )
}

/// What is said when nobody runs the code of an app.
fn not_running(app: &str) -> String {
    format!("the app {app:?} is not running")
}
