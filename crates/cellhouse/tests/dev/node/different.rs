//! Cases of `node_cases.mjs` whose answers are not workerd's, each with its reason. What stands here is what
//! they are instead.

use serde_json::{Value, json};

/// What a case gives here, if that is meant to differ.
pub fn meant(name: &str) -> Option<Value> {
    Some(match name {
        // The words of a newer Node.js.
        "buffer: wrong argument" => json!(
            "TypeError ERR_INVALID_ARG_TYPE: The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received type number (5)"
        ),
        "assert.strictEqual" => json!(
            "AssertionError ERR_ASSERTION: Expected values to be strictly equal:\n\n1 !== 2\n"
        ),
        "assert.match" => json!(
            "AssertionError ERR_ASSERTION: The input did not match the regular expression /x/. Input:\n\n'abc'\n"
        ),
        // As in Node.js.
        "createHmac: keys" => {
            json!(["7edf369957949ab01d5652f07e36e49cd13e97c00531367875c3d8d65178da9a", "secret", 4, "00112233", {"kty": "oct", "k": "ABEiMw"}])
        }
        "keys: PEM, ec, sec1" => json!([
            "-----BEGIN EC PRIVATE KEY-----",
            "-----BEGIN PUBLIC KEY-----",
            true,
            null
        ]),
        "timingSafeEqual: lengths" => json!(
            "RangeError ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH: Input buffers must have the same byte length"
        ),
        "util.parseArgs" => json!({"values": {"foo": true, "bar": "b"}, "positionals": ["rest"]}),
        "assert.throws" => json!([null, true]),
        "assert.ok(AssertionError)" => json!([true, "ERR_ASSERTION", 1, "notStrictEqual", true]),
        "stream: finished, duplex" => json!([["x!"], false, true]),
        "stream: compose" => json!(["aa", "bb"]),
        "zlib: zstd" => json!(["28b52ffd", true, 100_000, true, true, true, true]),
        "zlib: zstd, not packed" => {
            json!("Error ZSTD_error_prefix_unknown: Unknown frame descriptor")
        }
        "zlib: zstd, cut off" => json!("Error Z_BUF_ERROR: unexpected end of file"),
        "zlib: zstd, parameters" => {
            json!("RangeError ERR_ZSTD_INVALID_PARAM: 9999 is not a valid zstd parameter")
        }
        "zlib: not packed" => json!("Error Z_DATA_ERROR: incorrect header check"),
        "zlib: cut off" => json!("Error Z_BUF_ERROR: unexpected end of file"),
        "module: not built in" => json!("Error MODULE_NOT_FOUND: Cannot find module 'left-pad'"),
        // From process.cwd() on, as in Node.js.
        "path" => {
            json!(["/b/c", "/a/c", "y", ".c", "/a", "../../d", "/a/c", false, {"root": "/", "dir": "/home", "base": "a.txt", "ext": ".txt", "name": "a"}, "/x/y", "/", true, true, "a\\b", "C:\\b", "/bundle/rel"])
        }
        _ => return None,
    })
}
