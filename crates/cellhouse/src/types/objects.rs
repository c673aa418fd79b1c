//! The types of Durable Object namespaces and Workflows: whose class an app exports is named by an import of its entry.

use std::path::{Component, Path};

use cellhouse_config::{App, BindingKind};

/// Whether any binding is a namespace of objects.
pub(super) fn are_bound(app: &App) -> bool {
    let mut kinds = app.bindings.iter().map(|binding| &binding.kind);
    kinds.any(|kind| matches!(kind, BindingKind::DurableObject { .. }))
}

/// The type of a namespace, for a file in `directory`. `branded`: Cloudflare's types, which allow RPC only
/// with classes that extend theirs, as plain ones do not.
pub(super) fn namespace(app: &App, kind: &BindingKind, directory: &Path, branded: bool) -> String {
    let BindingKind::DurableObject {
        class_name,
        script_name,
        ..
    } = kind
    else {
        return "DurableObjectNamespace".to_owned();
    };
    let is_ours = script_name.as_ref().is_none_or(|name| *name == app.name);
    let Some(entry) = is_ours.then(|| entry(app, directory)).flatten() else {
        return "DurableObjectNamespace".to_owned();
    };
    let brand = if branded {
        " & Rpc.DurableObjectBranded"
    } else {
        ""
    };
    format!("DurableObjectNamespace<import(\"{entry}\").{class_name}{brand}>")
}

/// The type of a Workflow, with what its class takes as parameters, for a file in `directory`.
pub(super) fn workflow(app: &App, kind: &BindingKind, directory: &Path) -> String {
    let BindingKind::Workflow {
        class_name,
        script_name,
        ..
    } = kind
    else {
        return "Workflow".to_owned();
    };
    let is_ours = script_name.as_ref().is_none_or(|name| *name == app.name);
    match is_ours.then(|| entry(app, directory)).flatten() {
        Some(entry) => format!(
            "Workflow<Parameters<import(\"{entry}\").{class_name}[\"run\"]>[0][\"payload\"]>"
        ),
        None => "Workflow".to_owned(),
    }
}

/// How a file in `directory` imports the entry, if that is TypeScript: JavaScript has no types.
fn entry(app: &App, directory: &Path) -> Option<String> {
    let candidates = app.entry_candidates();
    let present = candidates.iter().find(|path| path.is_file());
    let entry = present.or_else(|| candidates.first())?;
    let extension = entry.extension()?.to_str()?;
    let imported = match extension {
        "ts" | "tsx" => "",
        "mts" => "mjs",
        _ => return None,
    };
    Some(relative(directory, &entry.with_extension(imported)))
}

/// The path from a directory to a file, with `/`; both are absolute.
fn relative(directory: &Path, file: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (parts(directory), parts(file));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut path = match from.len() - common {
        0 => ".".to_owned(),
        up => vec![".."; up].join("/"),
    };
    for part in &to[common..] {
        path.push('/');
        path.push_str(part);
    }
    path
}

fn parts(path: &Path) -> Vec<String> {
    let kept = path
        .components()
        .filter(|part| *part != Component::CurDir && *part != Component::RootDir);
    kept.map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_between_files() {
        for (directory, file, expected) in [
            ("/app", "/app/src/index", "./src/index"),
            ("/app/types", "/app/src/index", "../src/index"),
            ("/app/a/b", "/app/index", "../../index"),
            ("/app/.", "/app/index", "./index"),
        ] {
            let path = relative(Path::new(directory), Path::new(file));
            assert_eq!(path, expected);
        }
    }
}
