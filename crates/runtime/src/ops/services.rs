//! Calls of apps: requests to entrypoints and RPC sessions with them, and the classes of objects that apps have in
//! common.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use deno_core::{CancelFuture, JsBuffer, OpState, op2};
use deno_error::JsErrorBox;

use super::fetch::{ABORTED, Canceller};
use super::objects::{NoReply, Reply, answer, body, parent, request};
use crate::isolate::{Events, IsolateHandle};
use crate::objects::Sessions;
use crate::services::{self, Entrypoint, Services};
use crate::spec::{AppSpec, ObjectsSpec};
use crate::worker::{WeakWorker, Worker, not_running};

/// The app of the isolate, and those that it may call. Lives in `OpState`.
pub(crate) struct Peers {
    name: String,
    services: Services,
}

impl Peers {
    /// The app of the isolate.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn of(spec: &AppSpec) -> Peers {
        Peers {
            name: spec.name.clone(),
            services: spec.services.clone(),
        }
    }
}

/// An app by its name. Its own calls stay with the version that makes them, and in its isolate.
fn find(state: &OpState, name: &str) -> Result<(Worker, Option<IsolateHandle>), JsErrorBox> {
    let peers = state.borrow::<Peers>();
    if peers.name == name {
        let own = state.borrow::<WeakWorker>().upgrade();
        let own = own.ok_or_else(|| JsErrorBox::generic(crate::objects::RESET))?;
        return Ok((own, state.borrow::<Events>().own_handle()));
    }
    let found = peers.services.find(name);
    let worker = found.ok_or_else(|| JsErrorBox::generic(not_running(name)))?;
    Ok((worker, None))
}

/// `address` is the app's name and that of its export, with a colon between them. Without one the default export is
/// meant, behind what the app has in front of it; `default` is that export itself.
fn resolve(
    state: &OpState,
    address: &str,
    props: &[u8],
) -> Result<(Worker, Option<IsolateHandle>, Entrypoint), JsErrorBox> {
    let (app, export) = address.rsplit_once(':').unwrap_or((address, ""));
    let (worker, near) = find(state, app)?;
    let direct = export == "default";
    let entrypoint = Entrypoint {
        name: if direct { "" } else { export }.into(),
        props: Bytes::copy_from_slice(props),
        direct,
    };
    Ok((worker, near, entrypoint))
}

/// Sends a request to an entrypoint; `props` as [`Entrypoint`] has them, the rest as `op_object_fetch`.
#[op2]
#[serde]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) async fn op_service_fetch(
    state: Rc<RefCell<OpState>>,
    #[string] address: String,
    #[buffer] props: JsBuffer,
    #[string] line: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
    length: f64,
    #[smi] leaver: i32,
) -> Result<(Option<Reply>, Option<NoReply>), JsErrorBox> {
    let (worker, near, entrypoint, request, events, cancel) = {
        let mut state = state.borrow_mut();
        let body = body(&mut state, bytes, body_rid, length);
        let (worker, near, entrypoint) = resolve(&state, &address, &props)?;
        let request = request(&line, headers, body);
        let events = state.borrow::<Events>().clone();
        let cancel = Canceller::get(&state, leaver);
        (worker, near, entrypoint, request, events, cancel)
    };
    let tickets = events.closed_by();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    let caller = (&events, parent(leaver));
    let told = services::fetch(&worker, entrypoint, request, tickets, near, caller);
    let told = match cancel {
        Some(cancel) => told
            .or_cancel(cancel)
            .await
            .map_err(|_| JsErrorBox::generic(ABORTED))?,
        None => told.await,
    };
    Ok(answer(&mut state.borrow_mut(), &events, told))
}

/// Begins a session with an entrypoint, for one call of it and what comes of that.
#[op2(fast)]
#[smi]
pub(crate) fn op_service_open(
    state: &mut OpState,
    #[string] address: &str,
    #[buffer] props: &[u8],
) -> Result<u32, JsErrorBox> {
    let (worker, near, entrypoint) = resolve(state, address, props)?;
    let events = state.borrow::<Events>().clone();
    let sessions = state.borrow::<Sessions>();
    Ok(sessions.open_service(worker, entrypoint, near, &events))
}

/// What an index of a class of objects stands for in every app of the process: the app, and the class.
#[op2]
#[serde]
pub(crate) fn op_object_class_name(
    state: &mut OpState,
    #[smi] class: u32,
) -> Result<(String, String), JsErrorBox> {
    let spec = state.try_borrow::<ObjectsSpec>();
    let class = spec.and_then(|spec| spec.classes.get(class as usize));
    let class = class.ok_or_else(|| JsErrorBox::type_error("there is no such class of objects"))?;
    let own = || state.borrow::<Peers>().name.clone();
    let app = class.app.as_ref().map_or_else(own, ToString::to_string);
    Ok((app, class.name.clone()))
}

/// The index of a class of objects of an app. One that the app has not used before gets its index now.
#[op2(fast)]
#[smi]
pub(crate) fn op_object_class(
    state: &mut OpState,
    #[string] app: &str,
    #[string] name: &str,
) -> Result<u32, JsErrorBox> {
    let peers = state.borrow::<Peers>();
    let own = (peers.name != app).then_some(app);
    let known = state.try_borrow::<ObjectsSpec>();
    let known: &[_] = known.map_or(&[], |spec| &*spec.classes);
    let is_it =
        |class: &crate::objects::ObjectClass| class.name == name && class.app.as_deref() == own;
    if let Some(index) = known.iter().position(is_it) {
        return Ok(index as u32);
    }
    let (worker, _) = find(state, app)?;
    let theirs = worker.object_classes().iter();
    let found = theirs
        .clone()
        .find(|class| class.name == name && class.app.is_none());
    let no_class = || JsErrorBox::type_error(format!("The app \"{app}\" has no class \"{name}\"."));
    let mut class = found.ok_or_else(no_class)?.clone();
    class.app = Some(Arc::from(app));
    let host = worker.object_host().ok_or_else(no_class)?;
    let classes = known.iter().cloned().chain([class]).collect();
    let index = known.len() as u32;
    state.put(ObjectsSpec { host, classes });
    Ok(index)
}
