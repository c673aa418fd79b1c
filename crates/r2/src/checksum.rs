//! Checksums: what a body's bytes amount to, and whether that is what was said.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::{Digest, DynDigest};
use sha2::{Sha256, Sha384, Sha512};

use crate::Error;

/// The algorithms that R2 checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// As messages have it.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA-1",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha384 => "SHA-384",
            Algorithm::Sha512 => "SHA-512",
        }
    }

    /// As the options of `put` and the fields of `checksums` have it.
    pub fn field(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// The one with that field.
    pub fn of_field(field: &str) -> Option<Algorithm> {
        let all = [
            Algorithm::Md5,
            Algorithm::Sha1,
            Algorithm::Sha256,
            Algorithm::Sha384,
            Algorithm::Sha512,
        ];
        all.into_iter().find(|one| one.field() == field)
    }

    fn hasher(self) -> Box<dyn DynDigest + Send> {
        match self {
            Algorithm::Md5 => Box::new(Md5::new()),
            Algorithm::Sha1 => Box::new(Sha1::new()),
            Algorithm::Sha256 => Box::new(Sha256::new()),
            Algorithm::Sha384 => Box::new(Sha384::new()),
            Algorithm::Sha512 => Box::new(Sha512::new()),
        }
    }
}

/// What somebody says that a body amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    pub algorithm: Algorithm,
    pub bytes: Vec<u8>,
}

/// Digests of a body under way: its MD5, which is its etag, and one that was asked for.
pub struct Hasher {
    md5: Md5,
    other: Option<(Algorithm, Box<dyn DynDigest + Send>)>,
}

/// Digests of a whole body.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    pub(crate) other: Option<(Algorithm, Vec<u8>)>,
}

impl Hasher {
    /// `wanted`: beside MD5.
    pub fn new(wanted: Option<Algorithm>) -> Hasher {
        let other = wanted.filter(|one| *one != Algorithm::Md5);
        Hasher {
            md5: Md5::new(),
            other: other.map(|one| (one, one.hasher())),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        Digest::update(&mut self.md5, bytes);
        if let Some((_, other)) = &mut self.other {
            other.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digests {
        Digests {
            md5: self.md5.finalize().into(),
            other: self
                .other
                .map(|(algorithm, hasher)| (algorithm, hasher.finalize().into_vec())),
        }
    }
}

impl Digests {
    /// An error with both values if the bytes are not those of the checksum.
    pub(crate) fn check(&self, wanted: &Checksum) -> Result<(), Error> {
        let found = match (&self.other, wanted.algorithm) {
            (_, Algorithm::Md5) => &self.md5[..],
            (Some((algorithm, found)), wanted) if *algorithm == wanted => found,
            // The caller did not ask for the digest that it checks.
            _ => return Err(Error::argument("the checksum was not computed")),
        };
        match found == wanted.bytes {
            true => Ok(()),
            false => Err(Error::digest(wanted, found)),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The etag of an object of parts: the MD5 of their MD5s, and how many they are.
pub(crate) fn etag_of_parts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> String {
    let mut md5 = Md5::new();
    let mut count = 0_usize;
    for part in parts {
        Digest::update(&mut md5, part);
        count += 1;
    }
    format!("{}-{count}", hex(&md5.finalize()))
}
