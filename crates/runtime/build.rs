//! Puts the JavaScript of the runtime into the binary: our own, and that of Deno's crates.
//!
//! Deno's crates name their scripts by path and expect a snapshot to hold the text; this engine has no
//! snapshots, and a binary must not read the build machine's files. So their sources are looked up where
//! cargo keeps them, and included by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "build/comments.rs"]
mod comments;

use comments::without_comments;

/// The crates whose scripts the bootstrap loads.
const CRATES: &[&str] = &[
    "deno_crypto",
    "deno_fetch",
    "deno_net",
    "deno_web",
    "deno_webidl",
];

/// What is changed in a script of Deno's because the engine is an interpreter: the script, the text, which
/// is there once, and what takes its place.
const ADAPTED: &[(&str, &str, &str)] = &[
    // A loop over the characters, which a JIT makes faster than a call into Rust, and which takes half
    // of the time of `new URL()` here. `op_url_parse` has the same short way.
    (
        "ext:deno_web/00_url.js",
        "if (base === undefined && parseSimpleSpecialUrl(url)) {",
        "if (false) {",
    ),
    // Indices of an array, which are much faster than properties of those names.
    (
        "ext:deno_web/00_url.js",
        "    ({\n      0: this.#schemeEnd,\n      1: this.#usernameEnd,\n      2: this.#hostStart,\n      \
         3: this.#hostEnd,\n      4: this.#port,\n      5: this.#pathStart,\n      \
         6: this.#queryStart,\n      7: this.#fragmentStart,\n    } = componentsBuf);\n",
        "    this.#schemeEnd = componentsBuf[0];\n    this.#usernameEnd = componentsBuf[1];\n    \
         this.#hostStart = componentsBuf[2];\n    this.#hostEnd = componentsBuf[3];\n    \
         this.#port = componentsBuf[4];\n    this.#pathStart = componentsBuf[5];\n    \
         this.#queryStart = componentsBuf[6];\n    this.#fragmentStart = componentsBuf[7];\n",
    ),
    // The texts of workerd.
    (
        "ext:deno_web/00_url.js",
        "    throw new TypeError(\n      `Invalid URL: '${href}'` +\n        \
         (maybeBase ? ` with base '${maybeBase}'` : \"\"),\n    );\n",
        "    throw new TypeError(\"Invalid URL string.\");\n",
    ),
    (
        "ext:deno_web/00_url.js",
        "    const status = opUrlParse(value);\n    \
         this.#serialization = getSerialization(status, value);\n    \
         this.#updateComponents();\n    this.#updateSearchParams();\n",
        "    const status = opUrlParse(value);\n    if (status !== 0 && status !== 1) {\n      \
         throw new TypeError(\"Failed to set the 'href' property on 'URL': \
         the provided value is not of type 'valid URL string'.\");\n    }\n    \
         this.#serialization = getSerialization(status, value);\n    \
         this.#updateComponents();\n    this.#updateSearchParams();\n",
    ),
    // `non-spec:/.//path` has no host: the dot keeps the path from being read as one.
    (
        "ext:deno_web/00_url.js",
        "#L101\n    return StringPrototypeSlice(",
        "#L101\n    if (this.#hostStart === this.#hostEnd) return \"\";\n    return StringPrototypeSlice(",
    ),
    (
        "ext:deno_web/00_url.js",
        "#L196\n    if (this.#port === NO_PORT) {",
        "#L196\n    if (this.#hostStart === this.#hostEnd) return \"\";\n    if (this.#port === NO_PORT) {",
    ),
    // The type is the header's MIME type as it stands; that of the constructor would be in small letters.
    (
        "ext:deno_fetch/22_body.js",
        "      return new Blob([bytes], {\n        \
         type: mimeType !== null ? mimesniff.serializeMimeType(mimeType) : \"\",\n      });\n",
        "      {\n        const blob = new Blob([bytes]);\n        const [type] = \
         Object.getOwnPropertySymbols(blob).filter((symbol) => symbol.description === \"Type\");\n        \
         if (mimeType !== null) blob[type] = mimesniff.serializeMimeType(mimeType);\n        \
         return blob;\n      }\n",
    ),
    // A message that was cut off is no form of fewer fields.
    (
        "ext:deno_fetch/21_formdata.js",
        "          if (delimiter.type === 2) {\n            break;\n          }\n",
        "          if (delimiter.type === 2) {\n            return formData;\n          }\n",
    ),
    (
        "ext:deno_fetch/21_formdata.js",
        "          i = headerStart - 1;\n        }\n      }\n    }\n\n    return formData;\n",
        "          i = headerStart - 1;\n        }\n      }\n    }\n\n    \
         throw new TypeError(\"Unable to parse body as form data\");\n",
    ),
    // Fields that are undefined until they are set: each costs a definition per request.
    (
        "ext:deno_fetch/23_request.js",
        "  /** @type {InnerRequest} */\n  [_request];\n  /** @type {Headers} */\n  [_headersCache];\n  \
         [_getHeaders];\n  [_headersGuard];\n  [_signalCache];\n  [_url];\n  [_method];\n",
        "",
    ),
    // An object that is made with each response: what rarely changes is the prototype's.
    (
        "ext:deno_fetch/23_response.js",
        "function newInnerResponse(status = 200, statusMessage = \"\") {\n  return {\n    type: \"default\",\n    \
         body: null,\n    headerList: [],\n    urlList: [],\n    status,\n    statusMessage,\n    \
         aborted: false,\n    bodyDecoded: false,\n    url() {\n      \
         if (this.urlList.length == 0) return null;\n      \
         return this.urlList[this.urlList.length - 1];\n    },\n  };\n}\n",
        "class NewInnerResponse {\n  constructor(status, statusMessage) {\n    this.body = null;\n    \
         this.headerList = [];\n    this.urlList = [];\n    this.status = status;\n    \
         this.statusMessage = statusMessage;\n  }\n  url() {\n    \
         if (this.urlList.length == 0) return null;\n    \
         return this.urlList[this.urlList.length - 1];\n  }\n}\n\
         Object.assign(NewInnerResponse.prototype, \
         { type: \"default\", aborted: false, bodyDecoded: false });\n\
         function newInnerResponse(status = 200, statusMessage = \"\") {\n  \
         return new NewInnerResponse(status, statusMessage);\n}\n",
    ),
    // A response of nothing but a text needs no conversions.
    (
        "ext:deno_fetch/23_response.js",
        "    const prefix = \"Failed to construct 'Response'\";\n    body = webidl",
        "    if (init === undefined && typeof body === \"string\") {\n      this[_brand] = _brand;\n      \
         initializeResponseBase(this, newInnerResponse(), \"response\");\n      \
         this[_lazyStaticBody] = body;\n      this[_serveFastStatus] = 200;\n      \
         this[_serveFastBody] = body;\n      \
         this[_serveFastHeaderKind] = SERVE_FAST_HEADER_DEFAULT_TEXT;\n      return;\n    }\n\n    \
         const prefix = \"Failed to construct 'Response'\";\n    body = webidl",
    ),
    // The same of a response: what most never set is the prototype's.
    (
        "ext:deno_fetch/23_response.js",
        "  response[_headers] = null;\n  response[_headersGuard] = guard;\n  \
         response[_serveFastStatus] = 0;\n  response[_serveFastBody] = null;\n  \
         response[_serveFastHeaderKind] = SERVE_FAST_HEADER_NONE;\n  \
         response[_serveFastContentType] = null;\n  response[_serveFastConsumed] = false;\n  \
         response[_serveNativeResponse] = null;\n  response[_lazyStaticBody] = null;\n  \
         response[_lazyStaticContentType] = null;\n",
        "  response[_headersGuard] = guard;\n",
    ),
    (
        "ext:deno_fetch/23_response.js",
        "const ResponsePrototype = Response.prototype;\n",
        "const ResponsePrototype = Response.prototype;\n\
         for (const [name, value] of [\n\
         [_headers, null], [_serveFastStatus, 0], [_serveFastBody, null],\n\
         [_serveFastHeaderKind, SERVE_FAST_HEADER_NONE], [_serveFastContentType, null],\n\
         [_serveFastConsumed, false], [_serveNativeResponse, null], [_lazyStaticBody, null],\n\
         [_lazyStaticContentType, null],\n\
         ]) {\n\
         Object.defineProperty(ResponsePrototype, name, { value, writable: true, configurable: true });\n\
         }\n",
    ),
];

