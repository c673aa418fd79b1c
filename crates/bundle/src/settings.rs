//! The settings that rolldown is run with: what wrangler gives esbuild, in rolldown's words.

use std::path::Path;

use rolldown::{
    AttachDebugInfo, BundlerOptions, BundlerTransformOptions, ChecksOptions, CodeSplittingMode,
    CommentsOptions, Either, ExperimentalOptions, InputItem, JsxOptions, OutputFormat, Platform,
    RawMinifyOptions, ResolveOptions, SourceMapType, TsConfig,
};

use crate::options::Options;

/// Wrangler's conditions, and `module`, which bundlers in general know.
const CONDITIONS: [&str; 4] = ["workerd", "worker", "browser", "module"];

/// Esbuild's for `browser`, which wrangler keeps.
const MAIN_FIELDS: [&str; 3] = ["browser", "module", "main"];

/// What `require` goes by: see [`crate::require`].
pub(crate) const REQUIRE_CONDITIONS: [&str; 5] =
    ["require", "default", "workerd", "worker", "browser"];
pub(crate) const REQUIRE_MAIN_FIELDS: [&str; 3] = ["browser", "main", "module"];

/// How a specifier leads to a file. `import` or `require`, and `default`, are added by rolldown.
pub(crate) fn resolve_options(options: &Options, root: &Path) -> ResolveOptions {
    ResolveOptions {
        alias: Some(alias(options, root)),
        condition_names: Some(owned(&CONDITIONS)),
        main_fields: Some(owned(&MAIN_FIELDS)),
        alias_fields: Some(vec![owned(&["browser"])]),
        extensions: Some(owned(&[".tsx", ".ts", ".jsx", ".js", ".json"])),
        ..ResolveOptions::default()
    }
}

/// One ES module for one entry. `root` and `entry` are absolute.
pub(crate) fn bundler_options(options: &Options, root: &Path, entry: &Path) -> BundlerOptions {
    BundlerOptions {
        input: Some(vec![InputItem {
            name: Some("worker".to_owned()),
            import: entry.to_string_lossy().into_owned(),
        }]),
        cwd: Some(root.to_path_buf()),
        // Nothing is written; a file in the root makes the map's sources relative to the root. Not `file`, which
        // refuses what `crate::apart` looks for.
        dir: Some(root.to_string_lossy().into_owned()),
        entry_filenames: Some(file_name(&options.name).into()),
        platform: Some(Platform::Browser),
        format: Some(OutputFormat::Esm),
        resolve: Some(resolve_options(options, root)),
        tsconfig: Some(tsconfig(options, root)),
        transform: transform(options),
        sourcemap: Some(SourceMapType::Hidden),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        // Names of classes and functions are seen by users: Durable Objects, errors.
        keep_names: Some(true),
        minify: Some(RawMinifyOptions::Bool(options.minify)),
        comments: Some(comments(options)),
        define: Some(define(options).into_iter().collect()),
        checks: Some(checks()),
        experimental: Some(ExperimentalOptions {
            attach_debug_info: Some(AttachDebugInfo::None),
            ..ExperimentalOptions::default()
        }),
        ..BundlerOptions::default()
    }
}

/// What the bundle calls itself.
pub(crate) fn file_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let usable = !name.is_empty() && name.chars().all(plain);
    format!("{}.js", if usable { name } else { "worker" })
}

/// A file is named by its path, so that it is the same from wherever it is imported.
fn alias(options: &Options, root: &Path) -> Vec<(String, Vec<Option<String>>)> {
    let target = |target: &str| match target.starts_with('.') {
        true => root.join(target).to_string_lossy().into_owned(),
        false => target.to_owned(),
    };
    let pairs = options.alias.iter();
    pairs
        .map(|(from, to)| (from.clone(), vec![Some(target(to))]))
        .collect()
}

pub(crate) fn tsconfig(options: &Options, root: &Path) -> TsConfig {
    match &options.tsconfig {
        Some(path) => TsConfig::Manual(root.join(path)),
        None => TsConfig::Auto(true),
    }
}

/// A factory asks for the transform of old, as it does in esbuild.
fn transform(options: &Options) -> Option<BundlerTransformOptions> {
    let (factory, fragment) = (&options.jsx_factory, &options.jsx_fragment);
    if factory.is_none() && fragment.is_none() {
        return None;
    }
    let jsx = JsxOptions {
        runtime: Some("classic".to_owned()),
        pragma: factory.clone(),
        pragma_frag: fragment.clone(),
        ..JsxOptions::default()
    };
    Some(BundlerTransformOptions {
        jsx: Some(Either::Right(jsx)),
        ..BundlerTransformOptions::default()
    })
}

fn define(options: &Options) -> Vec<(String, String)> {
    let mut define = options.define.clone();
    let name = "process.env.NODE_ENV";
    if !define.iter().any(|(defined, _)| defined == name) {
        define.push((name.to_owned(), format!("\"{}\"", options.mode.node_env())));
    }
    define
}

/// Licences stay. Other comments would only be parsed again, and kept with their functions' text;
/// what annotations say of purity is for the minifier.
fn comments(options: &Options) -> CommentsOptions {
    CommentsOptions {
        legal: true,
        annotation: options.minify,
        jsdoc: false,
    }
}

/// Warnings that do not concern one module for one runtime.
fn checks() -> ChecksOptions {
    ChecksOptions {
        ineffective_dynamic_import: Some(false),
        plugin_timings: Some(false),
        large_barrel_modules: Some(false),
        configuration_field_conflict: Some(false),
        prefer_builtin_feature: Some(false),
        ..ChecksOptions::default()
    }
}

pub(crate) fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
