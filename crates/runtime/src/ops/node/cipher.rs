//! Block ciphers for `node:crypto`, piece by piece: AES in the modes CBC, CTR, ECB, GCM and OFB, DES and Triple DES
//! in CBC and ECB. CBC and ECB work on whole blocks, the others as bytes come; padding is the caller's.

use std::cell::RefCell;

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{
    BlockCipher, BlockDecrypt, BlockEncrypt, BlockEncryptMut, BlockSizeUser, KeyInit, KeyIvInit,
    KeySizeUser, StreamCipher,
};
use aes::{Aes128, Aes192, Aes256};
use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use des::{Des, TdesEde2, TdesEde3};
use subtle::ConstantTimeEq;

use super::gcm::Gcm;

/// Bytes of a block of AES.
pub(super) const BLOCK: usize = 16;
const AUTHENTICATION_FAILED: &str = "Unsupported state or unable to authenticate data";

pub(super) type Block = GenericArray<u8, <Aes128 as BlockSizeUser>::BlockSize>;

/// AES with keys of some length.
pub(super) trait Aes:
    KeyInit
    + BlockEncrypt
    + BlockDecrypt
    + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>
    + BlockCipher
    + BlockEncryptMut
    + Clone
    + 'static
{
}

impl Aes for Aes128 {}
impl Aes for Aes192 {}
impl Aes for Aes256 {}

/// A cipher under way. Owned by its JavaScript object.
pub(crate) struct Cipher(RefCell<Box<dyn Mode>>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Cipher {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Cipher"
    }
}

/// What all modes do.
pub(super) trait Mode {
    /// In place; whole blocks where the mode has blocks.
    fn apply(&mut self, bytes: &mut [u8]);

    /// Adds what is authenticated without being encrypted; false if it is too late for that.
    fn authenticate(&mut self, _bytes: &[u8]) -> bool {
        true
    }

    /// What authenticates the whole, for modes that do.
    fn tag(&mut self) -> Option<[u8; BLOCK]> {
        None
    }
}

/// A cipher that may be asked for.
#[derive(Clone, Copy)]
struct Kind {
    family: Family,
    mode: ModeName,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Aes128,
    Aes192,
    Aes256,
    Des,
    TdesEde2,
    TdesEde3,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ModeName {
    Cbc,
    Ctr,
    Ecb,
    Gcm,
    Ofb,
}

impl Kind {
    /// Of a name of OpenSSL's, in lower case. `aes256` is `aes-256-cbc`, `id-aes256-gcm` is `aes-256-gcm`.
    fn new(name: &str) -> Option<Self> {
        let (family, mode) = match name.strip_prefix("id-").unwrap_or(name) {
            "des" | "des-cbc" => (Family::Des, ModeName::Cbc),
            "des-ecb" => (Family::Des, ModeName::Ecb),
            "des-ede" | "des-ede-ecb" => (Family::TdesEde2, ModeName::Ecb),
            "des-ede-cbc" => (Family::TdesEde2, ModeName::Cbc),
            "des-ede3" | "des-ede3-ecb" => (Family::TdesEde3, ModeName::Ecb),
            "des3" | "des-ede3-cbc" => (Family::TdesEde3, ModeName::Cbc),
            name => Self::aes(name.strip_prefix("aes")?)?,
        };
        Some(Kind { family, mode })
    }

    /// Of what follows `aes`.
    fn aes(name: &str) -> Option<(Family, ModeName)> {
        let name = name.strip_prefix('-').unwrap_or(name);
        let (bits, mode) = name.split_once('-').unwrap_or((name, "cbc"));
        let family = match bits {
            "128" => Family::Aes128,
            "192" => Family::Aes192,
            "256" => Family::Aes256,
            _ => return None,
        };
        let mode = match mode {
            "cbc" => ModeName::Cbc,
            "ctr" => ModeName::Ctr,
            "ecb" => ModeName::Ecb,
            "gcm" => ModeName::Gcm,
            "ofb" => ModeName::Ofb,
            _ => return None,
        };
        Some((family, mode))
    }

