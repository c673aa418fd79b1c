//! What becomes of an isolate whose JavaScript was stopped by a limit, while its module is evaluated or later, or
//! threw where nobody catches it.

use std::task::Poll;

use super::super::Handlers;
use super::Isolate;
use crate::failure::{Failure, FailureKind, StartError};
use crate::sockets::INTERNAL_ERROR;
use crate::spec::AppSpec;
use crate::wasm::interpreter;

impl Isolate {
    /// Looks whether the last stretch of JavaScript was stopped by a limit. `alone`: nothing but the
    /// event's own handler ran in it, so that no other event lost a promise job.
    pub(super) fn after_javascript(&mut self, event: Option<u32>, alone: bool) {
        let Some(kind) = self.exceeded() else {
            return self.look_at_instances();
        };
        self.events.condemn();
        self.sockets
            .close_all(INTERNAL_ERROR, &Failure::of(kind).message);
        match event {
            Some(id) if kind == FailureKind::CpuLimit => {
                self.events.fail(id, Failure::of(kind));
                self.events.end(id);
                if !alone {
                    self.events.fail_all(FailureKind::Stopped, true);
                }
            }
            _ => self.events.fail_all(kind, true),
        }
        // What objects wrote in this stretch is gone with it; they start again elsewhere. Whoever is told so now has not
        // been told why before.
        self.events.instances().clear();
        self.draining = true;
    }

    /// An isolate that holds many instances of WebAssembly, which are freed with it alone, ends when its events are
    /// over. Objects that live here have nothing to do with that: it stays for them, up to the limit.
    fn look_at_instances(&mut self) {
        if interpreter::is_used_up() && !self.draining && self.events.instances().is_empty() {
            self.events.condemn();
            self.draining = true;
        }
    }

    /// Which limit was exceeded in the last stretch. JavaScript can run again after this.
    pub(super) fn exceeded(&mut self) -> Option<FailureKind> {
        let cpu = self.meter.take_exceeded();
        if self.engine.is_heap_exceeded() {
            self.js.v8_isolate().cancel_terminate_execution();
            return Some(FailureKind::MemoryLimit);
        }
        cpu.then_some(FailureKind::CpuLimit)
    }

    /// An exception that reached the engine's event loop: nobody's in particular.
    pub(super) fn report(&self, error: &deno_core::error::CoreError) {
        // The engine's words for a limit, which has been reported as what it is.
        if error.to_string().contains("InternalError: interrupted") {
            return;
        }
        if let Some(observer) = self.events.observer() {
            observer.uncaught(&Failure::exception(error.to_string(), ""));
        }
    }

    /// Evaluates an app's module and finds its handlers.
    pub(super) async fn load(&mut self, spec: AppSpec) -> Result<Handlers, StartError> {
        self.events.set_observer(spec.observer.clone());
        let host = spec.objects.as_ref().map(|objects| objects.host.clone());
        self.events.instances().set_host(host);
        self.loader.set_assets(spec.assets.clone());
        self.loader.set_node(spec.node.modules);
        self.meter.set_limit(spec.limits.cpu);
        self.engine.set_heap_limit(spec.limits.heap_bytes);
        interpreter::set_limit(spec.limits.heap_bytes);
        let meter = self.meter.clone();
        let mut loading =
            std::pin::pin!(super::super::load::load(&mut self.js, &self.entry, &spec));
        std::future::poll_fn(|cx| {
            let stretch = meter.enter();
            let poll = loading.as_mut().poll(cx);
            drop(stretch);
            let cpu = meter.take_exceeded();
            let exceeded = if self.engine.is_heap_exceeded() {
                FailureKind::MemoryLimit
            } else if cpu {
                FailureKind::CpuLimit
            } else {
                return poll;
            };
            Poll::Ready(Err(StartError::Evaluation(Failure::of(exceeded))))
        })
        .await
    }
}
