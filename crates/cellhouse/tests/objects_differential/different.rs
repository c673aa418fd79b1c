//! Cases whose answers differ from workerd's, each with its reason. Those that are meant stand in COMPAT.md too. One
//! that differs no longer fails the test until it is taken out.

pub const DIFFERENT: &[(&str, &str)] = &[
    (
        "storage: 128 keys and one more",
        "Cloudflare's documented limit; workerd has it only for objects without SQLite",
    ),
    (
        "storage: keys that are too long or empty",
        "Cloudflare's documented limit of 2,048 bytes; workerd has it only for objects without SQLite",
    ),
    (
        "storage: missing arguments",
        "undefined as a key is a mistake; workerd takes it for \"undefined\"",
    ),
    (
        "syncStorage: bad keys",
        "as for the asynchronous methods: too long, and undefined",
    ),
    (
        "sql: a cursor while rows change",
        "rows are read ahead, 64 at a time",
    ),
    (
        "lifecycle: a stub after a reset",
        "a stub of an object that was reset goes on with the next instance; workerd's stays broken",
    ),
    (
        "lifecycle: a WebSocket when it is aborted",
        "a hibernating WebSocket outlives its instance, also when that is aborted",
    ),
    (
        "facets: an alarm",
        "the message is that of newer workerd; this one says that alarms are not yet implemented",
    ),
    (
        "facets: deleteAll of its parent, while it runs",
        "the facet ends, since what it stores is gone; in workerd it goes on with files that are deleted",
    ),
    (
        "rpcReferences: reset while a target is held",
        "its holder is told why the object was reset",
    ),
];
