//! From a directory to something that runs: config, build command, bundle, bindings.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cellhouse_assets::Site;
use cellhouse_bundle::{Bundle, Mode, Options, Rule, RuleKind, SourceMap};
use cellhouse_config::{App, ConfigError, Kind, Loaded, ModuleKind, compatibility_flags};
use cellhouse_runtime::{
    AppSpec, Asset, AssetKind, Limits, NODE_MODULES, Observer, PLATFORM_MODULE, RUNTIME_MODULES,
};

use super::node;
use super::running::Shared;
use crate::cli::{AppArguments, DevArguments};
use crate::report::{Problem, Reporter};

/// An app that could not be made, and the files whose change can mend it.
pub(crate) struct Broken {
    pub(crate) problem: Problem,
    pub(crate) files: Vec<PathBuf>,
}

/// An app's config and code.
pub(crate) struct Source {
    pub(crate) app: App,
    pub(crate) bundle: Bundle,
    /// Everything that was read to make it.
    pub(crate) files: Vec<PathBuf>,
}

impl From<ConfigError> for Broken {
    fn from(error: ConfigError) -> Self {
        let files = error.files.clone();
        Broken {
            problem: Problem::Config(Box::new(error)),
            files,
        }
    }
}

/// Reads the config, and tells its warnings.
pub(crate) fn config(arguments: &AppArguments, reporter: &Reporter) -> Result<Loaded, Broken> {
    let loaded = cellhouse_config::load(&arguments.path(), arguments.env.as_deref())?;
    for warning in &loaded.warnings {
        reporter.warning(warning);
    }
    runnable(&loaded)?;
    Ok(loaded)
}

fn runnable(loaded: &Loaded) -> Result<(), Broken> {
    let app = &loaded.app;
    let what = match app.kind {
        Kind::Worker | Kind::Dynamic => return Ok(()),
        Kind::Static => "a static site has no Worker to run",
        Kind::NextJs => "Next.js sites cannot be run",
    };
    Err(Broken {
        problem: Problem::Text(format!(
            "{}: kind: {}: {what}; Cellhouse runs apps of kind worker and dynamic",
            crate::report::shown(&app.config_path),
            app.kind.as_str(),
        )),
        files: loaded.files.clone(),
    })
}

/// Runs the config's build command.
pub(crate) async fn build_command(app: &App) -> Result<(), Broken> {
    let Some(build) = &app.build else {
        return Ok(());
    };
    let print = |_output, piece: &[u8]| drop(std::io::stderr().write_all(piece));
    let result = cellhouse_bundle::run_build_command(&build.command, &build.cwd, print).await;
    let Err(error) = result else { return Ok(()) };
    Err(Broken {
        problem: Problem::Text(error.to_string()),
        files: vec![app.config_path.clone()],
    })
}

/// Bundles the code of an app whose config has been read.
pub(crate) async fn source(loaded: Loaded, mode: Mode, minify: bool) -> Result<Source, Broken> {
    let Loaded { app, mut files, .. } = loaded;
    if !app.has_script() {
        let bundle = only_files();
        return Ok(Source { app, bundle, files });
    }
    let entry = app.entry()?;
    let result = cellhouse_bundle::bundle(bundle_options(&app, entry, mode, minify)).await;
    match result {
        Ok(bundle) => {
            files.extend(bundle.files.iter().cloned());
            Ok(Source { app, bundle, files })
        }
        Err(error) => {
            files.extend(error.files.iter().cloned());
            Err(Broken {
                problem: Problem::Rendered(render(&error.diagnostics)),
                files,
            })
        }
    }
}

/// What runs where an app has files and no script: nothing.
fn only_files() -> Bundle {
    Bundle {
        code: "export default {};".to_owned(),
        source_map: None,
        file_name: "no-script.js".to_owned(),
        assets: Vec::new(),
        files: Vec::new(),
        warnings: Vec::new(),
        exports: vec!["default".to_owned()],
        uses_platform: false,
    }
}

