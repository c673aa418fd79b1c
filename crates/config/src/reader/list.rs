//! Lists: of texts, of tables, of anything.

use super::{Reader, Table};
use crate::tree::Node;

impl Reader {
    /// The items of a list.
    pub(crate) fn list<'t>(&mut self, node: &'t Node, path: &str, of: &str) -> &'t [Node] {
        match node.as_list() {
            Some(items) => items,
            None => {
                self.wrong_type(node, path, of);
                &[]
            }
        }
    }

    /// A list of texts, each with its node for further checks.
    pub(crate) fn texts<'t>(&mut self, node: &'t Node, path: &str) -> Vec<(String, &'t Node)> {
        let items = self.list(node, path, "a list of texts");
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let Some(text) = self.text(item, &format!("{path}[{index}]")) {
                texts.push((text, item));
            }
        }
        texts
    }

    /// A list of texts without their places.
    pub(crate) fn plain_texts(&mut self, node: &Node, path: &str) -> Vec<String> {
        let texts = self.texts(node, path).into_iter();
        texts.map(|(text, _)| text).collect()
    }

    /// A list of maps whose keys are known.
    pub(crate) fn tables<'t>(
        &mut self,
        node: &'t Node,
        path: &str,
        known: &[&'static str],
    ) -> Vec<Table<'t>> {
        let items = self.list(node, path, "a list of maps");
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            tables.extend(self.table(item, &format!("{path}[{index}]"), known));
        }
        tables
    }
}
