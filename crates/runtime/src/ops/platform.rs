//! What built-in packages ask of the runtime: which objects there are, and what has changed in State.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use cellhouse_kv::Store;
use cellhouse_objects::Objects;
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;

use super::env::EnvTable;
use super::objects::{js_error, namespace};
use super::storage::with;
use crate::automatic::{STATE_BINDING, stores};
use crate::failure::{Failure, FailureKind};
use crate::isolate::Events;
use crate::spec::ObjectsSpec;
use crate::worker::WeakWorker;

/// What the default State store is called where no binding is the same.
const DEFAULT_STORE: &str = "state";

fn objects(state: &OpState) -> &Objects {
    state.borrow::<ObjectsSpec>().host.objects()
}

/// Makes an object known that has stored nothing.
#[op2(fast, reentrant)]
pub(crate) fn op_platform_create(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<(), JsErrorBox> {
    with(&state, object, true, |storage| match storage.exists() {
        true => Ok(()),
        false => storage.create(),
    })
}

/// Whether there is an object of that name.
#[op2(fast)]
pub(crate) fn op_platform_exists(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] name: &str,
) -> Result<bool, JsErrorBox> {
    let namespace = namespace(state, class, "")?;
    state.borrow::<Events>().flush();
    let found = objects(state).find(&namespace, &namespace.id_from_name(name));
    Ok(found.map_err(|error| js_error(&error))?.is_some())
}

/// Deletes an object with all that it has stored: whether it was there.
#[op2]
pub(crate) async fn op_platform_remove(
    state: Rc<RefCell<OpState>>,
    #[smi] class: u32,
    #[string] name: String,
) -> Result<bool, JsErrorBox> {
    let (namespace, worker) = {
        let state = state.borrow();
        let worker = state.borrow::<WeakWorker>().upgrade();
        (namespace(&state, class, "")?, worker)
    };
    let deleted = match worker {
        Some(worker) => {
            let id = namespace.id_from_name(&name);
            worker.delete_object(&namespace, &id).await
        }
        None => Err(Failure::of(FailureKind::Stopped)),
    };
    deleted.map_err(|failure| JsErrorBox::generic(failure.message))
}

/// Names of objects that begin with a prefix, and the cursor of the next page or "".
#[op2]
#[serde]
pub(crate) fn op_platform_list(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] prefix: &str,
    #[string] cursor: &str,
    #[smi] limit: u32,
) -> Result<(Vec<String>, String), JsErrorBox> {
    let namespace = namespace(state, class, "")?;
    state.borrow::<Events>().flush();
    let from = match cursor {
        "" => None,
        text => Some(from_hex(text).ok_or_else(|| JsErrorBox::type_error("the cursor is none"))?),
    };
    let page = objects(state).list(&namespace, Some(prefix), from.as_deref(), limit as usize);
    let page = page.map_err(|error| js_error(&error))?;
    let names = page.objects.iter().filter_map(|listed| listed.id.name());
    let names = names.map(|name| name.to_string()).collect();
    Ok((names, page.cursor.as_deref().map(hex).unwrap_or_default()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Whether newer code waits for the objects that live here.
#[op2(fast)]
pub(crate) fn op_platform_is_leaving(state: &mut OpState) -> bool {
    !state.borrow::<Events>().takes_objects()
}

// ---- changes of State

#[op2(fast)]
pub(crate) fn op_platform_watch(state: &mut OpState) -> Result<(), JsErrorBox> {
    match state.borrow::<WeakWorker>().upgrade() {
        Some(worker) => worker.changes().watch(worker.spec()).map_err(storage_error),
        None => Ok(()),
    }
}

/// Source, number in it, binding, key, what happened (0 to 3), time.
type Row = (String, f64, String, String, u32, f64);

/// Changes that nobody has taken yet: of each source some, in their order.
#[op2]
#[serde]
pub(crate) fn op_platform_changes(
    state: &mut OpState,
    #[smi] limit: u32,
) -> Result<Vec<Row>, JsErrorBox> {
    let Some(app) = app_name(state) else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for (name, store) in each_once(state) {
        let left = (limit as usize).saturating_sub(rows.len());
        let (found, ticket) = store.changes(&app, left).map_err(storage_error)?;
        state.borrow::<Events>().gate().add(ticket);
        rows.extend(found.into_iter().map(|change| {
            let action = change.action as u32;
            let seq = change.seq as f64;
            let time = change.time as f64;
            (change.source, seq, name.clone(), change.key, action, time)
        }));
    }
    Ok(rows)
}

/// Each store, under the name of its first binding if it has one.
fn each_once(state: &OpState) -> Vec<(String, Store)> {
    let all = stores(state.borrow::<EnvTable>().all());
    let mut all: Vec<_> = all
        .map(|(name, store)| (name.to_owned(), store.clone()))
        .collect();
    all.sort_by_key(|(name, _)| name == STATE_BINDING);
    let mut known = HashSet::new();
    all.retain(|(_, store)| known.insert(store.name().to_string()));
    for (name, _) in &mut all {
        if name == STATE_BINDING {
            DEFAULT_STORE.clone_into(name);
        }
    }
    all
}

/// Forgets the changes of a source up to a number.
#[op2(fast)]
pub(crate) fn op_platform_forget(
    state: &mut OpState,
    #[string] source: &str,
    seq: f64,
) -> Result<(), JsErrorBox> {
    let Some(app) = app_name(state) else {
        return Ok(());
    };
    for (_, store) in stores(state.borrow::<EnvTable>().all()) {
        let forgotten = store.forget_changes(&app, source, seq as i64);
        forgotten.map_err(storage_error)?;
    }
    Ok(())
}

/// Under which name the app takes changes; `None` when it has ended.
fn app_name(state: &OpState) -> Option<String> {
    let worker = state.borrow::<WeakWorker>().upgrade()?;
    Some(worker.spec().name.clone())
}

fn storage_error(error: cellhouse_kv::Error) -> JsErrorBox {
    JsErrorBox::generic(error.to_string())
}
