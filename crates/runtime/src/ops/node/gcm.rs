//! Galois/counter mode of AES for `node:crypto`, piece by piece. The tag is for the caller to compare.

use aes::cipher::{KeyInit, KeyIvInit, StreamCipher};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

use super::cipher::{Aes, BLOCK, Block, Mode, mix};

/// The IV that GCM takes as it is; others are hashed.
const GCM_IV: usize = 12;

/// Galois/counter mode: NIST SP 800-38D.
pub(super) struct Gcm<C: Aes> {
    stream: ctr::Ctr32BE<C>,
    hash: GHash,
    /// What the tag is mixed with.
    mask: Block,
    /// Bytes that wait to be a block of the hash.
    waiting: Vec<u8>,
    authenticated: u64,
    encrypted: u64,
    encrypt: bool,
}

impl<C: Aes> Gcm<C> {
    pub(super) fn new(aes: &C, key: &[u8], iv: &[u8], encrypt: bool) -> Self {
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
        let mut stream =
            ctr::Ctr32BE::<C>::new_from_slices(key, &counter).expect("the lengths were looked at");
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

impl<C: Aes> Gcm<C> {
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

impl<C: Aes> Mode for Gcm<C> {
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

    fn authenticate(&mut self, bytes: &[u8]) -> bool {
        if self.encrypted > 0 {
            return false;
        }
        self.authenticated += bytes.len() as u64;
        self.add(bytes);
        true
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
