//! The name of a cell: what it is for and which one of those, and the file name that stands for it.

use std::fmt;
use std::path::PathBuf;

use cellhouse_shard::CellKey;

use crate::Error;

/// Longest file name that every file system of interest takes, with room for another suffix.
const MAX_FILE_NAME: usize = 255 - 8;

/// Ends the name of a cell's local file.
const SUFFIX: &str = ".db";

/// Names a cell in a data directory: a kind ("kv", "d1", ...) and an id within it. Ids are exact:
/// case and every character count, also on file systems that ignore case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CellName {
    kind: &'static str,
    id: String,
}

impl CellName {
    /// `kind` is a word of lower-case letters and digits. `id` is any text that is not empty and
    /// not too long for a file name: 243 bytes of lower-case letters, digits, `-` and `_`, where
    /// any other byte counts as three.
    pub fn new(kind: &'static str, id: &str) -> Result<CellName, Error> {
        debug_assert!(
            kind.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        let problem = |problem| Error::Name {
            kind,
            id: id.to_owned(),
            problem,
        };
        if id.is_empty() {
            return Err(problem("it is empty"));
        }
        if encode(id).len() + SUFFIX.len() > MAX_FILE_NAME {
            return Err(problem("it is too long for a file name"));
        }
        Ok(CellName {
            kind,
            id: id.to_owned(),
        })
    }

    /// Where the cell's local file is, should it need one, relative to the directory of all those.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(self.kind).join(encode(&self.id) + SUFFIX)
    }

    /// What stands for the cell in the store.
    pub fn key(&self) -> CellKey {
        CellKey::of(self.kind, &self.id)
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

/// Two ids never share a file, on no file system: whatever is not a lower-case letter, digit, `-`
/// or `_` becomes `%XX`.
fn encode(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_readable_and_never_shared() {
        let file = |id| {
            CellName::new("kv", id)
                .unwrap()
                .path()
                .display()
                .to_string()
        };
        let cases = [
            ("default", "kv/default.db"),
            ("a_b-9", "kv/a_b-9.db"),
            ("Users", "kv/%55sers.db"),
            ("../x", "kv/%2e%2e%2fx.db"),
            ("%2e", "kv/%252e.db"),
            ("é", "kv/%c3%a9.db"),
            ("a\0", "kv/a%00.db"),
        ];
        for (id, expected) in cases {
            assert_eq!(file(id), expected, "{id:?}");
        }
    }

    #[test]
    fn bad_names_say_what_is_wrong() {
        let message = |id: &str| CellName::new("kv", id).unwrap_err().to_string();
        assert_eq!(message(""), "\"\" cannot name a kv cell: it is empty");
        assert!(message(&"a".repeat(245)).ends_with("it is too long for a file name"));
        assert!(message(&"A".repeat(82)).ends_with("it is too long for a file name"));
        assert!(CellName::new("kv", &"a".repeat(244)).is_ok());
    }
}
