//! Durable Objects on isolates: which isolate an object lives on, what is sent to it, and what an
//! isolate knows of the objects that it runs.
//!
//! What objects store, their ids and their alarms are `cellhouse_objects`; their JavaScript is
//! `js/durable_objects.js`.

mod call;
mod finished;
mod hibernation;
mod host;
mod instances;
mod rpc;

pub(crate) use call::{
    Answer, Call, Facet, ObjectJob, ObjectRequest, ObjectResponse, Target, Told, Waits,
};
pub(crate) use hibernation::{Hibernating, HibernatingSocket, SocketEvent};
pub use host::{ObjectClass, ObjectHost, ObjectTimes};
pub(crate) use instances::{Instances, RESET, Refused, Slot};
pub(crate) use rpc::{Home, Message, Parcel, Route, Sessions};
