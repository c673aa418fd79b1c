//! How a cell's meta record is written: a version byte (1), the transaction (8 bytes), the size in
//! pages (4 bytes), both little-endian, and the name.

use bytes::{BufMut, Bytes, BytesMut};

use crate::CellMeta;

const VERSION: u8 = 1;

pub(crate) fn encode(meta: &CellMeta) -> Bytes {
    let mut out = BytesMut::with_capacity(13 + meta.name.len());
    out.put_u8(VERSION);
    out.put_u64_le(meta.transaction);
    out.put_u32_le(meta.pages);
    out.put_slice(meta.name.as_bytes());
    out.freeze()
}

/// What is wrong with a record that cannot be read, to follow "the record of a cell".
pub(crate) fn decode(bytes: &[u8]) -> Result<CellMeta, String> {
    let (&version, rest) = bytes.split_first().ok_or("is empty")?;
    if version != VERSION {
        return Err(format!("has version {version}, known is {VERSION}"));
    }
    let (transaction, rest) = rest.split_first_chunk::<8>().ok_or("is cut off")?;
    let (pages, name) = rest.split_first_chunk::<4>().ok_or("is cut off")?;
    Ok(CellMeta {
        name: std::str::from_utf8(name)
            .map_err(|_| "has a damaged name")?
            .into(),
        pages: u32::from_le_bytes(*pages),
        transaction: u64::from_le_bytes(*transaction),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_can_be_read_back_and_a_damaged_one_is_refused() {
        let meta = CellMeta {
            name: "kv/é".into(),
            pages: 7,
            transaction: u64::MAX - 1,
        };
        let bytes = encode(&meta);
        assert_eq!(decode(&bytes), Ok(meta));
        assert_eq!(decode(&[]), Err("is empty".to_owned()));
        assert_eq!(decode(&bytes[..12]), Err("is cut off".to_owned()));
        assert_eq!(decode(&[9, 0]), Err("has version 9, known is 1".to_owned()));
        let cut = &bytes[..bytes.len() - 1];
        assert_eq!(decode(cut), Err("has a damaged name".to_owned()));
    }
}
