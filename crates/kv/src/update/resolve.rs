//! Finding the changed fields in the document as it is, level by level: whether a segment is a name
//! or an index, what is there, and whether what is not there can be made.

use super::document::{Document, Found};
use super::parse::Change;
use super::tree::Tree;
use super::{Failure, Problem};
use crate::Error;

/// Where a node of the tree is in the document.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// As SQLite's JSON functions write it.
    pub(crate) path: String,
    /// The index, when the parent is an array.
    pub(crate) index: Option<u64>,
    /// The index of the new array element that this is or lies in.
    pub(crate) grows: Option<u64>,
    pub(crate) found: Found,
}

/// The place of each node; `None` where nothing can be.
pub(crate) fn resolve(
    document: &Document<'_>,
    tree: &Tree<'_>,
    changes: &[Change],
) -> Result<Vec<Option<Place>>, Failure> {
    let mut resolver = Resolver {
        document,
        tree,
        changes,
        places: vec![None; tree.nodes.len()],
    };
    resolver.all()?;
    Ok(resolver.places)
}

/// From this number of members on one pass over a container is faster than a search for each.
const MANY: usize = 32;

/// Nodes at the same depth.
#[derive(Default)]
struct Level {
    nodes: Vec<usize>,
    /// Those that still have to be looked at.
    unknown: Vec<usize>,
}

struct Resolver<'a, 'd> {
    document: &'a Document<'d>,
    tree: &'a Tree<'a>,
    changes: &'a [Change],
    places: Vec<Option<Place>>,
}

impl Resolver<'_, '_> {
    fn all(&mut self) -> Result<(), Failure> {
        let root = Place {
            path: "$".to_owned(),
            index: None,
            grows: None,
            found: Found::Nothing,
        };
        self.places[0] = Some(root);
        self.look(&[0])?;
        self.check_root()?;
        let mut level = vec![0];
        while !level.is_empty() {
            let mut next = Level::default();
            for parent in level {
                self.place_children(parent, &mut next)?;
            }
            self.look(&next.unknown)?;
            level = next.nodes;
        }
        Ok(())
    }

    fn check_root(&self) -> Result<(), Problem> {
        match self.places[0].as_ref().map(|root| &root.found) {
            Some(Found::Object | Found::Array(_)) | None => Ok(()),
            Some(other) => {
                let message = format!(
                    "its value is {} and has no fields to change",
                    other.described()
                );
                Err(Problem::new(message))
            }
        }
    }

    /// Fills in what is at the places of these nodes.
    fn look(&mut self, nodes: &[usize]) -> Result<(), Error> {
        if nodes.is_empty() {
            return Ok(());
        }
        let placed = nodes.iter().map(|node| {
            self.places[*node]
                .as_ref()
                .expect("only placed nodes are looked at")
        });
        let paths: Vec<&str> = placed.map(|place| place.path.as_str()).collect();
        let found = self.document.look(&paths)?;
        for (node, found) in nodes.iter().zip(found) {
            self.placed(*node).found = found;
        }
        Ok(())
    }

    /// Gives a place to each child that can have one, and puts those that may be there into the
    /// next level.
    fn place_children(&mut self, parent: usize, next: &mut Level) -> Result<(), Failure> {
        let tree = self.tree;
        let Some(place) = self.places[parent].clone() else {
            return Ok(());
        };
        match place.found {
            Found::Object => {
                let children = &tree.nodes[parent].children;
                for &child in children {
                    self.places[child] = Some(self.field(&place, child));
                }
                self.enter(&place, children, next)?;
            }
            Found::Array(length) => {
                let elements = self.place_elements(parent, &place, length)?;
                self.enter(&place, &elements, next)?;
            }
            Found::Nothing => self.place_missing(parent),
            ref scalar => self.refuse_scalar(parent, scalar)?,
        }
        Ok(())
    }

    /// Takes members of one container into the next level. Many of them are found in one pass over
    /// the container.
    fn enter(
        &mut self,
        container: &Place,
        children: &[usize],
        next: &mut Level,
    ) -> Result<(), Error> {
        next.nodes.extend(children);
        if children.len() <= MANY {
            next.unknown.extend(children);
            return Ok(());
        }
        let mut members = self.document.members(&container.path)?;
        for &child in children {
            match members.remove(self.tree.nodes[child].segment.as_bytes()) {
                Some(Some(found)) => self.placed(child).found = found,
                Some(None) => next.unknown.push(child),
                None => {}
            }
        }
        Ok(())
    }