    /// Bytes of a block.
    fn block(self) -> usize {
        match self.family {
            Family::Aes128 | Family::Aes192 | Family::Aes256 => BLOCK,
            Family::Des | Family::TdesEde2 | Family::TdesEde3 => 8,
        }
    }

    fn start(self, key: &[u8], iv: &[u8], encrypt: bool) -> Result<Box<dyn Mode>, JsErrorBox> {
        let fits = match self.mode {
            ModeName::Ecb => iv.is_empty(),
            ModeName::Gcm => !iv.is_empty(),
            _ => iv.len() == self.block(),
        };
        if key.len() != self.key_size() {
            return Err(JsErrorBox::range_error("Invalid key length"));
        }
        if !fits {
            return Err(JsErrorBox::type_error("Invalid initialization vector"));
        }
        Ok(match self.family {
            Family::Aes128 => aes::<Aes128>(self.mode, key, iv, encrypt),
            Family::Aes192 => aes::<Aes192>(self.mode, key, iv, encrypt),
            Family::Aes256 => aes::<Aes256>(self.mode, key, iv, encrypt),
            Family::Des => blocks::<Des>(self.mode, key, iv, encrypt),
            Family::TdesEde2 => blocks::<TdesEde2>(self.mode, key, iv, encrypt),
            Family::TdesEde3 => blocks::<TdesEde3>(self.mode, key, iv, encrypt),
        })
    }

