//! A text made of pieces of an older one and of new words, which knows where each came from.

use std::ops::Range;

/// New words stand at a place of the old text, for want of one of their own.
enum Piece {
    Old(Range<u32>),
    New(String, u32),
}

/// The text while it grows.
#[derive(Default)]
pub(super) struct Rope(Vec<Piece>);

impl Rope {
    /// A rope of new words.
    pub(super) fn of(text: impl Into<String>, at: u32) -> Self {
        Rope(vec![Piece::New(text.into(), at)])
    }

    pub(super) fn old(&mut self, range: Range<u32>) {
        if !range.is_empty() {
            self.0.push(Piece::Old(range));
        }
    }

    pub(super) fn new_words(&mut self, text: impl Into<String>, at: u32) {
        self.0.push(Piece::New(text.into(), at));
    }

    pub(super) fn append(&mut self, other: Rope) {
        self.0.extend(other.0);
    }

    /// The text, and where its parts were in `source`.
    pub(super) fn finish(self, source: &str) -> (String, Places) {
        let mut text = String::with_capacity(source.len() * 2);
        let mut places = Places(Vec::with_capacity(self.0.len()));
        for piece in self.0 {
            let start = offset(text.len());
            let (old, at) = match &piece {
                Piece::Old(range) => (true, range.start),
                Piece::New(_, at) => (false, *at),
            };
            places.0.push(Place { start, at, old });
            match piece {
                Piece::Old(range) => {
                    text.push_str(&source[range.start as usize..range.end as usize]);
                }
                Piece::New(words, _) => text.push_str(&words),
            }
        }
        (text, places)
    }
}

/// Texts longer than a span can tell are refused by the parser before.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

struct Place {
    /// Where the piece begins in the new text.
    start: u32,
    /// Where it was in the old one.
    at: u32,
    old: bool,
}

/// From places of the new text to places of the old one.
pub(super) struct Places(Vec<Place>);

impl Places {
    /// What was at this byte. New words are at the place they were given.
    pub(super) fn original(&self, byte: u32) -> u32 {
        let after = self.0.partition_point(|place| place.start <= byte);
        let Some(place) = after.checked_sub(1).map(|index| &self.0[index]) else {
            return 0;
        };
        match place.old {
            true => place.at + (byte - place.start),
            false => place.at,
        }
    }

    /// The end of what ended here. Never in a piece that only follows.
    pub(super) fn original_end(&self, end: u32) -> u32 {
        let Some(last) = end.checked_sub(1) else {
            return 0;
        };
        let after = self.0.partition_point(|place| place.start <= last);
        let old = after.checked_sub(1).is_some_and(|index| self.0[index].old);
        self.original(last) + u32::from(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_know_where_they_were() {
        let mut rope = Rope::of("new ", 7);
        rope.old(4..7);
        rope.new_words("!", 7);
        rope.old(0..3);
        let (text, places) = rope.finish("abc def");
        assert_eq!(text, "new def!abc");
        let originals: Vec<u32> = (0..11).map(|byte| places.original(byte)).collect();
        assert_eq!(originals, [7, 7, 7, 7, 4, 5, 6, 7, 0, 1, 2]);
        assert_eq!(places.original_end(7), 7);
        assert_eq!(places.original_end(8), 7);
        assert_eq!(places.original_end(11), 3);
        assert_eq!(places.original_end(4), 7);
    }
}
