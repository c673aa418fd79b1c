//! The types of HTMLRewriter, for apps that use it and have no package of types that knows of it.

use std::fs;
use std::path::Path;

/// The declarations.
pub(super) const TYPES: &str = include_str!("html_rewriter.d.ts");

/// Whether the code below a folder names the class. Installed packages and hidden folders are not looked at.
pub(super) fn is_used(root: &Path) -> bool {
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if name != "node_modules" && !name.starts_with('.') {
                    folders.push(entry.path());
                }
            } else if is_code(&name) && names_it(&entry.path()) {
                return true;
            }
        }
    }
    false
}

fn is_code(name: &str) -> bool {
    let endings = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
    !name.ends_with(".d.ts") && endings.iter().any(|ending| name.ends_with(ending))
}

fn names_it(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains("HTMLRewriter"))
}
