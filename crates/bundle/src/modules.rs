//! Modules that are no source files: assets, requires of what the runtime answers, and imports
//! that are refused. Also which files are code, and in which language.

use std::path::Path;

use rolldown::ModuleType;

use crate::assets::{ASSET_SCHEME, AssetKind};
use crate::decorators;
use crate::diagnostic::Failure;
use crate::globs::How;

/// A module made up here. Its id begins with a NUL, as such ids do in bundlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module<'a> {
    /// Gives the default export of an asset to those who import or require the file.
    Asset(AssetKind, &'a str),
    /// Gives a module that the runtime answers to those who `require` it.
    Required(&'a str),
    /// Cannot be loaded, so that the import is reported with its place. The specifier and the
    /// importer, so that each importer's is reported.
    Refused(&'a str, &'a str),
    /// Applies decorators; see [`decorators`].
    Decorators,
    /// Gives the files that a pattern means, by their paths; see [`crate::globs`]. The folder and the pattern.
    Files(How, &'a str, &'a str),
}

const ASSETS: [(AssetKind, &str); 3] = [
    (AssetKind::Text, "\0cellhouse-text:"),
    (AssetKind::Data, "\0cellhouse-data:"),
    (AssetKind::Wasm, "\0cellhouse-wasm:"),
];
const REQUIRED: &str = "\0cellhouse-require:";
const REFUSED: &str = "\0cellhouse-refused:";
const FILES: [(How, &str); 2] = [
    (How::Import, "\0cellhouse-import:"),
    (How::Require, "\0cellhouse-require-file:"),
];

impl<'a> Module<'a> {
    pub(crate) fn id(self) -> String {
        match self {
            Module::Asset(kind, path) => format!("{}{path}", asset_prefix(kind)),
            Module::Required(name) => format!("{REQUIRED}{name}"),
            Module::Refused(specifier, importer) => format!("{REFUSED}{specifier}\0{importer}"),
            Module::Decorators => decorators::RUNTIME_ID.to_owned(),
            Module::Files(how, folder, pattern) => {
                let prefix = FILES.iter().find(|(known, _)| *known == how);
                let prefix = prefix.map_or("", |(_, prefix)| *prefix);
                format!("{prefix}{folder}\0{pattern}")
            }
        }
    }

    /// The module that has this id; `None` for a file.
    pub(crate) fn of(id: &'a str) -> Option<Self> {
        if id == decorators::RUNTIME_ID {
            return Some(Module::Decorators);
        }
        if let Some(name) = id.strip_prefix(REQUIRED) {
            return Some(Module::Required(name));
        }
        if let Some(rest) = id.strip_prefix(REFUSED) {
            let (specifier, importer) = rest.split_once('\0')?;
            return Some(Module::Refused(specifier, importer));
        }
        let files = FILES.iter().find_map(|(how, prefix)| {
            let (folder, pattern) = id.strip_prefix(prefix)?.split_once('\0')?;
            Some(Module::Files(*how, folder, pattern))
        });
        if files.is_some() {
            return files;
        }
        ASSETS
            .iter()
            .find_map(|(kind, prefix)| Some(Module::Asset(*kind, id.strip_prefix(prefix)?)))
    }

    /// Whether the module's own code has this import, which is then left to the runtime.
    pub(crate) fn owns_import(self, specifier: &str) -> bool {
        match self {
            Module::Asset(..) => specifier.starts_with(ASSET_SCHEME),
            Module::Required(name) => specifier == name,
            Module::Refused(..) | Module::Decorators | Module::Files(..) => false,
        }
    }
}

fn asset_prefix(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Text => ASSETS[0].1,
        AssetKind::Data => ASSETS[1].1,
        AssetKind::Wasm => ASSETS[2].1,
    }
}

/// The export called `module.exports` is what `require` gives.
pub(crate) fn asset_code(specifier: &str) -> String {
    format!(
        "import asset from \"{specifier}\";\nexport {{ asset as default, asset as \"module.exports\" }};\n"
    )
}

/// Node's modules have what CommonJS calls the module as their default export; others have none.
pub(crate) fn required_code(name: &str) -> String {
    let import = if name.starts_with("node:") {
        "it"
    } else {
        "* as it"
    };
    format!("import {import} from \"{name}\";\nexport {{ it as \"module.exports\" }};\n")
}

/// The language of a file by its name; `None` if it is no code.
pub(crate) fn type_of(path: &str) -> Option<ModuleType> {
    let Some(extension) = Path::new(path).extension() else {
        return Some(ModuleType::Js);
    };
    Some(match extension.to_str()? {
        "js" | "mjs" | "cjs" => ModuleType::Js,
        "jsx" => ModuleType::Jsx,
        "ts" | "mts" | "cts" => ModuleType::Ts,
        "tsx" => ModuleType::Tsx,
        "json" => ModuleType::Json,
        _ => return None,
    })
}

/// The project's own JavaScript may hold JSX, as it may in wrangler. Only where it looks like it:
/// JSX costs a pass over the module.
pub(crate) fn with_jsx(module_type: ModuleType, text: &str) -> ModuleType {
    let looks_like_it = text.contains("</") || text.contains("/>");
    match module_type {
        ModuleType::Js if looks_like_it => ModuleType::Jsx,
        other => other,
    }
}

/// Why a file that is no code cannot be imported.
pub(crate) fn no_loader(shown: &str, ignored: bool) -> Failure {
    let extension = Path::new(shown)
        .extension()
        .map(|it| it.to_string_lossy())
        .unwrap_or_default();
    let help = if ignored {
        "a rule of the config shuts out the default one for these files: set fallthrough = true on it, or add their glob to it".to_owned()
    } else {
        format!(
            "to import such files as text or bytes, add a rule: type = \"Text\" or \"Data\", globs = [\"**/*.{extension}\"]"
        )
    };
    Failure {
        message: format!("No loader is configured for \".{extension}\" files: {shown}"),
        help: Some(help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_their_modules() {
        let modules = [
            Module::Asset(AssetKind::Text, "/a/b.txt"),
            Module::Asset(AssetKind::Data, "/a/b.txt"),
            Module::Asset(AssetKind::Wasm, "/a/b.wasm"),
            Module::Required("node:buffer"),
            Module::Refused("https://x.y/z", "/a/b.ts"),
            Module::Files(How::Import, "/a", "./\u{2}.js"),
            Module::Files(How::Require, "/a", "../b-\u{1}"),
        ];
        for module in modules {
            assert_eq!(Module::of(&module.id()), Some(module));
        }
        assert_eq!(Module::of("/a/b.ts"), None);
        assert_eq!(Module::of("\0rolldown/runtime.js"), None);
    }

    #[test]
    fn only_code_has_a_language() {
        let cases = [
            ("/a/b.ts", Some(ModuleType::Ts)),
            ("/a.png/b.d.mts", Some(ModuleType::Ts)),
            ("/a/bin", Some(ModuleType::Js)),
            ("/a/b.png", None),
            ("/a/b.css", None),
            ("/a/b.node", None),
        ];
        for (path, expected) in cases {
            assert_eq!(type_of(path), expected, "{path}");
        }
    }
}
