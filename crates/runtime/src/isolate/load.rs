//! Loads an app into a booted isolate: its `env`, its module, its handlers.

use deno_core::{JsRuntime, ModuleSpecifier, PollEventLoopOptions, v8};

use super::Handlers;
use super::boot::EntryPoints;
use super::values::string;
use crate::failure::{Failure, StartError};
use crate::ops::env::{EnvTable, Flags, texts};
use crate::ops::node::files::BundleFiles;
use crate::ops::services::Peers;
use crate::spec::{AppSpec, NodeSettings};

/// Code beyond which stacks are read without the text.
const LONG_CODE_BYTES: usize = 512 << 10;

/// Evaluates the module (its top-level await too) and hands its exports to the bootstrap.
pub(super) async fn load(
    js: &mut JsRuntime,
    entry: &EntryPoints,
    spec: &AppSpec,
) -> Result<Handlers, StartError> {
    let env = EnvTable::new(&spec.bindings);
    let description = env.describe();
    js.op_state().borrow_mut().put(env);
    js.op_state().borrow_mut().put(spec.caches.clone());
    js.op_state().borrow_mut().put(Flags(spec.flags.clone()));
    js.op_state().borrow_mut().put(Peers::of(spec));
    if let Some(objects) = &spec.objects {
        js.op_state().borrow_mut().put(objects.clone());
    }
    if spec.node != NodeSettings::default() {
        js.op_state().borrow_mut().put(BundleFiles::of(spec));
        call_load(js, entry, "node", &node_settings(spec), None)?;
    }
    // `env` first: the module may import it from "cloudflare:workers" and use it at the top level.
    call_load(js, entry, "env", &description, None)?;
    if asks_for_matches(&spec.code) {
        call_load(js, entry, "matches", "", None)?;
    }
    let namespace = evaluate(js, spec).await?;
    if spec.code.len() > LONG_CODE_BYTES {
        forget_text(js, spec)?;
    }
    call_load(js, entry, "module", &describe(spec), Some(namespace))
}

/// Whether code reads what `RegExp` tells of the last match, as `RegExp.$1` or as `const { $1 } = RegExp`.
fn asks_for_matches(code: &str) -> bool {
    let mut mentions = code.match_indices("RegExp").map(|(at, name)| {
        let before = code[..at].trim_end().strip_suffix('=').map(str::trim_end);
        (before, &code[at + name.len()..])
    });
    let by_name = |rest: &str| {
        ["$", "last", "leftContext", "rightContext", "input"]
            .iter()
            .any(|name| {
                rest.strip_prefix('.')
                    .is_some_and(|rest| rest.starts_with(name))
            })
            || rest.starts_with("[\"$")
            || rest.starts_with("['$")
    };
    mentions.any(|(before, rest)| {
        by_name(rest) || before.is_some_and(|before| before.ends_with('}')) && code.contains("$1")
    })
}

/// JSON for the bootstrap: the app's name, and its classes of objects as `[[name, app, optional], ...]`.
fn describe(spec: &AppSpec) -> String {
    let classes = spec
        .objects
        .iter()
        .flat_map(|objects| objects.classes.iter());
    let classes: Vec<_> = classes
        .map(|class| serde_json::json!([class.name, class.app.as_deref(), class.optional]))
        .collect();
    serde_json::json!({ "name": spec.name, "classes": classes }).to_string()
}

fn node_settings(spec: &AppSpec) -> String {
    let NodeSettings {
        globals,
        environment,
        timers,
        ..
    } = spec.node;
    let variables = match environment {
        true => texts(&spec.bindings),
        false => serde_json::Map::new(),
    };
    serde_json::json!({ "globals": globals, "timers": timers, "variables": variables }).to_string()
}

async fn evaluate(
    js: &mut JsRuntime,
    spec: &AppSpec,
) -> Result<v8::Global<v8::Object>, StartError> {
    let specifier = ModuleSpecifier::parse(&format!("app:///{}", spec.file_name))
        .map_err(|error| StartError::Engine(error.to_string()))?;
    let id = js
        .load_main_es_module_from_code(&specifier, spec.code.to_string())
        .await
        .map_err(evaluation)?;
    let evaluated = js.mod_evaluate(id);
    js.with_event_loop_promise(evaluated, PollEventLoopOptions::default())
        .await
        .map_err(evaluation)?;
    js.get_module_namespace(id).map_err(evaluation)
}

/// The engine keeps the text of a script by its name, for the columns of `new` in stacks, and copies all of it for each
/// frame: milliseconds each time that an error's `stack` of a long bundle is read. Another script of the same name takes
/// its place; the columns are then those of the calls.
fn forget_text(js: &mut JsRuntime, spec: &AppSpec) -> Result<(), StartError> {
    js.execute_script(format!("app:///{}", spec.file_name), "")
        .map(drop)
        .map_err(|error| StartError::Engine(error.to_string()))
}

/// Calls the bootstrap's `load(what, env description, module namespace)`, which answers with the names
/// of the handlers, or with an error text after `!`.
fn call_load(
    js: &mut JsRuntime,
    entry: &EntryPoints,
    what: &str,
    env: &str,
    namespace: Option<v8::Global<v8::Object>>,
) -> Result<Handlers, StartError> {
    deno_core::scope!(scope, js);
    v8::tc_scope!(let scope, scope);
    let function = v8::Local::new(scope, &entry.load);
    let receiver = v8::undefined(scope).into();
    let what = string(scope, what);
    let env = string(scope, env);
    let namespace = match namespace {
        Some(namespace) => v8::Local::new(scope, namespace).into(),
        None => v8::null(scope).into(),
    };
    let Some(answer) = function.call(scope, receiver, &[what, env, namespace]) else {
        let message = match scope.exception() {
            Some(exception) => exception.to_rust_string_lossy(scope),
            None => "the app could not be loaded".to_owned(),
        };
        return Err(StartError::Evaluation(Failure::exception(message, "")));
    };
    let answer = answer.to_rust_string_lossy(scope);
    match answer.strip_prefix('!') {
        Some(error) => Err(StartError::NoHandler(error.to_owned())),
        None => {
            let (handlers, entrypoints) = answer.split_once(';').unwrap_or((&answer, ""));
            let list = |names: &str| {
                let names = names.split(',').filter(|name| !name.is_empty());
                names.map(str::to_owned).collect()
            };
            Ok(Handlers {
                names: list(handlers),
                entrypoints: list(entrypoints),
            })
        }
    }
}

fn evaluation(error: deno_core::error::CoreError) -> StartError {
    use deno_core::error::CoreErrorKind;
    let failure = match error.as_kind() {
        CoreErrorKind::Js(js) => Failure::exception(
            js.exception_message
                .trim_start_matches("Uncaught ")
                .to_owned(),
            js.stack.clone().unwrap_or_default(),
        ),
        _ => Failure::exception(error.to_string(), ""),
    };
    StartError::Evaluation(failure)
}

#[cfg(test)]
mod tests {
    use super::asks_for_matches;

    #[test]
    fn code_that_reads_the_last_match_is_told() {
        for code in [
            "x = RegExp.$1;",
            "RegExp['$&']",
            "RegExp.lastMatch",
            "const { $1: name } = RegExp;",
            "let{$1:t}=RegExp,u",
        ] {
            assert!(asks_for_matches(code), "{code}");
        }
        for code in [
            "new RegExp('$1')",
            "RegExp.prototype",
            "const { a } = RegExp;",
            "R = RegExp; '$1'",
        ] {
            assert!(!asks_for_matches(code), "{code}");
        }
    }
}
