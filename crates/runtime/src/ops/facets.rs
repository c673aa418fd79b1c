//! Facets of objects as the code of their parents reaches them: which there are is `js/facets.js`, what they
//! store `cellhouse_objects`.

use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_cell::Ticket;
use cellhouse_objects::{Address, Error, ErrorKind, FacetPath};
use deno_core::{JsBuffer, OpState, op2};
use deno_error::JsErrorBox;

use super::objects::{NoReply, Reply, body, fetch, js_error, request, slot};
use crate::isolate::Events;
use crate::objects::{Facet, Sessions, Slot, Target};
use crate::worker::WeakWorker;

/// The facet of that name of an object or facet that lives here.
fn target(slot: &Slot, name: &str, incarnation: u32) -> Result<Target, Error> {
    let parent = &slot.target;
    let (root, path) = place(parent);
    let path = path.child(name)?;
    let address = path.place(&root);
    let facet = Facet {
        root,
        path,
        parent: parent.address,
        incarnation,
    };
    Ok(Target {
        address,
        facet: Some(facet.into()),
        ..parent.clone()
    })
}

fn place(target: &Target) -> (Address, FacetPath) {
    match &target.facet {
        Some(facet) => (facet.root, facet.path.clone()),
        None => (target.address, FacetPath::default()),
    }
}

fn find(state: &OpState, number: u32, name: &str, incarnation: u32) -> Result<Target, JsErrorBox> {
    let slot = slot(state, number)?;
    target(&slot, name, incarnation).map_err(|e| js_error(&e))
}

/// What stands for an object or facet that lives here, among all of the store.
#[op2]
#[string]
pub(crate) fn op_facet_parent(
    state: &mut OpState,
    #[smi] number: u32,
) -> Result<String, JsErrorBox> {
    Ok(slot(state, number)?.target.address.to_string())
}

/// What stands for the facet of that name. Fails if there cannot be one.
#[op2]
#[string]
pub(crate) fn op_facet_key(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
) -> Result<String, JsErrorBox> {
    Ok(find(state, number, name, 0)?.address.to_string())
}

/// Begins a session with a facet of the object or facet `number`, and no other one that has its place later.
#[op2(fast)]
#[smi]
pub(crate) fn op_facet_open(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
    #[smi] incarnation: u32,
) -> Result<u32, JsErrorBox> {
    let target = find(state, number, name, incarnation)?;
    let events = state.borrow::<Events>().clone();
    let worker = state.borrow::<WeakWorker>().clone();
    let sessions = state.borrow::<Sessions>();
    Ok(sessions.open(target, &events, worker))
}

/// Sends a request to a facet, as `op_object_fetch` does to an object. `facet` is its incarnation and its name.
#[op2]
#[serde]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) async fn op_facet_fetch(
    state: Rc<RefCell<OpState>>,
    #[smi] number: u32,
    #[string] facet: String,
    #[string] line: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
    length: f64,
    #[smi] leaver: i32,
) -> Result<(Option<Reply>, Option<NoReply>), JsErrorBox> {
    let (target, request) = {
        let mut state = state.borrow_mut();
        let (incarnation, name) = facet.split_once(' ').unwrap_or(("", &facet));
        let incarnation = incarnation.parse().unwrap_or_default();
        let target = find(&state, number, name, incarnation)?;
        let body = body(&mut state, bytes, body_rid, length);
        (target, request(&line, headers, body))
    };
    fetch(state, target, request, leaver).await
}

/// Whether a facet is here that nothing but its hibernating WebSockets keeps.
#[op2(fast)]
pub(crate) fn op_facet_sleeps(state: &mut OpState, #[string] key: &str) -> bool {
    let instances = state.borrow::<Events>().instances();
    Address::from_text(key).is_some_and(|address| instances.has_facet(&address))
}

/// A facet has ended, with its instance or without: its hibernating WebSockets end too.
#[op2(fast)]
pub(crate) fn op_facet_end(state: &mut OpState, #[string] key: &str) {
    if let Some(address) = Address::from_text(key) {
        state.borrow::<Events>().instances().end_facet(&address);
    }
}

/// Deletes what a facet has stored, and its own facets. All of them must have ended.
#[op2(fast)]
pub(crate) fn op_facet_delete(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
) -> Result<(), JsErrorBox> {
    change(state, number, |slot, path| {
        let (root, parent) = place(&slot.target);
        match path(&parent, name)? {
            Some(path) => slot.host().objects().delete_facet(&root, &path),
            None => Ok(None),
        }
    })
}

/// Puts a copy of what a facet has stored, and its own facets, in the place of another one, which must have ended.
#[op2(fast)]
pub(crate) fn op_facet_clone(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] from: &str,
    #[string] to: &str,
) -> Result<(), JsErrorBox> {
    change(state, number, |slot, path| {
        let (root, parent) = place(&slot.target);
        match (path(&parent, from)?, path(&parent, to)?) {
            (Some(from), Some(to)) => slot.host().objects().clone_facet(&root, &from, &to),
            _ => Ok(None),
        }
    })
}

/// The path of a facet, or none: it would be too deep to be there.
type PathOf = fn(&FacetPath, &str) -> Result<Option<FacetPath>, Error>;

/// Changes which facets there are, after all that was written so far.
fn change(
    state: &mut OpState,
    number: u32,
    change: impl FnOnce(&Slot, PathOf) -> Result<Option<Ticket>, Error>,
) -> Result<(), JsErrorBox> {
    let slot = slot(state, number)?;
    let events = state.borrow::<Events>();
    events.flush();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    let path: PathOf = |parent, name| match parent.child(name) {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.kind() == ErrorKind::Refused => Ok(None),
        Err(error) => Err(error),
    };
    if let Some(ticket) = change(&slot, path).map_err(|e| js_error(&e))? {
        events.gate().add(ticket);
    }
    Ok(())
}

/// Fails if a facet cannot be called so.
#[op2(fast)]
pub(crate) fn op_facet_check_name(#[string] name: &str) -> Result<(), JsErrorBox> {
    let checked = FacetPath::default().child(name);
    checked.map(drop).map_err(|e| js_error(&e))
}
