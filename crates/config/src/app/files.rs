//! Files around the script: static assets, what imports give, how modules are bundled.
//!
//! Paths are absolute; globs and paths of requests are as written.

use std::path::PathBuf;

use crate::source::Location;

/// Static files beside the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The files' directory, absolute. Build tools may leave it out.
    pub directory: Option<PathBuf>,
    /// The binding through which the script asks for files.
    pub binding: Option<String>,
    /// How `.html` endings and slashes are treated.
    pub html_handling: HtmlHandling,
    /// What answers where no file fits.
    pub not_found_handling: NotFoundHandling,
    /// Which requests go to the script first.
    pub run_worker_first: RunWorkerFirst,
    /// Where `assets` is written.
    pub at: Location,
}

/// `assets.html_handling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HtmlHandling {
    /// `auto-trailing-slash`
    #[default]
    AutoTrailingSlash,
    /// `force-trailing-slash`
    ForceTrailingSlash,
    /// `drop-trailing-slash`
    DropTrailingSlash,
    /// `none`
    None,
}

/// `assets.not_found_handling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFoundHandling {
    /// `none`: the script answers.
    #[default]
    None,
    /// `404-page`: the nearest 404.html.
    NotFoundPage,
    /// `single-page-application`: /index.html.
    SinglePageApplication,
}

/// `assets.run_worker_first`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RunWorkerFirst {
    /// Files win.
    #[default]
    Never,
    /// The script gets every request.
    Always,
    /// Paths starting with `/`; with `!/` the files win after all.
    Paths(Vec<String>),
}

/// Imports of files that match a glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleRule {
    /// What an import of such a file gives.
    pub kind: ModuleKind,
    /// Globs over paths relative to the script's directory.
    pub globs: Vec<String>,
    /// Whether later rules of the same kind still count.
    pub fallthrough: bool,
}

/// What an import gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleKind {
    /// An ES module.
    EsModule,
    /// A CommonJS module.
    CommonJs,
    /// A `WebAssembly.Module`.
    CompiledWasm,
    /// A string.
    Text,
    /// An `ArrayBuffer`.
    Data,
}

/// What a config says about bundling. Everything is empty for `ploy.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BundleOptions {
    /// Global names and the JavaScript text put in their place.
    pub define: Vec<(String, String)>,
    /// Modules and the modules or files taken in their place.
    pub alias: Vec<(String, String)>,
    /// The tsconfig, absolute.
    pub tsconfig: Option<PathBuf>,
    /// Instead of `React.createElement`.
    pub jsx_factory: Option<String>,
    /// Instead of `React.Fragment`.
    pub jsx_fragment: Option<String>,
    /// Upload the script as it is.
    pub no_bundle: bool,
    /// Make it small.
    pub minify: bool,
    /// Keep `name` of functions and classes when minifying.
    pub keep_names: Option<bool>,
    /// Add the files that match `rules` even if nothing imports them.
    pub find_additional_modules: Option<bool>,
    /// Keep the names of such files.
    pub preserve_file_names: bool,
    /// Where `rules` start, absolute; the script's directory if `None`.
    pub base_dir: Option<PathBuf>,
}
