//! Answers requests with the app as it is now. A reload swaps the app between two requests.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, ArcSwapOption};
use cellhouse_assets::Site;
use cellhouse_exchange::{Handler, HandlerFuture, Request, Response};
use cellhouse_runtime::{Failure, Worker};

use super::platform::Apps;
use super::{page, scheduled};
use crate::report::Reporter;
use crate::stack::Stacks;

/// The app as it is now.
pub(super) struct Live {
    worker: ArcSwap<Worker>,
    stacks: Arc<Stacks>,
    reporter: Arc<Reporter>,
    site: Arc<ArcSwapOption<Site>>,
}

impl Live {
    pub(super) fn new(
        worker: Worker,
        stacks: Arc<Stacks>,
        reporter: Arc<Reporter>,
        site: Arc<ArcSwapOption<Site>>,
    ) -> Arc<Self> {
        Arc::new(Live {
            worker: ArcSwap::from_pointee(worker),
            stacks,
            reporter,
            site,
        })
    }

    /// Sends later requests to `worker`; gives back the one before.
    pub(super) fn swap(&self, worker: Worker) -> Arc<Worker> {
        self.worker.swap(Arc::new(worker))
    }

    pub(super) fn worker(&self) -> Arc<Worker> {
        self.worker.load_full()
    }

    /// Tells of a failure that no client hears of.
    pub(super) fn tell(&self, failure: &Failure) {
        let stack = self.stacks.map(&failure.stack);
        self.reporter.exception(&failure.message, &stack);
    }

    /// The answer of the app: of a file, or of its script.
    async fn answer(&self, request: Request) -> Result<Response, Failure> {
        if let Some(site) = self.site.load_full() {
            let answer = site.answer_first(&request);
            if let Some(response) = answer.await {
                return Ok(response);
            }
        }
        self.worker().fetch(request).await
    }

    /// Tells of a failure, and makes the page that the client gets.
    fn explain(&self, failure: &Failure, accept: &str) -> Response {
        let stack = self.stacks.map(&failure.stack);
        self.reporter.exception(&failure.message, &stack);
        page::of_failure(failure, &stack, accept)
    }
}

impl Apps for Vec<Arc<Live>> {
    fn worker(&self, app: &str) -> Option<Arc<Worker>> {
        live_of(self, app).map(|live| live.worker())
    }

    fn failed(&self, app: &str, failure: &Failure) {
        if let Some(live) = live_of(self, app) {
            live.tell(failure);
        }
    }
}

/// The app of that name. One that runs alone is meant in any case: its name may change with its config.
fn live_of<'a>(lives: &'a [Arc<Live>], app: &str) -> Option<&'a Arc<Live>> {
    match lives {
        [alone] => Some(alone),
        several => several.iter().find(|live| live.worker().name() == app),
    }
}

/// The gateway's view of [`Live`].
pub(super) struct Answers(pub(super) Arc<Live>);

impl Handler for Answers {
    fn handle(&self, request: Request) -> HandlerFuture {
        let live = self.0.clone();
        let started = Instant::now();
        let method = request.method.clone();
        let path = path_of(&request.url).to_owned();
        let accept = request.headers.get(http::header::ACCEPT).cloned();
        Box::pin(async move {
            let answer = match scheduled::asked_for(&request) {
                None => live.answer(request).await,
                Some(event) => scheduled::run(&live.worker(), event).await,
            };
            let response = answer.unwrap_or_else(|failure| {
                let accept = accept.as_ref().and_then(|value| value.to_str().ok());
                live.explain(&failure, accept.unwrap_or(""))
            });
            live.reporter
                .request(method.as_str(), &path, response.status, started.elapsed());
            response
        })
    }
}

/// Path and query of an absolute URL.
fn path_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    match url[after_scheme..].find('/') {
        Some(at) => &url[after_scheme + at..],
        None => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn path_of_absolute_urls() {
        for (url, path) in [
            ("http://localhost:8787/", "/"),
            ("http://localhost/a/b?c=/d", "/a/b?c=/d"),
            ("http://localhost", "/"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
