//! `cellhouse kv namespace list`: what the app binds, and what else holds data.

use serde_json::json;

use super::ask::{app, ask};
use crate::cli::KvNamespaceListArguments;
use crate::commands::objects::output::{line, plain};
use crate::data::kv::{Action, Reply};
use crate::data::{Event, look_for};
use crate::dev::kv_store;
use crate::report::{Stop, heading};

struct Namespace {
    id: String,
    /// The bindings that lead to it.
    bindings: Vec<String>,
    has_data: bool,
}

pub(super) fn list(arguments: &KvNamespaceListArguments) -> Result<(), Stop> {
    let (app, directory) = app(&arguments.data)?;
    let mut namespaces: Vec<(String, Namespace)> = Vec::new();
    for binding in &app.bindings {
        if let Some(store) = kv_store(binding) {
            let at = entry(&mut namespaces, store);
            at.bindings.push(binding.name.clone());
        }
    }
    // An app that has never run has no data to ask about.
    if look_for(&directory).is_ok() {
        ask(&directory, String::new(), Action::Stores, &mut |event| {
            if let Event::Kv(Reply::Stores { stores }) = event {
                for store in stores {
                    entry(&mut namespaces, store).has_data = true;
                }
            }
            true
        })?;
    }
    let namespaces = namespaces.iter().map(|(_, namespace)| namespace);
    match arguments.data.json {
        true => {
            let items: Vec<_> = namespaces.map(item).collect();
            let items = serde_json::to_string_pretty(&items).unwrap_or_default();
            line(&items);
        }
        false => rows(&namespaces.collect::<Vec<_>>()),
    }
    Ok(())
}

fn entry(namespaces: &mut Vec<(String, Namespace)>, store: String) -> &mut Namespace {
    let at = namespaces.iter().position(|(known, _)| *known == store);
    let at = at.unwrap_or_else(|| {
        let id = store.split_once('-').map_or(&*store, |(_, id)| id);
        let namespace = Namespace {
            id: id.to_owned(),
            bindings: Vec::new(),
            has_data: false,
        };
        namespaces.push((store, namespace));
        namespaces.len() - 1
    });
    &mut namespaces[at].1
}

fn item(namespace: &Namespace) -> serde_json::Value {
    json!({
        "id": namespace.id,
        "title": namespace.bindings.first().unwrap_or(&namespace.id),
        "bindings": namespace.bindings,
        "has_data": namespace.has_data,
    })
}

fn rows(namespaces: &[&Namespace]) {
    if namespaces.is_empty() {
        line("no namespaces");
        return;
    }
    let widths = namespaces
        .iter()
        .map(|namespace| namespace.id.chars().count());
    let width = widths.max().unwrap_or(0).max(2);
    line(&heading(&format!("{:width$}  DATA  BINDINGS", "ID")));
    for namespace in namespaces {
        let data = if namespace.has_data { "yes" } else { "no" };
        let bindings = namespace.bindings.join(", ");
        line(format!("{:width$}  {data:4}  {bindings}", plain(&namespace.id)).trim_end());
    }
}
