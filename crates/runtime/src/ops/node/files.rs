//! The files of an app as `node:fs` shows them in `/bundle`: its module, and what the module imports as it is. Never
//! reads from a disk.

use std::sync::Arc;

use deno_core::{OpState, ToJsBuffer, op2};

use crate::spec::{AppSpec, Asset};

/// What `/bundle` has. Lives in `OpState`.
pub(crate) struct BundleFiles {
    name: String,
    code: Arc<str>,
    assets: Arc<[Asset]>,
}

impl BundleFiles {
    pub(crate) fn of(spec: &AppSpec) -> Self {
        BundleFiles {
            name: spec.file_name.clone(),
            code: Arc::clone(&spec.code),
            assets: Arc::clone(&spec.assets),
        }
    }

    fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let assets = self.assets.iter();
        let assets = assets.map(|asset| (asset.name.as_str(), &asset.bytes[..]));
        std::iter::once((self.name.as_str(), self.code.as_bytes())).chain(assets)
    }
}

/// `[[path, length in bytes], ...]`: paths are relative to `/bundle`.
#[op2]
#[serde]
pub(crate) fn op_bundle_files(state: &mut OpState) -> Vec<(String, usize)> {
    let files = state.try_borrow::<BundleFiles>();
    let files = files.into_iter().flat_map(BundleFiles::files);
    files
        .map(|(name, bytes)| (name.to_owned(), bytes.len()))
        .collect()
}

/// The bytes of one of them, by its place in the list.
#[op2]
#[serde]
pub(crate) fn op_bundle_file(state: &mut OpState, #[smi] index: u32) -> ToJsBuffer {
    let files = state.try_borrow::<BundleFiles>();
    let file = files.and_then(|files| files.files().nth(index as usize));
    file.map_or(&[][..], |(_, bytes)| bytes).to_vec().into()
}
