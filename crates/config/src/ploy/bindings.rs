//! The bindings of a `ploy.yaml`, in the order of the file.

use std::time::Duration;

use crate::binding::{Binding, BindingKind};
use crate::names::{self, Rule};
use crate::reader::Reader;
use crate::shared::objects;
use crate::source::Span;
use crate::tree::{Entry, Map, Node, Value};

/// The longest time-out of a workflow or a step, in seconds.
const LONGEST: f64 = 3600.0;
const TIMEOUT: f64 = 600.0;
const STEP_TIMEOUT: f64 = 120.0;
const RETRIES: u32 = 3;

/// What `agentSDK` adds. Ploy names the bindings; the resources behind them are our choice.
const AGENT: &str = "ploy_agent";

/// How one section of `BINDING: resource` pairs is read.
struct Section {
    key: &'static str,
    rule: Rule,
    kind: fn(String) -> BindingKind,
}

const SECTIONS: [Section; 8] = [
    section("state", |store| BindingKind::State { store }),
    section("cache", |store| BindingKind::Cache { store }),
    section("db", |database| BindingKind::PloyDb { database }),
    section("queue", |queue| BindingKind::Queue {
        queue: Some(queue),
        delivery_delay: None,
    }),
    section("fs", |storage| BindingKind::Fs { storage }),
    section("timer", |timer| BindingKind::Timer { timer }),
    section("sandbox", |sandbox| BindingKind::Sandbox { sandbox }),
    Section {
        key: "r2",
        rule: names::bucket,
        kind: |bucket| BindingKind::R2 {
            bucket_name: Some(bucket),
            preview_bucket_name: None,
            jurisdiction: None,
        },
    },
];

const fn section(key: &'static str, kind: fn(String) -> BindingKind) -> Section {
    Section {
        key,
        rule: names::ploy_resource,
        kind,
    }
}

/// Reads every section that holds bindings, except `assets`.
pub(super) fn read(reader: &mut Reader, map: &Map) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for entry in map.entries() {
        let key = entry.key.text.as_str();
        if entry.value.value == Value::Null {
            continue;
        }
        match key {
            "workflow" => pairs(reader, entry, &mut bindings, "orders", workflow),
            "durable_objects" => pairs(reader, entry, &mut bindings, "Counter", durable_object),
            "ai" => switch(reader, entry, &mut bindings, |span, reader, bindings| {
                add(reader, bindings, "AI", span, BindingKind::Ai);
            }),
            "agentSDK" => switch(reader, entry, &mut bindings, |span, reader, bindings| {
                agent(reader, map, span, bindings);
            }),
            "auth" => auth(reader, &entry.value, &mut bindings),
            _ => {
                let section = SECTIONS.iter().find(|section| section.key == key);
                let Some(section) = section else { continue };
                pairs(
                    reader,
                    entry,
                    &mut bindings,
                    "default",
                    |reader, node, path| {
                        let name = reader.name(node, path, section.rule)?;
                        Some((section.kind)(name))
                    },
                );
            }
        }
    }
    bindings
}

/// Reads a map of bindings: checks each name, and leaves the value to `kind`.
fn pairs(
    reader: &mut Reader,
    section: &Entry,
    bindings: &mut Vec<Binding>,
    example: &str,
    kind: impl Fn(&mut Reader, &Node, &str) -> Option<BindingKind>,
) {
    let key = &section.key.text;
    let Some(table) = section.value.as_map() else {
        let message = format!(
            "`{key}` must be a map of bindings, but this is {}",
            section.value.describe()
        );
        let help = format!("write\n{key}:\n  NAME: {example}");
        reader.error(section.value.span, message, &help);
        return;
    };
    for entry in table.entries() {
        let (name, span) = (&entry.key.text, entry.key.span);
        let path = format!("{key}.{name}");
        if entry.value.value == Value::Null {
            let message = format!("`{path}` has no value");
            reader.error(
                span,
                message,
                &format!("write for example `{name}: {example}`"),
            );
            continue;
        }
        let named = reader.check_name(name, span, "a binding", names::ploy_binding);
        let kind = kind(reader, &entry.value, &path);
        if let (true, Some(kind)) = (named, kind) {
            add(reader, bindings, name, span, kind);
        }
    }
}

fn add(reader: &Reader, bindings: &mut Vec<Binding>, name: &str, span: Span, kind: BindingKind) {
    bindings.push(Binding {
        name: name.to_owned(),
        kind,
        source: reader.at(span),
    });
}

