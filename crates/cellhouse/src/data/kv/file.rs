//! A JSON array in a file, item by item: a file of any size is read with the memory of one item. Errors tell
//! the line and the index.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Refusal;
use crate::report::shown;

/// Read at once.
const BUFFER: usize = 256 << 10;

/// The array; it can be read again.
pub(super) struct Array {
    path: PathBuf,
    file: File,
}

/// One item of it.
pub(super) struct Item {
    index: u64,
    line: u64,
    pub(super) value: Value,
}

impl Item {
    /// Where it is, for an error.
    pub(super) fn place(&self) -> String {
        format!("line {}, the item at index {}", self.line, self.index)
    }
}

impl Array {
    pub(super) fn open(path: &Path) -> Result<Array, Refusal> {
        let cannot = |error: &dyn fmt::Display| {
            Refusal::Wrong(format!("{} cannot be read: {error}", shown(path)))
        };
        let file = File::open(path).map_err(|error| cannot(&error))?;
        let metadata = file.metadata().map_err(|error| cannot(&error))?;
        // It is read twice.
        if !metadata.is_file() {
            return Err(cannot(&"it is not a file"));
        }
        Ok(Array {
            path: path.to_path_buf(),
            file,
        })
    }

    /// Gives each item to `each`, from the first one on; how many there were.
    pub(super) fn each(
        &mut self,
        each: &mut dyn FnMut(Item) -> Result<(), Refusal>,
    ) -> Result<u64, Refusal> {
        let start = self.file.seek(SeekFrom::Start(0));
        start.map_err(|error| self.wrong(&error))?;
        let lines = Position::default();
        let reader = Lines {
            inner: BufReader::with_capacity(BUFFER, &self.file),
            lines: &lines,
        };
        let mut items = Items {
            lines: &lines,
            each,
            index: 0,
            refusal: None,
        };
        let mut json = serde_json::Deserializer::from_reader(reader);
        let read = json.deserialize_any(&mut items).and_then(|()| json.end());
        match (items.refusal, read) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(error)) => Err(self.wrong(&error)),
            (None, Ok(())) => Ok(items.index),
        }
    }

    /// The file is wrong, and why.
    pub(super) fn wrong(&self, why: &dyn fmt::Display) -> Refusal {
        Refusal::Wrong(format!("{}: {why}", shown(&self.path)))
    }
}

/// How far the parser has read.
#[derive(Default)]
struct Position {
    /// Line ends.
    ends: Cell<u64>,
    /// Whether the last byte was one.
    at_end: Cell<bool>,
}

/// Counts lines. The parser asks for one byte after the other.
struct Lines<'a, R> {
    inner: R,
    lines: &'a Position,
}

impl<R: Read> Read for Lines<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        let ends = into[..read].iter().filter(|byte| **byte == b'\n').count();
        self.lines.ends.set(self.lines.ends.get() + ends as u64);
        self.lines.at_end.set(into[..read].last() == Some(&b'\n'));
        Ok(read)
    }
}

/// Takes an array apart.
struct Items<'a> {
    lines: &'a Position,
    each: &'a mut dyn FnMut(Item) -> Result<(), Refusal>,
    index: u64,
    refusal: Option<Refusal>,
}

impl<'de> Visitor<'de> for &mut Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(&mut *self)?.is_some() {
            if self.refusal.is_some() {
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Items<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let raw = <Box<RawValue> as serde::Deserialize>::deserialize(json)?;
        let raw_text = raw.get();
        let lines = raw_text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        // The end of a number is seen by what follows it.
        let is_number = raw_text.starts_with(|char: char| char == '-' || char.is_ascii_digit());
        let beyond = u64::from(is_number && self.lines.at_end.get());
        let value = serde_json::from_str(raw_text).map_err(serde::de::Error::custom)?;
        let item = Item {
            index: self.index,
            line: 1 + self.lines.ends.get() - lines - beyond,
            value,
        };
        self.index += 1;
        self.refusal = (self.each)(item).err();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Index, line and value.
    type Read = (u64, u64, Value);

    fn read(text: &str) -> (Vec<Read>, Result<u64, String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        std::fs::write(&path, text).unwrap();
        let mut items = Vec::new();
        let mut array = Array::open(&path).ok().unwrap();
        for _ in 0..2 {
            items.clear();
            let count = array.each(&mut |item| {
                if item.value == json!("stop") {
                    return Err(Refusal::Wrong(item.place()));
                }
                items.push((item.index, item.line, item.value));
                Ok(())
            });
            if let Err(Refusal::Wrong(message)) = count {
                let path = format!("{}: ", shown(&path));
                return (items, Err(message.replace(&path, "")));
            }
        }
        let count = items.len() as u64;
        (items, Ok(count))
    }

    #[test]
    fn items_know_where_they_are() {
        let (items, count) = read("[1,\n \"a\",\n\n{\n\"b\":\n2}, 3\n]\n");
        assert_eq!(count, Ok(4));
        let expected = vec![
            (0, 1, json!(1)),
            (1, 2, json!("a")),
            (2, 4, json!({"b": 2})),
            (3, 6, json!(3)),
        ];
        assert_eq!(items, expected);
        assert_eq!(read("[]"), (vec![], Ok(0)));
        assert_eq!(
            read("[1,\n\"stop\", 2]").1,
            Err("line 2, the item at index 1".to_owned())
        );
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for (text, why) in [
            (
                "{}",
                "invalid type: map, expected a JSON array at line 1 column 2",
            ),
            (
                "\"a\"",
                "invalid type: string \"a\", expected a JSON array at line 1 column 3",
            ),
            ("[1", "EOF while parsing a list at line 1 column 2"),
            ("[1,\n]", "trailing comma at line 2 column 1"),
            ("[] x", "trailing characters at line 1 column 4"),
            ("", "EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(read(text).1, Err(why.to_owned()), "{text}");
        }
    }
}
