//! The keys of `ploy.yaml` that are words, numbers and switches.

use crate::app::{Dev, Kind, LogLevel};
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::reader::Reader;
use crate::source::Span;
use crate::tree::Map;

const KINDS: [(&str, Kind); 4] = [
    ("worker", Kind::Worker),
    ("dynamic", Kind::Dynamic),
    ("static", Kind::Static),
    ("nextjs", Kind::NextJs),
];

const LEVELS: [(&str, LogLevel); 5] = [
    ("trace", LogLevel::Trace),
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
];

/// `kind`. Ploy needs it; without it we take a worker, so that a config of bindings alone runs.
pub(super) fn kind(reader: &mut Reader, map: &Map, root: Span) -> Kind {
    let Some(node) = map.value("kind") else {
        let at = reader.at(map.entries().first().map_or(root, |entry| entry.key.span));
        let message = "`kind` is missing: this is taken as a worker";
        let diagnostic = Diagnostic::warning(message).label(&at, "");
        reader.add(diagnostic.help("write `kind: worker` first"));
        return Kind::Worker;
    };
    reader.one_of(node, "kind", &KINDS).unwrap_or(Kind::Worker)
}

/// `log_level`.
pub(super) fn log_level(reader: &mut Reader, map: &Map) -> Option<LogLevel> {
    reader.one_of(map.value("log_level")?, "log_level", &LEVELS)
}

/// `dev: { port, host }`.
pub(super) fn dev(reader: &mut Reader, map: &Map) -> Dev {
    let Some(node) = map.value("dev") else {
        return Dev::default();
    };
    let Some(table) = reader.table(node, "dev", &["port", "host"]) else {
        return Dev::default();
    };
    let port = table.node("port");
    Dev {
        port: port.and_then(|node| reader.port(node, &table.path("port"))),
        host: table.name(reader, "host", names::host),
        upstream_host: None,
        at: Some(reader.at(port.map_or(node.span, |node| node.span))),
    }
}
