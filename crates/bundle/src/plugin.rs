//! What rolldown asks us: where an import leads, and what a module holds.
//!
//! Imports that the runtime answers stay in the code, files that a rule takes become assets,
//! built-in packages stand in for what is not installed. Everything else is the resolver's.

mod files;
mod outputs;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::FileSystem as _;
use parking_lot::Mutex;
use rolldown::ModuleType;
use rolldown_common::{ImportKind, side_effects::HookSideEffects};
use rolldown_plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput,
    HookResolveIdReturn, HookTransformAstArgs, HookTransformAstReturn, HookUsage, Plugin,
    PluginContext, SharedLoadPluginContext,
};
use rolldown_resolver::Resolver;

use self::outputs::{asset_module, code, external, located};
use crate::apart::Whole;
use crate::assets::{AssetKind, Assets};
use crate::decorators;
use crate::diagnostic::Failure;
use crate::fs::{TrackedFs, without_mark};
use crate::globs;
use crate::locals;
use crate::loops;
use crate::modules::{self, Module};
use crate::options::Options;
use crate::paths::{builtin_id, builtin_specifier, display_path, file_of, is_installed};
use crate::require::RequireResolver;
use crate::rules::{Rules, Verdict};
use crate::sets;
use crate::tsconfig::Tsconfigs;
use crate::type_exports::TypeExports;
use crate::unresolved::{self, is_url, node_builtin};

/// Shared by the hooks of one bundle, which run on several threads.
pub(crate) struct Plan {
    pub(crate) root: PathBuf,
    pub(crate) fs: TrackedFs,
    pub(crate) assets: Assets,
    /// Why modules could not be loaded, by id.
    pub(crate) failures: Mutex<BTreeMap<String, Failure>>,
    resolver: Arc<Resolver<TrackedFs>>,
    require: RequireResolver,
    pub(crate) tsconfigs: Tsconfigs,
    pub(crate) type_exports: TypeExports,
    pub(crate) whole: Whole,
    rules: Rules,
    available: Vec<String>,
    builtin: HashMap<String, String>,
    platform: Option<String>,
    /// `nodejs_compat`: modules of Node.js go before packages of the same name.
    node_first: bool,
}

impl Plan {
    pub(crate) fn new(
        root: &Path,
        options: &Options,
        fs: TrackedFs,
        resolver: Arc<Resolver<TrackedFs>>,
    ) -> Self {
        let builtin = options.builtin_packages.iter();
        let shared = resolver.clone_default_resolver();
        Plan {
            root: root.to_path_buf(),
            assets: Assets::default(),
            failures: Mutex::default(),
            require: RequireResolver::new(&shared),
            tsconfigs: Tsconfigs::new(shared, fs.clone()),
            rules: Rules::new(&options.rules),
            available: options.available_modules.clone(),
            builtin: builtin
                .map(|package| (package.specifier.clone(), package.source.clone()))
                .collect(),
            platform: options.platform_module.clone(),
            node_first: options.node_first,
            type_exports: TypeExports::default(),
            whole: Whole::default(),
            fs,
            resolver,
        }
    }

    fn resolve(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let specifier = args.specifier;
        match args.importer.and_then(Module::of) {
            None => {}
            Some(Module::Files(_, folder, _)) => return self.one_of_files(args, folder),
            Some(module) => return module.owns_import(specifier).then(|| external(specifier)),
        }
        if let Some(Module::Decorators | Module::Files(..)) = Module::of(specifier) {
            return Some(HookResolveIdOutput::from_id(specifier.to_owned()));
        }
        if is_url(specifier) {
            return Some(
                self.refused(args, unresolved::explain(specifier, &self.available).into()),
            );
        }
        if self.is_platform(args) {
            return Some(external(specifier));
        }
        if let Some(name) = self.runtime_module(args) {
            return Some(self.left_to_runtime(name, args.kind));
        }
        if let Some(output) = self.asset(args) {
            return Some(output);
        }
        if let Some(specifier) = self.builtin_file(args) {
            return Some(HookResolveIdOutput::from_id(builtin_id(
                &self.root, &specifier,
            )));
        }
        match args.kind {
            ImportKind::Require => self.required(args),
            ImportKind::Import if !args.is_entry && !specifier.starts_with("data:") => {
                self.imported(args)
            }
            ImportKind::DynamicImport if self.may_be_missing(args) => Some(external(specifier)),
            _ => None,
        }
    }

