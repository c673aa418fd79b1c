//! A workspace: which folders below it are apps that run together, and on which ports. `ploy-workspace.yaml` says so;
//! without one, a folder that is no app itself and has several below it is a workspace too.
//!
//! Finds configs by their names only; reading them is left to [`load`](crate::load).

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::{ConfigError, Diagnostic, Severity};
use crate::discover;
use crate::reader::Reader;
use crate::syntax::{self, Syntax};
use crate::tree::Node;

const NAMES: [&str; 2] = ["ploy-workspace.yaml", "ploy-workspace.yml"];
const CONFIGS: [&str; 2] = ["ploy.yaml", "ploy.yml"];
/// Ploy's.
const FIRST_PORT: u16 = 8787;
/// Folders that hold no apps of their own.
const NO_APPS: [&str; 3] = ["node_modules", "dist", "build"];
/// How deep apps are looked for, and where nothing says that there are any.
const DEEPEST: usize = 8;
const DEEPEST_UNASKED: usize = 3;

/// Apps that run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The folder of the workspace, absolute. Its apps share the data there.
    pub root: PathBuf,
    /// The folders of the apps, absolute, in the order of their paths; at least one.
    pub apps: Vec<PathBuf>,
    /// The port of the first app; the others have those that follow.
    pub first_port: u16,
    /// What was read, absolute, if there is such a file.
    pub file: Option<PathBuf>,
    /// What is odd about it.
    pub warnings: Vec<Diagnostic>,
}

/// The workspace of a directory; `None` if it is none.
///
/// # Errors
/// Everything that is wrong with the file at once, or that there is no app.
pub fn workspace(directory: &Path) -> Result<Option<Workspace>, ConfigError> {
    let root = std::path::absolute(directory).unwrap_or_else(|_| directory.to_path_buf());
    let root = crate::place::clean(&root);
    let Some(name) = NAMES.iter().find(|name| root.join(name).is_file()) else {
        return Ok(unasked(root));
    };
    let file = root.join(name);
    let shown = discover::shown(&directory.join(name));
    let source = discover::read(&file, &shown).map_err(ConfigError::one)?;
    let (tree, mut found) = match source.text().trim() {
        "" => (None, Vec::new()),
        _ => syntax::parse(&source, Syntax::Yaml),
    };
    let mut reader = Reader::new(source);
    let settings = tree.map_or_else(Settings::default, |tree| read(&mut reader, &tree));
    found.extend(reader.finish().0);
    let (errors, warnings) = found
        .into_iter()
        .partition::<Vec<_>, _>(|one| one.severity() == Severity::Error);
    let failed = |diagnostics| ConfigError {
        diagnostics,
        warnings: Vec::new(),
        files: vec![file.clone()],
    };
    if !errors.is_empty() {
        return Err(failed(errors));
    }
    let mut apps = Vec::new();
    look(&root, &root, &settings.exclude, DEEPEST, &mut apps);
    apps.sort();
    if apps.is_empty() {
        let message = "the workspace has no app: no folder below it has a ploy.yaml";
        return Err(failed(vec![Diagnostic::error(message).in_file(&shown)]));
    }
    Ok(Some(Workspace {
        root,
        apps,
        first_port: settings.first_port.unwrap_or(FIRST_PORT),
        file: Some(file),
        warnings,
    }))
}

/// Several apps below a folder that is none.
fn unasked(root: PathBuf) -> Option<Workspace> {
    let mut names = discover::names();
    if names.any(|name| root.join(name).is_file()) || crate::redirect::is_in(&root) {
        return None;
    }
    let mut apps = Vec::new();
    look(&root, &root, &[], DEEPEST_UNASKED, &mut apps);
    apps.sort();
    (apps.len() > 1).then(|| Workspace {
        root,
        apps,
        first_port: FIRST_PORT,
        file: None,
        warnings: Vec::new(),
    })
}

#[derive(Default)]
struct Settings {
    exclude: Vec<String>,
    first_port: Option<u16>,
}

fn read(reader: &mut Reader, root: &Node) -> Settings {
    let mut settings = Settings::default();
    let known = ["exclude", "env", "dashboard", "ports"];
    let Some(table) = reader.table(root, "the workspace", &known) else {
        return settings;
    };
    if let Some(node) = table.node("exclude") {
        settings.exclude = reader.plain_texts(node, "exclude");
    }
    for key in ["env", "dashboard"] {
        if let Some(node) = table.node(key) {
            reader.open_table(node, key);
        }
    }
    let Some(ports) = table.node("ports") else {
        return settings;
    };
    let ports = reader.table(ports, "ports", &["worker", "nextjs", "dashboard"]);
    let worker = ports.as_ref().and_then(|ports| ports.node("worker"));
    let worker = worker.and_then(|node| reader.table(node, "ports.worker", &["from"]));
    if let Some(node) = worker.as_ref().and_then(|worker| worker.node("from")) {
        settings.first_port = reader.port(node, "ports.worker.from");
    }
    settings
}

/// `deeper`: how many folders further down.
fn look(root: &Path, folder: &Path, exclude: &[String], deeper: usize, apps: &mut Vec<PathBuf>) {
    if CONFIGS.iter().any(|name| folder.join(name).is_file()) {
        apps.push(folder.to_path_buf());
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        // A link may lead anywhere, also up.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !is_folder || name.starts_with('.') || NO_APPS.contains(&&*name) || deeper == 0 {
            continue;
        }
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
        if !exclude.iter().any(|glob| is_excluded(glob, &relative)) {
            look(root, &path, exclude, deeper - 1, apps);
        }
    }
}

/// Whether a glob names the folder, or all that is in it.
fn is_excluded(glob: &str, folder: &str) -> bool {
    let glob = glob.trim_start_matches("./").trim_end_matches('/');
    let glob = glob.strip_suffix("/**").unwrap_or(glob);
    let glob: Vec<&str> = glob.split('/').collect();
    let folder: Vec<&str> = folder.split('/').collect();
    parts_match(&glob, &folder)
}

/// `**` stands for any number of folders.
fn parts_match(glob: &[&str], path: &[&str]) -> bool {
    match (glob, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            parts_match(rest, path) || (!path.is_empty() && parts_match(glob, &path[1..]))
        }
        ([first, rest @ ..], [name, more @ ..]) => {
            part_matches(first.as_bytes(), name.as_bytes()) && parts_match(rest, more)
        }
        _ => false,
    }
}

/// `*` stands for any characters, `?` for one.
fn part_matches(glob: &[u8], name: &[u8]) -> bool {
    match (glob, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            part_matches(rest, name) || (!name.is_empty() && part_matches(glob, &name[1..]))
        }
        ([b'?', rest @ ..], [_, more @ ..]) => part_matches(rest, more),
        ([one, rest @ ..], [other, more @ ..]) => one == other && part_matches(rest, more),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_name_folders() {
        for (glob, folder, expected) in [
            ("examples", "examples", true),
            ("examples/**", "examples", true),
            ("examples/*", "examples/a", true),
            ("examples/*", "examples", false),
            ("./apps/old/", "apps/old", true),
            ("**/test", "apps/a/test", true),
            ("**/test", "test", true),
            ("apps/?", "apps/a", true),
            ("apps/?", "apps/ab", false),
            ("a*c", "abc", true),
        ] {
            assert_eq!(is_excluded(glob, folder), expected, "{glob} {folder}");
        }
    }
}