    fn key_size(self) -> usize {
        match self.family {
            Family::Aes128 => Aes128::key_size(),
            Family::Aes192 => Aes192::key_size(),
            Family::Aes256 => Aes256::key_size(),
            Family::Des => Des::key_size(),
            Family::TdesEde2 => TdesEde2::key_size(),
            Family::TdesEde3 => TdesEde3::key_size(),
        }
    }
}

/// What there is of a name, in lower case: 0 none, 1 one that works on blocks, 2 one that works on bytes, 3
/// one that works on bytes and authenticates them.
#[op2(fast)]
#[smi]
pub(crate) fn op_cipher_kind(#[string] name: &str) -> u32 {
    match Kind::new(name).map(|kind| kind.mode) {
        None => 0,
        Some(ModeName::Cbc | ModeName::Ecb) => 1,
        Some(ModeName::Ctr | ModeName::Ofb) => 2,
        Some(ModeName::Gcm) => 3,
    }
}

/// Starts a cipher. `name`: as OpenSSL has it, in lower case.
#[op2]
#[cppgc]
pub(crate) fn op_cipher(
    #[string] name: &str,
    #[anybuffer] key: &[u8],
    #[anybuffer] iv: &[u8],
    encrypt: bool,
) -> Result<Cipher, JsErrorBox> {
    let kind = Kind::new(name).ok_or_else(|| JsErrorBox::type_error("Unknown cipher"))?;
    Ok(Cipher(RefCell::new(kind.start(key, iv, encrypt)?)))
}

/// Puts what `input` becomes into `output`, which has the same length.
#[op2(fast)]
pub(crate) fn op_cipher_apply(
    #[cppgc] cipher: &Cipher,
    #[buffer] input: &[u8],
    #[buffer] output: &mut [u8],
) -> Result<(), JsErrorBox> {
    let length = input.len();
    let output = output.get_mut(..length).ok_or_else(super::out_of_range)?;
    output.copy_from_slice(input);
    cipher.0.borrow_mut().apply(output);
    Ok(())
}

/// Adds what is authenticated without being encrypted; false if it is too late for that.
#[op2]
pub(crate) fn op_cipher_authenticate(#[cppgc] cipher: &Cipher, #[anybuffer] bytes: &[u8]) -> bool {
    cipher.0.borrow_mut().authenticate(bytes)
}

/// What authenticates all of it; none for modes without. To be asked for once, at the end.
#[op2]
pub(crate) fn op_cipher_tag(#[cppgc] cipher: &Cipher) -> Option<Uint8Array> {
    let tag = cipher.0.borrow_mut().tag()?;
    Some(tag.to_vec().into())
}

/// Fails unless the tag, or as much of it as was sent, is the right one.
#[op2(fast)]
pub(crate) fn op_cipher_check(
    #[cppgc] cipher: &Cipher,
    #[buffer] tag: &[u8],
) -> Result<(), JsErrorBox> {
    let Some(right) = cipher.0.borrow_mut().tag() else {
        return Ok(());
    };
    let same = !tag.is_empty()
        && right
            .get(..tag.len())
            .is_some_and(|right| bool::from(right.ct_eq(tag)));
    match same {
        true => Ok(()),
        false => Err(JsErrorBox::generic(AUTHENTICATION_FAILED)),
    }
}

/// A mode of AES. The lengths were looked at.
fn aes<C: Aes>(mode: ModeName, key: &[u8], iv: &[u8], encrypt: bool) -> Box<dyn Mode> {
    match mode {
        ModeName::Cbc | ModeName::Ecb => blocks::<C>(mode, key, iv, encrypt),
        ModeName::Ctr => {
            let stream = ctr::Ctr128BE::<C>::new_from_slices(key, iv);
            Box::new(Stream(stream.expect("the lengths were looked at")))
        }
        ModeName::Ofb => Box::new(Ofb::<C>::new(key, iv)),
        ModeName::Gcm => Box::new(Gcm::new(&new::<C>(key), key, iv, encrypt)),
    }
}

fn new<C: KeyInit>(key: &[u8]) -> C {
    C::new_from_slice(key).expect("the key's length was looked at")
}

/// CBC, or ECB. The lengths were looked at.
fn blocks<C>(mode: ModeName, key: &[u8], iv: &[u8], encrypt: bool) -> Box<dyn Mode>
where
    C: KeyInit + BlockEncrypt + BlockDecrypt + 'static,
{
    let cipher = new::<C>(key);
    let size = C::block_size();
    if mode == ModeName::Ecb {
        return match encrypt {
            true => Box::new(Blocks(size, move |block: &mut [u8]| {
                cipher.encrypt_block(GenericArray::from_mut_slice(block));
            })),
            false => Box::new(Blocks(size, move |block: &mut [u8]| {
                cipher.decrypt_block(GenericArray::from_mut_slice(block));
            })),
        };
    }
    let mut before = iv.to_vec();
    match encrypt {
        true => Box::new(Blocks(size, move |block: &mut [u8]| {
            mix(block, &before);
            cipher.encrypt_block(GenericArray::from_mut_slice(block));
            before.copy_from_slice(block);
        })),
        false => {
            let mut read = before.clone();
            Box::new(Blocks(size, move |block: &mut [u8]| {
                read.copy_from_slice(block);
                cipher.decrypt_block(GenericArray::from_mut_slice(block));
                mix(block, &before);
                before.copy_from_slice(&read);
            }))
        }
    }
}

pub(super) fn mix(block: &mut [u8], other: &[u8]) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// A mode that works on blocks of so many bytes.
struct Blocks<F>(usize, F);

impl<F: FnMut(&mut [u8])> Mode for Blocks<F> {
    fn apply(&mut self, bytes: &mut [u8]) {
        for block in bytes.chunks_exact_mut(self.0) {
            (self.1)(block);
        }
    }
}

/// A mode that works on bytes.
struct Stream<S>(S);

impl<S: StreamCipher> Mode for Stream<S> {
    fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}

/// Output feedback: NIST SP 800-38A.
struct Ofb<C> {
    cipher: C,
    stream: Block,
    used: usize,
}

impl<C: Aes> Ofb<C> {
    fn new(key: &[u8], iv: &[u8]) -> Self {
        Ofb {
            cipher: new(key),
            stream: *Block::from_slice(iv),
            used: BLOCK,
        }
    }
}

impl<C: Aes> Mode for Ofb<C> {
    fn apply(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == BLOCK {
                self.cipher.encrypt_block(&mut self.stream);
                self.used = 0;
            }
            *byte ^= self.stream[self.used];
            self.used += 1;
        }
    }
}
