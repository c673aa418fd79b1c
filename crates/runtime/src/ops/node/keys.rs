//! Keys of two halves for `node:crypto`: RSA, the curves P-256 and P-384, Ed25519. Read, written, made.

use std::fmt::Display;

use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, ToJsBuffer, op2, v8};
use deno_error::JsErrorBox;
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::pkcs1::{
    DecodeRsaPrivateKey, DecodeRsaPublicKey, EncodeRsaPrivateKey, EncodeRsaPublicKey,
};
use rsa::rand_core::{OsRng, RngCore};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};

/// What stands before the key in PKCS #8 and in SPKI: RFC 8410, section 7 and 4.
const ED25519_PRIVATE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const ED25519_PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const UNSUPPORTED: &str = "error:1E08010C:DECODER routines::unsupported";

/// One half of a key, or both. Owned by its JavaScript object.
pub(crate) enum Key {
    RsaPrivate(Box<RsaPrivateKey>),
    RsaPublic(RsaPublicKey),
    P256Private(p256::SecretKey),
    P256Public(p256::PublicKey),
    P384Private(p384::SecretKey),
    P384Public(p384::PublicKey),
    Ed25519Private([u8; 32]),
    Ed25519Public([u8; 32]),
}

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Key {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Key"
    }
}

fn unsupported() -> JsErrorBox {
    JsErrorBox::generic(UNSUPPORTED)
}

fn failed(error: impl Display) -> JsErrorBox {
    JsErrorBox::generic(error.to_string())
}

/// Reads a private key. `kind`: `pkcs8`, `pkcs1`, `sec1`.
#[op2]
#[cppgc]
pub(crate) fn op_key_private(
    #[buffer] der: &[u8],
    #[string] kind: &str,
) -> Result<Key, JsErrorBox> {
    let rsa = |key| Key::RsaPrivate(Box::new(key));
    let found = match kind {
        "pkcs1" => RsaPrivateKey::from_pkcs1_der(der).map(rsa).ok(),
        "sec1" => p256::SecretKey::from_sec1_der(der)
            .map(Key::P256Private)
            .or_else(|_| p384::SecretKey::from_sec1_der(der).map(Key::P384Private))
            .ok(),
        _ => (RsaPrivateKey::from_pkcs8_der(der).map(rsa))
            .or_else(|_| p256::SecretKey::from_pkcs8_der(der).map(Key::P256Private))
            .or_else(|_| p384::SecretKey::from_pkcs8_der(der).map(Key::P384Private))
            .ok()
            .or_else(|| {
                let seed = der.strip_prefix(&ED25519_PRIVATE)?;
                Some(Key::Ed25519Private(seed.get(..32)?.try_into().ok()?))
            }),
    };
    found.ok_or_else(unsupported)
}

/// Reads a public key. `kind`: `spki`, `pkcs1`.
#[op2]
#[cppgc]
pub(crate) fn op_key_public(#[buffer] der: &[u8], #[string] kind: &str) -> Result<Key, JsErrorBox> {
    let found = match kind {
        "pkcs1" => RsaPublicKey::from_pkcs1_der(der).map(Key::RsaPublic).ok(),
        _ => (RsaPublicKey::from_public_key_der(der).map(Key::RsaPublic))
            .or_else(|_| p256::PublicKey::from_public_key_der(der).map(Key::P256Public))
            .or_else(|_| p384::PublicKey::from_public_key_der(der).map(Key::P384Public))
            .ok()
            .or_else(|| {
                let point = der.strip_prefix(&ED25519_PUBLIC)?;
                Some(Key::Ed25519Public(point.try_into().ok()?))
            }),
    };
    found.ok_or_else(unsupported)
}

/// Reads a key of a curve from a JSON Web Key.
#[op2]
#[cppgc]
pub(crate) fn op_key_ec_jwk(#[string] jwk: &str, private: bool) -> Result<Key, JsErrorBox> {
    let found = if private {
        p256::SecretKey::from_jwk_str(jwk)
            .map(Key::P256Private)
            .or_else(|_| p384::SecretKey::from_jwk_str(jwk).map(Key::P384Private))
    } else {
        p256::PublicKey::from_jwk_str(jwk)
            .map(Key::P256Public)
            .or_else(|_| p384::PublicKey::from_jwk_str(jwk).map(Key::P384Public))
    };
    found.map_err(|_| JsErrorBox::generic("Invalid JWK data"))
}

