//! What the import of a file yields that is no script, and what is asked of a module of WebAssembly later.

use std::rc::Rc;
use std::sync::Arc;

use deno_core::{OpState, op2, v8};

use crate::modules::Loader;
use crate::spec::AssetKind;
use crate::wasm;
use crate::wasm::interpreter;

/// An imported file: a string, bytes, or a WebAssembly module. A module comes with its plan, as `[module, plan]`, which
/// is null for one that was not rewritten; one that is no module as `[bytes]`; one that cannot be had as `[why]`.
#[op2]
pub(crate) fn op_asset<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
) -> v8::Local<'s, v8::Value> {
    let Some(asset) = state.borrow::<Rc<Loader>>().asset(index as usize) else {
        return v8::undefined(scope).into();
    };
    match asset.kind {
        AssetKind::Text => {
            let text = String::from_utf8_lossy(&asset.bytes);
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            match v8::String::new(scope, text) {
                Some(text) => text.into(),
                None => v8::undefined(scope).into(),
            }
        }
        AssetKind::Data => buffer(scope, &asset.bytes).into(),
        AssetKind::Wasm => module(scope, &asset.bytes),
    }
}

fn module<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    interpreter::settle();
    let rewritten = match wasm::rewrite(bytes) {
        Ok(Some(rewritten)) => rewritten,
        Ok(None) => {
            return match v8::WasmModuleObject::compile(scope, bytes) {
                Some(module) => {
                    let plan = v8::null(scope).into();
                    array(scope, &[module.into(), plan])
                }
                None => no_module(scope, bytes),
            };
        }
        Err(why) => {
            let why = v8::String::new(scope, &why).unwrap_or_else(|| v8::String::empty(scope));
            return array(scope, &[why.into()]);
        }
    };
    let stand_in = wasm::stand_in(bytes);
    let compile = || v8::WasmModuleObject::compile(scope, &stand_in);
    let module = interpreter::compiling(&rewritten.bytes, compile);
    let plan = v8::String::new(scope, &rewritten.plan.to_string());
    match (module, plan) {
        (Some(module), Some(plan)) => array(scope, &[module.into(), plan.into()]),
        _ => no_module(scope, bytes),
    }
}

fn no_module<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    let bytes = buffer(scope, bytes).into();
    array(scope, &[bytes])
}

fn array<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    elements: &[v8::Local<'s, v8::Value>],
) -> v8::Local<'s, v8::Value> {
    v8::Array::new_with_elements(scope, elements).into()
}

fn buffer<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::ArrayBuffer> {
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.to_vec()).make_shared();
    v8::ArrayBuffer::with_backing_store(scope, &store)
}

fn bytes_of(state: &OpState, index: u32) -> Option<Arc<[u8]>> {
    let asset = state.borrow::<Rc<Loader>>().asset(index as usize)?;
    Some(asset.bytes)
}

/// The custom sections of a name in a module.
#[op2]
pub(crate) fn op_wasm_custom_sections<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] name: &str,
) -> v8::Local<'s, v8::Value> {
    let bytes = bytes_of(state, index).unwrap_or_default();
    let sections = wasm::custom_sections(&bytes, name);
    let sections: Vec<v8::Local<'_, v8::Value>> =
        sections.map(|it| buffer(scope, it).into()).collect();
    array(scope, &sections)
}

/// What a module calls one of its functions.
#[op2]
#[string]
pub(crate) fn op_wasm_function_name(
    state: &mut OpState,
    #[smi] index: u32,
    #[smi] function: u32,
) -> Option<String> {
    wasm::function_name(&bytes_of(state, index)?, function)
}
