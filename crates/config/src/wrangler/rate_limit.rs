//! Rate limits: `ratelimits`, and what was `unsafe.bindings` of type `ratelimit` before.

use crate::binding::BindingKind;
use crate::names;
use crate::reader::{Reader, Table};

/// Whether a table of that section is a rate limit.
pub(super) fn is_one(section: &str, table: &Table<'_>) -> bool {
    let kind = table.node("type").map(|node| &node.value);
    let is_old = kind == Some(&crate::tree::Value::Text("ratelimit".to_owned()));
    section == "ratelimits" || (section == "unsafe" && is_old)
}

/// Reads one: `namespace_id`, and `simple` with `limit` and `period`.
pub(super) fn read(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    let namespace = table.required_name(reader, "namespace_id", names::not_empty);
    let node = table.required(reader, "simple")?;
    let simple = reader.table(node, &table.path("simple"), &["limit", "period"])?;
    let limit = simple.required(reader, "limit");
    let limit = limit.and_then(|node| reader.whole(node, &simple.path("limit"), 1, u32::MAX));
    let period = simple.required(reader, "period")?;
    let path = simple.path("period");
    let seconds = reader.whole(period, &path, 1, u32::MAX)?;
    if seconds != 10 && seconds != 60 {
        let message = format!("`{path}` must be 10 or 60 seconds");
        reader.error(period.span, message, "");
        return None;
    }
    Some(BindingKind::RateLimit {
        namespace: namespace?,
        limit: limit?,
        period: seconds,
    })
}
