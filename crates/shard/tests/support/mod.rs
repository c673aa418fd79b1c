//! What the tests of the shard share.
#![allow(dead_code)]

pub mod model;

use bytes::Bytes;
use cellhouse_shard::{CellKey, CellMeta, Commit, PAGE_SIZE, ShardOptions, Store};

/// The key of the cell `kv/<id>`.
pub fn cell(id: &str) -> CellKey {
    CellKey::of("kv", id)
}

/// A page full of one byte.
pub fn page(fill: u8) -> Bytes {
    Bytes::from(vec![fill; PAGE_SIZE])
}

/// A commit of the cell `kv/<id>`: pages by number and fill byte.
pub fn commit(id: &str, transaction: u64, size: u32, pages: &[(u32, u8)]) -> Commit {
    Commit {
        cell: cell(id),
        meta: CellMeta {
            name: format!("kv/{id}").into(),
            pages: size,
            transaction,
            history: None,
        },
        pages: pages
            .iter()
            .map(|(number, fill)| (*number, page(*fill)))
            .collect(),
        truncated: None,
        extra: Vec::new(),
        before: None,
    }
}

/// Small files, so that tests see several of them.
pub fn options(store: Store) -> ShardOptions {
    ShardOptions {
        segment_bytes: 256 << 10,
        ..ShardOptions::new(store)
    }
}

/// How many runs a property test makes, unless `PROPTEST_CASES` says otherwise.
pub fn cases(default: u32) -> u32 {
    let set = std::env::var("PROPTEST_CASES").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(default)
}
