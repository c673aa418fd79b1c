//! The objects that were written, so that a second meeting becomes a reference.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::engine::Value;

/// Objects by their address, and held, so that no address is used twice.
#[derive(Default)]
pub(super) struct Memory {
    numbers: HashMap<u64, u32, BuildHasherDefault<AddressHasher>>,
    held: Vec<Value>,
}

impl Memory {
    pub(super) fn number(&self, object: &Value) -> Option<u32> {
        self.numbers.get(&object.raw().payload).copied()
    }

    pub(super) fn remember(&mut self, object: Value, number: u32) {
        self.numbers.insert(object.raw().payload, number);
        self.held.push(object);
    }

    /// Forgets all with this number and above.
    pub(super) fn forget_from(&mut self, number: u32) {
        self.numbers.retain(|_, known| *known < number);
    }
}

/// Addresses differ in their middle bits.
#[derive(Default)]
pub(super) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("addresses are hashed as numbers");
    }

    fn write_u64(&mut self, address: u64) {
        self.0 = (address >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
