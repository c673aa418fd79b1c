//! Fires the `scheduled` handler by hand: `curl http://127.0.0.1:8787/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`,
//! the path that `wrangler dev` has for it. Only this machine may.

use cellhouse_exchange::{Request, Response};
use cellhouse_runtime::{Failure, Worker};
use url::Url;

const PATH: &str = "/cdn-cgi/handler/scheduled";

/// The event to fire.
pub(super) struct Event {
    cron: String,
    /// Milliseconds since 1970.
    time: f64,
}

/// The event that a request asks for, if it is such a request.
pub(super) fn asked_for(request: &Request) -> Option<Event> {
    // The search is cheap, and almost always the end of it.
    if !request.url.contains(PATH) || !request.client.address.ip().is_loopback() {
        return None;
    }
    let url = Url::parse(&request.url)
        .ok()
        .filter(|url| url.path() == PATH)?;
    let value = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let now = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0.0, |since| since.as_millis() as f64)
    };
    Some(Event {
        cron: value("cron").unwrap_or_default(),
        time: value("time")
            .and_then(|time| time.parse().ok())
            .unwrap_or_else(now),
    })
}

/// Answers `ok` when the handler is done, as `wrangler dev` does.
pub(super) async fn run(worker: &Worker, event: Event) -> Result<Response, Failure> {
    if !worker.has_scheduled() {
        return Ok(Response::text(
            404,
            "the app exports no scheduled() handler\n",
        ));
    }
    worker.scheduled(event.cron, event.time).await?;
    Ok(Response::text(200, "ok"))
}
