//! What has to be arranged with QuickJS itself, because the engine facade does not pass it on.
//!
//! The facade asks a running script to stop at one call in ten thousand, which is forever where each
//! call is slow, and lets the rest of the promise jobs run on. And it raises a heap limit again and
//! again. Here the engine is asked to stop at its very next call, and a heap limit is raised once, to
//! unwind in. This file is all that depends on the engine: V8 does both by itself.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use deno_core::{JsRuntime, v8};

use crate::failure::StartError;

unsafe extern "C" {
    fn JS_GetRuntime(context: *mut c_void) -> *mut c_void;
    fn JS_SetInterruptHandler(
        runtime: *mut c_void,
        handler: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        opaque: *const c_void,
    );
    fn JS_TriggerInterrupt(context: *mut c_void);
    fn JS_SetMemoryLimit(runtime: *mut c_void, limit: usize);
    fn JS_SetMemoryLimitHandler(
        runtime: *mut c_void,
        handler: unsafe extern "C" fn(*mut c_void, *mut c_void),
        opaque: *const c_void,
    );
    fn JS_SetGCThreshold(runtime: *mut c_void, bytes: usize);
    fn JS_RunGC(runtime: *mut c_void);
    fn v82jsc_malloc_size(runtime: *mut c_void) -> usize;
}

/// How the facade stores a context: an engine value of this tag whose payload is the context.
#[repr(C)]
struct ContextSlot {
    context: *mut c_void,
    tag: i64,
}

const CONTEXT_TAG: i64 = 0x7632;

/// The engine of the calling thread. Must be dropped after its `JsRuntime`.
pub(crate) struct Engine(Box<Hooks>);

/// What the engine's callbacks see.
struct Hooks {
    context: *mut c_void,
    runtime: *mut c_void,
    handle: v8::IsolateHandle,
    heap_limit: Cell<usize>,
    heap: Cell<Heap>,
}

/// How the heap stands to its limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heap {
    Within,
    /// The limit was reached, perhaps with garbage: the engine collects it at its next opportunity,
    /// and may use a quarter more until then.
    Collecting,
    /// There was no garbage to speak of. JavaScript is being stopped.
    Exceeded,
}

impl Engine {
    /// Takes over the interrupts and the heap limit of a runtime.
    pub(crate) fn install(js: &mut JsRuntime) -> Result<Engine, StartError> {
        let context = context_of(js)?;
        // SAFETY: `context` is the main context of a live runtime.
        let runtime = unsafe { JS_GetRuntime(context) };
        let hooks = Box::new(Hooks {
            context,
            runtime,
            handle: js.v8_isolate().thread_safe_handle(),
            heap_limit: Cell::new(usize::MAX),
            heap: Cell::new(Heap::Within),
        });
        let opaque = (&raw const *hooks).cast();
        // SAFETY: the box does not move and outlives the runtime, by the contract of this type.
        unsafe {
            JS_SetInterruptHandler(runtime, on_interrupt, opaque);
            JS_SetMemoryLimitHandler(runtime, on_memory_limit, opaque);
        }
        Ok(Engine(hooks))
    }

    /// Makes other threads able to interrupt this one.
    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter(self.0.context)
    }

    /// Sets how many bytes JavaScript may hold: objects, strings, and the buffers it makes.
    pub(crate) fn set_heap_limit(&self, bytes: usize) {
        self.0.heap_limit.set(bytes);
        self.0.heap.set(Heap::Within);
        self.0.allow(bytes);
    }

    /// Frees what is garbage only because of cycles; what is free of them is freed at once. To be called when no
    /// JavaScript runs.
    pub(crate) fn collect(&self) {
        // SAFETY: the runtime is live, and by the above no JavaScript runs.
        unsafe { JS_RunGC(self.0.runtime) };
    }

    /// Bytes that JavaScript holds, and that it may hold.
    pub(crate) fn heap(&self) -> (usize, usize) {
        (self.0.used(), self.0.heap_limit.get())
    }

    /// Whether the heap outgrew its limit. To be called when no JavaScript runs.
    pub(crate) fn is_heap_exceeded(&self) -> bool {
        let hooks = &self.0;
        if hooks.heap.get() == Heap::Collecting {
            hooks.settle();
        }
        hooks.heap.get() == Heap::Exceeded
    }
}

