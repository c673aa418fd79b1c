//! How the engine's interpreter makes instances: with a stack on which calls nest as deeply as they do
//! elsewhere, and without a heap of its own behind each memory.
//!
//! The engine asks for an instance by a function of the interpreter's that decides both (32 KiB each). The
//! linker puts the function below in its place (`build-support/wasm_interpreter.rs`).

use std::ffi::c_void;

/// Bytes. V8 has about as much for all frames of a thread; each instance has one.
const STACK: u32 = 1 << 20;
/// An allocator for programs of the host, of which there are none. It would make memories a page larger.
const HEAP: u32 = 0;

unsafe extern "C" {
    fn wasm_instance_new_with_args(
        store: *mut c_void,
        module: *const c_void,
        imports: *const c_void,
        trap: *mut *mut c_void,
        stack_size: u32,
        heap_size: u32,
    ) -> *mut c_void;
}

/// In place of the interpreter's `wasm_instance_new`.
///
/// # Safety
/// As of the interpreter's own: the engine alone calls it.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_instance_new(
    store: *mut c_void,
    module: *const c_void,
    imports: *const c_void,
    trap: *mut *mut c_void,
) -> *mut c_void {
    // SAFETY: the arguments are those of the function that this one stands for.
    unsafe { wasm_instance_new_with_args(store, module, imports, trap, STACK, HEAP) }
}

/// Makes sure that the linker finds the function above, which Rust itself never calls.
pub(crate) fn settle() {
    std::hint::black_box(__wrap_wasm_instance_new as *const () as usize);
}