fn durable_object(reader: &mut Reader, node: &Node, path: &str) -> Option<BindingKind> {
    if node.as_map().is_some() {
        let table = reader.table(node, path, &["class_name", "script_name"])?;
        return objects::kind(reader, &table);
    }
    Some(BindingKind::DurableObject {
        class_name: reader.name(node, path, names::identifier)?,
        script_name: None,
        environment: None,
    })
}

fn workflow(reader: &mut Reader, node: &Node, path: &str) -> Option<BindingKind> {
    if node.as_map().is_none() {
        let name = reader.name(node, path, names::ploy_resource)?;
        return Some(workflow_kind(name, TIMEOUT, STEP_TIMEOUT, RETRIES));
    }
    let known = ["name", "timeout", "step_timeout", "retries"];
    let table = reader.table(node, path, &known)?;
    let name = table.required_name(reader, "name", names::ploy_resource);
    let timeout = seconds(reader, table.node("timeout"), &table.path("timeout"));
    let timeout = timeout.unwrap_or(TIMEOUT);
    let step_path = table.path("step_timeout");
    let step = seconds(reader, table.node("step_timeout"), &step_path);
    if let (Some(step), Some(node)) = (step, table.node("step_timeout"))
        && step > timeout
    {
        let message = format!("`{step_path}` is longer than the workflow's timeout of {timeout} s");
        reader.error(node.span, message, "");
    }
    let retries = table.node("retries");
    let retries = retries.map(|node| reader.whole(node, &table.path("retries"), 0, u32::MAX));
    let retries = retries.flatten().unwrap_or(RETRIES);
    let step = step.unwrap_or(STEP_TIMEOUT).min(timeout);
    Some(workflow_kind(name?, timeout, step, retries))
}

fn workflow_kind(name: String, timeout: f64, step_timeout: f64, retries: u32) -> BindingKind {
    BindingKind::PloyWorkflow {
        name,
        timeout: Duration::from_secs_f64(timeout),
        step_timeout: Duration::from_secs_f64(step_timeout),
        retries,
    }
}

/// A time-out: more than 0 and at most an hour.
fn seconds(reader: &mut Reader, node: Option<&Node>, path: &str) -> Option<f64> {
    let node = node?;
    let seconds = reader.number(node, path)?;
    if seconds > 0.0 && seconds <= LONGEST {
        return Some(seconds);
    }
    let message = format!("`{path}` must be more than 0 and at most {LONGEST} seconds");
    reader.error(node.span, message, "");
    None
}

/// A key that is `true` or `false`, with what follows from `true`.
fn switch(
    reader: &mut Reader,
    entry: &Entry,
    bindings: &mut Vec<Binding>,
    on: impl Fn(Span, &mut Reader, &mut Vec<Binding>),
) {
    if reader.boolean(&entry.value, &entry.key.text) == Some(true) {
        on(entry.key.span, reader, bindings);
    }
}

fn agent(reader: &mut Reader, map: &Map, span: Span, bindings: &mut Vec<Binding>) {
    let ai = map.value("ai").map(|node| &node.value);
    if ai != Some(&Value::Bool(true)) {
        add(reader, bindings, "AI", span, BindingKind::Ai);
    }
    let (store, storage) = (format!("{AGENT}_state"), format!("{AGENT}_files"));
    let (name, timer) = (format!("{AGENT}_workflow"), format!("{AGENT}_scheduler"));
    let workflow = workflow_kind(name, TIMEOUT, STEP_TIMEOUT, RETRIES);
    add(
        reader,
        bindings,
        "PLOY_AGENT_STATE",
        span,
        BindingKind::State { store },
    );
    add(
        reader,
        bindings,
        "PLOY_AGENT_FILES",
        span,
        BindingKind::Fs { storage },
    );
    add(reader, bindings, "PLOY_AGENT_WORKFLOW", span, workflow);
    add(
        reader,
        bindings,
        "PLOY_AGENT_SCHEDULER",
        span,
        BindingKind::Timer { timer },
    );
}

fn auth(reader: &mut Reader, node: &Node, bindings: &mut Vec<Binding>) {
    let Some(table) = reader.table(node, "auth", &["binding"]) else {
        return;
    };
    // The one binding that may carry Ploy's prefix: Ploy itself calls it PLOY_AUTH.
    let rule: Rule = |name| match name {
        "PLOY_AUTH" => Ok(()),
        name => names::ploy_binding(name),
    };
    let name = table.required_name(reader, "binding", rule);
    if let (Some(name), Some(node)) = (name, table.node("binding")) {
        add(reader, bindings, &name, node.span, BindingKind::Auth);
    }
}
