//! AES for `node:crypto`, piece by piece: CBC and ECB by whole blocks, CTR and GCM as bytes come.

use std::cell::RefCell;

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{
    BlockDecryptMut, BlockEncrypt, BlockEncryptMut, BlockSizeUser, KeyInit, KeyIvInit, StreamCipher,
};
use aes::{Aes128, Aes192, Aes256};
use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;

const BLOCK: usize = 16;
/// The IV that GCM takes as it is; others are hashed.
const GCM_IV: usize = 12;
const AUTHENTICATION_FAILED: &str = "Unsupported state or unable to authenticate data";

type Block = GenericArray<u8, <Aes128 as BlockSizeUser>::BlockSize>;

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
trait Mode {
    /// In place; whole blocks where the mode has blocks.
    fn apply(&mut self, bytes: &mut [u8]);

    /// What is authenticated without being encrypted.
    fn authenticate(&mut self, _bytes: &[u8]) {}

    /// What authenticates the whole, for modes that do.
    fn tag(&mut self) -> Option<[u8; BLOCK]> {
        None
    }
}

/// Starts a cipher. `name`: as OpenSSL has it, in lower case.
#[op2]
#[cppgc]
pub(crate) fn op_cipher(
    #[string] name: &str,
    #[buffer] key: &[u8],
    #[buffer] iv: &[u8],
    encrypt: bool,
) -> Result<Cipher, JsErrorBox> {
    let (bits, mode) = parts(name).ok_or_else(|| JsErrorBox::type_error("Unknown cipher"))?;
    if key.len() * 8 != bits {
        return Err(JsErrorBox::range_error("Invalid key length"));
    }
    let wanted = match mode {
        "ecb" => Some(0),
        "gcm" => None,
        _ => Some(BLOCK),
    };
    if iv.is_empty() && mode == "gcm" || wanted.is_some_and(|wanted| iv.len() != wanted) {
        return Err(JsErrorBox::type_error("Invalid initialization vector"));
    }
    let mode = match bits {
        128 => new_mode::<Aes128>(mode, key, iv, encrypt),
        192 => new_mode::<Aes192>(mode, key, iv, encrypt),
        _ => new_mode::<Aes256>(mode, key, iv, encrypt),
    };
    Ok(Cipher(RefCell::new(mode)))
}

