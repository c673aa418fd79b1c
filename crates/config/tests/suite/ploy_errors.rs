//! Mistakes in `ploy.yaml`: each with its line, column and the words underlined.

use crate::support::{Expected, fails, load_files};

fn table(cases: &[(&str, &[Expected<'_>])]) {
    for (text, errors) in cases {
        fails("ploy.yaml", text, errors);
    }
}

#[test]
fn wrong_types() {
    table(&[
        (
            "kind: 5\n",
            &[(1, 7, "5", "`kind` must be text, but this is a number")],
        ),
        (
            "kind: worker\nname: true\n",
            &[(2, 7, "true", "put it in quotes")],
        ),
        (
            "kind: worker\nmain: [a]\n",
            &[(2, 7, "[a]", "must be text, but this is a list")],
        ),
        (
            "kind: worker\nbuild: { a: b }\n",
            &[(2, 8, "{ a: b }", "but this is a map")],
        ),
        (
            "kind: worker\nstate: [STATE]\n",
            &[(2, 8, "[STATE]", "NAME: default")],
        ),
        (
            "kind: worker\nstate:\n  - STATE\n",
            &[(3, 3, "- STATE", "must be a map of bindings")],
        ),
        (
            "kind: worker\nstate: default\n",
            &[(2, 8, "default", "but this is text")],
        ),
        (
            "kind: worker\ncache: { CACHE: 1 }\n",
            &[(2, 17, "1", "`cache.CACHE` must be text")],
        ),
        (
            "kind: worker\nai: yes\n",
            &[(2, 5, "yes", "write true, without quotes")],
        ),
        (
            "kind: worker\nagentRules: 'false'\n",
            &[(2, 13, "'false'", "write false, without quotes")],
        ),
        (
            "kind: worker\ndev: { port: '80' }\n",
            &[(2, 14, "'80'", "remove the quotes")],
        ),
        (
            "kind: worker\ndev: 8787\n",
            &[(2, 6, "8787", "`dev` must be a map")],
        ),
        (
            "kind: worker\ncompatibility_flags: a\n",
            &[(2, 22, "a", "a list of texts")],
        ),
        (
            "kind: worker\ncompatibility_flags: [nodejs_als, 2]\n",
            &[(2, 35, "2", "`compatibility_flags[1]`")],
        ),
        (
            "kind: worker\ncron: ['* * * * *']\n",
            &[(2, 7, "['* * * * *']", "must be a map")],
        ),
        (
            "kind: worker\nassets: { run_worker_first: 1 }\n",
            &[(2, 29, "1", "true, false or a list")],
        ),
        (
            "kind: worker\nname: .inf\n",
            &[(2, 7, ".inf", "not a finite number")],
        ),
    ]);
}

#[test]
fn wrong_words_and_removed_keys() {
    table(&[
        ("kind: workr\n", &[(1, 7, "workr", "did you mean worker?")]),
        (
            "kind: worker\nlog_level: verbose\n",
            &[(2, 12, "verbose", "trace, debug, info, warn, error")],
        ),
        ("kind: worker\nenv: { A: b }\n", &[(2, 1, "env", "`.env`")]),
        (
            "kind: worker\nmonorepo: true\n",
            &[(2, 1, "monorepo", "a directory with a ploy.yaml of its own")],
        ),
        ("kind: static\n", &[(1, 7, "static", "needs `build`")]),
        (
            "kind: worker\nauth: {}\n",
            &[(2, 7, "{}", "`auth.binding` is missing")],
        ),
        (
            "kind: worker\nassets: { not_found_handling: spa }\n",
            &[(2, 31, "spa", "none, 404-page, single-page-application")],
        ),
    ]);
}

#[test]
fn names() {
    table(&[
        (
            "kind: worker\nname: My_App\n",
            &[(2, 7, "My_App", "write my-app")],
        ),
        (
            "kind: worker\nstate: { state: a }\n",
            &[(2, 10, "state", "write STATE")],
        ),
        (
            "kind: worker\nstate: { my-store: a }\n",
            &[(2, 10, "my-store", "write MY_STORE")],
        ),
        (
            "kind: worker\nstate: { PLOY_X: a }\n",
            &[(2, 10, "PLOY_X", "start with PLOY_")],
        ),
        (
            "kind: worker\nstate: { 1A: a }\n",
            &[(2, 10, "1A", "A to Z first")],
        ),
        (
            "kind: worker\nstate: { A: my-store }\n",
            &[(2, 13, "my-store", "write my_store")],
        ),
        (
            "kind: worker\nstate: { A: '' }\n",
            &[(2, 13, "''", "is empty")],
        ),
        (
            "kind: worker\nstate:\n  A:\n",
            &[(3, 3, "A", "write for example `A: default`")],
        ),
        ("kind: worker\nr2: { B: Ab }\n", &[(2, 10, "Ab", "3 to 63")]),
        (
            "kind: worker\ndurable_objects: { C: 1x }\n",
            &[(2, 23, "1x", "JavaScript identifier")],
        ),
        (
            "kind: worker\ndurable_objects: { C: { script_name: s } }\n",
            &[(
                2,
                23,
                "{ script_name: s }",
                "`durable_objects.C.class_name` is missing",
            )],
        ),
        (
            "kind: worker\nauth: { binding: auth }\n",
            &[(2, 18, "auth", "write AUTH")],
        ),
        (
            "kind: worker\nassets: { binding: assets }\n",
            &[(2, 20, "assets", "write ASSETS")],
        ),
    ]);
}

#[test]
fn a_name_is_used_once_across_all_kinds() {
    let two = |text: &str, line: usize, column: usize, name: &str, labels: [&str; 2]| {
        let error = load_files(&[("ploy.yaml", text)], None).unwrap_err();
        let [found] = &error.diagnostics[..] else {
            panic!("{error}");
        };
        assert_eq!(
            (found.line(), found.column()),
            (Some(line), Some(column)),
            "{text}"
        );
        assert_eq!(found.underlined().collect::<Vec<_>>(), labels, "{text}");
        assert_eq!(
            found.message(),
            format!("`{name}` is the name of two things in `env`")
        );
    };
    two(
        "kind: worker\nstate: { A: a }\ncache: { A: a }\n",
        3,
        10,
        "A",
        ["A", "A"],
    );
    two(
        "kind: worker\nai: true\nstate: { AI: a }\n",
        3,
        10,
        "AI",
        ["AI", "ai"],
    );
    two(
        "kind: worker\nassets: { binding: A }\ndb: { A: a }\n",
        3,
        7,
        "A",
        ["A", "A"],
    );
    let text = "kind: worker\nstate: { A: a, A: b }\n";
    fails(
        "ploy.yaml",
        text,
        &[(2, 16, "A", "the key `A` is there twice")],
    );
}

#[test]
fn dates_crons_ports_and_times() {
    table(&[
        (
            "kind: worker\ncompatibility_date: 2025-4-2\n",
            &[(2, 21, "2025-4-2", "YYYY-MM-DD")],
        ),
        (
            "kind: worker\ncompatibility_date: '2025-02-29'\n",
            &[(2, 21, "'2025-02-29'", "no such day")],
        ),
        (
            "kind: worker\ncompatibility_date: 2025\n",
            &[(2, 21, "2025", "must be text")],
        ),
        (
            "kind: worker\ncron: { A: '* * * * MON' }\n",
            &[(2, 21, "MON", "0 to 6")],
        ),
        (
            "kind: worker\ncron: { A: '* * *' }\n",
            &[(2, 13, "* * *", "5 fields")],
        ),
        (
            "kind: worker\ncron: { A: \"61\\t* * * *\" }\n",
            &[(2, 12, "\"61\\t* * * *\"", "not from 0 to 59")],
        ),
        (
            "kind: worker\ndev: { port: 0 }\n",
            &[(2, 14, "0", "from 1 to 65535")],
        ),
        (
            "kind: worker\ndev: { port: 65536 }\n",
            &[(2, 14, "65536", "from 1 to 65535")],
        ),
        (
            "kind: worker\ndev: { port: -1 }\n",
            &[(2, 14, "-1", "from 1 to 65535")],
        ),
        (
            "kind: worker\ndev: { port: 80.5 }\n",
            &[(2, 14, "80.5", "whole number")],
        ),
        (
            "kind: worker\ndev: { host: 'http://x' }\n",
            &[(2, 14, "'http://x'", "a host name or an address")],
        ),
        (
            "kind: worker\nworkflow: { A: { name: a, timeout: 0 } }\n",
            &[(2, 36, "0", "more than 0")],
        ),
        (
            "kind: worker\nworkflow: { A: { name: a, timeout: 3601 } }\n",
            &[(2, 36, "3601", "at most 3600")],
        ),
        (
            "kind: worker\nworkflow: { A: { name: a, timeout: 9, step_timeout: 10 } }\n",
            &[(2, 53, "10", "longer than")],
        ),
        (
            "kind: worker\nworkflow: { A: { name: a, retries: -1 } }\n",
            &[(2, 36, "-1", "at least 0")],
        ),
        (
            "kind: worker\nworkflow: { A: { timeout: 5 } }\n",
            &[(2, 16, "{ timeout: 5 }", "`workflow.A.name` is missing")],
        ),
    ]);
}

#[test]
fn paths_stay_inside() {
    table(&[
        (
            "kind: worker\nmain: /etc/passwd\n",
            &[(2, 7, "/etc/passwd", "write etc/passwd")],
        ),
        (
            "kind: worker\nmain: ../x.ts\n",
            &[(2, 7, "../x.ts", "without ..")],
        ),
        (
            "kind: worker\nout: a/../b\n",
            &[(2, 6, "a/../b", "without ..")],
        ),
        ("kind: worker\nbase: ''\n", &[(2, 7, "''", "is empty")]),
        (
            "kind: worker\nassets: { directory: /a }\n",
            &[(2, 22, "/a", "relative path")],
        ),
        (
            "kind: worker\nmain: \"a\\0b\"\n",
            &[(2, 7, "\"a\\0b\"", "NUL")],
        ),
    ]);
}

#[test]
fn migrations() {
    table(&[
        (
            "kind: worker\nmigrations: {}\n",
            &[(2, 13, "{}", "a list of maps")],
        ),
        (
            "kind: worker\nmigrations: [{}]\n",
            &[(2, 14, "{}", "`migrations[0].tag` is missing")],
        ),
        (
            "kind: worker\nmigrations: [{ tag: a, new_classes: [1A] }]\n",
            &[(2, 38, "1A", "JavaScript identifier")],
        ),
        (
            "kind: worker\nmigrations: [{ tag: a, renamed_classes: [{ from: A }] }]\n",
            &[(
                2,
                42,
                "{ from: A }",
                "`migrations[0].renamed_classes[0].to` is missing",
            )],
        ),
    ]);
}

#[test]
fn all_errors_are_reported_in_the_order_of_the_file() {
    fails(
        "ploy.yaml",
        "kind: workr\nmain: /x\nstate:\n  a: B\ndev:\n  port: 0\n",
        &[
            (1, 7, "workr", "worker"),
            (2, 7, "/x", "relative"),
            (4, 3, "a", "capitals"),
            (4, 6, "B", "small letters"),
            (6, 9, "0", "65535"),
        ],
    );
}

#[test]
fn syntax_errors() {
    table(&[
        ("", &[(1, 1, "", "the file is empty")]),
        (
            "# only a comment\n",
            &[(1, 1, "# only a comment", "kind: worker")],
        ),
        (
            "- a\n",
            &[(
                1,
                1,
                "- a",
                "a config is a map of keys to values, but this is a list",
            )],
        ),
        ("worker\n", &[(1, 1, "worker", "but this is text")]),
        (
            "kind: worker\nkind: static\n",
            &[(2, 1, "kind", "the key `kind` is there twice")],
        ),
        (
            "kind: worker\n---\nkind: worker\n",
            &[(2, 1, "---", "a second document")],
        ),
        ("kind: *nothing\n", &[(1, 7, "*", "unknown anchor")]),
        (
            "kind: !!binary worker\n",
            &[(1, 16, "worker", "this tag has no meaning here")],
        ),
        (
            "%YAML 1.2\n---\nkind: worker\n",
            &[(1, 1, "%", "directive")],
        ),
        ("[a]: b\n", &[(1, 1, "[a]", "a key must be text")]),
    ]);
    for text in [
        "kind: 'worker\n",
        "kind: {a\n",
        "kind: worker\n\tname: x\n",
        "a: b: c\n",
        "kind: \"\\q\"\n",
    ] {
        let error = load_files(&[("ploy.yaml", text)], None).unwrap_err();
        let [found] = &error.diagnostics[..] else {
            panic!("{error}");
        };
        assert!(
            found.message().starts_with("not valid YAML: "),
            "{text}: {found}"
        );
        assert!(found.line().is_some() && found.column().is_some(), "{text}");
    }
}