    fn placed(&mut self, node: usize) -> &mut Place {
        self.places[node]
            .as_mut()
            .expect("only placed nodes are looked at")
    }

    fn field(&self, parent: &Place, node: usize) -> Place {
        let name = serde_json::to_string(self.tree.nodes[node].segment).expect("a string is JSON");
        Place {
            path: format!("{}.{name}", parent.path),
            index: None,
            grows: parent.grows,
            found: Found::Nothing,
        }
    }

    /// Below what is not there nothing has to be looked up: all of it is made as objects.
    fn place_missing(&mut self, parent: usize) {
        let tree = self.tree;
        let Some(place) = self.places[parent].clone() else {
            return;
        };
        for &child in &tree.nodes[parent].children {
            self.places[child] = Some(self.field(&place, child));
            self.place_missing(child);
        }
    }

    /// Returns the elements that are there.
    fn place_elements(
        &mut self,
        parent: usize,
        place: &Place,
        length: u64,
    ) -> Result<Vec<usize>, Problem> {
        let tree = self.tree;
        let (mut present, mut new) = (Vec::new(), Vec::new());
        for &child in &tree.nodes[parent].children {
            let node = &tree.nodes[child];
            let Some(index) = array_index(node.segment) else {
                node.needs_parent.map_or(Ok(()), |change| {
                    Err(self.not_an_index(change, parent, node.segment))
                })?;
                continue;
            };
            let path = format!("{}[{index}]", place.path);
            let grows = place.grows.or((index >= length).then_some(index));
            self.places[child] = Some(Place {
                path,
                index: Some(index),
                grows,
                found: Found::Nothing,
            });
            if index < length {
                present.push(child);
            } else {
                self.place_missing(child);
                new.extend(node.creator.map(|change| (index, change)));
            }
        }
        self.check_growth(parent, length, new)?;
        Ok(present)
    }

    /// An array grows at its end, without holes.
    fn check_growth(
        &self,
        parent: usize,
        length: u64,
        mut new: Vec<(u64, usize)>,
    ) -> Result<(), Problem> {
        new.sort_unstable();
        match (length..).zip(new).find(|(next, (index, _))| next != index) {
            None => Ok(()),
            Some((next, (_, change))) => {
                let (array, plural) = (self.name(parent), if length == 1 { "" } else { "s" });
                let reason =
                    format!("{array} has {length} element{plural}, so the next index is {next}");
                Err(self.cannot(change, &reason))
            }
        }
    }

    fn refuse_scalar(&self, parent: usize, found: &Found) -> Result<(), Problem> {
        let children = self.tree.nodes[parent].children.iter();
        match children
            .filter_map(|child| self.tree.nodes[*child].needs_parent)
            .min()
        {
            None => Ok(()),
            Some(change) => {
                let (name, is) = (self.name(parent), found.described());
                Err(self.cannot(change, &format!("{name} is {is} and has no fields")))
            }
        }
    }

    fn not_an_index(&self, change: usize, parent: usize, segment: &str) -> Problem {
        self.cannot(
            change,
            &format!(
                "{} is an array, and {segment:?} is not an index",
                self.name(parent)
            ),
        )
    }

    fn cannot(&self, change: usize, reason: &str) -> Problem {
        cannot(&self.changes[change], reason)
    }

    fn name(&self, node: usize) -> String {
        match node {
            0 => "the value".to_owned(),
            _ => format!("{:?}", self.tree.path(node).join(".")),
        }
    }
}

/// The error of a change that the document does not allow.
pub(crate) fn cannot(change: &Change, reason: &str) -> Problem {
    Problem::new(format!(
        "cannot {} {:?}: {reason}",
        change.action.operator(),
        change.path.to_string()
    ))
}

/// Whole numbers as JavaScript writes them: digits without a leading zero.
fn array_index(segment: &str) -> Option<u64> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = segment == "0" || !segment.starts_with('0');
    segment.parse().ok().filter(|_| digits && canonical)
}
