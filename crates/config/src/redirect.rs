//! The config that a build tool made to be used in place of the app's own.
//!
//! `.wrangler/deploy/config.json` beside the app's config names it in `configPath`, as Cloudflare's Vite plugin,
//! Astro, Nitro and others write it. Reads that file, and looks whether the config that it names is there.

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::discover;
use crate::reader::Reader;
use crate::syntax::{self, Syntax};
use crate::tree::Node;

/// Wrangler's path of the file, in the directory of the app's config.
const FILE: &str = ".wrangler/deploy/config.json";

/// The config to use.
pub(crate) struct Redirect {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// As messages show it.
    pub(crate) shown: PathBuf,
    /// The file that says so, as messages show it.
    pub(crate) by: PathBuf,
}

/// Whether the directory has such a file.
pub(crate) fn is_in(directory: &Path) -> bool {
    directory.join(FILE).is_file()
}

/// The config that counts in place of those in `directory`, if there is one. Adds to `files` what the result
/// depends on.
///
/// # Errors
/// When the file names no config, or one that is not there.
pub(crate) fn find(
    directory: &Path,
    root: &Path,
    files: &mut Vec<PathBuf>,
) -> Result<Option<Redirect>, Diagnostic> {
    let file = root.join(FILE);
    files.push(file.clone());
    if !file.is_file() {
        return Ok(None);
    }
    let by = discover::shown(&directory.join(FILE));
    let source = discover::read(&file, &by)?;
    let (tree, problems) = syntax::parse(&source, Syntax::Jsonc);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let named = tree.as_ref().and_then(Node::as_map);
    let named = named.and_then(|map| map.value("configPath"));
    let Some((node, text)) = named.and_then(|node| Some((node, node.as_text()?))) else {
        let message = "this file of a build tool does not name a config: `configPath` is missing";
        return Err(Diagnostic::error(message)
            .in_file(&by)
            .help("run the build again, or remove the file"));
    };
    let beside = |file: &Path| crate::place::clean(&file.parent().unwrap_or(root).join(text));
    let path = beside(&file);
    files.push(path.clone());
    if !path.is_file() {
        let message = "the config that a build tool made is not there";
        let at = source.at(node.span);
        return Err(Diagnostic::error(message)
            .label(&at, "no such file")
            .help("run the build again, or remove the file that names it"));
    }
    Ok(Some(Redirect {
        shown: beside(&by),
        path,
        by,
    }))
}

impl Redirect {
    /// What is said of it. `own` is the app's own config, if it has one.
    pub(crate) fn note(&self, own: Option<&str>) -> Diagnostic {
        let shown = self.shown.display();
        let message = match own {
            Some(own) => format!("{shown} is used, which a build made of {own}"),
            None => format!("{shown} is used, which a build made"),
        };
        let note = Diagnostic::note(message).in_file(&self.by);
        note.help("what was changed since counts after the next build")
    }
}

/// Such a config is that of one environment already: another one than it was made for is an error.
pub(crate) fn check_environment(reader: &mut Reader, root: &Node, wanted: Option<&str>) {
    let made_for = root.as_map().and_then(|map| map.value("targetEnvironment"));
    let made_for = made_for.and_then(|node| Some((node, node.as_text()?)));
    let wanted = wanted.filter(|name| !name.is_empty());
    if let (Some(wanted), Some((node, made_for))) = (wanted, made_for)
        && wanted != made_for
    {
        let message =
            format!("the build was made for the environment `{made_for}`, not for `{wanted}`");
        reader.error(node.span, message, "build it again for that environment");
    }
}
