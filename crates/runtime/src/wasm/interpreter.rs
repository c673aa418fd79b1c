//! How the engine's interpreter makes modules and instances: within what an isolate may hold, with a stack on which
//! calls nest as deeply as they do elsewhere, and so that all is freed when the isolate ends.
//!
//! The engine by itself sets no bound, frees nothing, and copies a module's bytes for each function that an instance
//! exports. The linker puts the functions below in the place of those that it asks of the interpreter
//! (`build-support/wasm_interpreter.rs`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

/// Bytes. V8 has about as much for all frames of a thread; each instance has one.
const STACK: u32 = 1 << 20;
/// Of an instance that exports no function, as that behind a `WebAssembly.Global`. No code of it ever runs: start
/// functions are exported too where there are any.
const NO_STACK: u32 = 1 << 10;
/// An allocator for programs of the host, of which there are none. It would make memories a page larger.
const HEAP: u32 = 0;
/// Bytes of a page of memory, as WebAssembly has it.
const PAGE: usize = 1 << 16;
/// Instances that an app may have for good, however much they hold: another isolate would have as many soon.
const FEW: usize = 4;
/// How many times what JavaScript may hold the instances of an isolate may hold, if it cannot be replaced before.
const MOST: usize = 8;

/// What the interpreter has for the isolate of this thread.
struct Held {
    /// Bytes of the memories and stacks of instances, and how many there are.
    bytes: Cell<usize>,
    instances: Cell<usize>,
    /// Bytes that JavaScript may hold.
    limit: Cell<usize>,
    /// What modules and instances are in, once there is one.
    store: Cell<*mut c_void>,
    /// The bytes of the module that is compiled now, for which the engine has others.
    compiling: Cell<*const [u8]>,
    /// What each module imports and exports, which the engine asks for with each instance.
    types: RefCell<HashMap<(*const c_void, Types), List>>,
    /// Functions of JavaScript as instances import them, and lists of what instances export.
    functions: RefCell<Vec<*mut c_void>>,
    exports: RefCell<Vec<List>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Types {
    Imports,
    Exports,
}

thread_local! {
    static HELD: Held = Held {
        bytes: Cell::new(0),
        instances: Cell::new(0),
        limit: Cell::new(usize::MAX / MOST),
        store: Cell::new(null_mut()),
        compiling: Cell::new(&raw const *b""),
        types: RefCell::default(),
        functions: RefCell::default(),
        exports: RefCell::default(),
    };
}

impl Held {
    fn most(&self) -> usize {
        self.limit.get() * MOST
    }

    /// Whether there is room for so many bytes more, which are held from now on.
    fn take(&self, bytes: usize) -> bool {
        let held = self.bytes.get().saturating_add(bytes);
        let fits = held <= self.most();
        if fits {
            self.bytes.set(held);
        }
        fits
    }

    fn give_back(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() - bytes);
    }

    fn types_of(&self, module: *const c_void, which: Types, ask: Ask) -> List {
        let mut types = self.types.borrow_mut();
        *types.entry((module, which)).or_insert_with(|| {
            let mut list = List::EMPTY;
            // SAFETY: the module is one of the store's, all of which last until the end.
            unsafe { ask(module, &raw mut list) };
            list
        })
    }
}

/// Sets how many bytes a memory may grow to, on which the bounds of all instances depend too.
pub(crate) fn set_limit(bytes: usize) {
    HELD.with(|held| held.limit.set(bytes.min(usize::MAX / MOST)));
}

/// Whether the instances of this thread's isolate are so many, and hold so much, that another isolate should take its
/// place.
pub(crate) fn is_used_up() -> bool {
    HELD.with(|held| held.instances.get() > FEW && held.bytes.get() > held.limit.get())
}

/// Has the interpreter compile `bytes` where the engine, in `compile`, gives it others.
pub(crate) fn compiling<T>(bytes: &[u8], compile: impl FnOnce() -> T) -> T {
    let before = HELD.with(|held| held.compiling.replace(&raw const *bytes));
    let compiled = compile();
    HELD.with(|held| held.compiling.set(before));
    compiled
}

