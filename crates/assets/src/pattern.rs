//! Patterns of `_headers`, `_redirects` and `run_worker_first`: `*` and `:placeholder`.

use regex::Regex;

/// A path, or a URL of https, with a `*` and placeholders.
pub(crate) struct Pattern {
    regex: Regex,
    is_url: bool,
}

/// What a pattern took for its placeholders, in their order; `splat` is that of the `*`.
pub(crate) type Taken = Vec<(String, String)>;

impl Pattern {
    /// `None` for what cannot be matched, such as a placeholder that is there twice.
    pub(crate) fn parse(text: &str) -> Option<Pattern> {
        let is_url = text.starts_with("https://");
        // Dots separate in the host, slashes everywhere.
        let host_end = match is_url {
            true => text["https://".len()..]
                .find('/')
                .map_or(text.len(), |at| at + "https://".len()),
            false => 0,
        };
        let (host, path) = text.split_at(host_end);
        let source = format!(
            "^{}{}$",
            translate(host, "[^/.]+"),
            translate(path, "[^/]+")
        );
        let regex = Regex::new(&source).ok()?;
        Some(Pattern { regex, is_url })
    }

    /// Matches a request by its host, without port, and its path.
    pub(crate) fn matches(&self, host: &str, path: &str) -> Option<Taken> {
        let url;
        let text = match self.is_url {
            true => {
                url = format!("https://{host}{path}");
                &url
            }
            false => path,
        };
        let captures = self.regex.captures(text)?;
        let names = self.regex.capture_names().flatten();
        let taken = names.map(|name| {
            let value = captures.name(name).map_or("", |value| value.as_str());
            (name.to_owned(), value.to_owned())
        });
        Some(taken.collect())
    }
}

/// Whether a pattern has anything but plain text in it.
pub(crate) fn is_dynamic(text: &str) -> bool {
    text.contains('*') || placeholders(text).next().is_some()
}

/// The text with every `:placeholder` replaced by what was taken for it.
pub(crate) fn fill(text: &str, taken: &Taken) -> String {
    taken.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!(":{name}"), value)
    })
}

/// A regular expression of a part of a pattern. `one` is what a placeholder takes.
fn translate(text: &str, one: &str) -> String {
    let mut source = String::new();
    let mut rest = text;
    while let Some(at) = rest.find([':', '*']) {
        source.push_str(&regex::escape(&rest[..at]));
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('*') {
            source.push_str("(?<splat>.*)");
            rest = after;
        } else if let Some(name) = placeholder_at_start(rest) {
            source.push_str(&format!("(?<{name}>{one})"));
            rest = &rest[1 + name.len()..];
        } else {
            source.push(':');
            rest = &rest[1..];
        }
    }
    source.push_str(&regex::escape(rest));
    source
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices(':').map(|(at, _)| &text[at..]);
    starts.filter_map(placeholder_at_start)
}

/// The name after a colon: a letter, then letters, digits and underscores.
fn placeholder_at_start(text: &str) -> Option<&str> {
    let name = text.strip_prefix(':')?;
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(name.len());
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    begins.then(|| &name[..end])
}

/// A path where only `*` means something.
pub(crate) struct Glob(Regex);

impl Glob {
    pub(crate) fn parse(text: &str) -> Option<Glob> {
        let parts: Vec<_> = text.split('*').map(regex::escape).collect();
        Regex::new(&format!("^{}$", parts.join(".*")))
            .ok()
            .map(Glob)
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pattern: &str, host: &str, path: &str) -> Option<String> {
        let taken = Pattern::parse(pattern)?.matches(host, path)?;
        let taken = taken.iter().map(|(name, value)| format!("{name}={value}"));
        Some(taken.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn patterns_take_what_cloudflare_takes() {
        let case = |pattern, path, expected: Option<&str>| {
            let got = taken(pattern, "my.host", path);
            assert_eq!(got.as_deref(), expected, "{pattern} {path}");
        };
        case("/a", "/a", Some(""));
        case("/a", "/a/", None);
        case("/a/*", "/a/b/c", Some("splat=b/c"));
        case("/a/*", "/a", None);
        case("*", "/", Some("splat=/"));
        case("/:x/:y.html", "/1/2.html", Some("x=1 y=2"));
        case("/:x", "/a/b", None);
        case("/a:1", "/a:1", Some(""));
        case("/(x).+", "/(x).+", Some(""));
        case("/:x/:x", "/1/1", None);
        case("https://:sub.host/*", "/p", Some("sub=my splat=p"));
        case("https://my.host/", "/", Some(""));
        case("https://other.host/*", "/", None);
    }

    #[test]
    fn filling() {
        let taken = vec![
            ("splat".to_owned(), "b/c".to_owned()),
            ("x".to_owned(), "1".to_owned()),
        ];
        assert_eq!(fill("/new/:splat?q=:x#:x:y", &taken), "/new/b/c?q=1#1:y");
        assert!(is_dynamic("/:x") && is_dynamic("/*") && !is_dynamic("https://a/b:1"));
    }
}
