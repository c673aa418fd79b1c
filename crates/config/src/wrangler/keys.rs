//! Every key that wrangler knows, and what becomes of those that nothing else here reads.
//!
//! From wrangler's reference of August 2026. A key outside these lists is warned about.

use super::view::View;
use crate::diagnostic::Severity;
use crate::names;
use crate::reader::Reader;
use crate::source::Span;
use crate::tree::{Map, Node, Value};

/// Keys of the top level alone. Those with capitals are written by build tools.
const TOP_ONLY: [&str; 19] = [
    "$schema",
    "addresses",
    "alias",
    "analytics",
    "configPath",
    "data_blobs",
    "definedEnvironments",
    "dependencies_instrumentation",
    "dev",
    "env",
    "keep_vars",
    "pages_build_output_dir",
    "send_metrics",
    "site",
    "targetEnvironment",
    "text_blobs",
    "topLevelName",
    "userConfigPath",
    "wasm_modules",
];

/// Keys that an environment takes over unless it has its own.
const INHERITED: [&str; 38] = [
    "access",
    "account_id",
    "assets",
    "base_dir",
    "build",
    "cache",
    "compatibility_date",
    "compatibility_flags",
    "compliance_region",
    "exports",
    "find_additional_modules",
    "first_party_worker",
    "jsx_factory",
    "jsx_fragment",
    "keep_names",
    "limits",
    "logfwdr",
    "logpush",
    "main",
    "migrations",
    "minify",
    "name",
    "no_bundle",
    "observability",
    "placement",
    "preserve_file_names",
    "preview_urls",
    "previews",
    "python_modules",
    "route",
    "routes",
    "rules",
    "triggers",
    "tsconfig",
    "upload_source_maps",
    "usage_model",
    "workers_dev",
    "zone_id",
];

/// Keys that an environment does not take over.
pub(super) const NOT_INHERITED: [&str; 42] = [
    "agent_memory",
    "ai",
    "ai_search",
    "ai_search_namespaces",
    "analytics_engine_datasets",
    "artifacts",
    "browser",
    "cloudchamber",
    "connect",
    "containers",
    "d1_databases",
    "define",
    "dispatch_namespaces",
    "durable_objects",
    "flagship",
    "hyperdrive",
    "images",
    "k2",
    "kv_namespaces",
    "media",
    "mtls_certificates",
    "pipelines",
    "queues",
    "r2_buckets",
    "ratelimits",
    "secrets",
    "secrets_store_secrets",
    "send_email",
    "services",
    "stream",
    "streaming_tail_consumers",
    "tail_consumers",
    "unsafe",
    "unsafe_hello_world",
    "vars",
    "vectorize",
    "version_metadata",
    "vpc_networks",
    "vpc_services",
    "websearch",
    "worker_loaders",
    "workflows",
];

/// Keys that wrangler has dropped, and what it says in their place.
const DROPPED: [(&str, &str); 6] = [
    (
        "legacy_env",
        "remove it: every environment is a Worker of its own",
    ),
    (
        "node_compat",
        "put `nodejs_compat` into compatibility_flags instead",
    ),
    ("type", "remove it: it belongs to wrangler 1"),
    ("webpack_config", "remove it: it belongs to wrangler 1"),
    ("upload", "remove it: it belongs to wrangler 1"),
    ("miniflare", "remove it: it belongs to miniflare 2"),
];

#[derive(Clone, Copy)]
enum Shape {
    Text,
    Switch,
    List,
    Map,
    Texts,
    TextOrMap,
}

/// Keys that concern Cloudflare's platform alone: checked for their type, then left.
const PLATFORM: [(&str, Shape); 24] = [
    ("$schema", Shape::Text),
    ("analytics", Shape::Map),
    ("account_id", Shape::Text),
    ("addresses", Shape::Texts),
    ("cache", Shape::Map),
    ("cloudchamber", Shape::Map),
    ("compliance_region", Shape::Text),
    ("dependencies_instrumentation", Shape::Map),
    ("first_party_worker", Shape::Switch),
    ("keep_vars", Shape::Switch),
    ("logpush", Shape::Switch),
    ("observability", Shape::Map),
    ("placement", Shape::Map),
    ("preview_urls", Shape::Switch),
    ("previews", Shape::Map),
    ("python_modules", Shape::Map),
    ("route", Shape::TextOrMap),
    ("routes", Shape::List),
    ("send_metrics", Shape::Switch),
    ("upload_source_maps", Shape::Switch),
    ("usage_model", Shape::Text),
    ("workers_dev", Shape::Switch),
    ("zone_id", Shape::Text),
    ("unsafe", Shape::Map),
];

/// The key of Pages projects.
const PAGES: &str = "pages_build_output_dir";

/// Keys whose absence here can be noticed by an app.
const NOT_THERE_YET: [(&str, Shape, &str); 9] = [
    (
        "access",
        Shape::Map,
        "`access`, the imitation of Cloudflare Access,",
    ),
    (
        "connect",
        Shape::List,
        "`connect`, handlers of TCP connections,",
    ),
    ("containers", Shape::List, "`containers`"),
    ("data_blobs", Shape::Map, "`data_blobs`"),
    (
        PAGES,
        Shape::Text,
        "`pages_build_output_dir`, a Pages project,",
    ),
    ("site", Shape::Map, "`site`, Workers Sites,"),
    (
        "streaming_tail_consumers",
        Shape::List,
        "`streaming_tail_consumers`",
    ),
    ("text_blobs", Shape::Map, "`text_blobs`"),
    ("wasm_modules", Shape::Map, "`wasm_modules`"),
];

