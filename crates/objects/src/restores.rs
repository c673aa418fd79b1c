//! Which objects were asked to go back when they next start. The store knows (`index.rs`); this is what
//! is kept of it in memory, so that an object that starts need not read the store to find out that it
//! was not asked. Nothing is restored here.

use std::collections::HashSet;

use cellhouse_cell::{Cells, Shard};
use parking_lot::Mutex;

use crate::{Address, Error, index};

/// Keys read at a time.
const AT_ONCE: usize = 1_000;

/// All that were asked, and some that have done it; `None` before anybody wanted to know.
#[derive(Default)]
pub(crate) struct Restores(Mutex<Option<HashSet<Address>>>);

impl Restores {
    /// Whether this one may have been asked.
    pub(crate) fn may_wait(&self, cells: &Cells, address: &Address) -> Result<bool, Error> {
        let mut known = self.0.lock();
        if let Some(known) = &*known {
            return Ok(known.contains(address));
        }
        let all = read(&cells.shard()?)?;
        Ok(known.insert(all).contains(address))
    }

    /// This one was asked: the store has it.
    pub(crate) fn add(&self, address: &Address) {
        if let Some(known) = &mut *self.0.lock() {
            known.insert(*address);
        }
    }

    /// Forgets this one if `gone` finds that the store does not have it, for good. Nobody is asked
    /// meanwhile.
    pub(crate) fn forget_if(
        &self,
        address: &Address,
        gone: impl FnOnce() -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut known = self.0.lock();
        if gone()?
            && let Some(known) = &mut *known
        {
            known.remove(address);
        }
        Ok(())
    }
}

fn read(shard: &Shard) -> Result<HashSet<Address>, Error> {
    let mut all = HashSet::new();
    let mut from = Vec::new();
    loop {
        let keys = shard.extras(index::RESTORES, &from, AT_ONCE);
        let keys = keys.map_err(cellhouse_cell::Error::from)?;
        all.extend(keys.iter().filter_map(|(key, _)| Address::from_bytes(key)));
        let Some((last, _)) = keys.last().filter(|_| keys.len() == AT_ONCE) else {
            return Ok(all);
        };
        // The key after it.
        from = [last, &[0][..]].concat();
    }
}