    /// An `import` that leads nowhere fails as a module of its own, so that the rest of the
    /// importer's imports are looked at too and every mistake is told at once. A `require` or an
    /// `import()` may be meant to fail: those are rolldown's.
    fn imported(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let importer = args.importer.map(Path::new);
        match self
            .resolver
            .resolve(importer, args.specifier, args.kind, false)
        {
            Ok(found) => Some(located(found)),
            Err(error) => {
                let failure =
                    unresolved::failure(args.specifier, &error, &self.root, &self.available)?;
                Some(self.refused(args, failure))
            }
        }
    }

    /// A package may offer what it does with another one that is not there: its `import()` then fails when it is
    /// run, which the package is ready for.
    fn may_be_missing(&self, args: &HookResolveIdArgs<'_>) -> bool {
        let of_package = args.importer.is_some_and(is_installed);
        of_package && unresolved::package_name(args.specifier).is_some() && !self.is_installed(args)
    }

    fn refused(&self, args: &HookResolveIdArgs<'_>, failure: Failure) -> HookResolveIdOutput {
        let id = Module::Refused(args.specifier, args.importer.unwrap_or_default()).id();
        self.failures.lock().insert(id.clone(), failure);
        HookResolveIdOutput::from_id(id)
    }

    fn required(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let found = self
            .require
            .resolve(Path::new(args.importer?), args.specifier)?;
        let package_json_path = found
            .package_json
            .and_then(|path| Some(path.to_str()?.to_owned()));
        Some(HookResolveIdOutput {
            id: found.path.into(),
            package_json_path,
            ..Default::default()
        })
    }

    /// The specifier under which the runtime answers an import, if it does.
    fn runtime_module(&self, args: &HookResolveIdArgs<'_>) -> Option<String> {
        if self.available.iter().any(|name| name == args.specifier) {
            return Some(args.specifier.to_owned());
        }
        let name = node_builtin(args.specifier)?;
        let full = format!("node:{name}");
        let answered = self.available.contains(&full);
        (answered && (self.node_first || !self.is_installed(args))).then_some(full)
    }

    /// `require` of a module outside the bundle has to go through a module that imports it.
    fn left_to_runtime(&self, name: String, kind: ImportKind) -> HookResolveIdOutput {
        if kind == ImportKind::Require {
            return HookResolveIdOutput::from_id(Module::Required(&name).id());
        }
        external(&name)
    }

    fn is_installed(&self, args: &HookResolveIdArgs<'_>) -> bool {
        self.resolve_path(args, args.specifier).is_some()
    }

    fn resolve_path(&self, args: &HookResolveIdArgs<'_>, specifier: &str) -> Option<String> {
        let importer = args.importer.map(Path::new);
        let found = self
            .resolver
            .resolve(importer, specifier, args.kind, args.is_entry)
            .ok()?;
        Some(found.path.to_string())
    }

    fn asset(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let may_match = args.specifier.contains('.') && !args.is_entry;
        if !may_match
            || self.rules.verdict(args.specifier, None) == Verdict::Code
                && !self.rules.any_by_place()
        {
            return None;
        }
        let path = self.resolve_path(args, file_of(args.specifier))?;
        let place = display_path(&self.root, Path::new(&path));
        match self.rules.verdict(args.specifier, Some(&place)) {
            Verdict::Asset(kind) => Some(asset_module(kind.into(), &path)),
            Verdict::Ignored(_) | Verdict::Code => None,
        }
    }

    fn load(
        &self,
        id: &str,
        options: &rolldown::NormalizedBundlerOptions,
    ) -> Result<Option<HookLoadOutput>, Failure> {
        match Module::of(id) {
            Some(Module::Asset(kind, path)) => self.load_asset(kind, path).map(Some),
            Some(Module::Required(name)) => {
                Ok(Some(code(modules::required_code(name), ModuleType::Js)))
            }
            Some(Module::Decorators) => {
                Ok(Some(code(decorators::RUNTIME.to_owned(), ModuleType::Js)))
            }
            Some(Module::Files(how, folder, pattern)) => {
                Ok(Some(self.load_files(how, Path::new(folder), pattern)))
            }
            Some(Module::Refused(..)) => {
                Err(self.failures.lock().get(id).cloned().unwrap_or_default())
            }
            None if id.starts_with('\0') || !Path::new(id).is_absolute() => Ok(None),
            None => {
                let mut output = self.load_file(id, options)?;
                if self.whole.has(id) {
                    output.side_effects = Some(HookSideEffects::NoTreeshake);
                }
                Ok(Some(output))
            }
        }
    }

    fn load_asset(&self, kind: AssetKind, path: &str) -> Result<HookLoadOutput, Failure> {
        let bytes = self
            .fs
            .read(Path::new(path))
            .map_err(|error| self.unreadable(path, &error))?;
        let specifier = self.assets.add(&self.root, Path::new(path), kind, bytes);
        let mut output = code(modules::asset_code(&specifier), ModuleType::Js);
        output.side_effects = Some(HookSideEffects::False);
        Ok(output)
    }

