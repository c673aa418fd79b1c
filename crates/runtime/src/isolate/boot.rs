//! Boots an isolate: the engine with Deno's web crates, and our own bootstrap over them.

use std::rc::Rc;
use std::sync::Arc;

use deno_core::{JsRuntime, RuntimeOptions, v8};
use deno_permissions::{Permissions, PermissionsContainer, RuntimePermissionDescriptorParser};
use tokio::sync::mpsc;

use super::{Events, Job, Status};
use crate::engine::Engine;
use crate::failure::StartError;
use crate::modules::Loader;
use crate::objects::{Message, Sessions};
use crate::ops;
use crate::ops::body_failure::Failures;
use crate::ops::objects::Targets;
use crate::roots::Trusted;
use crate::scripts::{SCRIPTS, embedded};
use crate::sockets::Sockets;

/// Stack of an isolate's thread. QuickJS recurses on it.
pub(super) const THREAD_STACK_BYTES: usize = 8 << 20;

/// A booted isolate and the JavaScript functions that the loop calls.
pub(super) struct Booted {
    pub(super) js: JsRuntime,
    pub(super) entry: EntryPoints,
    pub(super) events: Events,
    pub(super) sockets: Sockets,
    pub(super) loader: Rc<Loader>,
    /// Declared after `js`, which must be dropped before it.
    pub(super) engine: Engine,
}

/// Functions of the bootstrap.
pub(super) struct EntryPoints {
    pub(super) load: v8::Global<v8::Function>,
    pub(super) fetch: v8::Global<v8::Function>,
    pub(super) scheduled: v8::Global<v8::Function>,
    pub(super) tail: v8::Global<v8::Function>,
    pub(super) event: v8::Global<v8::Function>,
    pub(super) abort: v8::Global<v8::Function>,
    pub(super) delivered: v8::Global<v8::Function>,
    pub(super) object_fetch: v8::Global<v8::Function>,
    pub(super) object_alarm: v8::Global<v8::Function>,
    pub(super) object_socket: v8::Global<v8::Function>,
    pub(super) object_rpc: v8::Global<v8::Function>,
    pub(super) object_evict: v8::Global<v8::Function>,
    pub(super) object_deleted: v8::Global<v8::Function>,
    pub(super) object_turn: v8::Global<v8::Function>,
    pub(super) rpc_message: v8::Global<v8::Function>,
    pub(super) service_fetch: v8::Global<v8::Function>,
    pub(super) service_rpc: v8::Global<v8::Function>,
    pub(super) session_over: v8::Global<v8::Function>,
}

pub(super) fn boot(
    status: Arc<Status>,
    jobs: mpsc::WeakUnboundedSender<Job>,
    answers: mpsc::UnboundedSender<Message>,
) -> Result<Booted, StartError> {
    let loader = Loader::new();
    let events = Events::new(status, jobs, answers);
    let sockets = Sockets::default();
    let mut js = JsRuntime::try_new(RuntimeOptions {
        module_loader: Some(loader.clone()),
        extensions: embedded(extensions()),
        residual_lazy_js_sources: SCRIPTS,
        ..Default::default()
    })
    .map_err(|error| StartError::Engine(error.to_string()))?;
    {
        let state = js.op_state();
        let mut state = state.borrow_mut();
        state.put(events.clone());
        state.put(sockets.clone());
        state.put(Sessions::default());
        state.put(Targets::default());
        state.put(Failures::default());
        state.put(loader.clone());
        state.put(permissions());
    }
    let engine = Engine::install(&mut js)?;
    let entry = run_bootstrap(&mut js)?;
    Ok(Booted {
        js,
        entry,
        events,
        sockets,
        loader,
        engine,
    })
}

pub(crate) fn extensions() -> Vec<deno_core::Extension> {
    vec![
        deno_webidl::deno_webidl::init(),
        deno_web::deno_web::init(
            Arc::new(deno_web::BlobStore::default()),
            None,
            false,
            deno_web::InMemoryBroadcastChannel::default(),
        ),
        deno_crypto::deno_crypto::init(None),
        deno_net::deno_net::init(None, None),
        deno_fetch::deno_fetch::init(deno_fetch::Options {
            user_agent: String::new(),
            root_cert_store_provider: Some(Arc::new(Trusted)),
            ..Default::default()
        }),
        deno_node_crypto::deno_node_crypto::init(),
        ops::node::cellhouse_node::init(),
        ops::cellhouse_runtime::init(),
    ]
}

/// Network access is an app's right; everything else of the host is out of its reach.
fn permissions() -> PermissionsContainer {
    let parser = Arc::new(RuntimePermissionDescriptorParser::new(
        sys_traits::impls::RealSys,
    ));
    let mut permissions = Permissions::none_without_prompt();
    permissions.net = Permissions::allow_all().net;
    PermissionsContainer::new(parser, permissions)
}

fn run_bootstrap(js: &mut JsRuntime) -> Result<EntryPoints, StartError> {
    let engine = |error: &dyn std::fmt::Display| StartError::Engine(error.to_string());
    let value = js
        .execute_script(
            "cellhouse:boot",
            "__bootstrap.core.loadExtScript(\"ext:cellhouse_runtime/bootstrap.js\")",
        )
        .map_err(|error| engine(&error))?;
    deno_core::scope!(scope, js);
    let object = v8::Local::new(scope, value);
    let object: v8::Local<v8::Object> = object
        .try_into()
        .map_err(|_| engine(&"the bootstrap returned no object"))?;
    let function = |name: &str| -> Result<v8::Global<v8::Function>, StartError> {
        let key = v8::String::new(scope, name).expect("a short name fits a string");
        let value = object
            .get(scope, key.into())
            .ok_or_else(|| engine(&format!("the bootstrap has no {name}")))?;
        let function: v8::Local<v8::Function> = value
            .try_into()
            .map_err(|_| engine(&format!("the bootstrap has no function {name}")))?;
        Ok(v8::Global::new(scope, function))
    };
    Ok(EntryPoints {
        load: function("load")?,
        fetch: function("fetch")?,
        scheduled: function("scheduled")?,
        tail: function("tail")?,
        event: function("event")?,
        abort: function("abort")?,
        delivered: function("delivered")?,
        object_fetch: function("objectFetch")?,
        object_alarm: function("objectAlarm")?,
        object_socket: function("objectSocket")?,
        object_rpc: function("objectRpc")?,
        object_evict: function("objectEvict")?,
        object_deleted: function("objectDeleted")?,
        object_turn: function("objectTurn")?,
        rpc_message: function("rpcMessage")?,
        service_fetch: function("serviceFetch")?,
        service_rpc: function("serviceRpc")?,
        session_over: function("sessionOver")?,
    })
}
