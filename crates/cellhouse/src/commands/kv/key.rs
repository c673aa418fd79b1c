//! `cellhouse kv key`: one key at a time, and lists of them. Values go in and out byte for byte.

use std::io::{Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellhouse_kv::MAX_VALUE_BYTES;
use serde_json::json;

use super::ask::Asked;
use crate::cli::{KvGetArguments, KvKeyArguments, KvListArguments, KvPutArguments};
use crate::commands::objects::output::{line, moment, plain};
use crate::data::Event;
use crate::data::kv::{Action, Key, Reply};
use crate::report::{Stop, heading, shown};

pub(super) fn put(arguments: &KvPutArguments) -> Result<(), Stop> {
    let KvKeyArguments { key, of } = &arguments.key;
    let asked = Asked::about(of)?;
    let value = match (&arguments.path, &arguments.value) {
        (Some(path), _) => read(path)?,
        (None, value) => value.clone().unwrap_or_default().into_bytes(),
    };
    let action = Action::Put {
        key: key.clone(),
        value: STANDARD.encode(&value),
        expiration: arguments.expiration,
        ttl: arguments.ttl,
        metadata: arguments.metadata.clone(),
    };
    asked.change(action, |_, _| {})?;
    let bytes = value.len();
    line(&match of.data.json {
        true => json!({"key": key, "bytes": bytes}).to_string(),
        false => format!("wrote {bytes} bytes to {key:?} in {}", asked.called),
    });
    Ok(())
}

/// The bytes of a file, of which no more are read than a value may have.
fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    let cannot = |error| Stop::wrong(format!("{} cannot be read: {error}", shown(path)));
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    let limit = MAX_VALUE_BYTES as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() > MAX_VALUE_BYTES {
        let path = shown(path);
        let limit = MAX_VALUE_BYTES >> 20;
        return Err(Stop::wrong(format!(
            "{path} has more than the {limit} MiB that a value may have; nothing was changed"
        )));
    }
    Ok(bytes)
}

pub(super) fn get(arguments: &KvGetArguments) -> Result<(), Stop> {
    let KvKeyArguments { key, of } = &arguments.key;
    let mut found = None;
    let action = Action::Get { key: key.clone() };
    Asked::about(of)?.ask(action, &mut |event| {
        if let Event::Kv(Reply::Value {
            value,
            metadata,
            expiration,
        }) = event
        {
            found = Some((value, metadata, expiration));
        }
        true
    })?;
    let other_version = || Stop::failed("the process that has the data is of another version");
    let (value, metadata, expiration) = found.ok_or_else(other_version)?;
    let bytes = STANDARD.decode(value).map_err(|_| other_version())?;
    if of.data.json {
        let mut told = json!({"key": key});
        match String::from_utf8(bytes) {
            Ok(text) => told["value"] = text.into(),
            Err(error) => told["base64"] = STANDARD.encode(error.as_bytes()).into(),
        }
        let metadata = metadata.and_then(|text| serde_json::from_str(&text).ok());
        told["metadata"] = metadata.unwrap_or_default();
        told["expiration"] = expiration.into();
        line(&told.to_string());
    } else if arguments.text {
        line(&String::from_utf8_lossy(&bytes));
    } else {
        let mut out = std::io::stdout().lock();
        out.write_all(&bytes)
            .and_then(|()| out.flush())
            .map_err(Stop::failed)?;
    }
    Ok(())
}

pub(super) fn delete(arguments: &KvKeyArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let key = &arguments.key;
    asked.change(Action::Delete { key: key.clone() }, |_, _| {})?;
    line(&match arguments.of.data.json {
        true => json!({"key": key, "deleted": true}).to_string(),
        false => format!("deleted {key:?} from {}", asked.called),
    });
    Ok(())
}

pub(super) fn list(arguments: &KvListArguments) -> Result<(), Stop> {
    let as_json = arguments.of.data.json;
    let mut count = 0_u64;
    let action = Action::List {
        prefix: arguments.prefix.clone(),
    };
    Asked::about(&arguments.of)?.ask(action, &mut |event| {
        let Event::Kv(Reply::Keys { keys }) = event else {
            return true;
        };
        keys.iter().all(|key| {
            count += 1;
            match as_json {
                true => as_item(key, count == 1),
                false => as_row(key, count == 1),
            }
        })
    })?;
    match (as_json, count) {
        (true, 0) => line("[]"),
        (true, _) => line("\n]"),
        (false, 0) => line("no keys"),
        (false, _) => true,
    };
    Ok(())
}

/// An item of the array that wrangler prints.
fn as_item(key: &Key, first: bool) -> bool {
    let json = serde_json::to_string_pretty(key).unwrap_or_default();
    let before = if first { "[\n  " } else { ",\n  " };
    let text = format!("{before}{}", json.replace('\n', "\n  "));
    write!(std::io::stdout().lock(), "{text}").is_ok()
}

fn as_row(key: &Key, first: bool) -> bool {
    let row = |expires: &str, name: &str, metadata: &str| {
        format!("{expires:24}  {name}  {metadata}")
            .trim_end()
            .to_owned()
    };
    if first && !line(&heading(&row("EXPIRES", "KEY", "METADATA"))) {
        return false;
    }
    let expires = key
        .expiration
        .map(|seconds| moment(seconds.saturating_mul(1000)));
    let metadata = key.metadata.as_ref().map(ToString::to_string);
    line(&row(
        expires.as_deref().unwrap_or("-"),
        &plain(&key.name),
        &plain(metadata.as_deref().unwrap_or_default()),
    ))
}