    fn load_file(
        &self,
        id: &str,
        options: &rolldown::NormalizedBundlerOptions,
    ) -> Result<HookLoadOutput, Failure> {
        if let Some(source) = self.builtin_source(id) {
            return Ok(code(source, ModuleType::Ts));
        }
        let path = file_of(id);
        let shown = display_path(&self.root, Path::new(path));
        let Some(module_type) = modules::type_of(path) else {
            let ignored = matches!(self.rules.verdict(&shown, None), Verdict::Ignored(_));
            return Err(modules::no_loader(&shown, ignored));
        };
        let text = self
            .fs
            .read_to_string(Path::new(path))
            .map_err(|error| self.unreadable(path, &error))?;
        let text = without_mark(text);
        if is_installed(path) {
            return Ok(code(text, module_type));
        }
        self.tsconfigs.for_file(Path::new(path), options);
        let module_type = modules::with_jsx(module_type, &text);
        Ok(code(text, module_type))
    }

    /// The specifier of the built-in package, or of the further file of one, that an import means.
    fn builtin_file(&self, args: &HookResolveIdArgs<'_>) -> Option<String> {
        let specifier = args.specifier;
        let Some(file) = specifier.strip_prefix("./") else {
            let known = self.builtin.contains_key(specifier) && !self.is_installed(args);
            return known.then(|| specifier.to_owned());
        };
        let importer = builtin_specifier(&self.root, args.importer?)?;
        let folder = importer.rsplit_once('/').map(|(folder, _)| folder);
        [Some(importer), folder]
            .into_iter()
            .flatten()
            .map(|folder| format!("{folder}/{file}"))
            .find(|specifier| self.builtin.contains_key(specifier))
    }

    fn is_platform(&self, args: &HookResolveIdArgs<'_>) -> bool {
        let by_package = || {
            let importer = args.importer?;
            builtin_specifier(&self.root, importer)
        };
        self.platform.as_deref() == Some(args.specifier) && by_package().is_some()
    }

    fn builtin_source(&self, id: &str) -> Option<String> {
        let specifier = builtin_specifier(&self.root, id)?;
        self.builtin.get(specifier).cloned()
    }

    fn unreadable(&self, path: &str, error: &std::io::Error) -> Failure {
        let shown = display_path(&self.root, Path::new(path));
        let message = match error.kind() {
            std::io::ErrorKind::InvalidData => format!("{shown} is not text in UTF-8"),
            _ => format!("could not read {shown}: {error}"),
        };
        Failure {
            message,
            help: None,
        }
    }
}

/// The plan as rolldown's plugin.
pub(crate) struct BundlePlugin(pub(crate) Arc<Plan>);

impl std::fmt::Debug for BundlePlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BundlePlugin")
    }
}

impl Plugin for BundlePlugin {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("cellhouse")
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load | HookUsage::TransformAst
    }

    fn resolve_id(
        &self,
        _ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> impl Future<Output = HookResolveIdReturn> + Send {
        let output = self.0.resolve(args);
        async move { Ok(output) }
    }

    fn load(
        &self,
        ctx: SharedLoadPluginContext,
        args: &HookLoadArgs<'_>,
    ) -> impl Future<Output = HookLoadReturn> + Send {
        let loaded = self.0.load(args.id, ctx.options()).map_err(|failure| {
            let error = anyhow::anyhow!(failure.message.clone());
            self.0.failures.lock().insert(args.id.to_owned(), failure);
            error
        });
        async move { loaded }
    }

    fn transform_ast(
        &self,
        ctx: &PluginContext,
        mut args: HookTransformAstArgs<'_>,
    ) -> impl Future<Output = HookTransformAstReturn> + Send {
        self.0.type_exports.remove_from(&mut args.ast, args.id);
        locals::keep_apart(&mut args.ast);
        sets::rewrite(&mut args.ast);
        let path = Path::new(file_of(args.id));
        let own = path.is_absolute() && !is_installed(args.id);
        let settings = if own {
            self.0.tsconfigs.for_file(path, ctx.options())
        } else {
            Default::default()
        };
        let lowered = match settings.legacy_decorators {
            true => Ok(args.ast),
            false => decorators::lower(args.ast, args.id).map_err(anyhow::Error::new),
        };
        let folder = path.parent().and_then(Path::to_str);
        let folder = folder.filter(|_| path.is_absolute());
        let lowered = lowered.map(|mut ast| {
            loops::keep(&mut ast);
            if let Some(folder) = folder {
                globs::resolve_in(&mut ast, |how, pattern| {
                    Module::Files(how, folder, pattern).id()
                });
            }
            ast
        });
        async move { lowered }
    }
}
