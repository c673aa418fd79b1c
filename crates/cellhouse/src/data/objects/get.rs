//! What an object has stored under its keys.

use cellhouse_clone::Tree;
use cellhouse_objects::ListOptions;

use super::{Refusal, Reply, Stored, Work, json};

/// Keys that are read at a time: values may have 2 MB. Between two readings the object may write.
const AT_ONCE: i64 = 16;

pub(super) fn run(work: &mut Work<'_, '_>, object: &str, key: Option<&str>) -> Result<(), Refusal> {
    let listed = work.find(object)?;
    let mut storage = work.open(&listed)?;
    if let Some(key) = key {
        let value = storage
            .get(key)?
            .ok_or_else(|| Refusal::Absent(format!("the object {object} has no key {key:?}")))?;
        let values = vec![stored(key.to_owned(), &value)];
        return work.tell(Reply::Values { values });
    }
    let mut last: Option<String> = None;
    loop {
        let options = ListOptions {
            start_after: last.as_deref(),
            limit: Some(AT_ONCE),
            ..ListOptions::default()
        };
        let pairs = storage.list(&options)?;
        match pairs.last() {
            Some((key, _)) => last = Some(key.clone()),
            None => return Ok(()),
        }
        let values = pairs.into_iter().map(|(key, value)| stored(key, &value));
        let values = values.collect();
        work.tell(Reply::Values { values })?;
    }
}

fn stored(key: String, value: &[u8]) -> Stored {
    match Tree::read(value) {
        Ok(tree) => Stored {
            key,
            text: tree.to_string(),
            json: json::of(&tree),
        },
        Err(error) => Stored {
            key,
            text: format!("<{} bytes that are no value: {error}>", value.len()),
            json: None,
        },
    }
}