/// Frees all modules and instances of this thread.
///
/// # Safety
/// The engine of this thread must be gone, and there must never be another.
pub(crate) unsafe fn end() {
    HELD.with(|held| {
        let store = held.store.replace(null_mut());
        // SAFETY: nobody has anything of these any more, as the caller promises; each was made once. What belongs
        // to an instance goes before it.
        unsafe {
            for mut exports in held.exports.take() {
                wasm_extern_vec_delete(&raw mut exports);
            }
            for function in held.functions.take() {
                wasm_func_delete(function);
            }
            for ((_, which), mut list) in held.types.take() {
                match which {
                    Types::Imports => wasm_importtype_vec_delete(&raw mut list),
                    Types::Exports => wasm_exporttype_vec_delete(&raw mut list),
                }
            }
            if !store.is_null() {
                wasm_store_delete(store);
                give_to_system();
            }
        }
        held.bytes.set(0);
        held.instances.set(0);
    });
}

/// What is free in a thread's part of the C library's heap stays there, unless it is asked for.
fn give_to_system() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it has no conditions.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Arguments {
    stack_size: u32,
    heap_size: u32,
    /// To which a memory can grow, if its module says nothing less.
    max_memory_pages: u32,
}

/// The interpreter's vectors.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    size: usize,
    data: *const c_void,
    count: usize,
    size_of_one: usize,
    lock: *mut c_void,
}

impl List {
    const EMPTY: Self = Self {
        size: 0,
        data: null(),
        count: 0,
        size_of_one: 0,
        lock: null_mut(),
    };
}

/// What the interpreter tells of an export.
#[repr(C)]
struct Export {
    name: *const c_char,
    kind: u32,
    ty: *const c_void,
}

impl Export {
    const FUNCTION: u32 = 0;
}

type Ask = unsafe extern "C" fn(*const c_void, *mut List);
type Callback = unsafe extern "C" fn(*mut c_void, *const List, *mut List) -> *mut c_void;
type Finalizer = unsafe extern "C" fn(*mut c_void);

unsafe extern "C" {
    // What the linker has put the functions below in the place of.
    fn __real_wasm_store_new(engine: *mut c_void) -> *mut c_void;
    fn __real_wasm_module_new(store: *mut c_void, bytes: *const List) -> *mut c_void;
    fn __real_wasm_module_imports(module: *const c_void, types: *mut List);
    fn __real_wasm_module_exports(module: *const c_void, types: *mut List);
    fn __real_wasm_func_new_with_env(
        store: *mut c_void,
        ty: *const c_void,
        callback: Callback,
        env: *mut c_void,
        finalizer: Option<Finalizer>,
    ) -> *mut c_void;
    fn __real_wasm_instance_exports(instance: *const c_void, exports: *mut List);
    fn __real_wasm_runtime_instantiate_ex(
        module: *mut c_void,
        arguments: *const Arguments,
        error: *mut c_char,
        error_size: u32,
    ) -> *mut c_void;
    fn __real_wasm_enlarge_memory(instance: *mut c_void, pages: u32) -> bool;

    fn wasm_runtime_get_export_count(module: *const c_void) -> i32;
    fn wasm_runtime_get_export_type(module: *const c_void, index: i32, export: *mut Export);
    fn wasm_runtime_get_default_memory(instance: *mut c_void) -> *mut c_void;
    fn wasm_memory_get_cur_page_count(memory: *mut c_void) -> u64;
    fn wasm_memory_get_bytes_per_page(memory: *mut c_void) -> u64;
    fn wasm_runtime_deinstantiate(instance: *mut c_void);
    fn wasm_store_delete(store: *mut c_void);
    fn wasm_func_delete(function: *mut c_void);
    fn wasm_extern_vec_delete(list: *mut List);
    fn wasm_importtype_vec_delete(list: *mut List);
    fn wasm_exporttype_vec_delete(list: *mut List);
}

