//! One page of a database as it is kept in memory and in the shard: without its longest run of
//! zeros.
//!
//! A B-tree page that is not full has one gap of zeros between its cell pointers and its cells; the
//! pages of a small cell are mostly gap. Cutting it out loses nothing, costs about a tenth of a
//! microsecond, and makes a page of a small cell 100 to 300 bytes.
//!
//! The form tells itself by its length: 0 bytes are a page of zeros; [`PAGE_SIZE`] bytes are the
//! page as it is; anything between is the length of the head (2 bytes, little-endian), the head,
//! and the tail, with zeros between head and tail. It is part of the store's format.

use bytes::Bytes;

/// Bytes of a page of every cell: SQLite's default.
pub(crate) const PAGE_SIZE: usize = cellhouse_shard::PAGE_SIZE;

/// Zeros are looked for in blocks of one cache line.
const BLOCK: usize = 64;
/// Bytes that tell the length of the head.
const PREFIX: usize = 2;

/// A page without its gap. Equal pages are equal in this form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page(Bytes);

impl Page {
    /// Cuts the gap out of a page.
    pub(crate) fn new(page: &[u8; PAGE_SIZE]) -> Page {
        let (start, end) = gap(page);
        if end - start == PAGE_SIZE {
            return Page::default();
        }
        if end - start <= PREFIX {
            return Page(Bytes::copy_from_slice(page));
        }
        let head = u16::try_from(start).expect("a page is shorter than 64 KiB");
        let mut bytes = Vec::with_capacity(PREFIX + PAGE_SIZE - (end - start));
        bytes.extend_from_slice(&head.to_le_bytes());
        bytes.extend_from_slice(&page[..start]);
        bytes.extend_from_slice(&page[end..]);
        Page(bytes.into())
    }

    /// A page as it came from the shard; `None` when it cannot be one.
    pub(crate) fn from_stored(bytes: Bytes) -> Option<Page> {
        let fits = match bytes.len() {
            0 => true,
            1 => false,
            PAGE_SIZE => return Some(Page::new(bytes[..].try_into().ok()?)),
            length => length < PAGE_SIZE && head_length(&bytes) <= length - PREFIX,
        };
        fits.then_some(Page(bytes))
    }

    /// As it goes to the shard.
    pub(crate) fn stored(&self) -> Bytes {
        self.0.clone()
    }

    /// Bytes of memory for it, without the handle.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Copies the part of the page that begins at `offset`. Offset and length lie in the page.
    pub(crate) fn read(&self, offset: usize, into: &mut [u8]) {
        let bytes = &self.0[..];
        match bytes.len() {
            0 => into.fill(0),
            PAGE_SIZE => into.copy_from_slice(&bytes[offset..offset + into.len()]),
            _ => {
                let (head, tail) = bytes[PREFIX..].split_at(head_length(bytes));
                let tail_start = PAGE_SIZE - tail.len();
                into.fill(0);
                copy_overlap(head, 0, offset, into);
                copy_overlap(tail, tail_start, offset, into);
            }
        }
    }

    /// The whole page.
    pub(crate) fn expand(&self) -> [u8; PAGE_SIZE] {
        let mut page = [0; PAGE_SIZE];
        self.read(0, &mut page);
        page
    }
}

fn head_length(bytes: &[u8]) -> usize {
    usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// Copies what of `part`, which lies at `part_start` in the page, falls into `into`, which lies at
/// `offset`.
fn copy_overlap(part: &[u8], part_start: usize, offset: usize, into: &mut [u8]) {
    let start = part_start.max(offset);
    let end = (part_start + part.len()).min(offset + into.len());
    if start < end {
        into[start - offset..end - offset]
            .copy_from_slice(&part[start - part_start..end - part_start]);
    }
}

/// Where the longest run of zero blocks begins and ends, with the zeros beside it.
fn gap(page: &[u8; PAGE_SIZE]) -> (usize, usize) {
    let (mut best, mut run) = ((0, 0), (0, 0));
    for (index, block) in page.chunks_exact(BLOCK).enumerate() {
        if block.iter().fold(0, |any, byte| any | byte) != 0 {
            run = (index + 1, index + 1);
            continue;
        }
        run.1 = index + 1;
        if run.1 - run.0 > best.1 - best.0 {
            best = run;
        }
    }
    let (start, end) = (best.0 * BLOCK, best.1 * BLOCK);
    if start == end {
        return (0, 0);
    }
    let before = page[..start].iter().rev().take_while(|byte| **byte == 0);
    let after = page[end..].iter().take_while(|byte| **byte == 0);
    (start - before.count(), end + after.count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs() -> impl Strategy<Value = Vec<u8>> {
        let run = (0..1500usize, prop_oneof![Just(0u8), any::<u8>()]);
        prop::collection::vec(run, 0..9).prop_map(|runs| {
            let mut page: Vec<u8> = Vec::new();
            for (length, byte) in runs {
                page.resize(page.len() + length, byte);
            }
            page.resize(PAGE_SIZE, 0);
            page
        })
    }

    proptest! {
        #[test]
        fn a_page_comes_back_whole_and_in_parts(bytes in runs(), offset in 0..PAGE_SIZE, length in 0..PAGE_SIZE) {
            let whole: [u8; PAGE_SIZE] = bytes.try_into().unwrap();
            let page = Page::new(&whole);
            prop_assert!(page.len() <= PAGE_SIZE);
            prop_assert_eq!(page.expand(), whole);
            let end = (offset + length).min(PAGE_SIZE);
            let mut part = vec![7; end - offset];
            page.read(offset, &mut part);
            prop_assert_eq!(&part[..], &whole[offset..end]);
            prop_assert_eq!(Page::from_stored(page.stored()), Some(page));
        }

        #[test]
        fn nothing_stored_can_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            if let Some(page) = Page::from_stored(bytes.into()) {
                page.expand();
            }
        }
    }

    #[test]
    fn a_mostly_empty_page_is_short() {
        let mut page = [0; PAGE_SIZE];
        assert_eq!(Page::new(&page).len(), 0);
        page[..12].fill(1);
        page[PAGE_SIZE - 30..].fill(2);
        assert_eq!(Page::new(&page).len(), PREFIX + 42);
        assert_eq!(Page::new(&[3; PAGE_SIZE]).len(), PAGE_SIZE);
    }
}
