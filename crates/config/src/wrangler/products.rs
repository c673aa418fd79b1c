//! Bindings to products of Cloudflare's that Cellhouse only knows by name, or has in a few words.
//!
//! Their settings are checked as wrangler checks them and kept as JSON, so a stranger's config
//! loads and the app is told which of its bindings are missing.

use super::bindings::one;
use super::rate_limit;
use super::view::View;
use crate::binding::{Binding, BindingKind};
use crate::names;
use crate::reader::{Reader, Table};
use crate::tree::Node;

struct Product {
    key: &'static str,
    name: &'static str,
    shape: Shape,
    /// Which key names the binding: `binding` or, in older products, `name`.
    named_by: &'static str,
    fields: &'static [Field],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A list of bindings.
    Many,
    /// One binding.
    One,
    /// A list inside `bindings`; other keys beside it are free.
    Inside,
}

/// A setting beside the binding's name.
struct Field {
    key: &'static str,
    holds: Holds,
    required: bool,
}

#[derive(Clone, Copy)]
enum Holds {
    Text,
    Switch,
    Texts,
    Map,
}

const fn many(key: &'static str, name: &'static str, fields: &'static [Field]) -> Product {
    Product {
        key,
        name,
        shape: Shape::Many,
        named_by: "binding",
        fields,
    }
}

const fn single(key: &'static str, name: &'static str, fields: &'static [Field]) -> Product {
    Product {
        key,
        name,
        shape: Shape::One,
        named_by: "binding",
        fields,
    }
}

const fn must(key: &'static str) -> Field {
    Field {
        key,
        holds: Holds::Text,
        required: true,
    }
}

const fn may(key: &'static str, holds: Holds) -> Field {
    Field {
        key,
        holds,
        required: false,
    }
}

const PRODUCTS: [Product; 28] = [
    many("agent_memory", "Agent Memory", &[must("namespace")]),
    single("ai", "AI binding", &[may("staging", Holds::Switch)]),
    many("ai_search", "AI Search instance", &[must("instance_name")]),
    many(
        "ai_search_namespaces",
        "AI Search namespace",
        &[must("namespace")],
    ),
    many(
        "analytics_engine_datasets",
        "Analytics Engine dataset",
        &[may("dataset", Holds::Text)],
    ),
    many("artifacts", "Artifacts binding", &[must("namespace")]),
    single("browser", "Browser Run binding", &[]),
    many(
        "dispatch_namespaces",
        "dispatch namespace",
        &[may("namespace", Holds::Text), may("outbound", Holds::Map)],
    ),
    many(
        "flagship",
        "Flagship binding",
        &[may("app_id", Holds::Text)],
    ),
    many(
        "hyperdrive",
        "Hyperdrive config",
        &[must("id"), may("localConnectionString", Holds::Text)],
    ),
    single("images", "Images binding", &[]),
    Product {
        key: "logfwdr",
        name: "logfwdr binding",
        shape: Shape::Inside,
        named_by: "name",
        fields: &[must("destination")],
    },
    many("k2", "K2 stream", &[must("stream")]),
    single("media", "Media binding", &[]),
    many(
        "mtls_certificates",
        "mTLS certificate",
        &[must("certificate_id")],
    ),
    many(
        "pipelines",
        "Pipeline",
        &[may("pipeline", Holds::Text), may("stream", Holds::Text)],
    ),
    Product {
        key: "ratelimits",
        name: "rate limit",
        shape: Shape::Many,
        named_by: "name",
        fields: &[
            must("namespace_id"),
            Field {
                key: "simple",
                holds: Holds::Map,
                required: true,
            },
        ],
    },
    many(
        "secrets_store_secrets",
        "Secrets Store secret",
        &[must("store_id"), must("secret_name")],
    ),
    Product {
        key: "send_email",
        name: "email binding",
        shape: Shape::Many,
        named_by: "name",
        fields: &[
            may("binding", Holds::Text),
            may("destination_address", Holds::Text),
            may("allowed_destination_addresses", Holds::Texts),
            may("allowed_sender_addresses", Holds::Texts),
        ],
    },
    single("stream", "Stream binding", &[]),
    Product {
        key: "unsafe",
        name: "unsafe binding",
        shape: Shape::Inside,
        named_by: "name",
        fields: &[must("type")],
    },
    many(
        "unsafe_hello_world",
        "Hello World binding",
        &[may("enable_timer", Holds::Switch)],
    ),
    many("vectorize", "Vectorize index", &[must("index_name")]),
    single("version_metadata", "version metadata", &[]),
    many(
        "vpc_networks",
        "VPC network",
        &[
            may("tunnel_id", Holds::Text),
            may("network_id", Holds::Text),
        ],
    ),
    many("vpc_services", "VPC service", &[must("service_id")]),
    single("websearch", "Web Search binding", &[]),
    many("worker_loaders", "Worker loader", &[]),
];

