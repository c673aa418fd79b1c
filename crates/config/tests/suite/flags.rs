//! Compatibility flags and dates: what is taken, warned of, refused, each with its place.

use crate::support::{assert_found, fails, good, quiet};

fn toml(date: &str, flags: &str) -> String {
    format!("name = \"a\"\ncompatibility_date = \"{date}\"\ncompatibility_flags = [{flags}]\n")
}

#[test]
fn known_flags_are_taken_experimental_ones_too() {
    let flags = r#""nodejs_compat", "experimental", "no_global_navigator", "enable_ctx_exports""#;
    let app = quiet("wrangler.toml", &toml("2022-01-01", flags)).app;
    let expected = [
        "nodejs_compat",
        "experimental",
        "no_global_navigator",
        "enable_ctx_exports",
    ];
    assert_eq!(app.compatibility_flags, expected);
}

#[test]
fn mistakes() {
    let cases = [
        (
            r#""nodejs_compatt""#,
            24,
            "\"nodejs_compatt\"",
            "No such compatibility flag: nodejs_compatt did you mean `nodejs_compat`?",
        ),
        (r#""zzz""#, 24, "\"zzz\"", "No such compatibility flag: zzz"),
        (r#""""#, 24, "\"\"", "No such compatibility flag: "),
        (
            r#""nodejs_als", "nodejs_als""#,
            38,
            "\"nodejs_als\"",
            "Compatibility flag specified multiple times: nodejs_als",
        ),
        (
            r#""zzz", "zzz""#,
            24,
            "\"zzz\"",
            "No such compatibility flag: zzz",
        ),
        (
            r#""global_navigator", "no_global_navigator""#,
            44,
            "\"no_global_navigator\"",
            "Compatibility flags are mutually contradictory: global_navigator vs no_global_navigator",
        ),
        (
            r#""no_global_navigator", "global_navigator""#,
            47,
            "\"global_navigator\"",
            "Compatibility flags are mutually contradictory: global_navigator vs no_global_navigator",
        ),
    ];
    for (flags, column, underlined, message) in cases {
        let text = toml("2021-06-01", flags);
        let mut expected = vec![(3, column, underlined, message)];
        if flags == r#""zzz", "zzz""# {
            expected.push((3, 31, "\"zzz\"", "multiple times"));
        }
        fails("wrangler.toml", &text, &expected);
    }
}

#[test]
fn ploy_has_one_of_its_own() {
    let app = quiet(
        "ploy.yaml",
        "kind: dynamic\ncompatibility_flags: [nodejs_compat_v2]\n",
    )
    .app;
    assert_eq!(app.compatibility_flags, ["nodejs_compat_v2"]);
    let text = "kind: dynamic\ncompatibility_flags: [no_nodejs_compat_v2]\n";
    let message = "mutually contradictory: nodejs_compat_v2 vs no_nodejs_compat_v2";
    fails(
        "ploy.yaml",
        text,
        &[(2, 23, "no_nodejs_compat_v2", message)],
    );
}

#[test]
fn what_is_the_default_is_warned_of() {
    let cases = [
        ("2022-03-20", "global_navigator", None),
        (
            "2022-03-21",
            "global_navigator",
            Some(
                "The compatibility flag global_navigator became the default as of 2022-03-21 so does not need to be specified anymore.",
            ),
        ),
        ("2022-03-21", "no_global_navigator", None),
        (
            "2021-05-01",
            "r2_public_beta_bindings",
            Some(
                "The compatibility flag r2_public_beta_bindings is the default, so does not need to be specified anymore.",
            ),
        ),
    ];
    for (date, flag, warning) in cases {
        let text = toml(date, &format!("\"{flag}\""));
        let loaded = good("wrangler.toml", &text);
        let underlined = format!("\"{flag}\"");
        let expected = warning.map(|warning| (3, 24, &underlined[..], warning));
        assert_found(&loaded.warnings, expected.as_slice(), &text);
        assert_eq!(loaded.app.compatibility_flags, [flag]);
    }
}

#[test]
fn dates() {
    for (date, message) in [
        (
            "2999-01-01",
            "Compatibility date \"2999-01-01\" is in the future and unsupported",
        ),
        ("2026-02-30", "there is no such day"),
        ("tomorrow", "a date is written YYYY-MM-DD"),
    ] {
        let underlined = format!("\"{date}\"");
        fails(
            "wrangler.toml",
            &toml(date, ""),
            &[(2, 22, &underlined, message)],
        );
    }
    let text = "kind: dynamic\ncompatibility_date: 2999-01-01\n";
    fails(
        "ploy.yaml",
        text,
        &[(2, 21, "2999-01-01", "is in the future")],
    );
}