/// The bits of the key, and the mode. `aes256` is `aes-256-cbc`, `id-aes256-gcm` is `aes-256-gcm`.
fn parts(name: &str) -> Option<(usize, &str)> {
    let name = name.strip_prefix("id-").unwrap_or(name);
    let name = name.strip_prefix("aes")?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let (bits, mode) = match name.split_once('-') {
        Some(parts) => parts,
        None => (name, "cbc"),
    };
    let bits = match bits {
        "128" => 128,
        "192" => 192,
        "256" => 256,
        _ => return None,
    };
    matches!(mode, "cbc" | "ecb" | "ctr" | "gcm").then_some((bits, mode))
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

#[op2]
pub(crate) fn op_cipher_authenticate(#[cppgc] cipher: &Cipher, #[anybuffer] bytes: &[u8]) {
    cipher.0.borrow_mut().authenticate(bytes);
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

fn new_mode<Aes>(mode: &str, key: &[u8], iv: &[u8], encrypt: bool) -> Box<dyn Mode>
where
    Aes: KeyInit
        + BlockEncrypt
        + aes::cipher::BlockDecrypt
        + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>
        + aes::cipher::BlockCipher
        + BlockEncryptMut
        + BlockDecryptMut
        + Clone
        + 'static,
{
    let aes = Aes::new_from_slice(key).expect("the key's length was looked at");
    match (mode, encrypt) {
        ("ecb", true) => Box::new(Blocks(move |block: &mut Block| aes.encrypt_block(block))),
        ("ecb", false) => Box::new(Blocks(move |block: &mut Block| aes.decrypt_block(block))),
        ("cbc", true) => {
            let mut before = *Block::from_slice(iv);
            Box::new(Blocks(move |block: &mut Block| {
                mix(block, &before);
                aes.encrypt_block(block);
                before = *block;
            }))
        }
        ("cbc", false) => {
            let mut before = *Block::from_slice(iv);
            Box::new(Blocks(move |block: &mut Block| {
                let read = *block;
                aes.decrypt_block(block);
                mix(block, &before);
                before = read;
            }))
        }
        ("ctr", _) => {
            let stream = ctr::Ctr128BE::<Aes>::new_from_slices(key, iv);
            Box::new(Stream(stream.expect("the lengths were looked at")))
        }
        _ => Box::new(Gcm::new(&aes, key, iv, encrypt)),
    }
}

fn mix(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// A mode that works on blocks.
struct Blocks<F>(F);

impl<F: FnMut(&mut Block)> Mode for Blocks<F> {
    fn apply(&mut self, bytes: &mut [u8]) {
        for block in bytes.chunks_exact_mut(BLOCK) {
            (self.0)(Block::from_mut_slice(block));
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

/// Galois/counter mode: NIST SP 800-38D.
struct Gcm<
    Aes: BlockEncryptMut
        + aes::cipher::BlockCipher
        + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>,
> {
    stream: ctr::Ctr32BE<Aes>,
    hash: GHash,
    /// What the tag is mixed with.
    mask: Block,
    /// Bytes that wait to be a block of the hash.
    waiting: Vec<u8>,
    authenticated: u64,
    encrypted: u64,
    encrypt: bool,
}

impl<Aes> Gcm<Aes>
where
    Aes: KeyInit
        + BlockEncrypt
        + BlockEncryptMut
        + aes::cipher::BlockCipher
        + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>
        + Clone,
{
    fn new(aes: &Aes, key: &[u8], iv: &[u8], encrypt: bool) -> Self {
        let mut hash_key = Block::default();
        aes.encrypt_block(&mut hash_key);
        let hash = GHash::new(&hash_key);
        let mut counter = Block::default();
        if iv.len() == GCM_IV {
            counter[..GCM_IV].copy_from_slice(iv);
            counter[BLOCK - 1] = 1;
        } else {
            let mut of_iv = hash.clone();
            of_iv.update_padded(iv);
            of_iv.update(&[lengths(0, iv.len() as u64)]);
            counter = of_iv.finalize();
        }
        let mut stream = ctr::Ctr32BE::<Aes>::new_from_slices(key, &counter)
            .expect("the lengths were looked at");
        let mut mask = Block::default();
        stream.apply_keystream(&mut mask);
        Gcm {
            stream,
            hash,
            mask,
            waiting: Vec::new(),
            authenticated: 0,
            encrypted: 0,
            encrypt,
        }
    }
}

impl<Aes> Gcm<Aes>
where
    Aes: BlockEncryptMut
        + aes::cipher::BlockCipher
        + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>,
{
    fn add(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        let whole = self.waiting.len() / BLOCK * BLOCK;
        let rest = self.waiting.split_off(whole);
        self.hash.update_padded(&self.waiting);
        self.waiting = rest;
    }

    /// Fills a block that has begun with zeros.
    fn pad(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.hash.update_padded(&waiting);
    }
}

impl<Aes> Mode for Gcm<Aes>
where
    Aes: BlockEncryptMut
        + aes::cipher::BlockCipher
        + BlockSizeUser<BlockSize = <Aes128 as BlockSizeUser>::BlockSize>,
{
    fn apply(&mut self, bytes: &mut [u8]) {
        if self.encrypted == 0 {
            self.pad();
        }
        self.encrypted += bytes.len() as u64;
        if self.encrypt {
            self.stream.apply_keystream(bytes);
            self.add(bytes);
        } else {
            self.add(bytes);
            self.stream.apply_keystream(bytes);
        }
    }

    fn authenticate(&mut self, bytes: &[u8]) {
        self.authenticated += bytes.len() as u64;
        self.add(bytes);
    }

    fn tag(&mut self) -> Option<[u8; BLOCK]> {
        self.pad();
        let mut hash = self.hash.clone();
        hash.update(&[lengths(self.authenticated, self.encrypted)]);
        let mut tag = hash.finalize();
        mix(&mut tag, &self.mask);
        Some(tag.into())
    }
}

/// The last block of the hash: both lengths in bits.
fn lengths(authenticated: u64, encrypted: u64) -> Block {
    let mut block = Block::default();
    block[..8].copy_from_slice(&(authenticated * 8).to_be_bytes());
    block[8..].copy_from_slice(&(encrypted * 8).to_be_bytes());
    block
}
