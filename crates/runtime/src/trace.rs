//! What happens in one event, for those who follow an app (`tail`): in the shape of Cloudflare's tail events.
//!
//! Collects; who gets it, and what of it is shown, is up to the observer. Costs nothing while nobody follows.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, FailureKind};
use crate::headers;
use crate::objects::{ObjectRequest, SocketEvent};
use crate::platform::{AppEvent, EventKind};
use crate::spec::ConsoleLevel;

/// Most bytes of log messages that are kept of one event; Cloudflare's limit for a trace is 256 KB.
const MOST_BYTES: usize = 256 << 10;

/// An event, as far as it has come.
pub(crate) struct Trace {
    app: String,
    entrypoint: Option<String>,
    object: Option<String>,
    event: Value,
    logs: Vec<Value>,
    log_bytes: usize,
    truncated: bool,
    exceptions: Vec<Value>,
    outcome: &'static str,
    began: u64,
    clock: Instant,
}

impl Trace {
    /// `event` says what it is: a request, a call, a schedule.
    pub(crate) fn new(app: &str, entrypoint: Option<&str>, event: Value) -> Trace {
        Trace {
            app: app.to_owned(),
            entrypoint: entrypoint
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            object: None,
            event,
            logs: Vec::new(),
            log_bytes: 0,
            truncated: false,
            exceptions: Vec::new(),
            outcome: "ok",
            began: now(),
            clock: Instant::now(),
        }
    }

    /// The event is one of this object.
    pub(crate) fn of_object(mut self, id: String) -> Trace {
        self.object = Some(id);
        self
    }

    /// `message` is a JSON list of what was printed.
    pub(crate) fn log(&mut self, level: ConsoleLevel, message: &str) {
        self.log_bytes += message.len();
        if self.log_bytes > MOST_BYTES {
            self.truncated = true;
            return;
        }
        let message = serde_json::from_str(message).unwrap_or_else(|_| json!([message]));
        self.logs
            .push(json!({ "message": message, "level": level.name(), "timestamp": now() }));
    }

    /// What nobody caught. `is_answer`: it is what the event ends with.
    pub(crate) fn fail(&mut self, failure: &Failure, is_answer: bool) {
        let (name, message) = match failure.message.split_once(": ") {
            Some((name, message)) if is_name(name) => (name, message),
            _ => ("Error", failure.message.as_str()),
        };
        let mut exception = json!({ "name": name, "message": message, "timestamp": now() });
        if !failure.stack.is_empty() {
            exception["stack"] = failure.stack.clone().into();
        }
        self.exceptions.push(exception);
        if is_answer && self.outcome == "ok" {
            self.outcome = match failure.kind {
                FailureKind::CpuLimit => "exceededCpu",
                FailureKind::MemoryLimit => "exceededMemory",
                FailureKind::Stopped | FailureKind::Updated => "unknown",
                _ => "exception",
            };
        }
    }

    /// The client went away before there was an answer.
    pub(crate) fn cancel(&mut self) {
        self.outcome = "canceled";
    }

    pub(crate) fn respond(&mut self, status: u16) {
        if self.event.get("request").is_some() {
            self.event["response"] = json!({ "status": status });
        }
    }

    /// As a tail event.
    pub(crate) fn finish(self) -> Value {
        let model = if self.object.is_some() {
            "durableObject"
        } else {
            "stateless"
        };
        let mut item = json!({
            "wallTime": u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            "cpuTime": 0,
            "truncated": self.truncated,
            "executionModel": model,
            "outcome": self.outcome,
            "scriptName": self.app,
            "diagnosticsChannelEvents": [],
            "exceptions": self.exceptions,
            "logs": self.logs,
            "eventTimestamp": self.began,
            "event": self.event,
        });
        if let Some(entrypoint) = self.entrypoint {
            item["entrypoint"] = entrypoint.into();
        }
        if let Some(object) = self.object {
            item["durableObjectId"] = object.into();
        }
        item
    }
}

/// The event of a request. Headers that may tell secrets are hidden; `getUnredacted()` of a tail handler finds them
/// under `unredacted`, which is for nobody else.
pub(crate) fn request(method: &str, line: &str, headers: &HeaderMap, protocol: &str) -> Value {
    let url = line.split('\n').next().unwrap_or(line);
    let (mut shown, mut all) = (Map::new(), Map::new());
    for name in headers.keys() {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let value = values.join(", ");
        let visible = if is_secret(name.as_str()) {
            "REDACTED"
        } else {
            value.as_str()
        };
        shown.insert(name.to_string(), visible.into());
        all.insert(name.to_string(), value.into());
    }
    let cf = json!({ "colo": "LOCAL", "httpProtocol": protocol });
    let request = json!({
        "url": url, "method": method, "headers": shown, "cf": cf, "unredacted": { "headers": all },
    });
    json!({ "request": request })
}

