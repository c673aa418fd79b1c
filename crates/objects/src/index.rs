//! The indexes over all objects of a store, as keys of the shard that change with the commits of the
//! objects' cells.
//!
//! | keyspace | key | value |
//! | --- | --- | --- |
//! | `alarms` | when it is due, in milliseconds since 1970 (8 bytes, big-endian); address (48 bytes) | none |
//! | `objects` | address | when its alarm is set for (8 bytes; 0: not set), its name if it has one |
//! | `objectrestores` | address | the bookmark that the object goes to when it next starts |
//! | `facets` | address of the object; of each name that leads to the facet its length (2 bytes, big-endian) and itself | the number that stands for an id in the address of its cell (32 bytes) |
//! | `facetgarbage` | address of the cell of a facet that is deleted | none |
//! | `objectnames` | namespace (16 bytes), the first 900 bytes of its name, 0, id (32 bytes) | the whole name |
//!
//! The layout is part of what is stored.

use bytes::{BufMut, Bytes, BytesMut};
use cellhouse_cell::Extra;

use crate::Address;
use crate::address::TAG;
use crate::id::LENGTH;

pub(crate) const ALARMS: &str = "alarms";
pub(crate) const OBJECTS: &str = "objects";
pub(crate) const RESTORES: &str = "objectrestores";
pub(crate) const NAMES: &str = "objectnames";
pub(crate) const FACETS: &str = "facets";
pub(crate) const FACET_GARBAGE: &str = "facetgarbage";

/// Bytes of a name in a key: all keys of the shard are short.
const NAME_IN_KEY: usize = 900;

/// The key of an alarm.
pub(crate) fn alarm_key(due: i64, address: &Address) -> Bytes {
    let mut key = BytesMut::with_capacity(8 + Address::LENGTH);
    key.put_i64(due.max(0));
    key.put_slice(address.bytes());
    key.freeze()
}

/// What [`alarm_key`] was made of.
pub(crate) fn alarm_of_key(key: &[u8]) -> Option<(i64, Address)> {
    let (due, address) = key.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*due), Address::from_bytes(address)?))
}

/// The change that puts an alarm into the index or takes it out.
pub(crate) fn alarm(due: i64, address: &Address, there: bool) -> Extra {
    Extra {
        keyspace: ALARMS,
        key: alarm_key(due, address),
        value: there.then(Bytes::new),
    }
}

/// The change that makes an object known, with what is known of it.
pub(crate) fn object(address: &Address, name: Option<&str>, alarm: Option<i64>) -> Extra {
    let mut value = BytesMut::with_capacity(9 + name.map_or(0, str::len));
    value.put_i64(alarm.unwrap_or(0));
    if let Some(name) = name {
        value.put_u8(b'n');
        value.put_slice(name.as_bytes());
    }
    Extra {
        keyspace: OBJECTS,
        key: Bytes::copy_from_slice(address.bytes()),
        value: Some(value.freeze()),
    }
}

/// What the value of [`object`] says: the name and the alarm.
pub(crate) fn of_object(value: &[u8]) -> Option<(Option<String>, Option<i64>)> {
    let (alarm, name) = value.split_first_chunk::<8>()?;
    let alarm = i64::from_be_bytes(*alarm);
    let name = match name.split_first() {
        Some((b'n', name)) => Some(String::from_utf8(name.to_vec()).ok()?),
        _ => None,
    };
    Some((name, (alarm != 0).then_some(alarm)))
}

/// The change after which an object goes to a bookmark when it next starts, or does not.
pub(crate) fn restore(address: &Address, bookmark: Option<&str>) -> Extra {
    Extra {
        keyspace: RESTORES,
        key: Bytes::copy_from_slice(address.bytes()),
        value: bookmark.map(|text| Bytes::copy_from_slice(text.as_bytes())),
    }
}

/// The change that makes an object known by its name.
pub(crate) fn name(address: &Address, name: &str) -> Extra {
    Extra {
        keyspace: NAMES,
        key: name_key(address, name),
        value: Some(Bytes::copy_from_slice(name.as_bytes())),
    }
}

fn name_key(address: &Address, name: &str) -> Bytes {
    let name = name_in_key(name);
    let mut key = BytesMut::with_capacity(Address::LENGTH + 1 + name.len());
    key.put_slice(&address.bytes()[..TAG]);
    key.put_slice(name);
    key.put_u8(0);
    key.put_slice(&address.id());
    key.freeze()
}

/// Where the names with a prefix begin, at the earliest.
pub(crate) fn name_start(namespace: [u8; TAG], prefix: &str) -> Vec<u8> {
    [&namespace[..], name_in_key(prefix)].concat()
}

fn name_in_key(name: &str) -> &[u8] {
    &name.as_bytes()[..name.len().min(NAME_IN_KEY)]
}

/// The id in a key of [`name`].
pub(crate) fn id_of_name_key(key: &[u8]) -> Option<[u8; LENGTH]> {
    Some(*key.last_chunk::<LENGTH>()?)
}

/// The changes after which an object is not known.
pub(crate) fn forget(address: &Address, name: Option<&str>) -> Vec<Extra> {
    let gone = |keyspace, key| Extra {
        keyspace,
        key,
        value: None,
    };
    let known = gone(OBJECTS, Bytes::copy_from_slice(address.bytes()));
    let named = name.map(|name| gone(NAMES, name_key(address, name)));
    std::iter::once(known).chain(named).collect()
}
