//! The format record: an object that says what made the store and how it is laid out, written once
//! when the store is made and read before anything else is touched.
//!
//! It is text, so that a person who finds a store can read it: a line with the name, `format` with a
//! number, `id` with 32 hexadecimal digits. Later formats may add lines; the first three stay.

use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};
use slatedb_common::retry::should_retry;

use crate::place::Place;
use crate::{Clock, Error, ShardOptions};

/// The newest format known here, which new stores get.
///
/// 1: the keys of `key.rs`, the log of `log/`, SlateDB 0.18 under `db/`. Programs without history know
/// this number too; they refuse the cells that have one (`meta.rs`).
pub(crate) const FORMAT: u32 = 1;

const NAME: &str = "cellhouse store";

/// Where it is in the store.
fn path() -> Path {
    Path::from("format")
}

/// The identity of a store: made up when it is made, in every file of its log.
pub(crate) type StoreId = [u8; 16];

/// Reads the record, or makes it if the store is new. A store of a newer format or something else
/// is refused.
pub(crate) async fn open(
    place: &Place,
    options: &ShardOptions,
    folder: &Path,
) -> Result<StoreId, Error> {
    let (store, objects) = (&*place.name, &*place.objects);
    let clock = &*options.clock;
    loop {
        if let Some(text) = read(store, objects, clock).await? {
            return parse(store, &text);
        }
        refuse_strangers(store, objects, clock, folder).await?;
        let id = fresh_id(store, options)?;
        let made = patiently(clock, async || {
            let options = PutOptions::from(PutMode::Create);
            let record = text(FORMAT, id).into();
            objects.put_opts(&path(), record, options).await
        });
        match made.await {
            Ok(_) => return Ok(id),
            // Somebody else was faster, or our own first try went through after all.
            Err(object_store::Error::AlreadyExists { .. }) => {}
            Err(e) => return Err(refused(store, "write its format record", &e)),
        }
    }
}

async fn read(
    store: &str,
    objects: &dyn ObjectStore,
    clock: &dyn Clock,
) -> Result<Option<String>, Error> {
    let bytes = patiently(clock, async || objects.get(&path()).await?.bytes().await).await;
    if let Err(object_store::Error::NotFound { .. }) = bytes {
        return Ok(None);
    }
    let bytes = bytes.map_err(|e| refused(store, "read its format record", &e))?;
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(damaged(store, "is not text")),
    }
}

/// How often a request is tried again, and how long the first pause is: three seconds in all.
const RETRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Does what a network may refuse for a moment.
async fn patiently<T>(
    clock: &dyn Clock,
    request: impl AsyncFn() -> object_store::Result<T>,
) -> object_store::Result<T> {
    for attempt in 0..RETRIES {
        match request().await {
            Err(e) if should_retry(&e) => clock.sleep(PAUSE * 2u32.pow(attempt)).await,
            result => return result,
        }
    }
    request().await
}

/// A database without a format record is a store that lost it, not a new one.
async fn refuse_strangers(
    store: &str,
    objects: &dyn ObjectStore,
    clock: &dyn Clock,
    folder: &Path,
) -> Result<(), Error> {
    let found = patiently(clock, async || {
        objects.list_with_delimiter(Some(folder)).await
    })
    .await
    .map_err(|e| refused(store, "list its files", &e))?;
    if found.objects.is_empty() && found.common_prefixes.is_empty() {
        return Ok(());
    }
    Err(damaged(store, "is missing"))
}

fn text(format: u32, id: StoreId) -> String {
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{NAME}\nformat {format}\nid {id}\n")
}

fn parse(store: &str, text: &str) -> Result<StoreId, Error> {
    let mut lines = text.lines();
    if lines.next() != Some(NAME) {
        return Err(Error::Foreign {
            store: store.to_owned(),
            problem: "its file \"format\" was not written by cellhouse".to_owned(),
        });
    }
    let format = lines.next().and_then(|line| line.strip_prefix("format "));
    let found = format
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| damaged(store, "does not say which format"))?;
    if found > FORMAT {
        return Err(Error::Newer {
            store: store.to_owned(),
            found,
            known: FORMAT,
        });
    }
    let id = lines.next().and_then(|line| line.strip_prefix("id "));
    id.and_then(parse_id)
        .ok_or_else(|| damaged(store, "does not hold the store's id"))
}

fn parse_id(text: &str) -> Option<StoreId> {
    let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok()?;
    digits.then(|| number.to_be_bytes())
}

fn fresh_id(store: &str, options: &ShardOptions) -> Result<StoreId, Error> {
    let mut id = StoreId::default();
    let filled = options.entropy.fill(&mut id);
    filled.map_err(|e| Error::Engine {
        store: store.to_owned(),
        action: "make up an id",
        reason: e.to_string(),
    })?;
    Ok(id)
}

fn damaged(store: &str, problem: &str) -> Error {
    Error::Damaged {
        file: format!("{store}: the file format"),
        problem: problem.to_owned(),
    }
}

fn refused(store: &str, action: &'static str, error: &object_store::Error) -> Error {
    Error::Engine {
        store: store.to_owned(),
        action,
        reason: crate::error::reason(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let id = [7; 16];
        assert_eq!(parse("s", &text(1, id)).unwrap(), id);
        let newer = parse("s", &text(2, id)).unwrap_err().to_string();
        assert!(newer.contains("has format 2"), "{newer}");
        for damaged in ["cellhouse store\n", "cellhouse store\nformat 1\nid 12\n"] {
            assert!(matches!(parse("s", damaged), Err(Error::Damaged { .. })));
        }
        assert!(matches!(parse("s", "else"), Err(Error::Foreign { .. })));
    }
}