include!("../../build-support/wasm_interpreter.rs");

fn main() {
    println!("cargo::rerun-if-changed=../../build-support/wasm_interpreter.rs");
    link_wasm_interpreter();
    let own = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let lock = own.join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=src/js");
    let lock = fs::read_to_string(&lock).expect("the workspace has a Cargo.lock");
    let mut scripts = scripts_of("cellhouse_runtime", &own.join("src/js"));
    for name in CRATES {
        let version = locked_version(&lock, name);
        scripts.append(&mut scripts_of(name, &source_of(name, &version)));
    }
    let node = own.join("../../packages/node-compat/generated");
    println!("cargo::rerun-if-changed={}", node.display());
    add_tree(&mut scripts, &node, &node);
    let intl = own.join("../../packages/intl/generated");
    println!("cargo::rerun-if-changed={}", intl.display());
    add_tree(&mut scripts, &intl, &intl.join("intl"));
    let mut table = String::from("&[\n");
    // By name, in the order of their bytes: the engine's facade looks them up so.
    for (specifier, script) in scripts {
        writeln!(table, "(\"{specifier}\", include_str!({script:?})),")
            .expect("a String can be written");
    }
    table.push_str("]\n");
    let out = PathBuf::from(variable("OUT_DIR")).join("scripts.rs");
    fs::write(out, table).expect("OUT_DIR can be written");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn locked_version(lock: &str, name: &str) -> String {
    let head = format!("name = \"{name}\"\nversion = \"");
    let start = lock
        .find(&head)
        .unwrap_or_else(|| panic!("{name} is in Cargo.lock"))
        + head.len();
    lock[start..]
        .split('"')
        .next()
        .expect("split gives at least one part")
        .to_owned()
}

/// The folder of a crate's source in cargo's registry cache, or in a `vendor` folder of the workspace.
fn source_of(name: &str, version: &str) -> PathBuf {
    let folder = format!("{name}-{version}");
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let registries = home.map(|home| home.join("registry/src"));
    let mut candidates: Vec<PathBuf> = registries
        .and_then(|path| fs::read_dir(path).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|registry| registry.path().join(&folder))
        .collect();
    let vendor = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../vendor");
    candidates.extend([vendor.join(&folder), vendor.join(name)]);
    let found = candidates.iter().find(|path| path.is_dir());
    found.cloned().unwrap_or_else(|| {
        panic!(
            "the source of {folder} is in none of: {candidates:?}; set CARGO_HOME to cargo's folder"
        )
    })
}

/// Specifiers and files.
type Scripts = BTreeMap<String, PathBuf>;

/// The scripts in one folder.
fn scripts_of(name: &str, folder: &Path) -> Scripts {
    let script = |path: PathBuf| {
        let file = path.file_name()?.to_string_lossy().into_owned();
        let specifier = format!("ext:{name}/{file}");
        file.ends_with(".js")
            .then(|| (specifier.clone(), adapted(&specifier, &path)))
    };
    entries(folder).filter_map(script).collect()
}

/// The scripts in a folder and the folders below it, named by their path from `root`.
fn add_tree(scripts: &mut Scripts, root: &Path, folder: &Path) {
    for path in entries(folder) {
        if path.is_dir() {
            add_tree(scripts, root, &path);
            continue;
        }
        let name = path.strip_prefix(root).expect("it is below the root");
        let name = name.to_string_lossy().replace('\\', "/");
        scripts.insert(format!("ext:{name}"), path);
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.flatten().map(|entry| entry.path())
}

/// A copy of a script: changed where it has to be, and without comments.
fn adapted(specifier: &str, script: &Path) -> PathBuf {
    let changes = ADAPTED.iter().filter(|(changed, ..)| *changed == specifier);
    let text = fs::read_to_string(script).expect("a script can be read");
    let changed = changes.fold(text, |text, (_, from, to)| {
        assert_eq!(
            text.matches(from).count(),
            1,
            "{specifier} has changed: look whether what ADAPTED says of it is still needed"
        );
        text.replace(from, to)
    });
    let copy = specifier.replace([':', '/'], "_");
    let copy = PathBuf::from(variable("OUT_DIR")).join(copy);
    fs::write(&copy, without_comments(&changed)).expect("OUT_DIR can be written");
    copy
}
