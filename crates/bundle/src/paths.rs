//! Paths as people read them, and the paths that stand for modules which are no files.
//!
//! Nothing here touches the disk.

use std::path::{Component, Path, PathBuf};

/// The folder that built-in packages seem to lie in. In `node_modules`, so that no tsconfig.json
/// of the project applies to them.
const BUILTIN_FOLDER: &str = "node_modules/cellhouse:";

/// `path` relative to `root`, with `/` and as many `..` as it takes.
pub(crate) fn display_path(root: &Path, path: &Path) -> String {
    let relative = relative_path(root, path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    let shown = parts.join("/");
    match shown.strip_prefix(BUILTIN_FOLDER) {
        Some(rest) => format!("cellhouse:{rest}"),
        None => shown,
    }
}

fn relative_path(root: &Path, path: &Path) -> PathBuf {
    if !path.is_absolute() {
        return path.to_path_buf();
    }
    let mut ours = root.components().peekable();
    let mut theirs = path.components().peekable();
    while ours.peek().is_some() && ours.peek() == theirs.peek() {
        ours.next();
        theirs.next();
    }
    ours.map(|_| Component::ParentDir).chain(theirs).collect()
}

/// An absolute path without `.` and `..`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            part => clean.push(part),
        }
    }
    clean
}

/// The module id of a built-in package: a path, so that its own imports resolve from the project.
pub(crate) fn builtin_id(root: &Path, specifier: &str) -> String {
    format!("{}/{BUILTIN_FOLDER}{specifier}.ts", root.display())
}

/// The specifier of the built-in package that has this id.
pub(crate) fn builtin_specifier<'a>(root: &Path, id: &'a str) -> Option<&'a str> {
    let rest = id.strip_prefix(root.to_str()?)?;
    rest.strip_prefix('/')?
        .strip_prefix(BUILTIN_FOLDER)?
        .strip_suffix(".ts")
}

/// Whether a module belongs to an installed (or built-in) package and not to the project.
pub(crate) fn is_installed(id: &str) -> bool {
    id.contains("/node_modules/")
}

/// A module id without the query that an import may carry.
pub(crate) fn file_of(id: &str) -> &str {
    match id.find('?') {
        Some(at) => &id[..at],
        None => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_root() {
        let cases = [
            ("/a/b", "/a/b/src/x.ts", "src/x.ts"),
            ("/a/b", "/a/c/x.ts", "../c/x.ts"),
            ("/a/b", "/x.ts", "../../x.ts"),
            ("/a/b", "src/x.ts", "src/x.ts"),
            (
                "/a/b",
                "/a/b/node_modules/cellhouse:@w/kv.ts",
                "cellhouse:@w/kv.ts",
            ),
        ];
        for (root, path, expected) in cases {
            assert_eq!(display_path(Path::new(root), Path::new(path)), expected);
        }
    }

    #[test]
    fn ids_of_built_in_packages_can_be_told() {
        let root = Path::new("/a/b");
        let id = builtin_id(root, "@workkit/kv");
        assert_eq!(builtin_specifier(root, &id), Some("@workkit/kv"));
        assert_eq!(
            builtin_specifier(root, "/a/b/node_modules/hono/index.js"),
            None
        );
        assert_eq!(builtin_specifier(root, "\0x"), None);
        assert!(is_installed(&id));
    }
}
