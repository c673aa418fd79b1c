//! From a place in the bundle back to the place that a person wrote.

use std::sync::OnceLock;

use oxc_sourcemap::{SourceMap as Decoded, Token};

use crate::stack;

/// The source map of one bundle. Made without work; decoded when it is first asked, which for
/// most bundles is never. A map that is no map answers nothing.
#[derive(Debug)]
pub struct SourceMap {
    json: String,
    decoded: OnceLock<Option<Map>>,
}

#[derive(Debug)]
struct Map {
    file: Option<String>,
    names: Vec<String>,
    sources: Vec<String>,
    /// Sorted by place in the bundle.
    tokens: Box<[Token]>,
}

/// A place in the code that was bundled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Relative to the project's folder.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in UTF-16 units, as engines count.
    pub column: u32,
    /// What the thing at this place was called, when the bundle calls it otherwise.
    pub name: Option<String>,
}

impl SourceMap {
    /// Takes [`crate::Bundle::source_map`].
    pub fn new(json: impl Into<String>) -> Self {
        SourceMap {
            json: json.into(),
            decoded: OnceLock::new(),
        }
    }

    /// The map as it was given.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// What stood at a place of the bundle; line and column from 1, as engines print them.
    ///
    /// A column before the first mapped one of its line, such as 0 for an unknown one, means the
    /// line's first place. `None` for code that the bundler added.
    pub fn lookup(&self, line: u32, column: u32) -> Option<Original> {
        let map = self.map()?;
        let (line, column) = (line.checked_sub(1)?, column.saturating_sub(1));
        let start = map
            .tokens
            .partition_point(|token| token.get_dst_line() < line);
        let after = map
            .tokens
            .partition_point(|token| (token.get_dst_line(), token.get_dst_col()) <= (line, column));
        let token = map.tokens.get(after.saturating_sub(1).max(start))?;
        (token.get_dst_line() == line).then(|| map.original(token))?
    }

    /// Rewrites the places of a stack's text that lie in the bundle; the rest stays as it is.
    /// Takes what QuickJS and V8 print, and the `name@place` of other engines.
    pub fn map_stack(&self, text: &str) -> String {
        let Some(file) = self.map().and_then(|map| map.file.as_deref()) else {
            return text.to_owned();
        };
        stack::rewrite(text, file, |line, column| self.lookup(line, column))
    }

    fn map(&self) -> Option<&Map> {
        self.decoded
            .get_or_init(|| Map::decode(&self.json))
            .as_ref()
    }
}

impl Map {
    /// Keeps what lookups need: the sources' texts, which are most of a map, are not kept.
    fn decode(json: &str) -> Option<Self> {
        let parts = Decoded::from_json_string(json).ok()?.into_parts();
        let mut tokens = parts.tokens;
        tokens.sort_by_key(|token| (token.get_dst_line(), token.get_dst_col()));
        Some(Map {
            file: parts.file.map(|file| file.into_owned()),
            names: parts
                .names
                .into_iter()
                .map(|name| name.into_owned())
                .collect(),
            sources: parts
                .sources
                .into_iter()
                .map(|source| source.into_owned())
                .collect(),
            tokens,
        })
    }

    fn original(&self, token: &Token) -> Option<Original> {
        let file = self.sources.get(token.get_source_id()? as usize)?;
        let name = token
            .get_name_id()
            .and_then(|name| self.names.get(name as usize));
        Some(Original {
            file: file.clone(),
            line: token.get_src_line() + 1,
            column: token.get_src_col() + 1,
            name: name.cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxc_sourcemap::SourceMapBuilder;
    use proptest::prelude::*;

    fn map(tokens: &[(u32, u32, u32, u32)]) -> SourceMap {
        let mut builder = SourceMapBuilder::default();
        builder.set_file("worker.js");
        let source = builder.add_source_and_content("src/a.ts", "text");
        for (line, column, src_line, src_column) in tokens {
            builder.add_token(*line, *column, *src_line, *src_column, Some(source), None);
        }
        SourceMap::new(builder.into_sourcemap().to_json_string())
    }

    #[test]
    fn the_nearest_place_before_counts() {
        let map = map(&[(0, 4, 0, 0), (0, 9, 2, 1), (2, 2, 5, 5)]);
        let cases = [
            (1, 5, Some((1, 1))),
            (1, 9, Some((1, 1))),
            (1, 10, Some((3, 2))),
            (1, 999, Some((3, 2))),
            (1, 1, Some((1, 1))),
            (1, 0, Some((1, 1))),
            (2, 1, None),
            (3, 0, Some((6, 6))),
            (4, 1, None),
            (0, 0, None),
        ];
        for (line, column, expected) in cases {
            let found = map
                .lookup(line, column)
                .map(|place| (place.line, place.column));
            assert_eq!(found, expected, "{line}:{column}");
        }
    }

    #[test]
    fn no_map_answers_nothing() {
        for json in ["", "{}", "[]", "{\"version\":3"] {
            let map = SourceMap::new(json);
            assert_eq!(map.lookup(1, 1), None);
            assert_eq!(
                map.map_stack("    at f (worker.js:1:1)"),
                "    at f (worker.js:1:1)"
            );
        }
    }

    proptest! {
        #[test]
        fn lookups_agree_with_a_plain_search(
            mut tokens in proptest::collection::vec((0u32..4, 0u32..20, 0u32..9, 0u32..9), 0..30),
            line in 1u32..6,
            column in 1u32..25,
        ) {
            tokens.sort();
            tokens.dedup_by_key(|token| (token.0, token.1));
            let on_line: Vec<_> = tokens.iter().filter(|token| token.0 + 1 == line).collect();
            let before = on_line.iter().rev().find(|token| token.1 < column);
            let expected = before.or(on_line.first()).map(|token| (token.2 + 1, token.3 + 1));
            let found = map(&tokens).lookup(line, column).map(|place| (place.line, place.column));
            prop_assert_eq!(found, expected);
        }
    }
}
