//! The bindings of an app as JavaScript reaches them: by their index in the app's list.

use std::sync::Arc;

use deno_core::{OpState, op2};
use serde_json::json;

use crate::platform::QueueStyle;
use crate::spec::{Binding, BindingValue};

/// Every compatibility flag that the app is told of, and whether it is on. Lives in `OpState`.
pub(crate) struct Flags(pub(crate) Arc<[(&'static str, bool)]>);

/// JSON: `[[name, whether it is on], ...]`.
#[op2]
#[string]
pub(crate) fn op_compatibility_flags(state: &mut OpState) -> String {
    let flags = state
        .try_borrow::<Flags>()
        .map_or(&[][..], |flags| &flags.0);
    serde_json::json!(flags).to_string()
}

/// Whether a compatibility flag is on.
#[op2(fast)]
pub(crate) fn op_has_compatibility_flag(state: &mut OpState, #[string] name: &str) -> bool {
    let flags = state
        .try_borrow::<Flags>()
        .map_or(&[][..], |flags| &flags.0);
    flags.contains(&(name, true))
}

/// The bindings of the isolate's app. Lives in `OpState`.
pub(crate) struct EnvTable(Arc<[Binding]>);

impl EnvTable {
    pub(crate) fn new(bindings: &Arc<[Binding]>) -> Self {
        EnvTable(bindings.clone())
    }

    pub(crate) fn get(&self, index: u32) -> Option<&BindingValue> {
        self.0.get(index as usize).map(|binding| &binding.value)
    }

    pub(crate) fn all(&self) -> &[Binding] {
        &self.0
    }

    /// JSON for the bootstrap: `[[name, kind, value], ...]` in the order of the indexes.
    pub(crate) fn describe(&self) -> String {
        let entries: Vec<_> = self.0.iter().map(describe).collect();
        serde_json::Value::Array(entries).to_string()
    }
}

/// The texts among the bindings, by name, as an environment holds them: those of groups too.
pub(crate) fn texts(bindings: &[Binding]) -> serde_json::Map<String, serde_json::Value> {
    let mut texts = serde_json::Map::new();
    for binding in bindings {
        match &binding.value {
            BindingValue::Text(text) | BindingValue::Json(text) => {
                texts.insert(binding.name.clone(), text.clone().into());
            }
            BindingValue::Group(members) => texts.extend(self::texts(members)),
            _ => {}
        }
    }
    texts
}

fn describe(binding: &Binding) -> serde_json::Value {
    let name = &binding.name;
    match &binding.value {
        BindingValue::Text(text) => json!([name, "text", text]),
        BindingValue::Json(text) => json!([name, "json", text]),
        BindingValue::State(_) => json!([name, "kv", null]),
        BindingValue::D1(database) => json!([name, "d1", super::d1::key_of(database)]),
        BindingValue::Objects(class) => json!([name, "objects", class]),
        BindingValue::Service(to) => {
            json!([name, "service", [to.service, to.entrypoint, to.props]])
        }
        BindingValue::Bucket(_) => json!([name, "r2", null]),
        BindingValue::Assets(_) => json!([name, "assets", null]),
        BindingValue::Cache(_) => json!([name, "cache", null]),
        BindingValue::Queue(queue) => match queue.style {
            QueueStyle::Cloudflare => json!([name, "queue", null]),
            QueueStyle::Ploy => json!([name, "ploy queue", null]),
        },
        BindingValue::Timer(_) => json!([name, "timer", null]),
        BindingValue::Workflow(workflow) => json!([name, "workflow", workflow.name()]),
        BindingValue::Instances(_) => json!([name, "instances", null]),
        BindingValue::RunsInstances(_) => json!([name, "runs instances", null]),
        BindingValue::Files(_) => json!([name, "files", null]),
        BindingValue::RateLimit(_) => json!([name, "rate limit", null]),
        BindingValue::AnalyticsEngine => json!([name, "analytics engine", null]),
        BindingValue::Hyperdrive(url) => json!([name, "hyperdrive", url]),
        BindingValue::StoredSecret {
            name: secret,
            value,
        } => json!([name, "stored secret", [secret, value]]),
        BindingValue::Group(members) => {
            json!([
                name,
                "group",
                members.iter().map(describe).collect::<Vec<_>>()
            ])
        }
        BindingValue::Absent(why) => json!([name, "absent", why]),
        BindingValue::NotYet(what) => json!([name, "not yet", what]),
    }
}
