//! The TypeScript types of an app: what `env` holds, as the documents of Ploy and of Cloudflare write it.
//!
//! `env.d.ts` names types of `@meetploy/types` or `@cloudflare/workers-types`. Where that package is not
//! installed, `cellhouse.d.ts` beside it stands in for it. This module makes the texts; it writes nothing.

mod html_rewriter;
mod objects;
mod platform;

use std::collections::BTreeSet;
use std::path::Path;

use cellhouse_config::{App, BindingKind, Style};
use serde_json::Value;

const KV: &str = include_str!("kv.d.ts");
const PLOY: &str = include_str!("ploy.d.ts");
const WORKERS: &str = include_str!("workers.d.ts");
const KV_STATE: &str = include_str!("kv_state.d.ts");
const D1: &str = include_str!("d1.d.ts");
const D1_TRANSACTION: &str = include_str!("d1_transaction.d.ts");
const R2: &str = include_str!("r2.d.ts");
const SERVICES: &str = include_str!("services.d.ts");
const OBJECTS: &str = include_str!("objects.d.ts");

const PLOY_PACKAGE: &str = "@meetploy/types";
const WORKERS_PACKAGE: &str = "@cloudflare/workers-types";

/// The name of the file that stands in for the package of types.
pub(crate) const STAND_IN: &str = "cellhouse.d.ts";

/// The files to write.
pub(crate) struct Types {
    /// `env.d.ts`.
    pub(crate) env: String,
    /// [`STAND_IN`] beside it, if the package of types is not installed.
    pub(crate) stand_in: Option<String>,
}

/// Makes the types of an app, for a file in `directory`.
pub(crate) fn of(app: &App, directory: &Path) -> Types {
    match app.style {
        Style::Ploy => ploy(app, directory),
        Style::Wrangler => wrangler(app, directory),
    }
}

fn ploy(app: &App, directory: &Path) -> Types {
    let installed = is_installed(directory, PLOY_PACKAGE);
    let has_objects = has_objects(app);
    let packages = packages(app, directory, "import(\"@meetploy/types\").StateBinding");
    let mut reference = String::new();
    if installed {
        reference += &format!("/// <reference types=\"{PLOY_PACKAGE}/globals\" />\n");
    }
    // Ploy's package knows nothing of objects, nor of databases and buckets as Cloudflare has them.
    let (has_databases, has_buckets) = (has_databases(app), has_buckets(app));
    let rewrites = html_rewriter::is_used(&app.home);
    let needs = has_objects || has_databases || has_buckets || rewrites;
    if !installed || needs || packages.is_some() {
        reference += &format!("/// <reference path=\"./{STAND_IN}\" />\n");
    }
    let mut members = vec![format!("vars: {};", vars_type(app))];
    let mut imports = BTreeSet::new();
    for binding in &app.bindings {
        let type_name = match &binding.kind {
            BindingKind::State { .. } => "StateBinding",
            BindingKind::Cache { .. } => "CacheBinding",
            BindingKind::PloyDb { .. } => {
                members.push(format!("{}: D1Database;", binding.name));
                continue;
            }
            BindingKind::Assets => {
                members.push(assets(&binding.name));
                continue;
            }
            BindingKind::R2 { .. } => {
                members.push(format!("{}: R2Bucket;", binding.name));
                continue;
            }
            kind @ BindingKind::DurableObject { .. } => {
                let namespace = objects::namespace(app, kind, directory, false);
                members.push(format!("{}: {namespace};", binding.name));
                continue;
            }
            other => match platform::ploy(other) {
                Some(type_name) => type_name,
                None => {
                    members.push(not_yet(&binding.name, other));
                    continue;
                }
            },
        };
        imports.insert(type_name);
        members.push(format!("{}: {type_name};", binding.name));
    }
    let imports: Vec<_> = imports.into_iter().collect();
    let import = match imports.is_empty() {
        true => String::new(),
        false => format!(
            "import type {{ {} }} from \"{PLOY_PACKAGE}\";\n\n",
            imports.join(", ")
        ),
    };
    let env = format!(
        "{}{reference}\n{import}export interface Env {{\n{}}}\n\ndeclare global {{\n\tinterface PloyEnv extends Env {{}}\n}}\n",
        header(app),
        lines(&members, 1),
    );
    let kv = KV.trim_end().replace("\ninterface ", "\nexport interface ");
    let package = PLOY.replace(
        "@KV@\n",
        &format!("{}\n\n", indented(&format!("export {kv}"))),
    );
    Types {
        env,
        stand_in: stand_in(&[
            (!installed).then_some(package.as_str()),
            platform::ploy_part(app).filter(|_| !installed),
            has_objects.then_some(OBJECTS),
            has_databases.then_some(D1),
            has_databases.then_some(D1_TRANSACTION),
            has_buckets.then_some(R2),
            rewrites.then_some(html_rewriter::TYPES),
            packages.as_deref(),
        ]),
    }
}

