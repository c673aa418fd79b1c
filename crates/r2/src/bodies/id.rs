//! Random names: of bodies, and of the versions of objects.

use std::fmt;

use cellhouse_cell::Entropy;

use crate::Error;
use crate::checksum::hex;

/// A body that is a file of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BodyId(pub(crate) [u8; 16]);

/// One put of an object. Two puts never share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Version(pub(crate) [u8; 16]);

impl BodyId {
    /// The name of a file back to the id.
    pub(crate) fn parse(name: &str) -> Option<BodyId> {
        if name.len() != 32 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 16];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&name[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(BodyId(bytes))
    }
}

impl fmt::Display for BodyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(Error::storage)?;
    Ok(bytes)
}
