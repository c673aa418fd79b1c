//! The packages that come with Cellhouse: an app imports them with nothing installed.
//!
//! Their source lies in `packages/`, one folder each. What an app has installed itself wins, at run time
//! (the bundler sees to it) and in its types.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use cellhouse_bundle::BuiltinPackage;

/// One package.
pub(crate) struct Package {
    /// What apps import.
    pub(crate) name: &'static str,
    /// Its types, as declarations of a module of that name. `@NAMESPACE@` stands for the type of a KV binding.
    pub(crate) types: &'static str,
    /// Its files without `.ts`, `index` first.
    files: &'static [(&'static str, &'static str)],
}

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../packages/", $folder, "/", $name, ".ts")))),*]
    };
}

/// All of them.
const PACKAGES: &[Package] = &[
    Package {
        name: "@workkit/kv",
        types: include_str!("../../../packages/workkit-kv/package.d.ts"),
        files: files!("workkit-kv": "index" "batch" "client" "errors" "keys" "serializer" "types"),
    },
    Package {
        name: "sdk.do",
        types: include_str!("../../../packages/sdk-do/package.d.ts"),
        files: files!("sdk-do":
            "index" "ai" "ai_config" "ai_request" "api" "attempt" "calls" "cron" "db" "define" "delivery"
            "durations" "errors" "expiry" "fields" "handlers" "instances" "log" "log_rows" "names" "on"
            "paths" "patterns" "registry" "schedules" "send" "settings" "sockets" "sql" "sse" "state"
            "types_order" "types_series" "types_values"),
    },
];

/// For the bundler.
pub(crate) fn builtin() -> Vec<BuiltinPackage> {
    let files = PACKAGES
        .iter()
        .flat_map(|package| package.files.iter().map(|file| (package.name, file)));
    files
        .map(|(name, (file, source))| BuiltinPackage {
            specifier: match *file {
                "index" => name.to_owned(),
                file => format!("{name}/{file}"),
            },
            source: (*source).to_owned(),
        })
        .collect()
}

/// Those that the code below a folder names. Installed packages and hidden folders are not looked at, nor is
/// what cannot be read.
pub(crate) fn imported(root: &Path) -> Vec<&'static Package> {
    let mut missing: Vec<&Package> = PACKAGES.iter().collect();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop().filter(|_| !missing.is_empty()) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let kind = entry.file_type();
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                if name != "node_modules" && !name.as_encoded_bytes().starts_with(b".") {
                    folders.push(entry.path());
                }
            } else if is_code(Path::new(&name)) {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                missing.retain(|package| !names(&text, package.name));
            }
        }
    }
    let is_missing = |package: &Package| missing.iter().any(|other| other.name == package.name);
    PACKAGES
        .iter()
        .filter(|package| !is_missing(package))
        .collect()
}

fn is_code(file: &Path) -> bool {
    let extensions = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];
    let declares = file.as_os_str().as_encoded_bytes().ends_with(b".d.ts");
    let extension = file.extension().and_then(OsStr::to_str);
    !declares && extension.is_some_and(|extension| extensions.contains(&extension))
}

fn names(text: &str, package: &str) -> bool {
    [format!("'{package}'"), format!("\"{package}\"")]
        .iter()
        .any(|quoted| text.contains(quoted))
}