// SAFETY of all below: the engine alone calls them, as it would call the interpreter's own of the same signatures.

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_store_new(engine: *mut c_void) -> *mut c_void {
    let store = unsafe { __real_wasm_store_new(engine) };
    HELD.with(|held| held.store.set(store));
    store
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_module_new(store: *mut c_void, bytes: *const List) -> *mut c_void {
    let compiling = HELD.with(|held| held.compiling.get());
    if compiling.len() == 0 {
        return unsafe { __real_wasm_module_new(store, bytes) };
    }
    let own = List {
        size: compiling.len(),
        data: compiling.cast(),
        count: compiling.len(),
        size_of_one: 1,
        lock: null_mut(),
    };
    // They are copied.
    unsafe { __real_wasm_module_new(store, &raw const own) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_module_imports(module: *const c_void, types: *mut List) {
    let ask = __real_wasm_module_imports;
    let list = HELD.with(|held| held.types_of(module, Types::Imports, ask));
    unsafe { types.write(list) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_module_exports(module: *const c_void, types: *mut List) {
    let ask = __real_wasm_module_exports;
    let list = HELD.with(|held| held.types_of(module, Types::Exports, ask));
    unsafe { types.write(list) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_func_new_with_env(
    store: *mut c_void,
    ty: *const c_void,
    callback: Callback,
    env: *mut c_void,
    finalizer: Option<Finalizer>,
) -> *mut c_void {
    let function = unsafe { __real_wasm_func_new_with_env(store, ty, callback, env, finalizer) };
    HELD.with(|held| held.functions.borrow_mut().push(function));
    function
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_instance_exports(instance: *const c_void, exports: *mut List) {
    unsafe { __real_wasm_instance_exports(instance, exports) };
    HELD.with(|held| held.exports.borrow_mut().push(unsafe { exports.read() }));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_runtime_instantiate_ex(
    module: *mut c_void,
    _arguments: *const Arguments,
    error: *mut c_char,
    error_size: u32,
) -> *mut c_void {
    HELD.with(|held| {
        let stack = if unsafe { exports_functions(module) } {
            STACK
        } else {
            NO_STACK
        };
        if !held.take(stack as usize) {
            return null_mut();
        }
        let arguments = Arguments {
            stack_size: stack,
            heap_size: HEAP,
            max_memory_pages: u32::try_from(held.limit.get().div_ceil(PAGE)).unwrap_or(u32::MAX),
        };
        let arguments = &raw const arguments;
        let instance =
            unsafe { __real_wasm_runtime_instantiate_ex(module, arguments, error, error_size) };
        if instance.is_null() {
            held.give_back(stack as usize);
            return instance;
        }
        if held.take(unsafe { size_of_memory(instance) }) {
            held.instances.set(held.instances.get() + 1);
            return instance;
        }
        held.give_back(stack as usize);
        unsafe { wasm_runtime_deinstantiate(instance) };
        null_mut()
    })
}

unsafe fn exports_functions(module: *const c_void) -> bool {
    let count = unsafe { wasm_runtime_get_export_count(module) };
    (0..count).any(|index| {
        let mut export = Export {
            name: null(),
            kind: u32::MAX,
            ty: null(),
        };
        unsafe { wasm_runtime_get_export_type(module, index, &raw mut export) };
        export.kind == Export::FUNCTION
    })
}

/// Bytes. The system gives none of them before they are written.
unsafe fn size_of_memory(instance: *mut c_void) -> usize {
    let memory = unsafe { wasm_runtime_get_default_memory(instance) };
    if memory.is_null() {
        return 0;
    }
    let pages = unsafe { wasm_memory_get_cur_page_count(memory) };
    let bytes = pages.saturating_mul(unsafe { wasm_memory_get_bytes_per_page(memory) });
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wasm_enlarge_memory(instance: *mut c_void, pages: u32) -> bool {
    let bytes = pages as usize * PAGE;
    HELD.with(|held| {
        let fits = held.take(bytes);
        let grows = fits && unsafe { __real_wasm_enlarge_memory(instance, pages) };
        if fits && !grows {
            held.give_back(bytes);
        }
        grows
    })
}

/// Makes sure that the linker finds the functions above, which Rust itself never calls.
pub(crate) fn settle() {
    std::hint::black_box([
        __wrap_wasm_store_new as *const (),
        __wrap_wasm_module_new as *const (),
        __wrap_wasm_module_imports as *const (),
        __wrap_wasm_module_exports as *const (),
        __wrap_wasm_func_new_with_env as *const (),
        __wrap_wasm_instance_exports as *const (),
        __wrap_wasm_runtime_instantiate_ex as *const (),
        __wrap_wasm_enlarge_memory as *const (),
    ]);
}
