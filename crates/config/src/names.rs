//! What names may look like: bindings, resources, classes, apps, buckets.
//!
//! Each rule is one function from a text to "yes" or the sentence that says the rule. Nothing here
//! knows in which key a name was found.

/// A rule about a text: `Err` holds what the text must be.
pub(crate) type Rule = fn(&str) -> Result<(), &'static str>;

/// Prefix that Ploy keeps for bindings it adds itself.
pub(crate) const PLOY_PREFIX: &str = "PLOY_";

/// A Ploy binding: `[A-Z][A-Z0-9_]*`, without Ploy's own prefix.
pub(crate) fn ploy_binding(name: &str) -> Result<(), &'static str> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_uppercase());
    if !first || !chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
        return Err("a binding is written in capitals: A to Z first, then A to Z, 0 to 9 and _");
    }
    if name.starts_with(PLOY_PREFIX) {
        return Err("names that start with PLOY_ are kept for bindings that Ploy adds itself");
    }
    Ok(())
}

/// A Ploy resource (a store, a database, a queue): `[a-z][a-z0-9_]*`.
pub(crate) fn ploy_resource(name: &str) -> Result<(), &'static str> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_lowercase());
    if first && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return Ok(());
    }
    Err("a resource is written in small letters: a to z first, then a to z, 0 to 9 and _")
}

/// A Ploy app: small letters, digits and hyphens.
pub(crate) fn ploy_app(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.chars().all(allowed) {
        return Ok(());
    }
    Err("an app's name consists of small letters, digits and hyphens")
}

/// A Worker's name as Cloudflare takes it: `[a-z0-9_][a-z0-9-_]*`.
pub(crate) fn worker(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(allowed) {
        return Ok(());
    }
    Err("a Worker's name consists of small letters, digits, - and _, and does not start with -")
}

/// A JavaScript identifier, so that `env.NAME` can be written and a class can be exported.
pub(crate) fn identifier(name: &str) -> Result<(), &'static str> {
    let mut chars = name.chars();
    let starts = |c: char| c == '$' || c == '_' || unicode_ident::is_xid_start(c);
    // The two joiners are allowed inside by the language.
    let goes_on =
        |c: char| starts(c) || unicode_ident::is_xid_continue(c) || "\u{200c}\u{200d}".contains(c);
    if chars.next().is_some_and(starts) && chars.all(goes_on) {
        return Ok(());
    }
    Err("it must be a JavaScript identifier: letters, digits, _ and $, not starting with a digit")
}

/// An R2 bucket as Cloudflare takes it: 3 to 63 small letters, digits and inner hyphens.
pub(crate) fn bucket(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = !name.starts_with('-') && !name.ends_with('-');
    if (3..=63).contains(&name.len()) && edges && name.chars().all(allowed) {
        return Ok(());
    }
    Err("a bucket's name has 3 to 63 small letters, digits and hyphens, no hyphen first or last")
}

/// A Workflow as Cloudflare takes it: 1 to 64 letters, digits, _ and inner hyphens.
pub(crate) fn workflow(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if (1..=64).contains(&name.len()) && !name.starts_with('-') && name.chars().all(allowed) {
        return Ok(());
    }
    Err("a Workflow's name has 1 to 64 letters, digits, _ and -, and does not start with -")
}

/// Something that can be listened on: a host name or an address, without port or path.
pub(crate) fn host(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_alphanumeric() || ".-:_*[]%".contains(c);
    let port = name.matches(':').count() == 1;
    if !name.is_empty() && !port && name.chars().all(allowed) {
        return Ok(());
    }
    Err("it must be a host name or an address alone, such as localhost or 0.0.0.0")
}

/// Any text but the empty one.
pub(crate) fn not_empty(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("something must be written here");
    }
    Ok(())
}

/// A name for an app without one: its directory's, with what no name may hold turned into hyphens.
pub(crate) fn from_directory(directory: &str) -> String {
    let lower = directory.to_lowercase();
    let mut name = String::new();
    for c in lower.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        "app".to_owned()
    } else {
        name.to_owned()
    }
}

/// A spelling that passes `rule`, made from one that does not: only case and separators change.
pub(crate) fn mended(name: &str, rule: Rule) -> Option<String> {
    let candidates = [
        name.to_uppercase().replace(['-', ' ', '.'], "_"),
        name.to_lowercase().replace(['-', ' ', '.'], "_"),
        name.to_lowercase().replace(['_', ' ', '.'], "-"),
        name.replace(['-', ' ', '.'], "_"),
    ];
    let mut fitting = candidates.into_iter().filter(|name| rule(name).is_ok());
    fitting.next()
}

