//! `cellhouse tail`: what happens in a running app, event by event.

use std::io::{IsTerminal, Write};

use chrono::DateTime;
use serde_json::Value;

use crate::cli::{TailArguments, TailFormat, TailStatus};
use crate::data::{Event, Task, follow};
use crate::report::{Stop, tail_line};

pub(crate) fn run(arguments: &TailArguments) -> Result<(), Stop> {
    let directory = crate::dev::data_directory(&arguments.app, arguments.store.as_deref());
    let terminal = std::io::stdout().is_terminal();
    let format = arguments.format.unwrap_or(match terminal {
        true => TailFormat::Pretty,
        false => TailFormat::Json,
    });
    let mut share = 1.0;
    let mut is_told = false;
    let mut end = None;
    follow(&directory, &Task::Tail, &mut |event| match event {
        Event::Following => {
            if !std::mem::replace(&mut is_told, true) {
                eprintln!("waiting for events; Ctrl-C ends this");
            }
            true
        }
        Event::Tail { item } => {
            if !is_wanted(arguments, &item) || !is_sampled(arguments.sampling_rate, &mut share) {
                return true;
            }
            let text = match format {
                TailFormat::Json => item.to_string(),
                TailFormat::Pretty => pretty(&item),
            };
            let mut out = std::io::stdout().lock();
            // Whoever read it may have gone (`| head`).
            writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
        }
        other => {
            end = Some(other);
            true
        }
    })?;
    match end {
        Some(Event::Failed { message }) => Err(Stop::failed(message)),
        _ => Ok(()),
    }
}

/// Spreads what is left out evenly.
fn is_sampled(rate: Option<f64>, share: &mut f64) -> bool {
    let Some(rate) = rate else { return true };
    *share += rate;
    let is_sampled = *share >= 1.0;
    if is_sampled {
        *share -= 1.0;
    }
    is_sampled
}

fn is_wanted(arguments: &TailArguments, item: &Value) -> bool {
    let request = &item["event"]["request"];
    let status = status(item);
    let has_status = arguments.status.is_empty() || arguments.status.contains(&status);
    let method = request["method"].as_str().unwrap_or_default();
    let mut methods = arguments.method.iter();
    let has_method =
        arguments.method.is_empty() || methods.any(|one| one.eq_ignore_ascii_case(method));
    let named = arguments.name.as_deref();
    let has_name = named.is_none_or(|name| item["scriptName"] == name);
    let header = arguments.header.as_deref();
    let has_header = header.is_none_or(|header| has_header(&request["headers"], header));
    let search = arguments.search.as_deref();
    let has_text = search.is_none_or(|text| logs(item).any(|(_, line)| line.contains(text)));
    has_status && has_method && has_name && has_header && has_text
}

fn status(item: &Value) -> TailStatus {
    match item["outcome"].as_str() {
        Some("ok") => TailStatus::Ok,
        Some("canceled") => TailStatus::Canceled,
        _ => TailStatus::Error,
    }
}

fn has_header(headers: &Value, wanted: &str) -> bool {
    let (name, value) = match wanted.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (wanted.trim(), None),
    };
    let found = headers.get(name.to_ascii_lowercase());
    found.is_some_and(|found| value.is_none_or(|value| found == value))
}

/// The level and the text of each log line.
fn logs(item: &Value) -> impl Iterator<Item = (&str, String)> {
    let logs = item["logs"].as_array().into_iter().flatten();
    logs.map(|log| {
        let parts = log["message"].as_array().into_iter().flatten();
        let parts: Vec<String> = parts.map(shown).collect();
        (log["level"].as_str().unwrap_or("log"), parts.join(" "))
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// As wrangler prints it: what it was and how it ended, then the log and the exceptions.
fn pretty(item: &Value) -> String {
    let time = item["eventTimestamp"]
        .as_i64()
        .and_then(DateTime::from_timestamp_millis);
    let time = time.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string());
    let outcome = match item["outcome"].as_str().unwrap_or_default() {
        "ok" => "Ok",
        "canceled" => "Canceled",
        "exceededCpu" => "Exceeded CPU Limit",
        "exceededMemory" => "Exceeded Memory Limit",
        "exception" => "Exception",
        _ => "Unknown",
    };
    let what = what(item);
    let is_fine = status(item) == TailStatus::Ok;
    let mut text = format!(
        "{what} - {} @ {}",
        tail_line(outcome, is_fine),
        time.unwrap_or_default()
    );
    for (level, line) in logs(item) {
        text += &format!("\n  ({level}) {}", line.replace('\n', "\n    "));
    }
    for exception in item["exceptions"].as_array().into_iter().flatten() {
        let line = format!(
            "{}: {}",
            shown(&exception["name"]),
            shown(&exception["message"])
        );
        text += &format!("\n  {}", tail_line(&line, false));
    }
    text
}

fn what(item: &Value) -> String {
    let event = &item["event"];
    let entrypoint = item["entrypoint"].as_str();
    let app = item["scriptName"].as_str().unwrap_or_default();
    let place = entrypoint.map_or_else(
        || app.to_owned(),
        |entrypoint| format!("{app}.{entrypoint}"),
    );
    if let (Some(method), Some(url)) = (
        event["request"]["method"].as_str(),
        event["request"]["url"].as_str(),
    ) {
        return match entrypoint {
            Some(_) => format!("{method} {url} ({place})"),
            None => format!("{method} {url}"),
        };
    }
    if let Some(method) = event["rpcMethod"].as_str() {
        return format!("{place}.{method}()");
    }
    if let Some(cron) = event["cron"].as_str() {
        return format!("\"{cron}\" of {app}");
    }
    if event["getWebSocketEvent"].is_object() {
        return format!("WebSocket of {place}");
    }
    match event["scheduledTime"].as_str() {
        Some(time) => format!("alarm of {place} for {time}"),
        None => format!("event of {place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_for_people() {
        let item = json!({
            "scriptName": "app", "outcome": "exception", "eventTimestamp": 1_795_295_335_309_i64,
            "event": { "request": { "method": "GET", "url": "http://x/a" } },
            "logs": [{ "level": "log", "message": ["a", { "b": 1 }, 2] }],
            "exceptions": [{ "name": "TypeError", "message": "no" }],
        });
        let expected = "GET http://x/a - Exception @ 2026-11-21 21:08:55\n  (log) a {\"b\":1} 2\n  TypeError: no";
        assert_eq!(pretty(&item), expected);
        let call = json!({ "scriptName": "app", "entrypoint": "E", "event": { "rpcMethod": "m" } });
        assert_eq!(what(&call), "app.E.m()");
    }

    #[test]
    fn half_of_the_events() {
        let mut share = 0.5;
        let taken: Vec<bool> = (0..5).map(|_| is_sampled(Some(0.5), &mut share)).collect();
        assert_eq!(taken, [true, false, true, false, true]);
        assert!(!is_sampled(Some(0.0), &mut 0.5));
    }
}
