//! Tells what an app prints, and the exceptions that no response carries.

use std::sync::Arc;

use cellhouse_runtime::{ConsoleLevel, Failure, Observer};

use crate::report::Reporter;
use crate::stack::Stacks;

pub(super) struct Tell {
    pub(super) reporter: Arc<Reporter>,
    pub(super) stacks: Arc<Stacks>,
}

impl Observer for Tell {
    fn console(&self, level: ConsoleLevel, message: &str) {
        self.reporter.console(level, message);
    }

    fn uncaught(&self, failure: &Failure) {
        self.reporter
            .exception(&failure.message, &self.stacks.map(&failure.stack));
    }
}