/// Warns about unknown keys of the top level.
pub(super) fn check_top_level(reader: &mut Reader, top: &Map) {
    let known: Vec<_> = [&TOP_ONLY[..], &INHERITED, &NOT_INHERITED].concat();
    check(reader, top, "", &known);
}

/// Warns about unknown keys of the environment's section, and about keys of the top level alone.
pub(super) fn check_environment(reader: &mut Reader, view: &View<'_>) {
    let Some((section, path)) = view.section() else {
        return;
    };
    let known: Vec<_> = [&INHERITED[..], &NOT_INHERITED].concat();
    check(reader, section, &path, &known);
}

fn check(reader: &mut Reader, map: &Map, path: &str, known: &[&'static str]) {
    for entry in map.entries() {
        let (key, span) = (entry.key.text.as_str(), entry.key.span);
        if known.contains(&key) {
            continue;
        }
        if reader.is_full(Severity::Warning) {
            return;
        }
        if let Some((_, help)) = DROPPED.iter().find(|(dropped, _)| *dropped == key) {
            let message = format!("`{key}` is no longer a key of wrangler's: it is ignored");
            reader.warn(span, message, help);
        } else if TOP_ONLY.contains(&key) {
            misplaced(reader, key, span, path);
        } else {
            let nearest = names::nearest(key, known.iter().copied());
            reader.unknown_key(key, span, path, nearest);
        }
    }
}

fn misplaced(reader: &mut Reader, key: &str, span: Span, path: &str) {
    let message = format!("`{key}` counts at the top level only: in `{path}` it is ignored");
    reader.warn(span, message, "move it to the top level");
}

/// Checks the types of keys that nothing reads.
pub(super) fn check_shapes(reader: &mut Reader, view: &View<'_>) {
    let later = NOT_THERE_YET.iter().map(|(key, shape, _)| (*key, *shape));
    for (key, shape) in PLATFORM.into_iter().chain(later) {
        if let Some(found) = find(view, key) {
            check_shape(reader, found.node, &found.path, shape);
        }
    }
}

/// A Pages project is none that runs here, unless its config says how it is run as a Worker.
pub(super) fn refuse_pages(reader: &mut Reader, view: &View<'_>) {
    let as_worker = ["main", "assets", "site"];
    let Some(found) = view.at_top(PAGES) else {
        return;
    };
    if as_worker.iter().any(|key| find(view, key).is_some()) {
        return;
    }
    let folder = found.node.as_text().unwrap_or("dist");
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let help = format!(
        "of a site make `assets = {{ directory = \"{folder}\" }}`; with a {folder}/_worker.js add \
         `main = \"{folder}/_worker.js\"`, `binding = \"ASSETS\"` and `run_worker_first = true` in `assets`, and \
         name the file in {folder}/.assetsignore; a folder `functions` becomes such a script by \
         `wrangler pages functions build --outdir worker`"
    );
    let message = "this is the config of a Pages project, which does not run here: only Workers do";
    reader.error(found.node.span, message, &help);
}

/// Says what is missing here that an app can notice.
pub(super) fn note_missing(reader: &mut Reader, view: &View<'_>) {
    for (key, _, what) in NOT_THERE_YET {
        if let Some(found) = find(view, key)
            && !is_empty(found.node)
        {
            let map = view.section().map_or(view.top, |(section, _)| section);
            let entry = map.get(key).or_else(|| view.top.get(key));
            let span = entry.map_or(found.node.span, |entry| entry.key.span);
            reader.not_there_yet(span, what);
        }
    }
}

fn find<'t>(view: &View<'t>, key: &str) -> Option<super::view::Found<'t>> {
    if TOP_ONLY.contains(&key) {
        view.at_top(key)
    } else if NOT_INHERITED.contains(&key) {
        view.own(key)
    } else {
        view.inherited(key)
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.entries().is_empty(),
        _ => false,
    }
}

fn check_shape(reader: &mut Reader, node: &Node, path: &str, shape: Shape) {
    let value = &node.value;
    let expected = match (shape, value) {
        (Shape::Texts, Value::List(_)) => {
            reader.texts(node, path);
            return;
        }
        (Shape::Text | Shape::TextOrMap, Value::Text(_))
        | (Shape::Switch, Value::Bool(_))
        | (Shape::List, Value::List(_))
        | (Shape::Map | Shape::TextOrMap, Value::Map(_)) => return,
        (Shape::Text, _) => "text",
        (Shape::Switch, _) => "true or false",
        (Shape::List, _) => "a list",
        (Shape::Map, _) => "a map",
        (Shape::Texts, _) => "a list of texts",
        (Shape::TextOrMap, _) => "text or a map",
    };
    reader.wrong_type(node, path, expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_in_two_lists() {
        let mut all = [&TOP_ONLY[..], &INHERITED, &NOT_INHERITED].concat();
        all.extend(DROPPED.map(|(key, _)| key));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        let listed = PLATFORM.map(|(key, _)| key).into_iter();
        for key in listed.chain(NOT_THERE_YET.map(|(key, ..)| key)) {
            assert!(all.contains(&key), "{key}");
        }
    }
}
