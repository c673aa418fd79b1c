//! What Web Crypto has not and Workers have: hashing piece by piece (`crypto.DigestStream`), MD5, and
//! comparison in constant time. Everything else is Deno's.

use std::cell::RefCell;

use deno_core::{GarbageCollected, ToJsBuffer, op2, v8};
use deno_error::JsErrorBox;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::{Digest, DynDigest};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

/// A digest under way. Owned by its JavaScript object.
pub(crate) struct Hasher(RefCell<Box<dyn DynDigest>>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Hasher {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Hasher"
    }
}

/// Starts a digest. `name` is in upper case.
#[op2]
#[cppgc]
pub(crate) fn op_hasher_new(#[string] name: &str) -> Result<Hasher, JsErrorBox> {
    let digest: Box<dyn DynDigest> = match name {
        "MD5" => Box::new(Md5::new()),
        "SHA-1" => Box::new(Sha1::new()),
        "SHA-256" => Box::new(Sha256::new()),
        "SHA-384" => Box::new(Sha384::new()),
        "SHA-512" => Box::new(Sha512::new()),
        _ => {
            let message = format!("Unrecognized or unimplemented digest algorithm \"{name}\".");
            return Err(JsErrorBox::new("DOMExceptionNotSupportedError", message));
        }
    };
    Ok(Hasher(RefCell::new(digest)))
}

#[op2(fast)]
pub(crate) fn op_hasher_update(#[cppgc] hasher: &Hasher, #[buffer] bytes: &[u8]) {
    hasher.0.borrow_mut().update(bytes);
}

/// The digest of everything so far; the hasher starts anew.
#[op2]
#[serde]
pub(crate) fn op_hasher_finish(#[cppgc] hasher: &Hasher) -> ToJsBuffer {
    hasher.0.borrow_mut().finalize_reset().into_vec().into()
}

/// Whether two buffers of one length are equal, in a time that depends on nothing but the length.
#[op2(fast)]
pub(crate) fn op_timing_safe_equal(#[buffer] a: &[u8], #[buffer] b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
