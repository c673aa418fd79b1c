//! Events of entrypoints: requests, and messages of RPC sessions.

use deno_core::v8;

use super::super::values::{array_buffer, numbers, optional_number, string, text};
use super::Isolate;
use crate::services::{Entrypoint, ServiceCall, ServiceJob};
use crate::trace;

impl Isolate {
    pub(super) fn service(&mut self, job: ServiceJob) {
        let ServiceJob {
            event,
            entrypoint: Entrypoint { name, props, .. },
            tickets,
            call,
        } = job;
        if let Some(tickets) = tickets {
            self.events.gate().add_all(tickets);
        }
        match call {
            ServiceCall::Fetch { request, answer } => {
                self.events.open_service_fetch(event, answer);
                self.trace(event, Some(&name), || trace::request_within(&request));
                let (rid, length) = self.body_resource(request.body);
                call!(self, self.entry.service_fetch, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, event).into(),
                    string(scope, &name),
                    array_buffer(scope, props.to_vec()),
                    v8::Integer::new_from_unsigned(scope, request.depth).into(),
                    string(scope, &request.method),
                    string(scope, &request.url),
                    text(scope, &request.headers),
                    optional_number(scope, rid.map(f64::from)),
                    optional_number(scope, length.map(|length| length as f64)),
                ]);
            }
            ServiceCall::Rpc { parcel, route } => {
                let session = route.session;
                self.events.open_message(event, route.clone());
                self.events.instances().keep_route(route);
                let ends = self.park(parcel.ends);
                self.sessions().arrived(parcel.bytes);
                call!(self, self.entry.service_rpc, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, session).into(),
                    string(scope, &name),
                    array_buffer(scope, props.to_vec()),
                    numbers(scope, &ends),
                ]);
                self.sessions().take_arrived();
                self.events.close(event);
            }
        }
    }

    pub(super) fn session_over(&mut self, session: u32) {
        call!(self, self.entry.session_over, None, |scope| [
            v8::Integer::new_from_unsigned(scope, session).into()
        ]);
    }
}
