//! What JavaScript can ask of Rust. One file per subject; the JavaScript half is in `js/`.

pub(crate) mod body;
pub(crate) mod cache;
pub(crate) mod clone;
pub(crate) mod console;
pub(crate) mod crypto;
pub(crate) mod env;
pub(crate) mod fetch;
pub(crate) mod hibernation;
pub(crate) mod inflate;
pub(crate) mod kv;
pub(crate) mod objects;
pub(crate) mod respond;
pub(crate) mod storage;
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
        hibernation::op_hibernate_couple,
        hibernation::op_hibernate_end,
        hibernation::op_hibernate_send,
        hibernation::op_hibernate_close,
        hibernation::op_hibernate_gone,
        hibernation::op_hibernate_list,
        hibernation::op_hibernate_tags,
        hibernation::op_hibernate_attach,
        hibernation::op_hibernate_attached,
        hibernation::op_hibernate_auto_response,
        hibernation::op_hibernate_auto_response_get,
        hibernation::op_hibernate_auto_response_time,
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
        objects::op_object_id_from_name,
        objects::op_object_id_from_string,
        objects::op_object_id_unique,
        objects::op_object_jurisdiction,
        objects::op_object_fetch,
        objects::op_object_identity,
        objects::op_object_hold,
        objects::op_object_release,
        objects::op_object_reset,
        objects::op_object_alarm_end,
        storage::op_storage_get,
        storage::op_storage_get_many,
        storage::op_storage_put,
        storage::op_storage_put_many,
        storage::op_storage_delete,
        storage::op_storage_delete_many,
        storage::op_storage_list,
        storage::op_storage_delete_all,
        storage::op_storage_begin,
        storage::op_storage_end,
        storage::op_storage_sync,
        storage::op_storage_alarm_get,
        storage::op_storage_alarm_set,
        storage::op_storage_alarm_delete,
        storage::sql::op_storage_sql,
        storage::sql::op_storage_sql_next,
        storage::sql::op_storage_sql_close,
        storage::sql::op_storage_database_size,
        respond::op_fail_object,
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