/// Diagnostics of the bundler as people read them.
pub(crate) fn render(diagnostics: &[cellhouse_bundle::Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(crate::report::render_bundle_diagnostic)
        .collect()
}

fn bundle_options(app: &App, entry: PathBuf, mode: Mode, minify: bool) -> Options {
    let node = node::Compatibility::of(app);
    Options {
        root: app.root.clone(),
        entry,
        name: app.name.clone(),
        rules: app.rules.iter().filter_map(rule).collect(),
        define: app.bundle.define.clone(),
        alias: app.bundle.alias.clone(),
        tsconfig: app.bundle.tsconfig.clone(),
        jsx_factory: app.bundle.jsx_factory.clone(),
        jsx_fragment: app.bundle.jsx_fragment.clone(),
        mode,
        minify: minify || app.bundle.minify,
        node_first: node.has_modules(),
        available_modules: available_modules(node),
        builtin_packages: crate::packages::builtin(),
        platform_module: Some(PLATFORM_MODULE.to_owned()),
    }
}

fn available_modules(node: node::Compatibility) -> Vec<String> {
    let node = NODE_MODULES.iter().filter(|module| node.has(module));
    let modules = RUNTIME_MODULES.iter().chain(node);
    modules.map(ToString::to_string).collect()
}

fn rule(rule: &cellhouse_config::ModuleRule) -> Option<Rule> {
    let kind = match rule.kind {
        ModuleKind::Text => RuleKind::Text,
        ModuleKind::Data => RuleKind::Data,
        ModuleKind::CompiledWasm => RuleKind::CompiledWasm,
        // The bundler finds out by itself.
        ModuleKind::EsModule | ModuleKind::CommonJs => return None,
    };
    Some(Rule {
        kind,
        globs: rule.globs.clone(),
        fallthrough: rule.fallthrough,
    })
}

impl Source {
    /// The same for the same app: its config, its code, the files that it imports.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{:?}", self.app).hash(&mut hasher);
        self.bundle.code.hash(&mut hasher);
        for asset in &self.bundle.assets {
            (&asset.specifier, &asset.bytes).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn assets(&self) -> Arc<[Asset]> {
        let entry = self.app.entry().ok();
        let folder = entry.as_deref().and_then(Path::parent);
        let folder = folder.and_then(|folder| folder.strip_prefix(&self.app.root).ok());
        let folder = folder.map(|folder| format!("{}/", folder.to_string_lossy()));
        let folder = folder.unwrap_or_default();
        let assets = self.bundle.assets.iter();
        assets.map(|file| asset(file, &folder)).collect()
    }

    /// The source map of the bundle, for stacks.
    pub(crate) fn map(&self) -> Option<Arc<SourceMap>> {
        let json = self.bundle.source_map.as_deref()?;
        Some(Arc::new(SourceMap::new(json)))
    }

    /// The static files, if the app has any.
    pub(super) fn site(&self, reporter: &Arc<Reporter>) -> Result<Option<Site>, Broken> {
        super::assets::site(&self.app, reporter).map_err(|problem| Broken {
            problem,
            files: self.files.clone(),
        })
    }

    /// What the runtime is told.
    pub(super) fn spec(
        &self,
        shared: &Shared,
        site: Option<&Site>,
        observer: Arc<dyn Observer>,
    ) -> Result<AppSpec, Broken> {
        let (arguments, stores) = (&shared.arguments, &shared.stores);
        let broken = |problem| Broken {
            problem,
            files: self.files.clone(),
        };
        let automatic = self.bundle.uses_platform;
        let objects = super::objects::open(&self.app, shared, automatic).map_err(broken)?;
        let bindings = stores.bind(&self.app, objects.as_ref(), &shared.peers, site);
        let mut bindings = bindings.map_err(broken)?;
        if automatic {
            bindings.extend(stores.defaults(&self.app).map_err(broken)?);
        }
        Ok(AppSpec {
            name: self.app.name.clone(),
            code: self.bundle.code.as_str().into(),
            file_name: self.bundle.file_name.clone(),
            assets: self.assets(),
            bindings: bindings.into(),
            caches: stores.responses().for_app(&self.app.name),
            services: shared.services.clone(),
            front: site.map(super::assets::front),
            flags: compatibility_flags(self.app.compatibility_date, &self.app.compatibility_flags)
                .into(),
            objects,
            node: node::Compatibility::of(&self.app).settings(),
            limits: limits(&self.app, arguments),
            max_isolates: arguments.isolates.unwrap_or_else(cores).max(1),
            observer,
        })
    }
}

/// `folder` is the script's: files below it are called by their path from there, others by that from the project.
fn asset(asset: &cellhouse_bundle::Asset, folder: &str) -> Asset {
    Asset {
        specifier: asset.specifier.clone(),
        name: asset
            .name
            .strip_prefix(folder)
            .unwrap_or(&asset.name)
            .to_owned(),
        kind: match asset.kind {
            cellhouse_bundle::AssetKind::Text => AssetKind::Text,
            cellhouse_bundle::AssetKind::Data => AssetKind::Data,
            cellhouse_bundle::AssetKind::Wasm => AssetKind::Wasm,
        },
        bytes: asset.bytes.as_slice().into(),
    }
}

fn limits(app: &App, arguments: &DevArguments) -> Limits {
    let configured = arguments
        .cpu_limit_ms
        .map(Duration::from_millis)
        .or(app.limits.cpu);
    Limits {
        cpu: configured.unwrap_or(Limits::default().cpu),
        heap_bytes: arguments.memory_limit_mb << 20,
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Where an app keeps its data unless told otherwise.
pub(crate) fn data_directory(root: &Path, store: Option<&str>) -> PathBuf {
    match store {
        Some(store) => PathBuf::from(store.strip_prefix("file:").unwrap_or(store)),
        None => root.join(".cellhouse"),
    }
}
