//! What a bundle is asked for.
//!
//! Plain data, filled in by whoever read the config. Nothing here reads a file or checks a value;
//! [`crate::bundle`] does, and says what is wrong.

use std::path::PathBuf;

/// Everything that decides what a bundle holds, beside the files it reads.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The project's folder. Paths in messages and source maps are relative to it.
    pub root: PathBuf,
    /// The module that holds the Worker, absolute or relative to `root`.
    pub entry: PathBuf,
    /// The app's name; the bundle calls itself `<name>.js` in its source map.
    pub name: String,
    /// `[[rules]]` of the config, in its order. They come before the default rules.
    pub rules: Vec<Rule>,
    /// Names (or dotted paths) and the JavaScript expressions that replace them.
    pub define: Vec<(String, String)>,
    /// Packages, and the packages or files (`./...`, relative to `root`) taken in their place.
    pub alias: Vec<(String, String)>,
    /// The tsconfig.json for all files of the project. Without it each file's nearest one counts.
    pub tsconfig: Option<PathBuf>,
    /// What JSX becomes calls of, such as `h`. Without it, and unless a tsconfig.json says otherwise,
    /// JSX becomes calls of `react/jsx-runtime`.
    pub jsx_factory: Option<String>,
    /// What stands for `<>...</>`, such as `Fragment`.
    pub jsx_fragment: Option<String>,
    /// What `process.env.NODE_ENV` is replaced by, unless `define` says it.
    pub mode: Mode,
    pub minify: bool,
    /// Cloudflare's flags. `nodejs_compat` makes a bare `buffer` mean `node:buffer` even where a
    /// package of that name is installed, as it does in wrangler.
    pub compatibility_flags: Vec<String>,
    /// Specifiers that the runtime answers itself, such as `cloudflare:workers`.
    pub available_modules: Vec<String>,
    /// Packages that can be imported with nothing installed. An installed one wins.
    pub builtin_packages: Vec<BuiltinPackage>,
    /// A specifier that the runtime answers to the files of built-in packages, and to nobody else.
    pub platform_module: Option<String>,
}

/// A file of a package whose source comes with the server.
#[derive(Clone, Debug)]
pub struct BuiltinPackage {
    /// The whole specifier, such as `@workkit/kv`; of a further file of it `@workkit/kv/keys`, which
    /// the others import as `./keys`.
    pub specifier: String,
    /// TypeScript.
    pub source: String,
}

/// Which build it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Development,
    Production,
}

impl Mode {
    /// The value of `process.env.NODE_ENV`.
    pub fn node_env(self) -> &'static str {
        match self {
            Mode::Development => "development",
            Mode::Production => "production",
        }
    }
}

/// Imports that match one of `globs` yield the file as it is, not as JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub kind: RuleKind,
    /// Globs as wrangler reads them: `*` also crosses `/`.
    pub globs: Vec<String>,
    /// Whether later rules of the same kind, the default ones too, still count.
    pub fallthrough: bool,
}

/// What an import of a file yields as its default export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// A string.
    Text,
    /// An `ArrayBuffer`.
    Data,
    /// A `WebAssembly.Module`.
    CompiledWasm,
}

impl RuleKind {
    /// The name in a config.
    pub fn name(self) -> &'static str {
        match self {
            RuleKind::Text => "Text",
            RuleKind::Data => "Data",
            RuleKind::CompiledWasm => "CompiledWasm",
        }
    }
}