/// An RSA key from its numbers: n and e, and for a private one d, p and q.
#[op2]
#[cppgc]
pub(crate) fn op_key_rsa(
    #[buffer] n: &[u8],
    #[buffer] e: &[u8],
    #[buffer] d: &[u8],
    #[buffer] p: &[u8],
    #[buffer] q: &[u8],
) -> Result<Key, JsErrorBox> {
    let [n, e, d, p, q] = [n, e, d, p, q].map(BigUint::from_bytes_be);
    if d == BigUint::default() {
        return RsaPublicKey::new(n, e).map(Key::RsaPublic).map_err(failed);
    }
    let key = RsaPrivateKey::from_components(n, e, d, vec![p, q]);
    key.map(|key| Key::RsaPrivate(Box::new(key)))
        .map_err(failed)
}

/// An Ed25519 key from its 32 bytes.
#[op2]
#[cppgc]
pub(crate) fn op_key_ed25519(#[buffer] bytes: &[u8], private: bool) -> Result<Key, JsErrorBox> {
    let bytes = bytes.try_into().map_err(|_| unsupported())?;
    Ok(match private {
        true => Key::Ed25519Private(bytes),
        false => Key::Ed25519Public(bytes),
    })
}

/// Makes a key. `kind`: `rsa`, or the name of a curve.
#[op2]
#[cppgc]
pub(crate) fn op_key_generate(
    #[string] kind: &str,
    #[smi] bits: u32,
    #[smi] exponent: u32,
) -> Result<Key, JsErrorBox> {
    Ok(match kind {
        "rsa" => {
            let exponent = BigUint::from(exponent);
            let key = RsaPrivateKey::new_with_exp(&mut OsRng, bits as usize, &exponent);
            Key::RsaPrivate(Box::new(key.map_err(failed)?))
        }
        "P-256" => Key::P256Private(p256::SecretKey::random(&mut OsRng)),
        "P-384" => Key::P384Private(p384::SecretKey::random(&mut OsRng)),
        "ed25519" => {
            let mut seed = [0; 32];
            OsRng.fill_bytes(&mut seed);
            Key::Ed25519Private(seed)
        }
        _ => return Err(JsErrorBox::type_error(format!("Unsupported curve: {kind}"))),
    })
}

/// The public half.
#[op2]
#[cppgc]
pub(crate) fn op_key_half(#[cppgc] key: &Key) -> Key {
    key.public()
}

/// `rsa`, `P-256`, `P-384` or `ed25519`.
#[op2]
#[string]
pub(crate) fn op_key_kind(#[cppgc] key: &Key) -> &'static str {
    match key {
        Key::RsaPrivate(_) | Key::RsaPublic(_) => "rsa",
        Key::P256Private(_) | Key::P256Public(_) => "P-256",
        Key::P384Private(_) | Key::P384Public(_) => "P-384",
        Key::Ed25519Private(_) | Key::Ed25519Public(_) => "ed25519",
    }
}

/// Whether both halves are there.
#[op2(fast)]
pub(crate) fn op_key_is_private(#[cppgc] key: &Key) -> bool {
    key.is_private()
}

/// As DER. `kind`: `pkcs8`, `spki`, `pkcs1`, `sec1`.
#[op2]
pub(crate) fn op_key_der(
    #[cppgc] key: &Key,
    #[string] kind: &str,
) -> Result<Uint8Array, JsErrorBox> {
    Ok(key.der(kind)?.into())
}

/// A key of a curve as a JSON Web Key.
#[op2]
#[string]
pub(crate) fn op_key_ec_to_jwk(#[cppgc] key: &Key) -> Result<String, JsErrorBox> {
    Ok(match key {
        Key::P256Private(key) => key.to_jwk_string().to_string(),
        Key::P256Public(key) => key.to_jwk_string(),
        Key::P384Private(key) => key.to_jwk_string().to_string(),
        Key::P384Public(key) => key.to_jwk_string(),
        _ => return Err(unsupported()),
    })
}

