//! Isolates: one JavaScript runtime on one thread, running one app.
//!
//! Owns the engine, the web APIs, the JavaScript side of bindings, gates and limits. Storage belongs
//! to the binding crates, sockets to the gateway; both reach it as handles and streams.

mod automatic;
mod clone;
mod engine;
mod failure;
mod gate;
mod headers;
mod isolate;
mod limits;
mod modules;
mod objects;
mod ops;
mod placed;
mod platform;
mod pool;
mod rate_limit;
mod roots;
mod scripts;
mod services;
mod sockets;
mod spec;
mod trace;
mod wasm;
mod worker;

pub use automatic::{AUTOMATIC_CLASS, DATABASE_BINDING, STATE_BINDING};
pub use failure::{Failure, FailureKind, StartError};
pub use modules::{NODE_MODULES, PLATFORM_MODULE, RUNTIME_MODULES};
pub use objects::{ObjectClass, ObjectHost, ObjectTimes};
pub use platform::{AppEvent, EventKind, QueueBinding, QueueStyle, runs_workflow};
pub use pool::Pool;
pub use rate_limit::RateLimiter;
pub use services::Services;
pub use spec::{
    AppSpec, Asset, AssetKind, Binding, BindingValue, ConsoleLevel, Front, FrontAnswer, Limits,
    NodeModules, NodeSettings, ObjectsSpec, Observer, ServiceBinding,
};
pub use worker::Worker;
