//! Compatibility flags: which of all that Workers know are on, by an app's date and the flags that it names.
//!
//! Owns what code is told of them (`Cloudflare.compatibilityFlags`). What a flag does is decided where it does it.

use std::sync::LazyLock;

use crate::date::CompatibilityDate;

const TABLE: &str = include_str!("flags.txt");

/// One flag, by its name that switches it on.
struct Flag {
    on: &'static str,
    off: Option<&'static str>,
    since: Option<CompatibilityDate>,
    /// Others that switch it on, and from when on they do.
    implied_by: Vec<(&'static str, CompatibilityDate)>,
}

static FLAGS: LazyLock<Vec<Flag>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| parse(line).expect("flags.txt has the form that its head says"))
        .collect()
});

fn parse(line: &'static str) -> Option<Flag> {
    let mut words = line.split(' ');
    let on = words.next()?;
    let mut word = || Some(words.next()?).map(|word| (word != "-").then_some(word));
    let (off, since, implied) = (word()?, word()?, word()?);
    let implied_by = implied.into_iter().flat_map(|list| list.split(','));
    let implied_by = implied_by.map(|one| {
        let (flag, date) = one.split_once('@')?;
        Some((flag, date.parse().ok()?))
    });
    Some(Flag {
        on,
        off,
        since: match since {
            Some(date) => Some(date.parse().ok()?),
            None => None,
        },
        implied_by: implied_by.collect::<Option<_>>()?,
    })
}

/// What a name in `compatibility_flags` stands for.
pub(crate) struct Meaning {
    /// The name that switches the flag on.
    pub(crate) on: &'static str,
    /// The name that switches it off, if there is one.
    pub(crate) off: Option<&'static str>,
    /// Whether it is the one that switches it on.
    pub(crate) is_on: bool,
    /// From when on it is on by itself.
    pub(crate) since: Option<CompatibilityDate>,
}

/// What a flag stands for; `None` if Workers know no such flag.
pub(crate) fn meaning(name: &str) -> Option<Meaning> {
    let is_its = |flag: &&Flag| flag.on == name || flag.off == Some(name);
    FLAGS.iter().find(is_its).map(|flag| Meaning {
        on: flag.on,
        off: flag.off,
        is_on: flag.on == name,
        since: flag.since,
    })
}

/// The names of all flags, switched on or off.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FLAGS
        .iter()
        .flat_map(|flag| std::iter::once(flag.on).chain(flag.off))
}

/// Every flag that Workers know, and whether it is on for an app of that date that names `flags`. A flag that is
/// named counts before the date. Flags that are not known are left out.
pub fn compatibility_flags(date: CompatibilityDate, flags: &[String]) -> Vec<(&'static str, bool)> {
    let has = |name: &str| flags.iter().any(|flag| flag == name);
    let is_off = |flag: &Flag| flag.off.is_some_and(has);
    let by_itself = |flag: &Flag| {
        let by_date = flag.since.is_some_and(|since| date >= since);
        has(flag.on) || (by_date && !is_off(flag))
    };
    let mut states: Vec<_> = FLAGS
        .iter()
        .map(|flag| (flag.on, by_itself(flag)))
        .collect();
    for (index, flag) in FLAGS.iter().enumerate() {
        let implied = !is_off(flag)
            && flag
                .implied_by
                .iter()
                .any(|(other, since)| date >= *since && states.contains(&(*other, true)));
        states[index].1 |= implied;
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_on(flag: &str, date: &str, flags: &[&str]) -> bool {
        let flags: Vec<_> = flags.iter().map(ToString::to_string).collect();
        let states = compatibility_flags(date.parse().expect("a date"), &flags);
        let found = states.iter().find(|(name, _)| *name == flag);
        found.expect("a known flag").1
    }

    #[test]
    fn a_flag_is_on_by_date_by_name_or_by_another_flag() {
        let cases: &[(&str, &str, &[&str], bool)] = &[
            ("url_standard", "2022-10-30", &[], false),
            ("url_standard", "2022-10-31", &[], true),
            ("url_standard", "2022-10-31", &["url_original"], false),
            ("url_standard", "2021-05-01", &["url_standard"], true),
            ("durable_object_alarms", "2026-07-01", &[], false),
            ("r2_public_beta_bindings", "2021-05-01", &[], true),
            ("nodejs_compat_v2", "2024-09-22", &["nodejs_compat"], false),
            ("nodejs_compat_v2", "2024-09-23", &["nodejs_compat"], true),
            ("nodejs_compat_v2", "2024-09-23", &[], false),
            (
                "nodejs_compat_v2",
                "2025-03-01",
                &["nodejs_compat", "no_nodejs_compat_v2"],
                false,
            ),
            ("nodejs_zlib", "2024-09-23", &["nodejs_compat_v2"], true),
        ];
        for (flag, date, flags, expected) in cases {
            assert_eq!(
                is_on(flag, date, flags),
                *expected,
                "{flag} {date} {flags:?}"
            );
        }
    }

    #[test]
    fn flags_have_different_names_and_name_known_ones() {
        let names: std::collections::HashSet<_> = FLAGS.iter().map(|flag| flag.on).collect();
        assert_eq!(names.len(), FLAGS.len());
        for flag in FLAGS.iter() {
            for (other, _) in &flag.implied_by {
                assert!(names.contains(other), "{} names {other}", flag.on);
            }
        }
    }
}
