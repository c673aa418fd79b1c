//! What the modules of Node.js need of Rust: bytes as text, compression, cryptography, names of hosts, the app's files. The modules themselves are in `packages/node-compat`, what binds them in `js/node*.js`.

mod brotli;
mod buffer;
mod cipher;
mod dns;
pub(crate) mod files;
mod gcm;
mod idna;
mod zlib;
mod zstd;

use deno_error::JsErrorBox;

deno_core::extension!(
    cellhouse_node,
    ops = [
        brotli::op_brotli_encoder,
        brotli::op_brotli_encode,
        brotli::op_brotli_decoder,
        brotli::op_brotli_decode,
        brotli::op_brotli_error,
        buffer::op_is_ascii,
        buffer::op_is_utf8,
        buffer::op_node_buffer_compare,
        buffer::op_node_buffer_compare_offset,
        buffer::op_node_encoding_slice,
        cipher::op_cipher,
        cipher::op_cipher_apply,
        cipher::op_cipher_authenticate,
        cipher::op_cipher_check,
        cipher::op_cipher_kind,
        cipher::op_cipher_tag,
        dns::op_dns_lookup,
        files::op_bundle_file,
        files::op_bundle_files,
        idna::op_node_idna_to_ascii,
        idna::op_node_idna_domain_to_ascii,
        idna::op_node_idna_domain_to_unicode,
        idna::op_node_idna_punycode_encode,
        idna::op_node_idna_punycode_decode,
        zlib::op_zlib,
        zlib::op_zlib_write,
        zlib::op_zlib_message,
        zlib::op_zlib_reset,
        zlib::op_zlib_params,
        zlib::op_zlib_crc32,
        zlib::op_zlib_crc32_string,
        zstd::op_zstd_encoder,
        zstd::op_zstd_decoder,
        zstd::op_zstd_write,
        zstd::op_zstd_message,
    ],
    synthetic_esm = [
        "node:_http_agent" = "ext:node_compat/_http_agent.js",
        "node:_http_client" = "ext:node_compat/_http_client.js",
        "node:_http_common" = "ext:node_compat/_http_common.js",
        "node:_http_incoming" = "ext:node_compat/_http_incoming.js",
        "node:_http_outgoing" = "ext:node_compat/_http_outgoing.js",
        "node:_http_server" = "ext:node_compat/_http_server.js",
        "node:_stream_duplex" = "ext:node_compat/_stream_duplex.js",
        "node:_stream_passthrough" = "ext:node_compat/_stream_passthrough.js",
        "node:_stream_readable" = "ext:node_compat/_stream_readable.js",
        "node:_stream_transform" = "ext:node_compat/_stream_transform.js",
        "node:_stream_writable" = "ext:node_compat/_stream_writable.js",
        "node:_tls_common" = "ext:node_compat/_tls_common.js",
        "node:_tls_wrap" = "ext:node_compat/_tls_wrap.js",
        "node:assert" = "ext:node_compat/assert.js",
        "node:assert/strict" = "ext:node_compat/assert_strict.js",
        "node:async_hooks" = "ext:node_compat/async_hooks.js",
        "node:buffer" = "ext:node_compat/buffer.js",
        "node:child_process" = "ext:node_compat/child_process.js",
        "node:cluster" = "ext:node_compat/cluster.js",
        "node:console" = "ext:node_compat/console.js",
        "node:constants" = "ext:node_compat/constants.js",
        "node:crypto" = "ext:node_compat/crypto.js",
        "node:dgram" = "ext:node_compat/dgram.js",
        "node:diagnostics_channel" = "ext:node_compat/diagnostics_channel.js",
        "node:dns" = "ext:node_compat/dns.js",
        "node:dns/promises" = "ext:node_compat/dns_promises.js",
        "node:domain" = "ext:node_compat/domain.js",
        "node:events" = "ext:node_compat/events.js",
        "node:fs" = "ext:node_compat/fs.js",
        "node:fs/promises" = "ext:node_compat/fs_promises.js",
        "node:http" = "ext:node_compat/http.js",
        "node:http2" = "ext:node_compat/http2.js",
        "node:https" = "ext:node_compat/https.js",
        "node:inspector" = "ext:node_compat/inspector.js",
        "node:inspector/promises" = "ext:node_compat/inspector_promises.js",
        "node:module" = "ext:node_compat/module.js",
        "node:net" = "ext:node_compat/net.js",
        "node:os" = "ext:node_compat/os.js",
        "node:path" = "ext:node_compat/path.js",
        "node:path/posix" = "ext:node_compat/path_posix.js",
        "node:path/win32" = "ext:node_compat/path_win32.js",
        "node:perf_hooks" = "ext:node_compat/perf_hooks.js",
        "node:process" = "ext:node_compat/process.js",
        "node:punycode" = "ext:node_compat/punycode.js",
        "node:querystring" = "ext:node_compat/querystring.js",
        "node:readline" = "ext:node_compat/readline.js",
        "node:readline/promises" = "ext:node_compat/readline_promises.js",
        "node:repl" = "ext:node_compat/repl.js",
        "node:sqlite" = "ext:node_compat/sqlite.js",
        "node:stream" = "ext:node_compat/stream.js",
        "node:stream/consumers" = "ext:node_compat/stream_consumers.js",
        "node:stream/promises" = "ext:node_compat/stream_promises.js",
        "node:stream/web" = "ext:node_compat/stream_web.js",
        "node:string_decoder" = "ext:node_compat/string_decoder.js",
        "node:sys" = "ext:node_compat/sys.js",
        "node:timers" = "ext:node_compat/timers.js",
        "node:timers/promises" = "ext:node_compat/timers_promises.js",
        "node:tls" = "ext:node_compat/tls.js",
        "node:trace_events" = "ext:node_compat/trace_events.js",
        "node:tty" = "ext:node_compat/tty.js",
        "node:url" = "ext:node_compat/url.js",
        "node:util" = "ext:node_compat/util.js",
        "node:util/types" = "ext:node_compat/util_types.js",
        "node:v8" = "ext:node_compat/v8.js",
        "node:vm" = "ext:node_compat/vm.js",
        "node:wasi" = "ext:node_compat/wasi.js",
        "node:worker_threads" = "ext:node_compat/worker_threads.js",
        "node:zlib" = "ext:node_compat/zlib.js",
    ],
);

/// The part of a buffer that a call names.
fn part(bytes: &[u8], offset: u32, length: u32) -> Result<&[u8], JsErrorBox> {
    let (offset, length) = (offset as usize, length as usize);
    let end = offset.checked_add(length);
    end.and_then(|end| bytes.get(offset..end))
        .ok_or_else(out_of_range)
}

/// As [`part`], to be written to.
fn part_mut(bytes: &mut [u8], offset: u32, length: u32) -> Result<&mut [u8], JsErrorBox> {
    let (offset, length) = (offset as usize, length as usize);
    let end = offset.checked_add(length);
    end.and_then(|end| bytes.get_mut(offset..end))
        .ok_or_else(out_of_range)
}

fn out_of_range() -> JsErrorBox {
    JsErrorBox::range_error("Index out of range")
}

/// Tells the caller what is left of its buffers: of the output first, as Node.js does.
fn tell_rest(result: &mut [u32], output: usize, input: usize) {
    if let [for_output, for_input, ..] = result {
        // Both are parts of buffers whose lengths came as u32.
        *for_output = u32::try_from(output).unwrap_or(u32::MAX);
        *for_input = u32::try_from(input).unwrap_or(u32::MAX);
    }
}
