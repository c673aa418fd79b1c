//! Modules that rolldown leaves outside the one chunk.
//!
//! A module that only `import()`s reach, and whose own statements all drop out, can end up in a chunk that nothing
//! imports. Kept whole it stays with the others, so the bundle is made again with that.

use std::collections::HashSet;

use parking_lot::Mutex;
use rolldown::BundleOutput;
use rolldown_common::Output;

/// Modules to keep whole, by id.
#[derive(Default)]
pub(crate) struct Whole(Mutex<HashSet<String>>);

impl Whole {
    /// Looks for modules outside the entry's chunk. Whether there were any not known before, so that
    /// another try is worth it.
    pub(crate) fn learn(&self, output: &BundleOutput) -> bool {
        let mut known = self.0.lock();
        let mut news = false;
        for asset in &output.assets {
            if let Output::Chunk(chunk) = asset
                && !chunk.is_entry
            {
                for id in &chunk.modules.keys {
                    news |= known.insert(id.to_string());
                }
            }
        }
        news
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.lock().contains(id)
    }
}
