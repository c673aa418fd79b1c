// What `process` says of itself that is the same for every app: workerd's answers, of which most are that something
// is not there.

(function () {
const all = (value, names) => Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, value]));

const versions = {
  node: "22.19.0",
  ...all("", `v8 modules zlib brotli zstd ares napi llhttp nghttp2 acorn ada simdutf nbytes ncrypto uvwasi uv openssl
    sqlite icu undici simdjson unicode cldr tz cjs_module_lexer amaro merve`),
};

const features = Object.freeze({
  cached_builtins: true, debug: false, inspector: false, ipv6: true, openssl_is_boringssl: true, require_module: false,
  ...all(true, "tls tls_alpn tls_ocsp tls_sni"), typescript: false, uv: true,
});

const config = () => Object.freeze({
  target_defaults: Object.freeze({ default_configuration: "Release" }),
  variables: Object.freeze({
    ...all(0, `asan dcheck_always_on force_dynamic_crt is_debug ubsan use_ccache_win
      v8_enable_31bit_smis_on_64bit_arch v8_enable_extensible_ro_snapshot v8_enable_external_code_space v8_enable_gdbjit
      v8_enable_hugepage v8_enable_inspector v8_enable_javascript_promise_hooks v8_enable_lite_mode
      v8_enable_object_print v8_enable_sandbox v8_enable_v8_checks v8_enable_wasm_simd256_revec v8_random_seed
      v8_trace_maps want_separate_host_toolset`),
    ...all(1, `clang v8_enable_i18n_support v8_enable_maglev v8_enable_pointer_compression
      v8_enable_pointer_compression_shared_cage v8_enable_shared_ro_heap v8_enable_short_builtin_calls
      v8_enable_webassembly v8_no_strict_aliasing v8_optimized_debug v8_promise_internal_field_count v8_use_siphash`),
    ...all(false, `control_flow_guard coverage debug_nghttp2 debug_node enable_lto enable_pgo_generate enable_pgo_use
      error_on_warn icu_small node_debug_lib node_enable_d8 node_enable_v8_vtunejit node_enable_v8windbg
      node_fipsinstall node_install_corepack node_install_npm node_no_browser_globals node_quic node_shared
      node_shared_ada node_shared_brotli node_shared_cares node_shared_gtest node_shared_hdr_histogram
      node_shared_http_parser node_shared_libuv node_shared_merve node_shared_nbytes node_shared_nghttp2
      node_shared_nghttp3 node_shared_ngtcp2 node_shared_openssl node_shared_simdjson node_shared_simdutf
      node_shared_sqlite node_shared_uvwasi node_shared_zlib node_shared_zstd node_use_amaro node_use_node_code_cache
      node_use_node_snapshot node_use_sqlite node_use_v8_platform node_with_ltcg
      node_write_snapshot_as_array_literals openssl_is_fips openssl_quic ossfuzz single_executable_application
      suppress_all_error_on_warn use_prefix_to_find_headers`),
    ...all("", `gas_version icu_data_in icu_gyp_path icu_path icu_ver_major llvm_version node_release_urlbase
      node_section_ordering_info node_tag`),
    ...all(true, "node_use_bundled_v8 node_use_openssl node_without_node_options"),
    host_arch: "x64", target_arch: "x64", icu_endianness: "l", libdir: "lib", napi_build_version: "9",
    node_byteorder: "little", node_module_version: 127, node_prefix: "/usr/local", node_target_type: "executable",
    shlib_suffix: "so",
  }),
});

const RESOURCES = `userCPUTime systemCPUTime maxRSS sharedMemorySize unsharedDataSize unsharedStackSize minorPageFault
  majorPageFault swappedOut fsRead fsWrite ipcSent ipcReceived signalsCount voluntaryContextSwitches
  involuntaryContextSwitches`;

const report = () => ({
  compact: false, directory: "", filename: "", getReport: () => ({}), reportOnFatalError: false, reportOnSignal: false,
  reportOnUncaughtException: false, excludeNetwork: false, excludeEnv: false, signal: "SIGUSR2",
});

return {
  config, features, report, versions,
  memoryUsage: () => all(0, "rss heapTotal heapUsed external arrayBuffers"),
  resourceUsage: () => all(0, RESOURCES),
};
})();
