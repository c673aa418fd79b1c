//! Bookmarks: texts that stand for a state of one cell.

use std::fmt;

use cellhouse_shard::CellKey;

use crate::{BookmarkProblem, Error};

/// Stands for the state of a cell after one of its transactions, or for the state before a restore that
/// is still to come.
///
/// Its text is of fixed width and sorts by time: the number of an epoch (12 hexadecimal digits), of a
/// transaction (16), whether it is the state before the next restore after that (8: zeros or
/// `f`s), a check of the cell and one of everything (8 each), with `-` between the first four. It is
/// part of what users keep, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bookmark {
    /// The last epoch that had begun: the state is that before the one after it.
    pub(super) epoch: u64,
    pub(super) transaction: u64,
    pub(super) before_restore: bool,
    /// CRC-32 of the cell's key.
    cell: u32,
}

const NOW: &str = "00000000";
const BEFORE_RESTORE: &str = "ffffffff";

impl Bookmark {
    pub(super) fn new(cell: CellKey, epoch: u64, transaction: u64) -> Bookmark {
        Bookmark {
            epoch,
            transaction,
            before_restore: false,
            cell: crc32fast::hash(&cell.bytes()),
        }
    }

    /// The state before the next restore after this one.
    pub(super) fn before_restore(self) -> Bookmark {
        Bookmark {
            before_restore: true,
            ..self
        }
    }

    /// What [`Bookmark`]'s `Display` wrote. A text that no cell gave is refused; of which cell it
    /// is, and whether that can go there, is not checked.
    pub fn parse(text: &str) -> Result<Bookmark, Error> {
        read(text).ok_or_else(|| Error::bookmark(text, BookmarkProblem::Malformed))
    }

    pub(super) fn is_of(&self, cell: CellKey) -> bool {
        self.cell == crc32fast::hash(&cell.bytes())
    }

    fn head(&self) -> String {
        let kind = match self.before_restore {
            true => BEFORE_RESTORE,
            false => NOW,
        };
        let (epoch, transaction, cell) = (self.epoch, self.transaction, self.cell);
        format!("{epoch:012x}-{transaction:016x}-{kind}-{cell:08x}")
    }
}

fn read(text: &str) -> Option<Bookmark> {
    let mut parts = text.split('-');
    let epoch = u64::from_str_radix(parts.next()?, 16).ok()?;
    let transaction = u64::from_str_radix(parts.next()?, 16).ok()?;
    let before_restore = parts.next()? == BEFORE_RESTORE;
    let cell = u32::from_str_radix(parts.next()?.get(..8)?, 16).ok()?;
    let bookmark = Bookmark {
        epoch,
        transaction,
        before_restore,
        cell,
    };
    // That also refuses every other way to write it.
    (bookmark.to_string() == text).then_some(bookmark)
}

impl fmt::Display for Bookmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.head();
        write!(f, "{head}{:08x}", crc32fast::hash(head.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bookmark() -> impl Strategy<Value = Bookmark> {
        let number = || prop_oneof![0..3u64, 0..1u64 << 48];
        (number(), number(), any::<bool>()).prop_map(|(epoch, transaction, before_restore)| {
            Bookmark {
                before_restore,
                ..Bookmark::new(CellKey::of("test", "a"), epoch, transaction)
            }
        })
    }

    proptest! {
        #[test]
        fn a_bookmark_can_be_read_back_and_texts_sort_as_they_do(a in bookmark(), b in bookmark()) {
            let text = a.to_string();
            prop_assert_eq!(text.len(), 55);
            prop_assert_eq!(Bookmark::parse(&text).unwrap(), a);
            prop_assert_eq!(text.cmp(&b.to_string()), a.cmp(&b));
        }

        #[test]
        fn a_changed_text_is_refused(a in bookmark(), at in 0..55usize, to in "[ -~é]") {
            let text = a.to_string();
            let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
            prop_assert_eq!(Bookmark::parse(&changed).is_ok(), changed == text);
            prop_assert!(Bookmark::parse(&text[..at]).is_err());
            prop_assert!(Bookmark::parse(&(text + &to)).is_err());
        }
    }

    #[test]
    fn the_text_stays_as_it_is() {
        let bookmark = Bookmark::new(CellKey::of("test", "a"), 0x019b_77ac_b800, 18);
        let text = bookmark.to_string();
        assert!(
            text.starts_with("019b77acb800-0000000000000012-00000000-"),
            "{text}"
        );
    }
}