/// The event of a request of this process.
pub(crate) fn request_within(asked: &ObjectRequest) -> Value {
    let headers = headers::split(&String::from_utf8_lossy(&asked.headers));
    request(&asked.method, &asked.url, &headers, "HTTP/1.1")
}

/// The event of an alarm that was set for this moment, in milliseconds since 1970.
pub(crate) fn alarm(time: i64) -> Value {
    json!({ "scheduledTime": iso(time) })
}

/// The event of a hibernating socket.
pub(crate) fn socket(event: &SocketEvent) -> Value {
    match event {
        SocketEvent::Message(_) => {
            json!({ "getWebSocketEvent": { "webSocketEventType": "message" } })
        }
        SocketEvent::Close { code, clean, .. } => json!({
            "getWebSocketEvent": { "webSocketEventType": "close", "code": code, "wasClean": clean }
        }),
    }
}

/// The day and time in UTC, as `Date.prototype.toISOString` has it.
fn iso(time: i64) -> String {
    let (days, of_day) = (time.div_euclid(86_400_000), time.rem_euclid(86_400_000));
    // Days since 0000-03-01, in eras of 400 years: the leap day is the last of its year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (era * 400 + year, month + 3),
        _ => (era * 400 + year + 1, month - 9),
    };
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, millis) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Cloudflare's rule.
fn is_secret(header: &str) -> bool {
    matches!(header, "cookie" | "set-cookie")
        || ["auth", "key", "secret", "token"]
            .iter()
            .any(|word| header.contains(word))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Of messages, which queue and how many; of Ploy's other events, for which Cloudflare has no form, their name.
pub(crate) fn of_platform(event: &AppEvent) -> Value {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    match event.kind {
        EventKind::Queue | EventKind::Message => {
            json!({ "queue": data["queue"], "batchSize": event.bodies.len() })
        }
        EventKind::Timer | EventKind::Workflow(_) => json!({ "type": event.kind.as_str() }),
        EventKind::Instance(_) => json!({ "type": "workflow" }),
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    })
}

impl ConsoleLevel {
    /// The name of the method of `console`.
    pub fn name(self) -> &'static str {
        match self {
            ConsoleLevel::Debug => "debug",
            ConsoleLevel::Log => "log",
            ConsoleLevel::Info => "info",
            ConsoleLevel::Warn => "warn",
            ConsoleLevel::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_tells_what_happened() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer x".parse().expect("a value"));
        headers.insert("accept", "*/*".parse().expect("a value"));
        let event = request("GET", "http://x/a\n{}", &headers, "HTTP/1.1");
        let mut trace = Trace::new("app", Some(""), event);
        trace.log(ConsoleLevel::Warn, "[\"a\",1]");
        trace.fail(&Failure::exception("TypeError: no: really", "at x"), true);
        trace.respond(500);
        let item = trace.finish();
        assert_eq!(item["event"]["request"]["url"], "http://x/a");
        assert_eq!(
            item["event"]["request"]["headers"]["authorization"],
            "REDACTED"
        );
        assert_eq!(item["event"]["request"]["headers"]["accept"], "*/*");
        let all = &item["event"]["request"]["unredacted"]["headers"];
        assert_eq!(all["authorization"], "Bearer x");
        assert_eq!(item["logs"][0]["message"], json!(["a", 1]));
        assert_eq!(item["logs"][0]["level"], "warn");
        assert_eq!(item["exceptions"][0]["name"], "TypeError");
        assert_eq!(item["exceptions"][0]["message"], "no: really");
        assert_eq!(item["outcome"], "exception");
        assert_eq!(item["event"]["response"]["status"], 500);
        assert!(item.get("entrypoint").is_none());
    }

    #[test]
    fn moments_as_javascript_writes_them() {
        for (time, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_295_335_309, "2026-11-21T21:08:55.309Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(time), text);
        }
    }

    #[test]
    fn long_logs_are_cut_off() {
        let mut trace = Trace::new("app", None, Value::Null);
        let line = format!("[\"{}\"]", "x".repeat(100_000));
        for _ in 0..5 {
            trace.log(ConsoleLevel::Log, &line);
        }
        let item = trace.finish();
        assert_eq!(item["truncated"], true);
        assert_eq!(item["logs"].as_array().map(Vec::len), Some(2));
    }
}