/// Reads all of them, in the order of the list above.
pub(super) fn read(reader: &mut Reader, view: &View<'_>) -> Vec<Binding> {
    let products = PRODUCTS.iter();
    products
        .flat_map(|product| read_product(reader, view, product))
        .collect()
}

fn read_product(reader: &mut Reader, view: &View<'_>, product: &Product) -> Vec<Binding> {
    let inherited = product.key == "logfwdr";
    let found = if inherited {
        view.inherited(product.key)
    } else {
        view.own(product.key)
    };
    let Some(found) = found else {
        return Vec::new();
    };
    let tables = match product.shape {
        Shape::Many => known_tables(reader, product, found.node, &found.path),
        Shape::One => known_table(reader, product, found.node, &found.path)
            .into_iter()
            .collect(),
        Shape::Inside => inside(reader, product, found.node, &found.path),
    };
    let kind = |reader: &mut Reader, table: &Table<'_>| settings(reader, table, product);
    // What is inside `bindings` goes to Cloudflare as it is, and names there are freer.
    let rule = match product.shape {
        Shape::Inside => names::not_empty,
        Shape::Many | Shape::One => names::identifier,
    };
    let read = tables
        .iter()
        .filter_map(|table| one(reader, table, product.named_by, rule, &kind));
    read.collect()
}

fn inside<'t>(
    reader: &mut Reader,
    product: &Product,
    node: &'t Node,
    path: &str,
) -> Vec<Table<'t>> {
    let Some(outer) = reader.open_table(node, path) else {
        return Vec::new();
    };
    match outer.node("bindings") {
        Some(node) => known_tables(reader, product, node, &outer.path("bindings")),
        None => Vec::new(),
    }
}

fn known_tables<'t>(
    reader: &mut Reader,
    product: &Product,
    node: &'t Node,
    path: &str,
) -> Vec<Table<'t>> {
    let items = reader.list(node, path, "a list of maps").iter().enumerate();
    let tables = items.filter_map(|(index, item)| {
        known_table(reader, product, item, &format!("{path}[{index}]"))
    });
    tables.collect()
}

fn known_table<'t>(
    reader: &mut Reader,
    product: &Product,
    node: &'t Node,
    path: &str,
) -> Option<Table<'t>> {
    if product.key == "unsafe" {
        // Passed to Cloudflare as it is.
        return reader.open_table(node, path);
    }
    let mut known = vec![product.named_by, "remote"];
    known.extend(product.fields.iter().map(|field| field.key));
    reader.table(node, path, &known)
}

fn settings(reader: &mut Reader, table: &Table<'_>, product: &Product) -> Option<BindingKind> {
    if rate_limit::is_one(product.key, table) {
        return rate_limit::read(reader, table);
    }
    for field in product.fields {
        check(reader, table, field);
    }
    let text = |reader: &mut Reader, key: &str| table.text(reader, key);
    match product.key {
        "ai" => return Some(BindingKind::Ai),
        "analytics_engine_datasets" => return Some(BindingKind::AnalyticsEngine),
        "hyperdrive" => {
            return Some(BindingKind::Hyperdrive {
                local: text(reader, "localConnectionString"),
            });
        }
        "secrets_store_secrets" => {
            return Some(BindingKind::StoredSecret {
                secret: text(reader, "secret_name")?,
                value: None,
            });
        }
        "version_metadata" => return Some(BindingKind::VersionMetadata),
        _ => {}
    }
    let mut settings = serde_json::Map::new();
    for entry in table.map.entries() {
        let path = table.path(&entry.key.text);
        settings.insert(entry.key.text.clone(), reader.json(&entry.value, &path)?);
    }
    Some(BindingKind::Other {
        product: product.name,
        settings: settings.into(),
    })
}

fn check(reader: &mut Reader, table: &Table<'_>, field: &Field) {
    let node = match field.required {
        true => table.required(reader, field.key),
        false => table.node(field.key),
    };
    let Some(node) = node else { return };
    let path = table.path(field.key);
    match field.holds {
        Holds::Text => drop(reader.text(node, &path)),
        Holds::Switch => drop(reader.boolean(node, &path)),
        Holds::Texts => drop(reader.texts(node, &path)),
        Holds::Map => drop(reader.open_table(node, &path)),
    }
}
