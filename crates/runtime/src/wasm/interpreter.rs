//! How the engine's interpreter makes instances: with a stack on which calls nest as deeply as they do
//! elsewhere, without a heap of its own behind each memory, and within what an isolate may hold.
//!
//! The engine asks for an instance by a function of the interpreter's that decides all that (32 KiB each, and no
//! bound). The linker puts the function below in its place (`build-support/wasm_interpreter.rs`). The engine frees no
//! instance, so they are counted: an isolate that has made many is replaced in time, and what it has is freed then.

use std::cell::Cell;
use std::ffi::c_void;

/// Bytes. V8 has about as much for all frames of a thread; each instance has one.
const STACK: u32 = 1 << 20;
/// An allocator for programs of the host, of which there are none. It would make memories a page larger.
const HEAP: u32 = 0;
/// Bytes of a page of memory, as WebAssembly has it.
const PAGE: usize = 1 << 16;
/// How many times what JavaScript may hold the instances of an isolate may hold, if it cannot be replaced before.
const MOST: usize = 8;

thread_local! {
    /// What the instances of this thread's isolate hold, and what its JavaScript may hold: bytes.
    static HELD: Cell<usize> = const { Cell::new(0) };
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX / MOST) };
    /// What the interpreter keeps the modules and instances of this thread in, once there is an instance.
    static STORE: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
}

/// Sets how many bytes a memory may grow to, on which the bounds of all instances depend too.
pub(crate) fn set_limit(bytes: usize) {
    LIMIT.set(bytes.min(usize::MAX / MOST));
}

/// Whether the isolate of this thread has made so many instances that another one should take its place.
pub(crate) fn is_used_up() -> bool {
    HELD.get() > LIMIT.get()
}

/// Whether it gets no further instance.
pub(crate) fn is_exhausted() -> bool {
    HELD.get() > LIMIT.get() * MOST
}

/// Frees all modules and instances of this thread.
///
/// # Safety
/// The engine of this thread must be gone, and there must never be another.
pub(crate) unsafe fn end() {
    let store = STORE.replace(std::ptr::null_mut());
    if !store.is_null() {
        // SAFETY: nobody has anything of it any more, as the caller promises.
        unsafe { wasm_store_delete(store) };
    }
}

#[repr(C)]
struct Arguments {
    stack_size: u32,
    heap_size: u32,
    /// To which a memory can grow, if its module says nothing less.
    max_memory_pages: u32,
}

/// The interpreter's lists.
#[repr(C)]
struct Externs {
    size: usize,
    data: *mut *mut c_void,
    count: usize,
    size_of_one: usize,
    lock: *mut c_void,
}

unsafe extern "C" {
    fn wasm_instance_new_with_args_ex(
        store: *mut c_void,
        module: *const c_void,
        imports: *const c_void,
        trap: *mut *mut c_void,
        arguments: *const Arguments,
    ) -> *mut c_void;
    fn wasm_store_delete(store: *mut c_void);
    fn wasm_instance_exports(instance: *const c_void, exports: *mut Externs);
    fn wasm_extern_vec_delete(exports: *mut Externs);
    fn wasm_extern_as_memory(one: *mut c_void) -> *mut c_void;
    fn wasm_memory_data_size(memory: *const c_void) -> usize;
}

/// In place of the interpreter's `wasm_instance_new`. Null if there is no room.
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
    STORE.set(store);
    if is_exhausted() {
        return std::ptr::null_mut();
    }
    let arguments = Arguments {
        stack_size: STACK,
        heap_size: HEAP,
        max_memory_pages: u32::try_from(LIMIT.get().div_ceil(PAGE)).unwrap_or(u32::MAX),
    };
    // SAFETY: the arguments are those of the function that this one stands for; the interpreter copies its own.
    let instance = unsafe {
        wasm_instance_new_with_args_ex(store, module, imports, trap, &raw const arguments)
    };
    if !instance.is_null() {
        // SAFETY: it was just made.
        let memories = unsafe { bytes_of_memories(instance) };
        HELD.set(HELD.get() + STACK as usize + memories);
    }
    instance
}

/// What the memories have that an instance exports; the rewriter sees to it that all do.
///
/// # Safety
/// The instance must be live.
unsafe fn bytes_of_memories(instance: *const c_void) -> usize {
    let mut exports = Externs {
        size: 0,
        data: std::ptr::null_mut(),
        count: 0,
        size_of_one: 0,
        lock: std::ptr::null_mut(),
    };
    let mut bytes = 0;
    // SAFETY: the list is filled by the interpreter, which owns what is in it until it is deleted.
    unsafe {
        wasm_instance_exports(instance, &raw mut exports);
        for place in 0..exports.count {
            let memory = wasm_extern_as_memory(*exports.data.add(place));
            if !memory.is_null() {
                bytes += wasm_memory_data_size(memory);
            }
        }
        wasm_extern_vec_delete(&raw mut exports);
    }
    bytes
}

/// Makes sure that the linker finds the function above, which Rust itself never calls.
pub(crate) fn settle() {
    std::hint::black_box(__wrap_wasm_instance_new as *const () as usize);
}
