//! All changes of an update as one tree of fields, which shows at once where two of them would
//! touch the same field.

use std::collections::HashMap;

use super::Problem;
use super::parse::Change;

/// The root has the index 0, and children come after their parents.
pub(crate) struct Tree<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    /// The node of each change.
    pub(crate) targets: Vec<usize>,
}

/// A field that is changed, or that holds one that is.
#[derive(Default)]
pub(crate) struct Node<'a> {
    /// Its name or index as written; the root has none.
    pub(crate) segment: &'a str,
    pub(crate) parent: usize,
    pub(crate) children: Vec<usize>,
    /// The change of exactly this field.
    change: Option<usize>,
    /// The first change at or below this field that makes what is missing.
    pub(crate) creator: Option<usize>,
    /// The first change at or below this field that needs a container above it; all but `$unset`
    /// do.
    pub(crate) needs_parent: Option<usize>,
}

impl<'a> Tree<'a> {
    /// Puts all changes into a tree, or says which one conflicts with an earlier one, in MongoDB's
    /// words.
    pub(crate) fn build(changes: &'a [Change]) -> Result<Tree<'a>, Problem> {
        let mut tree = Tree {
            nodes: vec![Node::default()],
            targets: Vec::with_capacity(changes.len()),
        };
        let mut by_name = HashMap::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            tree.insert(index, change, &mut by_name)?;
        }
        Ok(tree)
    }

    fn insert(
        &mut self,
        index: usize,
        change: &'a Change,
        by_name: &mut HashMap<(usize, &'a str), usize>,
    ) -> Result<(), Problem> {
        let mut node = 0;
        self.note(node, index, change);
        for segment in change.path.segments() {
            node = *by_name
                .entry((node, segment))
                .or_insert_with(|| self.add(node, segment));
            if self.nodes[node].change.is_some() {
                return Err(self.conflict(change, node));
            }
            self.note(node, index, change);
        }
        if !self.nodes[node].children.is_empty() {
            return Err(self.conflict(change, node));
        }
        self.nodes[node].change = Some(index);
        self.targets.push(node);
        Ok(())
    }

    fn add(&mut self, parent: usize, segment: &'a str) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            segment,
            parent,
            ..Node::default()
        });
        self.nodes[parent].children.push(node);
        node
    }

    fn note(&mut self, node: usize, index: usize, change: &Change) {
        let node = &mut self.nodes[node];
        if change.action.creates() {
            node.creator.get_or_insert(index);
        }
        if change.action.operator() != "$unset" {
            node.needs_parent.get_or_insert(index);
        }
    }

    fn conflict(&self, change: &Change, node: usize) -> Problem {
        let at = self.path(node).join(".");
        Problem::new(format!(
            "Updating the path '{}' would create a conflict at '{at}'",
            change.path
        ))
    }

    /// The names from the root to a node.
    pub(crate) fn path(&self, mut node: usize) -> Vec<&'a str> {
        let mut path = Vec::new();
        while node != 0 {
            path.push(self.nodes[node].segment);
            node = self.nodes[node].parent;
        }
        path.reverse();
        path
    }
}
