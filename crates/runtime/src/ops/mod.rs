//! What JavaScript can ask of Rust. One file per subject; the JavaScript half is in `js/`.

pub(crate) mod body;
pub(crate) mod cache;
pub(crate) mod clone;
pub(crate) mod console;
pub(crate) mod crypto;
pub(crate) mod env;
pub(crate) mod fetch;
pub(crate) mod inflate;
pub(crate) mod kv;
pub(crate) mod respond;
pub(crate) mod websocket;

deno_core::extension!(
    cellhouse_runtime,
    deps = [deno_webidl, deno_web, deno_fetch, deno_crypto],
    ops = [
        cache::op_cache_get_now,
        cache::op_cache_get,
        cache::op_cache_set_now,
        cache::op_cache_set,
        clone::op_clone_setup,
        clone::op_clone_write,
        clone::op_clone_read,
        clone::op_clone_copy,
        console::op_console,
        crypto::op_hasher_new,
        crypto::op_hasher_update,
        crypto::op_hasher_finish,
        crypto::op_timing_safe_equal,
        env::op_asset,
        fetch::op_data_url,
        fetch::op_fetch_canceller,
        fetch::op_fetch_once,
        inflate::op_inflater_new,
        inflate::op_inflater_write,
        inflate::op_inflater_is_complete,
        kv::op_kv_get,
        kv::op_kv_get_many,
        kv::op_kv_put,
        kv::op_kv_put_bytes,
        kv::op_kv_delete,
        kv::op_kv_update,
        kv::op_kv_list,
        respond::op_respond_static,
        respond::op_respond,
        respond::op_fail,
        respond::op_report,
        respond::op_complete_scheduled,
        respond::op_close_event,
        websocket::op_websocket_couple,
        websocket::op_websocket_accept,
        websocket::op_websocket_send,
        websocket::op_websocket_send_bytes,
        websocket::op_websocket_close,
        websocket::op_websocket_receive,
        websocket::connect::op_websocket_cancel,
        websocket::connect::op_websocket_connect,
    ],
    synthetic_esm = [
        "cloudflare:workers" = "ext:cellhouse_runtime/workers.js",
        "cellhouse:assets" = "ext:cellhouse_runtime/assets.js",
    ],
);
