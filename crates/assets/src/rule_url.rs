//! Paths and URLs as `_headers` and `_redirects` may have them: checked, and written as a URL has them.

use url::Url;

/// Where a text may lead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// A path. Without a slash before it, it gets one.
    Path,
    /// A path or a URL of https. Only the path counts.
    Pattern,
    /// A path or a URL of https, with query and fragment.
    Target,
}

/// The text as it counts.
///
/// # Errors
/// Cloudflare's words for what is wrong.
pub(crate) fn check(text: &str, allowed: Allowed) -> Result<String, String> {
    if let Some((host, path)) = split_url(text) {
        if allowed == Allowed::Path {
            return Err(format!(
                "Only relative URLs are allowed. Skipping absolute URL {text}."
            ));
        }
        if allowed == Allowed::Pattern && has_port(host) {
            return Err(format!(
                "Specifying ports is not supported. Skipping absolute URL {text}."
            ));
        }
        let path = normal_path(path, allowed).unwrap_or_else(|| format!("/{path}"));
        return Ok(format!("https://{host}{path}"));
    }
    let path = match allowed {
        Allowed::Path if !text.starts_with('/') => &format!("/{text}"),
        _ => text,
    };
    if !path.starts_with('/') {
        return Err(
            "URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS (e.g. begin with \
             \"https://\")."
                .to_owned(),
        );
    }
    normal_path(path, allowed).ok_or_else(|| format!("Error parsing URL segment {text}. Skipping."))
}

/// Whether a checked text names a host.
pub(crate) fn has_host(text: &str) -> bool {
    split_url(text).is_some()
}

/// Host and path of a URL of https; the path without its slash.
fn split_url(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("https://")?.trim_start_matches('/');
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    (!host.is_empty()).then_some((host, path))
}

fn has_port(host: &str) -> bool {
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn normal_path(path: &str, allowed: Allowed) -> Option<String> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    // A scheme of nobody's, so that a path is only a path.
    let url = Url::parse(&format!("relative://{slash}{path}")).ok()?;
    let mut normal = url.path().to_owned();
    if allowed == Allowed::Target {
        for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                normal.push(mark);
                normal.push_str(part);
            }
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_as_they_count() {
        let ok = |text, allowed, expected: &str| {
            assert_eq!(check(text, allowed).as_deref(), Ok(expected), "{text}");
        };
        ok("a/../b c", Allowed::Path, "/b%20c");
        ok("/x?y#z", Allowed::Path, "/x");
        ok("/x?y#z", Allowed::Target, "/x?y#z");
        ok("https://h.example", Allowed::Target, "https://h.example/");
        ok(
            "https://h.example/*",
            Allowed::Pattern,
            "https://h.example/*",
        );
        ok("/:a/*", Allowed::Path, "/:a/*");
        ok("/ü", Allowed::Path, "/%C3%BC");
        assert!(check("https://h/x", Allowed::Path).is_err());
        assert!(check("x", Allowed::Target).is_err());
        assert!(check("https://h:1/x", Allowed::Pattern).is_err());
        assert!(check("https://h:1/x", Allowed::Target).is_ok());
        assert!(check("http://h/x", Allowed::Target).is_err());
    }
}
