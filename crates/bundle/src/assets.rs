//! Files that are imported as text, bytes or WebAssembly, and the specifiers they go by.
//!
//! An asset stays out of the bundle's code: the code imports `cellhouse-asset:<kind>/<path>` and
//! the runtime answers with the bytes. The specifier depends on the file's place only, so that a
//! bundle is the same each time.

use std::collections::BTreeMap;
use std::path::Path;

use parking_lot::Mutex;

use crate::options::RuleKind;
use crate::paths::display_path;

/// What every asset's specifier begins with.
pub const ASSET_SCHEME: &str = "cellhouse-asset:";

/// A file that the code imports as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// As the code imports it; a URL in the form that a URL parser gives back unchanged.
    pub specifier: String,
    /// The file, relative to the project's folder.
    pub name: String,
    pub kind: AssetKind,
    pub bytes: Vec<u8>,
}

/// What an import of an [`Asset`] yields as its default export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssetKind {
    /// A string: the bytes as UTF-8, without a byte order mark.
    Text,
    /// An `ArrayBuffer`.
    Data,
    /// A `WebAssembly.Module`.
    Wasm,
}

impl From<RuleKind> for AssetKind {
    fn from(kind: RuleKind) -> Self {
        match kind {
            RuleKind::Text => AssetKind::Text,
            RuleKind::Data => AssetKind::Data,
            RuleKind::CompiledWasm => AssetKind::Wasm,
        }
    }
}

impl AssetKind {
    fn name(self) -> &'static str {
        match self {
            AssetKind::Text => "text",
            AssetKind::Data => "data",
            AssetKind::Wasm => "wasm",
        }
    }
}

/// The assets of one bundle, by specifier.
#[derive(Default)]
pub(crate) struct Assets(Mutex<BTreeMap<String, Asset>>);

impl Assets {
    /// Takes a file in and says what the code shall import.
    pub(crate) fn add(&self, root: &Path, path: &Path, kind: AssetKind, bytes: Vec<u8>) -> String {
        let name = display_path(root, path);
        let specifier = format!("{ASSET_SCHEME}{}/{}", kind.name(), escaped(&name));
        let bytes = if kind == AssetKind::Text {
            without_mark(bytes)
        } else {
            bytes
        };
        let asset = Asset {
            specifier: specifier.clone(),
            name,
            kind,
            bytes,
        };
        self.0.lock().insert(specifier.clone(), asset);
        specifier
    }

    /// The assets that the finished code imports, sorted by specifier.
    pub(crate) fn take_used(&self, used: impl Fn(&str) -> bool) -> Vec<Asset> {
        let assets = std::mem::take(&mut *self.0.lock());
        assets
            .into_values()
            .filter(|asset| used(&asset.specifier))
            .collect()
    }
}

fn without_mark(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    bytes
}

/// Percent-encodes what a URL parser might change or take for a query.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'@' => {
                out.push(byte.into())
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_urls_that_keep_their_spelling() {
        let assets = Assets::default();
        let root = Path::new("/p");
        let cases = [
            (
                "/p/src/page.html",
                AssetKind::Text,
                "cellhouse-asset:text/src/page.html",
            ),
            (
                "/p/a b#ü?.wasm",
                AssetKind::Wasm,
                "cellhouse-asset:wasm/a%20b%23%C3%BC%3F.wasm",
            ),
            (
                "/q/x.bin",
                AssetKind::Data,
                "cellhouse-asset:data/../q/x.bin",
            ),
        ];
        for (path, kind, expected) in cases {
            let specifier = assets.add(root, Path::new(path), kind, vec![1]);
            assert_eq!(specifier, expected);
            assert_eq!(
                deno_core::url::Url::parse(&specifier).unwrap().as_str(),
                expected
            );
        }
        let used = assets.take_used(|specifier| !specifier.contains("src"));
        assert_eq!(used.len(), 2);
        assert_eq!(used[0].name, "../q/x.bin");
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        let assets = Assets::default();
        let bytes = b"\xEF\xBB\xBFhi".to_vec();
        assets.add(
            Path::new("/p"),
            Path::new("/p/a.txt"),
            AssetKind::Text,
            bytes.clone(),
        );
        assets.add(
            Path::new("/p"),
            Path::new("/p/a.txt"),
            AssetKind::Data,
            bytes,
        );
        let used = assets.take_used(|_| true);
        assert_eq!(used[0].bytes, b"\xEF\xBB\xBFhi");
        assert_eq!(used[1].bytes, b"hi");
    }
}
