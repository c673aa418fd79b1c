//! Signatures for `node:crypto`: RSA (PKCS #1 and PSS), ECDSA, Ed25519.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use deno_core::convert::Uint8Array;
use deno_core::op2;
use deno_error::JsErrorBox;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use super::digest::{new_digest, plain_name};
use super::keys::Key;

/// OpenSSL's number of PSS; any other padding is PKCS #1's.
const PSS: i32 = 6;
/// The salt is as long as the digest.
const SALT_OF_DIGEST: i32 = -1;
/// The salt is as long as fits, or to be found out.
const SALT_LONGEST: i32 = -2;
/// Bytes of a PSS signature that are neither salt nor digest: RFC 8017, section 9.1.1.
const PSS_OVERHEAD: usize = 2;
/// How ECDSA's two numbers are written: as DER, or one after the other.
const PLAIN: i32 = 1;

fn unsupported() -> JsErrorBox {
    JsErrorBox::type_error("operation not supported for this keytype")
}

fn failed(error: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::generic(error.to_string())
}

/// The public half of an Ed25519 key.
pub(super) fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
    let public = pair.public_key().as_ref();
    public.try_into().expect("points have 32 bytes")
}

/// Signs a digest. `salt`: bytes of PSS's, or one of the numbers above.
#[op2]
pub(crate) fn op_key_sign(
    #[cppgc] key: &Key,
    #[string] digest: &str,
    #[buffer] hash: &[u8],
    #[smi] padding: i32,
    #[smi] salt: i32,
    #[smi] encoding: i32,
) -> Result<Uint8Array, JsErrorBox> {
    let signature = match key {
        Key::RsaPrivate(key) if padding == PSS => {
            let salt = salt_length(salt, hash.len(), key.size());
            key.sign_with_rng(&mut OsRng, pss(digest, salt)?, hash)
                .map_err(failed)?
        }
        Key::RsaPrivate(key) => key.sign(pkcs1(digest)?, hash).map_err(failed)?,
        Key::P256Private(key) => {
            let key = p256::ecdsa::SigningKey::from(key);
            let signature: p256::ecdsa::Signature = key.sign_prehash(hash).map_err(failed)?;
            match encoding {
                PLAIN => signature.to_bytes().to_vec(),
                _ => signature.to_der().as_bytes().to_vec(),
            }
        }
        Key::P384Private(key) => {
            let key = p384::ecdsa::SigningKey::from(key);
            let signature: p384::ecdsa::Signature = key.sign_prehash(hash).map_err(failed)?;
            match encoding {
                PLAIN => signature.to_bytes().to_vec(),
                _ => signature.to_der().as_bytes().to_vec(),
            }
        }
        _ => return Err(unsupported()),
    };
    Ok(signature.into())
}

/// Whether a signature is that of a digest.
#[op2(fast)]
#[allow(clippy::too_many_arguments)] // what Node.js gives
pub(crate) fn op_key_verify(
    #[cppgc] key: &Key,
    #[string] digest: &str,
    #[buffer] hash: &[u8],
    #[buffer] signature: &[u8],
    #[smi] padding: i32,
    #[smi] salt: i32,
    #[smi] encoding: i32,
) -> Result<bool, JsErrorBox> {
    Ok(match key.public() {
        Key::RsaPublic(key) if padding == PSS => {
            let longest = salt_length(SALT_LONGEST, hash.len(), key.size());
            let found = match salt {
                SALT_LONGEST => vec![hash.len(), longest, 0],
                salt => vec![salt_length(salt, hash.len(), key.size())],
            };
            let mut matches = false;
            for salt in found {
                matches |= key.verify(pss(digest, salt)?, hash, signature).is_ok();
            }
            matches
        }
        Key::RsaPublic(key) => key.verify(pkcs1(digest)?, hash, signature).is_ok(),
        Key::P256Public(key) => {
            let signature = match encoding {
                PLAIN => p256::ecdsa::Signature::from_slice(signature),
                _ => p256::ecdsa::Signature::from_der(signature),
            };
            let key = p256::ecdsa::VerifyingKey::from(&key);
            signature.is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok())
        }
        Key::P384Public(key) => {
            let signature = match encoding {
                PLAIN => p384::ecdsa::Signature::from_slice(signature),
                _ => p384::ecdsa::Signature::from_der(signature),
            };
            let key = p384::ecdsa::VerifyingKey::from(&key);
            signature.is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok())
        }
        _ => return Err(unsupported()),
    })
}

/// Signs a message by Ed25519.
#[op2]
pub(crate) fn op_key_sign_ed25519(
    #[cppgc] key: &Key,
    #[buffer] message: &[u8],
) -> Result<Uint8Array, JsErrorBox> {
    let Key::Ed25519Private(seed) = key else {
        return Err(unsupported());
    };
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
    Ok(pair.sign(message).as_ref().to_vec().into())
}

/// Whether an Ed25519 signature is that of a message.
#[op2(fast)]
pub(crate) fn op_key_verify_ed25519(
    #[cppgc] key: &Key,
    #[buffer] message: &[u8],
    #[buffer] signature: &[u8],
) -> Result<bool, JsErrorBox> {
    let Key::Ed25519Public(point) = key.public() else {
        return Err(unsupported());
    };
    let key = UnparsedPublicKey::new(&ED25519, point);
    Ok(key.verify(message, signature).is_ok())
}

fn salt_length(salt: i32, digest: usize, key: usize) -> usize {
    match salt {
        SALT_OF_DIGEST => digest,
        salt => usize::try_from(salt).unwrap_or_else(|_| key.saturating_sub(digest + PSS_OVERHEAD)),
    }
}

fn pkcs1(digest: &str) -> Result<Pkcs1v15Sign, JsErrorBox> {
    Ok(match plain_name(digest) {
        "sha1" => Pkcs1v15Sign::new::<Sha1>(),
        "sha224" => Pkcs1v15Sign::new::<Sha224>(),
        "sha256" => Pkcs1v15Sign::new::<Sha256>(),
        "sha384" => Pkcs1v15Sign::new::<Sha384>(),
        "sha512" => Pkcs1v15Sign::new::<Sha512>(),
        "sha512-224" => Pkcs1v15Sign::new::<Sha512_224>(),
        "sha512-256" => Pkcs1v15Sign::new::<Sha512_256>(),
        _ => return Err(JsErrorBox::type_error(format!("Invalid digest: {digest}"))),
    })
}

fn pss(digest: &str, salt: usize) -> Result<Pss, JsErrorBox> {
    new_digest(digest)?;
    Ok(match plain_name(digest) {
        "sha1" => Pss::new_with_salt::<Sha1>(salt),
        "sha224" => Pss::new_with_salt::<Sha224>(salt),
        "sha256" => Pss::new_with_salt::<Sha256>(salt),
        "sha384" => Pss::new_with_salt::<Sha384>(salt),
        "sha512" => Pss::new_with_salt::<Sha512>(salt),
        _ => return Err(JsErrorBox::type_error(format!("Invalid digest: {digest}"))),
    })
}