/// The known name that is closest to what was written, if one is close enough to be meant.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let meant = plain(written);
    let ranked = known.into_iter().map(|name| {
        let other = plain(name);
        let typos = strsim::damerau_levenshtein(&meant, &other);
        let room = other.chars().count().max(meant.chars().count()) / 3;
        // `kv_namespace` and `routes`: one is the beginning of the other.
        let part = meant.len() >= 3 && other.starts_with(&meant);
        (
            name,
            typos,
            typos <= room.max(usize::from(meant.len() > 1)) || part,
        )
    });
    let close = ranked.filter(|(_, _, close)| *close);
    close
        .min_by_key(|(_, typos, _)| *typos)
        .map(|(name, ..)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, good: &[&str], bad: &[&str]) {
        for name in good {
            assert_eq!(rule(name), Ok(()), "{name}");
        }
        for name in bad {
            assert!(rule(name).is_err(), "{name:?} passes");
        }
    }

    #[test]
    fn ploy_rules() {
        check(
            ploy_binding,
            &["STATE", "A", "USER_STATE_2", "A_"],
            &["", "state", "_A", "2A", "A-B", "PLOY_X", "Ä", "A B"],
        );
        check(
            ploy_resource,
            &["default", "a", "a_1"],
            &["", "Default", "1a", "_a", "a-b", "a.b", "é"],
        );
        check(
            ploy_app,
            &["my-app", "a", "9"],
            &["", "My", "a_b", "a b", "é"],
        );
    }

    #[test]
    fn cloudflare_rules() {
        check(
            worker,
            &["a", "my-app", "_x", "0"],
            &["", "-a", "My", "a.b"],
        );
        check(
            identifier,
            &["KV", "$", "_a1", "größe", "a\u{200d}b", "名前", "class"],
            &["", "1a", "a-b", "a b", "a.b", "é!"],
        );
        let long = "a".repeat(63);
        check(
            bucket,
            &["abc", "a-b", &long],
            &["ab", "-ab", "ab-", "a_b", "ABC"],
        );
        check(workflow, &["a", "A_1-b"], &["", "-a", "a b", "é"]);
        assert!(bucket(&"a".repeat(64)).is_err() && workflow(&"a".repeat(65)).is_err());
    }

    #[test]
    fn hosts() {
        check(
            host,
            &[
                "localhost",
                "0.0.0.0",
                "::1",
                "[::]",
                "my-host.local",
                "*",
                "fe80::1%eth0",
            ],
            &["", "http://localhost", "localhost:8787", "a b", "a/b"],
        );
    }

    #[test]
    fn a_directory_becomes_a_name() {
        let cases = [
            ("my-app", "my-app"),
            ("My App (2)", "my-app-2"),
            ("__x__", "x"),
            ("ünï", "n"),
            ("...", "app"),
            ("", "app"),
        ];
        for (directory, name) in cases {
            assert_eq!(from_directory(directory), name);
            assert!(ploy_app(name).is_ok() && worker(name).is_ok());
        }
    }

    #[test]
    fn a_mended_name_passes_its_rule() {
        assert_eq!(mended("state", ploy_binding).as_deref(), Some("STATE"));
        assert_eq!(
            mended("My-Store", ploy_resource).as_deref(),
            Some("my_store")
        );
        assert_eq!(mended("My_Bucket", bucket).as_deref(), Some("my-bucket"));
        assert_eq!(mended("my-kv", identifier).as_deref(), Some("MY_KV"));
        assert_eq!(mended("1", ploy_binding), None);
    }

    #[test]
    fn the_nearest_name_is_one_that_can_be_meant() {
        let known = ["main", "name", "kv_namespaces", "routes", "route", "vars"];
        let cases = [
            ("mian", Some("main")),
            ("kv-namespaces", Some("kv_namespaces")),
            ("kv_namespace", Some("kv_namespaces")),
            ("Vars", Some("vars")),
            ("rout", Some("route")),
            ("telemetry", None),
            ("x", None),
        ];
        for (written, nearest_known) in cases {
            assert_eq!(nearest(written, known), nearest_known, "{written}");
        }
    }
}
