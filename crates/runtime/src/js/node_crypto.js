// What the scripts of `node:crypto` ask of Rust. Deno's own crate answers it (`deno_node_crypto`), but for what is
// here: ciphers, which are ours; what it would do on another thread; what it must not be asked.

(function () {
const { core } = __bootstrap;
const { ops } = core;
const ciphers = core.loadExtScript("ext:cellhouse_runtime/node_crypto_ciphers.js");
const certificates = core.loadExtScript("ext:cellhouse_runtime/node_crypto_certificates.js");
const checks = core.loadExtScript("ext:cellhouse_runtime/node_crypto_checks.js");
const signatures = core.loadExtScript("ext:cellhouse_runtime/node_crypto_signatures.js");

// ---- on this thread, as in Workers: an isolate's CPU time is counted, and an object's turn goes on after it

function later(run) {
  return (...args) => new Promise((resolve) => resolve(run(...args)));
}

// Functions with the same arguments as those that answer at once.
const AT_ONCE = [
  "op_node_check_prime_bytes", "op_node_gen_prime", "op_node_generate_dh_group_key",
  "op_node_generate_dh_key", "op_node_generate_dsa_key", "op_node_generate_ec_key",
  "op_node_generate_ed25519_key", "op_node_generate_ed448_key", "op_node_generate_rsa_key",
  "op_node_generate_rsa_pss_key", "op_node_generate_secret_key", "op_node_generate_x25519_key",
  "op_node_generate_x448_key",
];

const checked = { ...ciphers.ops, ...certificates, ...checks, ...signatures };
const found = (name) => checked[name] ?? ops[name];
const waiting = Object.fromEntries(AT_ONCE.map((name) => [`${name}_async`, later(found(name))]));

function filled(length, fill) {
  const bytes = new Uint8Array(length);
  fill(bytes);
  return bytes;
}

const derivations = {
  op_node_fill_random_async: later((length) => filled(length, ops.op_node_fill_random)),
  op_node_hkdf_async: later((digest, key, salt, info, length) =>
    filled(length, (bytes) => ops.op_node_hkdf(digest, key, salt, info, bytes))),
  op_node_pbkdf2_async: later((password, salt, iterations, digest, length) => {
    ops.op_node_pbkdf2_validate(digest);
    return filled(length, (bytes) => ops.op_node_pbkdf2(password, salt, iterations, digest, bytes));
  }),
  op_node_scrypt_async: later((password, salt, length, ...costs) =>
    filled(length, (bytes) => checks.op_node_scrypt_sync(password, salt, length, ...costs, bytes.buffer))),
};

return { ops: { __proto__: ops, ...checked, ...waiting, ...derivations } };
})();
