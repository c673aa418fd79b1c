//! Tells what an app prints, and the exceptions that no response carries.

use std::sync::Arc;

use cellhouse_runtime::{ConsoleLevel, Failure, Observer};

use super::tail::Followers;
use crate::report::Reporter;
use crate::stack::Stacks;

pub(super) struct Tell {
    pub(super) reporter: Arc<Reporter>,
    pub(super) stacks: Arc<Stacks>,
    /// The app's name, where there are several.
    pub(super) app: Option<String>,
    pub(super) followers: Followers,
}

impl Tell {
    fn named(&self, message: &str) -> String {
        match &self.app {
            Some(app) => format!("[{app}] {message}"),
            None => message.to_owned(),
        }
    }
}

impl Observer for Tell {
    fn console(&self, level: ConsoleLevel, message: &str) {
        self.reporter.console(level, &self.named(message));
    }

    fn uncaught(&self, failure: &Failure) {
        self.reporter.exception(
            &self.named(&failure.message),
            &self.stacks.map(&failure.stack),
        );
    }

    fn is_tracing(&self) -> bool {
        self.followers.are_there()
    }

    fn traced(&self, trace: serde_json::Value) {
        self.followers.tell(trace);
    }
}
