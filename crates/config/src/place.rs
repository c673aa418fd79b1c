//! Where a config stands on disk, and how paths in it become absolute.
//!
//! Looks at path texts only, never at the files behind them.

use std::path::{Component, Path, PathBuf};

use crate::reader::Reader;
use crate::tree::Node;

/// The config file and what follows from its place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The config file, absolute.
    pub(crate) config: PathBuf,
    /// Its directory, absolute.
    pub(crate) root: PathBuf,
    /// The app's directory, absolute: another one if a build tool made the config.
    pub(crate) home: PathBuf,
    /// A name made from the directory's.
    pub(crate) default_name: String,
}

impl Place {
    /// A path of a wrangler config: anything, relative to the config.
    pub(crate) fn free(&self, reader: &mut Reader, node: &Node, path: &str) -> Option<PathBuf> {
        let text = reader.text(node, path)?;
        if !check_characters(reader, node, path, &text) {
            return None;
        }
        Some(clean(&self.root.join(text)))
    }

    /// A path of a `ploy.yaml`: relative, and never out of the config's directory.
    pub(crate) fn inner(&self, reader: &mut Reader, node: &Node, path: &str) -> Option<PathBuf> {
        let text = reader.text(node, path)?;
        if !check_characters(reader, node, path, &text) {
            return None;
        }
        if text.starts_with('/') {
            let message = format!("`{path}` must be a relative path, and this starts with /");
            let help = format!("write {}", text.trim_start_matches('/'));
            reader.error(node.span, message, &help);
            return None;
        }
        if text.split('/').any(|part| part == "..") {
            let message = format!("`{path}` must stay inside the app's directory, without ..");
            reader.error(
                node.span,
                message,
                "move the file into the directory of ploy.yaml",
            );
            return None;
        }
        Some(clean(&self.root.join(text)))
    }
}

fn check_characters(reader: &mut Reader, node: &Node, path: &str, text: &str) -> bool {
    if text.is_empty() {
        reader.error(
            node.span,
            format!("`{path}` is empty: it must be a path"),
            "",
        );
        return false;
    }
    if text.contains('\0') {
        reader.error(node.span, format!("`{path}` holds a NUL character"), "");
        return false;
    }
    true
}

/// Without `.` parts, trailing slashes and needless `..` parts. Links are not followed, as in
/// every tool that reads these files.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            // The parent of the file system's root is the root.
            Component::ParentDir if clean.has_root() => {}
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_without_looking_at_the_disk() {
        let cases = [
            ("/a/./b/", "/a/b"),
            ("/a/../b", "/b"),
            ("/../a", "/a"),
            ("/a/b/../../..", "/"),
            ("/a//b", "/a/b"),
        ];
        for (path, cleaned) in cases {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }
}
