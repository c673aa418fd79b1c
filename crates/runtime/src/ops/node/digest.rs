//! Digests for `node:crypto`, piece by piece, and what is made of them: PBKDF2, HKDF, scrypt.
//!
//! Names are in lower case. All of it runs on the isolate's thread and counts as its CPU time.

use std::cell::RefCell;

use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use hkdf::Hkdf;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

const UNKNOWN: &str = "Digest method not supported";
/// Bytes of memory that scrypt takes for each unit of N times r.
const SCRYPT_UNIT: u64 = 128;

/// A digest under way; empty once it was asked for. Owned by its JavaScript object.
pub(crate) struct Digest(RefCell<Option<Box<dyn DynDigest>>>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Digest {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Digest"
    }
}

/// Calls `$then!` with the type of a digest.
macro_rules! with_digest {
    ($name:expr, $then:ident, $otherwise:expr) => {
        match plain_name($name) {
            "md5" => $then!(Md5),
            "sha1" => $then!(Sha1),
            "sha224" => $then!(Sha224),
            "sha256" => $then!(Sha256),
            "sha384" => $then!(Sha384),
            "sha512" => $then!(Sha512),
            "sha512-224" => $then!(Sha512_224),
            "sha512-256" => $then!(Sha512_256),
            "sha3-224" => $then!(Sha3_224),
            "sha3-256" => $then!(Sha3_256),
            "sha3-384" => $then!(Sha3_384),
            "sha3-512" => $then!(Sha3_512),
            _ => $otherwise,
        }
    };
}

/// OpenSSL has several names for some.
pub(super) fn plain_name(name: &str) -> &str {
    match name.strip_prefix("rsa-").unwrap_or(name) {
        "sha-1" | "ssl3-sha1" => "sha1",
        "sha-224" => "sha224",
        "sha-256" => "sha256",
        "sha-384" => "sha384",
        "sha-512" => "sha512",
        "sha512/224" | "sha-512/224" => "sha512-224",
        "sha512/256" | "sha-512/256" => "sha512-256",
        "ssl3-md5" => "md5",
        name => name,
    }
}

fn unknown() -> JsErrorBox {
    JsErrorBox::generic(UNKNOWN)
}

/// A digest by its name.
pub(super) fn new_digest(name: &str) -> Result<Box<dyn DynDigest>, JsErrorBox> {
    macro_rules! boxed {
        ($digest:ty) => {
            Ok(Box::new(<$digest>::default()))
        };
    }
    with_digest!(name, boxed, Err(unknown()))
}

#[op2]
#[cppgc]
pub(crate) fn op_digest(#[string] name: &str) -> Result<Digest, JsErrorBox> {
    Ok(Digest(RefCell::new(Some(new_digest(name)?))))
}

/// A digest in the same state; fails if it was asked for.
#[op2]
#[cppgc]
pub(crate) fn op_digest_copy(#[cppgc] digest: &Digest) -> Result<Digest, JsErrorBox> {
    let copy = digest.0.borrow().as_ref().map(|digest| digest.box_clone());
    let copy = copy.ok_or_else(|| JsErrorBox::generic("Digest already called"))?;
    Ok(Digest(RefCell::new(Some(copy))))
}

/// False if the digest was asked for.
#[op2(fast)]
pub(crate) fn op_digest_update(#[cppgc] digest: &Digest, #[buffer] bytes: &[u8]) -> bool {
    digest.update(bytes)
}

/// As UTF-8.
#[op2(fast)]
pub(crate) fn op_digest_update_text(#[cppgc] digest: &Digest, #[string] text: &str) -> bool {
    digest.update(text.as_bytes())
}

/// The digest; none if it was asked for before.
#[op2]
pub(crate) fn op_digest_finish(#[cppgc] digest: &Digest) -> Option<Uint8Array> {
    let digest = digest.0.borrow_mut().take()?;
    Some(digest.finalize().into_vec().into())
}

/// Bytes of a digest; 0 if there is none of that name.
#[op2(fast)]
pub(crate) fn op_digest_size(#[string] name: &str) -> u32 {
    let size = new_digest(name).map_or(0, |digest| digest.output_size());
    u32::try_from(size).expect("digests have less than 100 bytes")
}

/// Fills `key`; false if there is no such digest.
#[op2]
pub(crate) fn op_pbkdf2(
    #[anybuffer] password: &[u8],
    #[anybuffer] salt: &[u8],
    #[smi] iterations: u32,
    #[string] digest: &str,
    #[buffer] key: &mut [u8],
) -> bool {
    macro_rules! derive {
        ($digest:ty) => {{
            pbkdf2::pbkdf2_hmac::<$digest>(password, salt, iterations, key);
            true
        }};
    }
    with_digest!(digest, derive, false)
}

/// Fills `key`.
#[op2]
pub(crate) fn op_hkdf(
    #[string] digest: &str,
    #[anybuffer] input: &[u8],
    #[anybuffer] salt: &[u8],
    #[anybuffer] info: &[u8],
    #[buffer] key: &mut [u8],
) -> Result<(), JsErrorBox> {
    macro_rules! derive {
        ($digest:ty) => {{
            let expanded = Hkdf::<$digest>::new(Some(salt), input).expand(info, key);
            expanded.map_err(|_| JsErrorBox::generic("Invalid key length"))
        }};
    }
    with_digest!(digest, derive, Err(unknown()))
}

/// Fills `key`. `log_n`: the logarithm of N.
#[op2]
pub(crate) fn op_scrypt(
    #[anybuffer] password: &[u8],
    #[anybuffer] salt: &[u8],
    #[smi] log_n: u32,
    #[smi] r: u32,
    #[smi] p: u32,
    #[number] most_memory: u64,
    #[buffer] key: &mut [u8],
) -> Result<(), JsErrorBox> {
    let log_n = u8::try_from(log_n).map_err(|_| memory_exceeded())?;
    let memory = 1u64.checked_shl(u32::from(log_n)).and_then(|n| {
        let unit = SCRYPT_UNIT.checked_mul(u64::from(r))?;
        unit.checked_mul(n)
    });
    if memory.is_none_or(|memory| memory > most_memory) {
        return Err(memory_exceeded());
    }
    let parameters = scrypt::Params::new(log_n, r, p, scrypt::Params::RECOMMENDED_LEN);
    let parameters = parameters.map_err(|error| JsErrorBox::range_error(error.to_string()))?;
    scrypt::scrypt(password, salt, &parameters, key)
        .map_err(|error| JsErrorBox::range_error(error.to_string()))
}

fn memory_exceeded() -> JsErrorBox {
    JsErrorBox::range_error("Invalid scrypt params: memory limit exceeded")
}

impl Digest {
    fn update(&self, bytes: &[u8]) -> bool {
        let mut digest = self.0.borrow_mut();
        if let Some(digest) = digest.as_mut() {
            digest.update(bytes);
        }
        digest.is_some()
    }
}
