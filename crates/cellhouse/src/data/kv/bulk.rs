//! Files of many entries or keys, as `wrangler kv bulk` has them. A file is read twice: once to check all of it,
//! and only then to do what it says.

use std::collections::HashSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use cellhouse_kv::PutOptions;
use serde_json::{Map, Value};

use super::file::{Array, Item};
use super::{Refusal, Reply, Work};
use crate::data::Event;

/// Padding or not, as Node's Buffer.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes after which what was written so far is waited for: the memory that it takes until then.
const BATCH_BYTES: usize = 8 << 20;
/// Of an entry besides its value, about.
const ENTRY_BYTES: usize = 512;
/// Values in one reply, unless they take more than [`BATCH_BYTES`].
const BATCH_VALUES: usize = 1_000;
/// Warnings that are told of one file.
const MAX_WARNINGS: usize = 12;

const KNOWN: [&str; 6] = [
    "key",
    "value",
    "expiration",
    "expiration_ttl",
    "metadata",
    "base64",
];

/// An item of a file for `put`.
struct Entry {
    key: String,
    value: Vec<u8>,
    expiration: Option<i64>,
    ttl: Option<i64>,
    metadata: Option<String>,
}

impl Entry {
    fn options(&self) -> PutOptions<'_> {
        PutOptions {
            expiration: self.expiration,
            expiration_ttl: self.ttl,
            metadata: self.metadata.as_deref(),
        }
    }
}

pub(super) fn put(work: &mut Work<'_, '_>, path: &Path) -> Result<(), Refusal> {
    let mut array = Array::open(path)?;
    let mut warnings = Vec::new();
    let store = work.store.clone();
    let wrong = |place: &str, why: &str| Refusal::Wrong(format!("{place}: {why}"));
    let total = array.each(&mut |item| {
        let place = item.place();
        if warnings.len() < MAX_WARNINGS {
            warnings.extend(odd(&item));
        }
        let entry = entry(item.value).map_err(|why| wrong(&place, &why))?;
        let checked = store.check_put(&entry.key, entry.value.len(), &entry.options());
        checked.map_err(|error| wrong(&place, &error.to_string()))
    });
    let total = total.map_err(|refusal| named(&array, refusal))?;
    for message in warnings {
        let message = format!("{}: {message}", crate::report::shown(path));
        work.tell(Reply::Warning { message })?;
    }
    let mut steps = Steps::new(total);
    array.each(&mut |item| {
        let entry = entry(item.value).map_err(Refusal::Failed)?;
        let put = work.store.put(&entry.key, &entry.value, &entry.options());
        put.map_err(|error| steps.failed(&error))?;
        steps.step(work, entry.value.len())
    })?;
    work.tell(Reply::Changed { count: total })
}

pub(super) fn delete(work: &mut Work<'_, '_>, path: &Path) -> Result<(), Refusal> {
    let mut array = Array::open(path)?;
    let total = checked_keys(work, &mut array)?;
    let mut steps = Steps::new(total);
    array.each(&mut |item| {
        let key = key(item.value).map_err(Refusal::Failed)?;
        let deleted = work.store.delete(&key);
        deleted.map_err(|error| steps.failed(&error))?;
        steps.step(work, 0)
    })?;
    work.tell(Reply::Changed { count: total })
}

pub(super) fn get(work: &mut Work<'_, '_>, path: &Path) -> Result<(), Refusal> {
    let mut array = Array::open(path)?;
    let total = checked_keys(work, &mut array)?;
    let (mut seen, mut values, mut bytes, mut done) = (HashSet::new(), Vec::new(), 0, 0);
    array.each(&mut |item| {
        let key = key(item.value).map_err(Refusal::Failed)?;
        done += 1;
        if !seen.insert(key.clone()) {
            return Ok(());
        }
        let (entry, _) = work.store.get(&key, None)?;
        let value = entry.map(|entry| String::from_utf8_lossy(&entry.value).into_owned());
        bytes += key.len() + value.as_ref().map_or(0, String::len);
        values.push((key, value));
        if values.len() < BATCH_VALUES && bytes < BATCH_BYTES {
            return Ok(());
        }
        bytes = 0;
        let values = std::mem::take(&mut values);
        work.tell(Reply::Values { values })?;
        work.asker.tell(Event::Progress { done, total });
        Ok(())
    })?;
    work.tell(Reply::Values { values })
}