fn wrangler(app: &App, directory: &Path) -> Types {
    let installed = is_installed(directory, WORKERS_PACKAGE);
    let packages = packages(app, directory, "KVNamespace");
    let mut reference = String::new();
    if installed {
        reference += &format!("/// <reference types=\"{WORKERS_PACKAGE}\" />\n");
    }
    if !installed || packages.is_some() {
        reference += &format!("/// <reference path=\"./{STAND_IN}\" />\n");
    }
    let mut members: Vec<String> = app
        .vars
        .iter()
        .map(|(name, value)| format!("{}: {};", property(name), value_type(value)))
        .collect();
    // Their values may not be here.
    let secrets = app.required_secrets.iter().flatten();
    let secrets = secrets.filter(|name| app.vars.iter().all(|(known, _)| known != *name));
    members.extend(secrets.map(|name| format!("{}: string;", property(name))));
    for binding in &app.bindings {
        members.push(match &binding.kind {
            BindingKind::Kv { .. } => format!("{}: KVNamespace;", binding.name),
            BindingKind::D1 { .. } => format!("{}: D1Database;", binding.name),
            BindingKind::R2 { .. } => format!("{}: R2Bucket;", binding.name),
            BindingKind::Assets if installed => format!("{}: Fetcher;", binding.name),
            BindingKind::Assets => assets(&binding.name),
            kind @ BindingKind::DurableObject { .. } => format!(
                "{}: {};",
                binding.name,
                objects::namespace(app, kind, directory, installed)
            ),
            BindingKind::Service { .. } => format!("{}: Fetcher;", binding.name),
            kind @ BindingKind::Workflow { .. } => {
                let workflow = objects::workflow(app, kind, directory);
                format!("{}: {workflow};", binding.name)
            }
            other => match platform::cloudflare(other) {
                Some(type_name) => format!("{}: {type_name};", binding.name),
                None => not_yet(&binding.name, other),
            },
        });
    }
    let has_databases = has_databases(app);
    // What Cloudflare's package does not know of.
    let mut more = String::new();
    if installed {
        for part in [
            has_namespaces(app).then_some(KV_STATE),
            has_databases.then_some(D1_TRANSACTION),
        ] {
            more.extend(part.map(|types| format!("\n{types}")));
        }
    }
    let env = format!(
        "{}{reference}\ndeclare namespace Cloudflare {{\n\tinterface Env {{\n{}\t}}\n}}\n\ninterface Env extends Cloudflare.Env {{}}\n{more}",
        header(app),
        lines(&members, 2),
    );
    let package = WORKERS.replace("@KV@\n", &format!("{}\n\n", KV.trim_end()));
    let objects = has_objects(app).then_some(OBJECTS);
    let mut parts = Vec::new();
    if !installed {
        parts.extend([
            Some(package.as_str()),
            objects,
            has_services(app).then_some(SERVICES),
        ]);
        parts.extend(platform::cloudflare_parts(app));
        parts.extend([
            has_namespaces(app).then_some(KV_STATE),
            has_databases.then_some(D1),
            has_databases.then_some(D1_TRANSACTION),
            has_buckets(app).then_some(R2),
            html_rewriter::is_used(&app.home).then_some(html_rewriter::TYPES),
        ]);
    }
    parts.push(packages.as_deref());
    Types {
        env,
        stand_in: stand_in(&parts),
    }
}

fn has_namespaces(app: &App) -> bool {
    let mut bindings = app.bindings.iter();
    bindings.any(|binding| matches!(binding.kind, BindingKind::Kv { .. }))
}

