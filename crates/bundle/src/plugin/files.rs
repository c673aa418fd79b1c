//! The modules that stand for the files a pattern means: what is in them, and where their imports lead.

use std::path::Path;

use rolldown::ModuleType;
use rolldown_plugin::{HookLoadOutput, HookResolveIdArgs, HookResolveIdOutput};

use super::Plan;
use super::outputs::{asset_module, code, located};
use crate::globs::{self, How};
use crate::modules;
use crate::paths::{clean, display_path};
use crate::rules::Verdict;

impl Plan {
    /// A file that a pattern means, by its absolute path.
    pub(super) fn one_of_files(
        &self,
        args: &HookResolveIdArgs<'_>,
        folder: &str,
    ) -> Option<HookResolveIdOutput> {
        let place = display_path(&self.root, Path::new(args.specifier));
        if let Verdict::Asset(kind) = self.rules.verdict(&place, Some(&place)) {
            return Some(asset_module(kind.into(), args.specifier));
        }
        let importer = Path::new(folder).join("index.js");
        let found = self
            .resolver
            .resolve(Some(&importer), args.specifier, args.kind, false);
        found.ok().map(located)
    }

    /// Files that can be imported; among them may be others.
    pub(super) fn load_files(&self, how: How, folder: &Path, pattern: &str) -> HookLoadOutput {
        let importable = |path: &Path| {
            let place = display_path(&self.root, path);
            let is_code = path.extension().is_some() && !place.ends_with(".d.ts");
            let is_code = is_code && modules::type_of(&place).is_some();
            is_code || matches!(self.rules.verdict(&place, Some(&place)), Verdict::Asset(_))
        };
        let files = globs::files(pattern, folder, &self.fs).into_iter();
        let files = files.filter_map(|file| {
            let path = clean(&folder.join(&file));
            let name = path.to_str().filter(|_| importable(&path))?.to_owned();
            Some((file, name))
        });
        let files: Vec<_> = files.collect();
        code(globs::module(how, &files), ModuleType::Js)
    }
}
