//! The `assets` section. Only the rules for its path and its binding depend on the style.

use std::path::PathBuf;

use crate::app::{Assets, HtmlHandling, NotFoundHandling, RunWorkerFirst};
use crate::names::Rule;
use crate::reader::{Reader, Table};
use crate::tree::{Node, Value};

const KEYS: [&str; 5] = [
    "directory",
    "binding",
    "html_handling",
    "not_found_handling",
    "run_worker_first",
];
/// Cloudflare's limits for `run_worker_first`.
const MOST_PATHS: usize = 100;
const LONGEST_PATH: usize = 100;

const HTML: [(&str, HtmlHandling); 4] = [
    ("auto-trailing-slash", HtmlHandling::AutoTrailingSlash),
    ("force-trailing-slash", HtmlHandling::ForceTrailingSlash),
    ("drop-trailing-slash", HtmlHandling::DropTrailingSlash),
    ("none", HtmlHandling::None),
];
const NOT_FOUND: [(&str, NotFoundHandling); 3] = [
    ("none", NotFoundHandling::None),
    ("404-page", NotFoundHandling::NotFoundPage),
    (
        "single-page-application",
        NotFoundHandling::SinglePageApplication,
    ),
];

/// Reads the section. `directory` turns the written path into an absolute one, or reports it.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    path: &str,
    binding: Rule,
    directory: impl FnOnce(&mut Reader, &Node, &str) -> Option<PathBuf>,
) -> Option<Assets> {
    let table = reader.table(node, path, &KEYS)?;
    let written = table.node("directory");
    Some(Assets {
        directory: written.and_then(|node| directory(reader, node, &table.path("directory"))),
        binding: table.name(reader, "binding", binding),
        html_handling: word(reader, &table, "html_handling", &HTML),
        not_found_handling: word(reader, &table, "not_found_handling", &NOT_FOUND),
        run_worker_first: run_worker_first(reader, &table),
        at: reader.at(node.span),
    })
}

fn word<T: Copy + Default>(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &str,
    words: &[(&'static str, T)],
) -> T {
    let node = table.node(key);
    let word = node.and_then(|node| reader.one_of(node, &table.path(key), words));
    word.unwrap_or_default()
}

fn run_worker_first(reader: &mut Reader, table: &Table<'_>) -> RunWorkerFirst {
    let path = table.path("run_worker_first");
    match table
        .node("run_worker_first")
        .map(|node| (node, &node.value))
    {
        None => RunWorkerFirst::Never,
        Some((_, Value::Bool(false))) => RunWorkerFirst::Never,
        Some((_, Value::Bool(true))) => RunWorkerFirst::Always,
        Some((node, Value::List(_))) => RunWorkerFirst::Paths(paths(reader, node, &path)),
        Some((node, _)) => {
            reader.wrong_type(node, &path, "true, false or a list of paths");
            RunWorkerFirst::Never
        }
    }
}

fn paths(reader: &mut Reader, node: &Node, path: &str) -> Vec<String> {
    let texts = reader.texts(node, path);
    for (text, item) in &texts {
        if !text.starts_with('/') && !text.starts_with("!/") {
            let message = format!("`{text}` in `{path}` must start with / or !/");
            reader.error(item.span, message, "");
        } else if text.len() > LONGEST_PATH {
            let message = format!("a path of `{path}` has at most {LONGEST_PATH} characters");
            reader.error(item.span, message, "");
        }
    }
    if texts.len() > MOST_PATHS {
        let message = format!(
            "`{path}` has at most {MOST_PATHS} paths, this has {}",
            texts.len()
        );
        reader.error(node.span, message, "");
    }
    if texts.iter().all(|(text, _)| text.starts_with('!')) {
        let message = format!("`{path}` needs at least one path without !");
        reader.error(node.span, message, "");
    }
    texts.into_iter().map(|(text, _)| text).collect()
}
