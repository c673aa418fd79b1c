//! What does not do all that Cloudflare's does, each with how or why. Whatever is not named here works.

use Support::{No, Partly};

pub enum Support {
    /// The call works, and something around it is different.
    Partly,
    No,
}

const SERVICE: &str = "only Cloudflare's service tells";
const CONTAINERS: &str = "there are no containers";
const SOCKETS: &str = "there are no raw TCP connections into a Worker";
const EDGE: &str = "a product of Cloudflare's edge";
const ACCESS: &str = "Cloudflare Access is not in front";
const DEPLOYMENTS: &str = "there are no deployments with versions or tags";

/// `Type.member`, and what is to be said of it.
pub const NOTES: &[(&str, Support, &str)] = &[
    (
        "KVNamespace.get",
        Partly,
        "`cacheTtl` is checked and has no effect: reads are never stale",
    ),
    (
        "D1Meta.rows_read",
        Partly,
        "entries of indexes are not counted",
    ),
    (
        "D1Meta.rows_written",
        Partly,
        "entries of indexes are not counted",
    ),
    ("D1Meta.served_by_region", No, SERVICE),
    ("D1Meta.served_by_colo", No, SERVICE),
    ("D1Meta.served_by_primary", No, SERVICE),
    ("D1Meta.timings", No, SERVICE),
    ("D1Meta.total_attempts", No, SERVICE),
    ("DurableObjectState.container", No, CONTAINERS),
    ("DurableObject.connect", No, SOCKETS),
    (
        "DurableObjectState.abort",
        Partly,
        "hibernating WebSockets stay open",
    ),
    (
        "SqlStorageCursor.rowsRead",
        Partly,
        "entries of indexes are not counted",
    ),
    (
        "SqlStorageCursor.rowsWritten",
        Partly,
        "entries of indexes are not counted",
    ),
    (
        "R2Object.ssecKeyMd5",
        No,
        "objects are not encrypted with keys of the customer's",
    ),
    ("R2Object.storageClass", Partly, "kept, and changes nothing"),
    ("ExportedHandler.connect", No, SOCKETS),
    (
        "ExportedHandler.tailStream",
        No,
        "experimental at Cloudflare",
    ),
    (
        "ExportedHandler.test",
        No,
        "workerd's own test runner calls it",
    ),
    ("ExportedHandler.email", No, "no mail comes in"),
    ("ExecutionContext.cache", No, EDGE),
    ("ExecutionContext.access", No, ACCESS),
    ("ExecutionContext.tracing", No, EDGE),
    (
        "TraceItem.dispatchNamespace",
        No,
        "there are no Workers for Platforms",
    ),
    ("TraceItem.scriptTags", No, DEPLOYMENTS),
    ("TraceItem.scriptVersion", No, DEPLOYMENTS),
    ("TraceItem.tailAttributes", No, EDGE),
    ("TraceItem.preview", No, DEPLOYMENTS),
];
