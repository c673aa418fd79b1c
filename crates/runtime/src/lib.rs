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
mod scripts;
mod sockets;
mod spec;
mod worker;

pub use automatic::{AUTOMATIC_CLASS, DATABASE_BINDING, STATE_BINDING};
pub use failure::{Failure, FailureKind, StartError};
pub use modules::{NODE_MODULES, PLATFORM_MODULE, RUNTIME_MODULES};
pub use objects::{ObjectClass, ObjectHost, ObjectTimes};
pub use spec::{
    AppSpec, Asset, AssetKind, Binding, BindingValue, ConsoleLevel, Limits, NodeModules,
    NodeSettings, ObjectsSpec, Observer,
};
pub use worker::{Pool, Worker};
