//! One bundle from start to end: checks the entry, runs rolldown, and sorts what comes out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolldown::{BundleFactory, BundleFactoryOptions, BundleOutput};
use rolldown_common::{Output, OutputChunk, Platform};
use rolldown_error::{BatchedBuildDiagnostic, BuildDiagnostic};
use rolldown_resolver::Resolver;

use crate::assets::Asset;
use crate::diagnostic::{Converter, Diagnostic, Error, Severity, shown_id};
use crate::entry;
use crate::fs::TrackedFs;
use crate::options::Options;
use crate::paths::display_path;
use crate::plugin::{BundlePlugin, Plan};
use crate::settings::{bundler_options, file_name, resolve_options, tsconfig};
use crate::worker;

/// An app's code as one ES module, with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The module. What it still imports: [`Options::available_modules`], `assets`, and for a Worker in the
    /// service-worker format `cellhouse:service-worker`.
    pub code: String,
    /// The source map, version 3, as JSON, with the sources' texts; see [`crate::SourceMap`].
    pub source_map: Option<String>,
    /// What the source map calls the module, and what stacks shall call it: `<name>.js`.
    pub file_name: String,
    /// Files that the code imports as they are, sorted by specifier.
    pub assets: Vec<Asset>,
    /// What to watch: every path whose change, creation or removal can change the bundle. Absolute,
    /// with symbolic links resolved, sorted. Some do not exist (yet): a watcher watches their
    /// folders.
    pub files: Vec<PathBuf>,
    pub warnings: Vec<Diagnostic>,
    /// The names that the entry exports, `default` among them.
    pub exports: Vec<String>,
    /// Whether a built-in package imports [`Options::platform_module`].
    pub uses_platform: bool,
}

/// Makes a bundle. Reads files, writes nothing, and needs neither network nor Node.
///
/// The work runs on threads of its own, which are gone when the bundle is there. When the future
/// is dropped the work goes on to its end and the result is thrown away.
///
/// # Errors
/// [`Error`] with all that is wrong in the code, and the files whose change can mend it.
pub async fn bundle(options: Options) -> Result<Bundle, Error> {
    worker::run(move || async move { make(&options).await }).await
}

async fn make(options: &Options) -> Result<Bundle, Error> {
    let (root, entry) = entry::locate(options)?;
    let fs = <TrackedFs as oxc_resolver::FileSystem>::new(false);
    fs.note(&entry);
    let resolver = resolver(options, &root, &fs);
    let plan = Arc::new(Plan::new(&root, options, fs.clone(), Arc::clone(&resolver)));
    let mut result = generate(options, &entry, &plan, &resolver).await;
    while match &result {
        Ok(output) => plan.whole.learn(output),
        Err(found) => plan.type_exports.learn(&root, found),
    } {
        plan.failures.lock().clear();
        result = generate(options, &entry, &plan, &resolver).await;
    }
    let files = fs.watch_list(&root);
    match result {
        Ok(output) => finish(options, &entry, &plan, output, files),
        Err(found) => Err(Error {
            diagnostics: convert(options, &plan, &found),
            files,
        }),
    }
}

fn resolver(options: &Options, root: &Path, fs: &TrackedFs) -> Arc<Resolver<TrackedFs>> {
    Arc::new(Resolver::new(
        fs.clone(),
        root.to_path_buf(),
        Platform::Browser,
        &tsconfig(options, root),
        resolve_options(options, root),
    ))
}

async fn generate(
    options: &Options,
    entry: &Path,
    plan: &Arc<Plan>,
    resolver: &Arc<Resolver<TrackedFs>>,
) -> Result<BundleOutput, Vec<BuildDiagnostic>> {
    let mut factory = BundleFactory::new(BundleFactoryOptions {
        bundler_options: bundler_options(options, &plan.root, entry),
        plugins: vec![Arc::new(BundlePlugin(Arc::clone(plan)))],
        session: None,
        disable_tracing_setup: true,
    })
    .map_err(BatchedBuildDiagnostic::into_vec)?;
    let given = options.tsconfig.as_deref().map(|path| plan.root.join(path));
    plan.tsconfigs
        .give_to_plain_files(entry, given, &factory.options);
    let bundle = factory.create_bundle_with_fs(plan.fs.clone(), Arc::clone(resolver));
    bundle
        .generate()
        .await
        .map_err(BatchedBuildDiagnostic::into_vec)
}

fn finish(
    options: &Options,
    entry: &Path,
    plan: &Plan,
    output: BundleOutput,
    files: Vec<PathBuf>,
) -> Result<Bundle, Error> {
    let mut diagnostics = convert(options, plan, &output.warnings);
    let Some(chunk) = only_chunk(&output.assets) else {
        let message = "the app did not become one module: this is a fault of cellhouse";
        let diagnostics = vec![Diagnostic::error(message)];
        return Err(Error { diagnostics, files });
    };
    let mut exports: Vec<String> = chunk.exports.iter().map(ToString::to_string).collect();
    let mut code = chunk.code.clone();
    entry::complete_service_worker(&mut code, &mut exports);
    let shown = display_path(&plan.root, entry);
    diagnostics.extend(entry::check_exports(&shown, &exports));
    if diagnostics
        .iter()
        .any(|found| found.severity == Severity::Error)
    {
        diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
        return Err(Error { diagnostics, files });
    }
    let imported = |specifier: &str| {
        let mut imports = chunk.imports.iter().chain(&chunk.dynamic_imports);
        imports.any(|import| import.as_str() == specifier)
    };
    let platform = options.platform_module.as_deref();
    Ok(Bundle {
        uses_platform: platform.is_some_and(imported),
        assets: plan.assets.take_used(imported),
        source_map: chunk.map.clone().map(|map| readable(&plan.root, map)),
        code,
        file_name: file_name(&options.name),
        files,
        warnings: diagnostics,
        exports,
    })
}

fn only_chunk(assets: &[Output]) -> Option<&OutputChunk> {
    let mut chunks = assets.iter().filter_map(|output| match output {
        Output::Chunk(chunk) => Some(&**chunk),
        Output::Asset(_) => None,
    });
    chunks.next().filter(|_| chunks.next().is_none())
}

/// Names the sources as messages name files; modules that are no files get a name of one word.
fn readable(root: &Path, mut map: oxc_sourcemap::SourceMap<'static>) -> String {
    let named: Vec<String> = map
        .get_sources()
        .map(|source| display_path(root, &root.join(source)))
        .collect();
    map.set_sources(named);
    map.to_json_string()
}

fn convert(options: &Options, plan: &Plan, found: &[BuildDiagnostic]) -> Vec<Diagnostic> {
    let builtin = options.builtin_packages.iter();
    let builtin_sources: BTreeMap<&str, &str> = builtin
        .map(|package| (package.specifier.as_str(), package.source.as_str()))
        .collect();
    let failures = std::mem::take(&mut *plan.failures.lock());
    let failures = failures
        .into_iter()
        .map(|(id, failure)| (shown_id(&plan.root, &id), failure));
    let converter = Converter {
        root: &plan.root,
        available_modules: &options.available_modules,
        define: &options.define,
        builtin_sources,
        failures: failures.collect(),
    };
    let mut diagnostics: Vec<_> = found
        .iter()
        .filter_map(|one| converter.convert(one))
        .collect();
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    diagnostics.dedup();
    diagnostics
}
