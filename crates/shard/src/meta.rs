//! How a cell's meta record is written: a version byte (1), the transaction (8 bytes), the size in
//! pages (4 bytes), both little-endian, and the name. That of a cell with history has version 2, which
//! programs that know no history refuse, and before the name its last epoch (8 bytes) and the first
//! transaction of its history (8 bytes; all ones: none; all ones but the lowest bit: 0, and that epoch is
//! the first one, of which there is no record).

use bytes::{BufMut, Bytes, BytesMut};

use crate::{CellMeta, HistoryMeta};

const PLAIN: u8 = 1;
const WITH_HISTORY: u8 = 2;
const NONE: u64 = u64::MAX;
const FIRST: u64 = u64::MAX - 1;

pub(crate) fn encode(meta: &CellMeta) -> Bytes {
    let mut out = BytesMut::with_capacity(29 + meta.name.len());
    out.put_u8(match meta.history {
        None => PLAIN,
        Some(_) => WITH_HISTORY,
    });
    out.put_u64_le(meta.transaction);
    out.put_u32_le(meta.pages);
    if let Some(history) = meta.history {
        out.put_u64_le(history.epoch);
        out.put_u64_le(match history.first {
            true => FIRST,
            false => history.since.unwrap_or(NONE),
        });
    }
    out.put_slice(meta.name.as_bytes());
    out.freeze()
}

/// What is wrong with a record that cannot be read, to follow "the record of a cell".
pub(crate) fn decode(bytes: &[u8]) -> Result<CellMeta, String> {
    let (&version, rest) = bytes.split_first().ok_or("is empty")?;
    if version != PLAIN && version != WITH_HISTORY {
        return Err(format!(
            "has version {version}, known are {PLAIN} and {WITH_HISTORY}"
        ));
    }
    let (transaction, rest) = rest.split_first_chunk::<8>().ok_or("is cut off")?;
    let (pages, rest) = rest.split_first_chunk::<4>().ok_or("is cut off")?;
    let (history, name) = match version {
        PLAIN => (None, rest),
        _ => decode_history(rest).ok_or("is cut off")?,
    };
    Ok(CellMeta {
        name: std::str::from_utf8(name)
            .map_err(|_| "has a damaged name")?
            .into(),
        pages: u32::from_le_bytes(*pages),
        transaction: u64::from_le_bytes(*transaction),
        history,
    })
}

fn decode_history(bytes: &[u8]) -> Option<(Option<HistoryMeta>, &[u8])> {
    let (epoch, rest) = bytes.split_first_chunk::<8>()?;
    let (since, rest) = rest.split_first_chunk::<8>()?;
    let since = u64::from_le_bytes(*since);
    let history = HistoryMeta {
        epoch: u64::from_le_bytes(*epoch),
        since: match since {
            NONE => None,
            FIRST => Some(0),
            since => Some(since),
        },
        first: since == FIRST,
    };
    Some((Some(history), rest))
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
            history: None,
        };
        for (since, first) in [(None, false), (Some(3), false), (Some(0), true)] {
            let history = Some(HistoryMeta {
                epoch: 5,
                since,
                first,
            });
            let kept = CellMeta {
                history,
                ..meta.clone()
            };
            let bytes = encode(&kept);
            assert_eq!(decode(&bytes), Ok(kept));
            assert_eq!(decode(&bytes[..28]), Err("is cut off".to_owned()));
        }
        let bytes = encode(&meta);
        assert_eq!(decode(&bytes), Ok(meta));
        assert_eq!(decode(&[]), Err("is empty".to_owned()));
        assert_eq!(decode(&bytes[..12]), Err("is cut off".to_owned()));
        assert_eq!(
            decode(&[9, 0]),
            Err("has version 9, known are 1 and 2".to_owned())
        );
        let cut = &bytes[..bytes.len() - 1];
        assert_eq!(decode(cut), Err("has a damaged name".to_owned()));
    }
}
