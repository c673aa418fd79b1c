//! Which event is which, for those who follow the app.

use cellhouse_exchange::Request;
use serde_json::Value;

use super::Isolate;
use crate::objects::Slot;
use crate::ops::services::Peers;
use crate::spec::ObjectsSpec;
use crate::trace::{self, Trace};

impl Isolate {
    /// Notes what happens in an event of the app, if anybody follows it.
    pub(super) fn trace(
        &mut self,
        id: u32,
        entrypoint: Option<&str>,
        event: impl FnOnce() -> Value,
    ) {
        if self.events.is_tracing() {
            let state = self.js.op_state();
            let state = state.borrow();
            let app = state.borrow::<Peers>().name();
            self.events
                .set_trace(id, Trace::new(app, entrypoint, event()));
        }
    }

    pub(super) fn trace_request(&mut self, id: u32, request: &Request) {
        self.trace(id, None, || {
            let protocol = request.client.protocol;
            trace::request(
                request.method.as_str(),
                &request.url,
                &request.headers,
                protocol,
            )
        });
    }

    /// The same of an event of an object.
    pub(super) fn trace_object(&mut self, id: u32, slot: &Slot, event: impl FnOnce() -> Value) {
        if self.events.is_tracing() {
            let state = self.js.op_state();
            let state = state.borrow();
            let app = state.borrow::<Peers>().name();
            let spec = state.try_borrow::<ObjectsSpec>();
            let class = spec.and_then(|spec| spec.classes.get(slot.target.class as usize));
            let class = class.map(|class| class.name.as_str());
            let trace = Trace::new(app, class, event());
            self.events
                .set_trace(id, trace.of_object(slot.target.id.to_string()));
        }
    }
}