/// How many keys the file has, of which each could be one.
fn checked_keys(work: &Work<'_, '_>, array: &mut Array) -> Result<u64, Refusal> {
    let store = work.store.clone();
    let count = array.each(&mut |item| {
        let place = item.place();
        let wrong = |why: String| Refusal::Wrong(format!("{place}: {why}"));
        let key = key(item.value).map_err(&wrong)?;
        store
            .check_key(&key)
            .map_err(|error| wrong(error.to_string()))
    });
    count.map_err(|refusal| named(array, refusal))
}

/// With the file's name, unless it has that already.
fn named(array: &Array, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Wrong(why) if why.starts_with("line ") => {
            array.wrong(&format_args!("{why}; nothing was changed"))
        }
        other => other,
    }
}

/// What was written, bit by bit: told, and waited for.
struct Steps {
    total: u64,
    done: u64,
    bytes: usize,
}

impl Steps {
    fn new(total: u64) -> Steps {
        Steps {
            total,
            done: 0,
            bytes: 0,
        }
    }

    /// What was done stays done.
    fn failed(&self, error: &dyn std::fmt::Display) -> Refusal {
        Refusal::Failed(format!("{} of {} are done: {error}", self.done, self.total))
    }

    fn step(&mut self, work: &mut Work<'_, '_>, bytes: usize) -> Result<(), Refusal> {
        self.done += 1;
        self.bytes += bytes + ENTRY_BYTES;
        if self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.bytes = 0;
        let (done, total) = (self.done, self.total);
        let durable = work.store.ticket().wait();
        durable.map_err(|error| self.failed(&error))?;
        match work.asker.tell(Event::Progress { done, total }) {
            true => Ok(()),
            // Who asked has gone: what is done stays done.
            false => Err(Refusal::Gone),
        }
    }
}

/// A key by itself, or the `name` of an item of a list.
fn key(value: Value) -> Result<String, String> {
    let found = match value {
        Value::Object(mut item) => item.remove("name").unwrap_or(Value::Null),
        other => other,
    };
    match found {
        Value::String(key) => Ok(key),
        other => Err(format!(
            "it must be a key, or an object with a \"name\", not {other}"
        )),
    }
}

fn entry(value: Value) -> Result<Entry, String> {
    let Value::Object(mut item) = value else {
        return Err("it must be an object with a \"key\" and a \"value\"".to_owned());
    };
    let key = text(&mut item, "key")?;
    let value = text(&mut item, "value")?;
    let is_base64 = match item.remove("base64") {
        None => false,
        Some(Value::Bool(is_base64)) => is_base64,
        Some(other) => return Err(format!("\"base64\" must be true or false, not {other}")),
    };
    let metadata = match item.remove("metadata") {
        None | Some(Value::Null) => None,
        Some(metadata @ (Value::Object(_) | Value::Array(_))) => Some(metadata.to_string()),
        Some(other) => return Err(format!("\"metadata\" must be an object, not {other}")),
    };
    Ok(Entry {
        key,
        value: match is_base64 {
            true => BASE64
                .decode(value)
                .map_err(|error| format!("its \"value\" is not base64: {error}"))?,
            false => value.into_bytes(),
        },
        expiration: seconds(&mut item, "expiration")?,
        ttl: seconds(&mut item, "expiration_ttl")?,
        metadata,
    })
}

fn text(item: &mut Map<String, Value>, name: &str) -> Result<String, String> {
    match item.remove(name) {
        Some(Value::String(text)) => Ok(text),
        None => Err(format!("it has no {name:?}")),
        Some(other) => Err(format!("{name:?} must be a string, not {other}")),
    }
}

fn seconds(item: &mut Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = item.remove(name) else {
        return Ok(None);
    };
    let whole = |number: f64| number.fract() == 0.0 && number.abs() < 9e15;
    match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) => Ok(Some(seconds)),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and not large")]
        (None, Some(number)) if whole(number) => Ok(Some(number as i64)),
        _ => Err(format!(
            "{name:?} must be a whole number of seconds, not {value}"
        )),
    }
}

/// What an entry has and no entry has a use for.
fn odd(item: &Item) -> Option<String> {
    let known = |name: &&String| !KNOWN.contains(&name.as_str());
    let names = item.value.as_object().into_iter().flat_map(Map::keys);
    let names: Vec<String> = names
        .filter(known)
        .map(|name| format!("{name:?}"))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} has what no entry has: {}",
            item.place(),
            names.join(", ")
        )
    })
}
