//! The tsconfig.json that governs a file of the project, read through the tracked disk.
//!
//! Rolldown applies it by itself. Here it is put on the watcher's list with all that it extends,
//! and settings that would leave JSX in the bundle are overruled.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::{ResolverGeneric, TsConfig};
use parking_lot::Mutex;
use rolldown::{
    NormalizedBundlerOptions, TransformOptionsInner, merge_transform_options_with_tsconfig,
};

use crate::fs::TrackedFs;

/// What of a tsconfig.json matters beyond what rolldown does with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `experimentalDecorators`
    pub(crate) legacy_decorators: bool,
}

/// The tsconfig files of one bundle.
pub(crate) struct Tsconfigs {
    resolver: ResolverGeneric<TrackedFs>,
    fs: TrackedFs,
    known: Mutex<HashMap<PathBuf, Settings>>,
    /// For files of the project that no tsconfig.json names.
    plain: Mutex<Settings>,
}

impl Tsconfigs {
    pub(crate) fn new(resolver: ResolverGeneric<TrackedFs>, fs: TrackedFs) -> Self {
        Tsconfigs {
            resolver,
            fs,
            known: Mutex::default(),
            plain: Mutex::default(),
        }
    }

    /// The settings for a file. One that cannot be read counts as none: rolldown reports it.
    pub(crate) fn for_file(&self, file: &Path, options: &NormalizedBundlerOptions) -> Settings {
        let Ok(Some(tsconfig)) = self.resolver.find_tsconfig(file) else {
            return *self.plain.lock();
        };
        let mut known = self.known.lock();
        if let Some(settings) = known.get(&tsconfig.path) {
            return *settings;
        }
        self.fs.note(&tsconfig.path);
        transform_jsx(&tsconfig, options);
        let settings = settings(&tsconfig);
        known.insert(tsconfig.path.clone(), settings);
        settings
    }

    /// Applies the tsconfig.json `given`, or the one nearest to the entry, to files of the project
    /// that it does not name, plain JavaScript above all: what it says of JSX and decorators, as
    /// esbuild does.
    pub(crate) fn give_to_plain_files(
        &self,
        entry: &Path,
        given: Option<PathBuf>,
        options: &NormalizedBundlerOptions,
    ) {
        let nearest = match given {
            Some(path) => self.resolver.resolve_tsconfig(&path).ok(),
            None => self.nearest(entry),
        };
        let Some(nearest) = nearest else { return };
        self.fs.note(&nearest.path);
        let theirs = &nearest.compiler_options;
        let mut given = TsConfig::default();
        given.path = PathBuf::new();
        given.compiler_options.jsx = theirs.jsx.clone();
        given.compiler_options.jsx_factory = theirs.jsx_factory.clone();
        given.compiler_options.jsx_fragment_factory = theirs.jsx_fragment_factory.clone();
        given.compiler_options.jsx_import_source = theirs.jsx_import_source.clone();
        given.compiler_options.experimental_decorators = theirs.experimental_decorators;
        given.compiler_options.emit_decorator_metadata = theirs.emit_decorator_metadata;
        given.compiler_options.use_define_for_class_fields = Some(true);
        if let Some(jsx) = transformed_jsx(&given) {
            given.compiler_options.jsx = Some(jsx.to_owned());
        }
        overrule(&given, options);
        *self.plain.lock() = settings(&nearest);
    }

    fn nearest(&self, file: &Path) -> Option<Arc<TsConfig>> {
        let folders = file.ancestors().skip(1);
        folders
            .map(|folder| folder.join("tsconfig.json"))
            .find_map(|path| self.resolver.resolve_tsconfig(&path).ok())
    }
}

fn settings(tsconfig: &TsConfig) -> Settings {
    Settings {
        legacy_decorators: tsconfig.compiler_options.experimental_decorators == Some(true),
    }
}

/// `"jsx": "preserve"` is for tools that come after the compiler; here nothing does, and no engine
/// runs JSX. A `jsxFactory` without `jsx` means the classic transform, as it does in esbuild.
fn transform_jsx(tsconfig: &TsConfig, options: &NormalizedBundlerOptions) {
    let Some(jsx) = transformed_jsx(tsconfig) else {
        return;
    };
    let mut changed = tsconfig.clone();
    changed.compiler_options.jsx = Some(jsx.to_owned());
    overrule(&changed, options);
}

/// The value of `jsx` to go by in place of the one that is there.
fn transformed_jsx(tsconfig: &TsConfig) -> Option<&'static str> {
    let factory = tsconfig.compiler_options.jsx_factory.is_some();
    match (tsconfig.compiler_options.jsx.as_deref(), factory) {
        (Some("preserve" | "react-native") | None, true) => Some("react"),
        (Some("preserve"), false) => Some("react-jsx"),
        _ => None,
    }
}

/// Has rolldown take these settings where it would read the tsconfig.json of this path. The empty
/// path stands for files without one.
fn overrule(tsconfig: &TsConfig, options: &NormalizedBundlerOptions) {
    let TransformOptionsInner::Raw(raw) = &**options.transform_options else {
        return;
    };
    let base = raw.base_options.as_ref().clone();
    // What cannot be merged is reported when rolldown merges it for the file.
    if let Ok(merged) = merge_transform_options_with_tsconfig(base, Some(tsconfig), &mut Vec::new())
    {
        raw.cache.insert(tsconfig.path.clone(), Arc::new(merged));
    }
}
