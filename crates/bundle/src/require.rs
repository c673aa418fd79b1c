//! Where `require` of a package leads.
//!
//! CommonJS expects what `module.exports` is. A package that has both kinds of module is therefore
//! required by its CommonJS one, as esbuild does it, while `import` takes the ES module.

use std::path::{Path, PathBuf};

use oxc_resolver::ResolverGeneric;

use crate::fs::TrackedFs;
use crate::settings::{REQUIRE_CONDITIONS, REQUIRE_MAIN_FIELDS, owned};

/// The resolver for `require`; shares what it knows of the disk with the other one.
pub(crate) struct RequireResolver(ResolverGeneric<TrackedFs>);

/// The module that a `require` found.
pub(crate) struct Required {
    pub(crate) path: String,
    /// The package.json that says what kind of module it is.
    pub(crate) package_json: Option<PathBuf>,
}

impl RequireResolver {
    pub(crate) fn new(resolver: &ResolverGeneric<TrackedFs>) -> Self {
        let mut options = resolver.options().clone();
        options.condition_names = owned(&REQUIRE_CONDITIONS);
        options.main_fields = owned(&REQUIRE_MAIN_FIELDS);
        RequireResolver(resolver.clone_with_options(options))
    }

    /// `None` for a path, which can lead to one file only, and for what is not found (or left out
    /// by a `browser` field), which the other resolver finds out again and reports.
    pub(crate) fn resolve(&self, importer: &Path, specifier: &str) -> Option<Required> {
        if specifier.starts_with(['.', '/', '#']) {
            return None;
        }
        let found = self.0.resolve_file(importer, specifier).ok()?;
        Some(Required {
            path: found.full_path().to_str()?.to_owned(),
            package_json: found
                .package_json()
                .map(|package| package.realpath().to_path_buf()),
        })
    }
}