/// The numbers of a key: of RSA n and e, and of a private one d, p, q, dp, dq and qi; of Ed25519 its
/// public bytes, and of a private one its seed.
#[op2]
#[serde]
pub(crate) fn op_key_numbers(#[cppgc] key: &Key) -> Vec<ToJsBuffer> {
    let numbers: Vec<Vec<u8>> = match key {
        Key::RsaPublic(key) => vec![key.n().to_bytes_be(), key.e().to_bytes_be()],
        Key::RsaPrivate(key) => rsa_numbers(key),
        Key::Ed25519Public(point) => vec![point.to_vec()],
        Key::Ed25519Private(seed) => vec![
            super::signatures::ed25519_public(seed).to_vec(),
            seed.to_vec(),
        ],
        _ => Vec::new(),
    };
    numbers.into_iter().map(ToJsBuffer::from).collect()
}

fn rsa_numbers(key: &RsaPrivateKey) -> Vec<Vec<u8>> {
    let mut numbers = vec![
        key.n().to_bytes_be(),
        key.e().to_bytes_be(),
        key.d().to_bytes_be(),
    ];
    let [p, q, ..] = key.primes() else {
        return numbers;
    };
    let one = BigUint::from(1u8);
    // p is prime: the inverse of q is its power to p - 2.
    let inverse = q.modpow(&(p - &one - &one), p);
    let others = [
        p.clone(),
        q.clone(),
        key.d() % (p - &one),
        key.d() % (q - &one),
        inverse,
    ];
    numbers.extend(others.iter().map(BigUint::to_bytes_be));
    numbers
}

impl Key {
    fn is_private(&self) -> bool {
        use Key::*;
        matches!(
            self,
            RsaPrivate(_) | P256Private(_) | P384Private(_) | Ed25519Private(_)
        )
    }

    pub(super) fn public(&self) -> Key {
        match self {
            Key::RsaPrivate(key) => Key::RsaPublic(key.to_public_key()),
            Key::RsaPublic(key) => Key::RsaPublic(key.clone()),
            Key::P256Private(key) => Key::P256Public(key.public_key()),
            Key::P256Public(key) => Key::P256Public(*key),
            Key::P384Private(key) => Key::P384Public(key.public_key()),
            Key::P384Public(key) => Key::P384Public(*key),
            Key::Ed25519Private(seed) => {
                Key::Ed25519Public(super::signatures::ed25519_public(seed))
            }
            Key::Ed25519Public(point) => Key::Ed25519Public(*point),
        }
    }

    fn der(&self, kind: &str) -> Result<Vec<u8>, JsErrorBox> {
        if kind == "spki" && self.is_private() {
            return self.public().der(kind);
        }
        match (self, kind) {
            (Key::RsaPrivate(key), "pkcs1") => key
                .to_pkcs1_der()
                .map(|der| der.as_bytes().to_vec())
                .map_err(failed),
            (Key::RsaPublic(key), "pkcs1") => {
                key.to_pkcs1_der().map(|der| der.into_vec()).map_err(failed)
            }
            (Key::P256Private(key), "sec1") => {
                key.to_sec1_der().map(|der| der.to_vec()).map_err(failed)
            }
            (Key::P384Private(key), "sec1") => {
                key.to_sec1_der().map(|der| der.to_vec()).map_err(failed)
            }
            (Key::RsaPrivate(key), _) => pkcs8(&**key),
            (Key::P256Private(key), _) => pkcs8(key),
            (Key::P384Private(key), _) => pkcs8(key),
            (Key::Ed25519Private(seed), _) => Ok([&ED25519_PRIVATE[..], seed].concat()),
            (Key::RsaPublic(key), _) => spki(key),
            (Key::P256Public(key), _) => spki(key),
            (Key::P384Public(key), _) => spki(key),
            (Key::Ed25519Public(point), _) => Ok([&ED25519_PUBLIC[..], point].concat()),
        }
    }
}

fn pkcs8(key: &impl EncodePrivateKey) -> Result<Vec<u8>, JsErrorBox> {
    key.to_pkcs8_der()
        .map(|der| der.as_bytes().to_vec())
        .map_err(failed)
}

fn spki(key: &impl EncodePublicKey) -> Result<Vec<u8>, JsErrorBox> {
    key.to_public_key_der()
        .map(|der| der.into_vec())
        .map_err(failed)
}
