//! No two things in `env` have one name.

use std::collections::HashMap;

use crate::binding::Binding;
use crate::diagnostic::Diagnostic;
use crate::reader::Claim;
use crate::source::Location;

/// Reports every name that is taken a second time, with both places.
pub(crate) fn check(bindings: &[Binding], claims: &[Claim]) -> Vec<Diagnostic> {
    let bindings = bindings.iter();
    let bindings = bindings.map(|found| (found.name.as_str(), found.kind.product(), &found.source));
    let claims = claims.iter();
    let claims = claims.map(|claim| (claim.name.as_str(), claim.what, &claim.at));
    let mut names: Vec<(&str, &str, &Location)> = bindings.chain(claims).collect();
    names.sort_by_key(|(_, _, at)| at.span());
    let mut first: HashMap<&str, (&str, &Location)> = HashMap::new();
    let mut found = Vec::new();
    for (name, what, at) in names {
        match first.get(name) {
            None => {
                first.insert(name, (what, at));
            }
            Some((other, first)) => found.push(twice(name, (what, at), (other, first))),
        }
    }
    found
}

fn twice(name: &str, again: (&str, &Location), first: (&str, &Location)) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is the name of two things in `env`"))
        .label(again.1, format!("{}, again here", again.0))
        .label(first.1, format!("{}, first here", first.0))
        .help("give one of them another name")
}