/// Whether the app has objects: such as its config names, or those of `sdk.do`, which it does not.
fn has_objects(app: &App) -> bool {
    let imported = || crate::packages::imported(&app.home);
    objects::are_bound(app) || imported().iter().any(|package| package.name == "sdk.do")
}

/// The types of the packages that come with Cellhouse and that the app imports, unless it has its own.
fn packages(app: &App, directory: &Path, namespace: &str) -> Option<String> {
    let used = crate::packages::imported(&app.home);
    let ours = used
        .into_iter()
        .filter(|package| !is_installed(directory, package.name));
    let types: Vec<String> = ours
        .map(|package| package.types.replace("@NAMESPACE@", namespace))
        .collect();
    (!types.is_empty()).then(|| types.join("\n"))
}

fn has_databases(app: &App) -> bool {
    app.bindings.iter().any(|binding| {
        let kind = &binding.kind;
        matches!(kind, BindingKind::D1 { .. } | BindingKind::PloyDb { .. })
    })
}

fn has_services(app: &App) -> bool {
    let mut kinds = app.bindings.iter().map(|binding| &binding.kind);
    kinds.any(|kind| matches!(kind, BindingKind::Service { .. }))
}

fn has_buckets(app: &App) -> bool {
    let mut kinds = app.bindings.iter().map(|binding| &binding.kind);
    kinds.any(|kind| matches!(kind, BindingKind::R2 { .. }))
}

fn header(app: &App) -> String {
    let config = app
        .config_path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    format!("// Made by `cellhouse types` from {config}. Run it again after a change there.\n")
}

/// The text of the file that stands in for a package, if there is anything to put into it.
fn stand_in(parts: &[Option<&str>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().flatten().copied().collect();
    let header =
        "// Made by `cellhouse types`, because no package of Workers types is installed.\n\n";
    (!parts.is_empty()).then(|| header.to_owned() + &parts.join("\n"))
}

/// The binding of the static files, without a package that has a name for it.
fn assets(name: &str) -> String {
    format!(
        "{name}: {{ fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> }};"
    )
}

fn not_yet(name: &str, kind: &BindingKind) -> String {
    let what = kind.not_yet().unwrap_or("this binding");
    format!("/** {what}: not in this version of Cellhouse yet. */\n{name}: any;")
}

fn vars_type(app: &App) -> String {
    if app.vars.is_empty() {
        return "Record<string, string>".to_owned();
    }
    let members: Vec<_> = app
        .vars
        .iter()
        .map(|(name, value)| format!("{}: {}", property(name), value_type(value)))
        .collect();
    format!("{{ {} }}", members.join("; "))
}

fn value_type(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => {
            let types: BTreeSet<_> = items.iter().map(value_type).collect();
            match types.len() {
                0 => "unknown[]".to_owned(),
                1 => types
                    .into_iter()
                    .map(|item| format!("({item})[]"))
                    .collect(),
                _ => format!("({})[]", types.into_iter().collect::<Vec<_>>().join(" | ")),
            }
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", property(name), value_type(value)))
                .collect();
            format!("{{ {} }}", members.join("; "))
        }
    }
}

/// A property name, quoted where it must be.
fn property(name: &str) -> String {
    let mut chars = name.chars();
    let starts = chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || "_$".contains(first));
    match starts && chars.all(|char| char.is_ascii_alphanumeric() || "_$".contains(char)) {
        true => name.to_owned(),
        false => Value::from(name).to_string(),
    }
}

fn lines(members: &[String], depth: usize) -> String {
    let indent = "\t".repeat(depth);
    let all = members.iter().flat_map(|member| member.lines());
    all.map(|line| format!("{indent}{line}\n")).collect()
}

fn indented(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            String::new()
        } else {
            format!("\t{line}")
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn is_installed(directory: &Path, package: &str) -> bool {
    directory
        .ancestors()
        .any(|folder| folder.join("node_modules").join(package).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_of_variables() {
        for (value, expected) in [
            (json!("a"), "string"),
            (json!(1), "number"),
            (json!([]), "unknown[]"),
            (json!([1, 2]), "(number)[]"),
            (json!([1, "a"]), "(number | string)[]"),
            (json!({"a-b": {"c": null}}), "{ \"a-b\": { c: null } }"),
        ] {
            assert_eq!(value_type(&value), expected);
        }
    }
}
