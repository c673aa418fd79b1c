//! Stacks in the user's own terms: positions of the bundle become positions of the files it was made of.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use cellhouse_bundle::SourceMap;

/// The source map of the app as it is now.
#[derive(Default)]
pub(crate) struct Stacks(ArcSwapOption<SourceMap>);

impl Stacks {
    pub(crate) fn set(&self, map: Option<Arc<SourceMap>>) {
        self.0.store(map);
    }

    /// The stack with every position that the map knows replaced.
    pub(crate) fn map(&self, stack: &str) -> String {
        match self.0.load().as_ref() {
            Some(map) => map.map_stack(stack).trim_end().to_owned(),
            None => stack.trim_end().to_owned(),
        }
    }
}
