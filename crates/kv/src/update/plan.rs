//! From changes and their places to the edits that make them: first everything that is put
//! somewhere, then everything that is taken away, each in an order in which no edit moves the place
//! of a later one.

use super::Problem;
use super::document::Found;
use super::number::Number;
use super::parse::{Action, Change};
use super::resolve::{Place, cannot};
use super::tree::Tree;

/// What to do with the document.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// Paths and the JSON texts that go there.
    pub(crate) sets: Vec<(String, String)>,
    pub(crate) removals: Vec<String>,
}

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.removals.is_empty()
    }
}

/// Works out all edits, or says which change the document does not allow.
pub(crate) fn plan(
    changes: &[Change],
    tree: &Tree<'_>,
    places: &[Option<Place>],
) -> Result<Edits, Problem> {
    let mut sets = Vec::with_capacity(changes.len());
    let mut removals = Vec::new();
    for (change, &node) in changes.iter().zip(&tree.targets) {
        let Some(place) = &places[node] else {
            continue;
        };
        match edit(change, place)? {
            Edit::Nothing => {}
            Edit::Set(path, json) => sets.push((place.grows, path, json)),
            Edit::Remove(path) => removals.push((position(node, tree, places), path)),
        }
    }
    // New elements of an array come in the order of their index; everything else stays in the order
    // given.
    sets.sort_by_key(|(grows, ..)| *grows);
    // From the back to the front, so that no removal moves an element that is still to be found.
    removals.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(Edits {
        sets: sets
            .into_iter()
            .map(|(_, path, json)| (path, json))
            .collect(),
        removals: removals.into_iter().map(|(_, path)| path).collect(),
    })
}

enum Edit {
    Nothing,
    Set(String, String),
    Remove(String),
}

fn edit(change: &Change, place: &Place) -> Result<Edit, Problem> {
    let path = || place.path.clone();
    Ok(match (&change.action, &place.found) {
        (Action::Set(json), _) => Edit::Set(path(), json.clone()),
        (Action::Unset, Found::Nothing) => Edit::Nothing,
        (Action::Unset, _) => Edit::Remove(path()),
        (Action::Inc(amount), found) => Edit::Set(path(), sum(change, *amount, found)?),
        (Action::Push(json), Found::Nothing) => Edit::Set(path(), format!("[{json}]")),
        (Action::Push(json), Found::Array(_)) => {
            Edit::Set(place.path.clone() + "[#]", json.clone())
        }
        (Action::Push(_), other) => return Err(not_a(change, "an array", other)),
        (Action::PopFirst, Found::Array(1..)) => Edit::Remove(place.path.clone() + "[0]"),
        (Action::PopLast, Found::Array(1..)) => Edit::Remove(place.path.clone() + "[#-1]"),
        (Action::PopFirst | Action::PopLast, _) => Edit::Nothing,
    })
}

fn sum(change: &Change, amount: Number, found: &Found) -> Result<String, Problem> {
    let sum = match found {
        Found::Nothing => Some(amount),
        Found::Number(json) => Number::parse(json).and_then(|number| number.plus(amount)),
        other => return Err(not_a(change, "a number", other)),
    };
    sum.map(Number::to_json)
        .ok_or_else(|| cannot(change, "the sum is too large for a number"))
}

fn not_a(change: &Change, wanted: &str, found: &Found) -> Problem {
    cannot(
        change,
        &format!("it is {}, not {wanted}", found.described()),
    )
}

/// Orders places as they follow each other within arrays.
fn position<'a>(
    mut node: usize,
    tree: &Tree<'a>,
    places: &[Option<Place>],
) -> Vec<(Option<u64>, &'a str)> {
    let mut position = Vec::new();
    while node != 0 {
        let index = places[node].as_ref().and_then(|place| place.index);
        position.push((index, tree.nodes[node].segment));
        node = tree.nodes[node].parent;
    }
    position.reverse();
    position
}