impl Hooks {
    fn allow(&self, bytes: usize) {
        // SAFETY: the runtime is live while its callbacks and its `Engine` are.
        unsafe { JS_SetMemoryLimit(self.runtime, bytes) };
    }

    fn used(&self) -> usize {
        // SAFETY: as in `allow`.
        unsafe { v82jsc_malloc_size(self.runtime) }
    }

    /// An allocation did not fit.
    fn reached_limit(&self) {
        let limit = self.heap_limit.get();
        if self.used() < limit / 2 {
            // One allocation that is too large by itself: an error that the app can catch.
            return;
        }
        match self.heap.get() {
            Heap::Within => {
                self.heap.set(Heap::Collecting);
                self.allow(limit + limit / 4);
                // SAFETY: as in `allow`. Collecting at once is not possible inside an allocation.
                unsafe { JS_SetGCThreshold(self.runtime, 0) };
            }
            Heap::Collecting => {
                self.heap.set(Heap::Exceeded);
                // Room to unwind in; the isolate is replaced after that.
                self.allow(limit + limit / 2);
                self.handle.terminate_execution();
                // SAFETY: as in `allow`.
                unsafe { JS_TriggerInterrupt(self.context) };
            }
            // What does not fit now fails with an error, while JavaScript is being stopped.
            Heap::Exceeded => {}
        }
    }

    /// Collects what is garbage and returns to the limit, if that is enough.
    fn settle(&self) {
        let limit = self.heap_limit.get();
        if self.used() >= limit {
            // SAFETY: as in `allow`; no JavaScript runs.
            unsafe { JS_RunGC(self.runtime) };
        }
        if self.used() >= limit {
            self.heap.set(Heap::Exceeded);
        } else {
            self.heap.set(Heap::Within);
            self.allow(limit);
        }
    }
}

/// Makes an engine look at once whether it is to stop. Valid while its `Engine` is.
pub(crate) struct Interrupter(*mut c_void);

// SAFETY: the pointer is used for `JS_TriggerInterrupt` alone, which stores one aligned integer that
// the engine's thread counts down. A store that is lost to that is made again by the next call.
unsafe impl Send for Interrupter {}

impl Interrupter {
    /// The engine asks its interrupt handler at the next call or backward jump. May be lost: repeat it.
    pub(crate) fn interrupt(&self) {
        // SAFETY: see above.
        unsafe { JS_TriggerInterrupt(self.0) };
    }
}

unsafe extern "C" fn on_interrupt(_runtime: *mut c_void, opaque: *mut c_void) -> c_int {
    // SAFETY: `opaque` is the box of `Engine::install`.
    let hooks = unsafe { &*opaque.cast::<Hooks>() };
    if !hooks.handle.is_execution_terminating() {
        return 0;
    }
    // Refuse the next call too: otherwise ten thousand promise jobs would run before the next question.
    // SAFETY: as in `Hooks::allow`.
    unsafe { JS_TriggerInterrupt(hooks.context) };
    1
}

unsafe extern "C" fn on_memory_limit(_runtime: *mut c_void, opaque: *mut c_void) {
    // SAFETY: `opaque` is the box of `Engine::install`.
    let hooks = unsafe { &*opaque.cast::<Hooks>() };
    hooks.reached_limit();
}

fn context_of(js: &mut JsRuntime) -> Result<*mut c_void, StartError> {
    deno_core::scope!(scope, js);
    current_context(scope).ok_or_else(|| {
        StartError::Engine(
            "the engine stores its contexts in a way that this version does not know".to_owned(),
        )
    })
}

/// The engine's own context under a scope; none if the facade stores it in another way than is known.
pub(crate) fn current_context(scope: &v8::PinScope<'_, '_>) -> Option<*mut c_void> {
    let context = scope.get_current_context();
    let slot = (&raw const *context).cast::<ContextSlot>();
    // SAFETY: a handle of the facade points to an engine value, two words.
    let slot = unsafe { slot.read() };
    (slot.tag == CONTEXT_TAG && !slot.context.is_null()).then_some(slot.context)
}
