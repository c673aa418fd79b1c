//! Mistakes in wrangler configs: each with its line, column and the words underlined.

use cellhouse_config::Diagnostic;

use crate::support::{Expected, assert_found, fails, load_text};

fn toml(cases: &[(&str, &[Expected<'_>])]) {
    for (text, errors) in cases {
        fails("wrangler.toml", text, errors);
    }
}

fn json(cases: &[(&str, &[Expected<'_>])]) {
    for (text, errors) in cases {
        for name in ["wrangler.json", "wrangler.jsonc"] {
            fails(name, text, errors);
        }
    }
}

#[test]
fn wrong_types() {
    toml(&[
        ("main = 1\n", &[(1, 8, "1", "`main` must be text")]),
        (
            "name = [\"a\"]\n",
            &[(1, 8, "[\"a\"]", "but this is a list")],
        ),
        (
            "workers_dev = \"yes\"\n",
            &[(1, 15, "\"yes\"", "write true")],
        ),
        (
            "compatibility_flags = \"a\"\n",
            &[(1, 23, "\"a\"", "a list of texts")],
        ),
        (
            "kv_namespaces = { binding = \"A\" }\n",
            &[(1, 17, "{ binding = \"A\" }", "a list of maps")],
        ),
        (
            "[kv_namespaces]\nbinding = \"A\"\n",
            &[(1, 1, "[kv_namespaces]", "a list of maps")],
        ),
        (
            "kv_namespaces = [1]\n",
            &[(1, 18, "1", "`kv_namespaces[0]` must be a map")],
        ),
        (
            "durable_objects = []\n",
            &[(1, 19, "[]", "`durable_objects` must be a map")],
        ),
        (
            "[durable_objects]\n",
            &[(
                1,
                1,
                "[durable_objects]",
                "`durable_objects.bindings` is missing",
            )],
        ),
        ("vars = 1\n", &[(1, 8, "1", "`vars` must be a map")]),
        (
            "vars = { D = 2025-01-01 }\n",
            &[(1, 14, "2025-01-01", "write it as text, in quotes")],
        ),
        (
            "vars = { D = [inf] }\n",
            &[(1, 15, "inf", "not a finite number")],
        ),
        (
            "[dev]\nport = \"1\"\n",
            &[(2, 8, "\"1\"", "remove the quotes")],
        ),
        (
            "[limits]\ncpu_ms = 1.5\n",
            &[(2, 10, "1.5", "whole number")],
        ),
        (
            "[triggers]\ncrons = \"* * * * *\"\n",
            &[(2, 9, "\"* * * * *\"", "a list of cron expressions")],
        ),
        (
            "[build]\ncommand = 1\n",
            &[(2, 11, "1", "`build.command` must be text")],
        ),
        (
            "[[rules]]\ntype = \"Txt\"\nglobs = []\n",
            &[(2, 8, "\"Txt\"", "did you mean Text?")],
        ),
        (
            "[[rules]]\ntype = \"Text\"\n",
            &[(1, 1, "[[rules]]", "`rules[0].globs` is missing")],
        ),
        (
            "observability = true\n",
            &[(1, 17, "true", "must be a map")],
        ),
        ("[ai]\n", &[(1, 1, "[ai]", "`ai.binding` is missing")]),
        (
            "[[vectorize]]\nbinding = \"V\"\n",
            &[(
                1,
                1,
                "[[vectorize]]",
                "`vectorize[0].index_name` is missing",
            )],
        ),
        (
            "[queues]\nproducers = [{ queue = \"q\" }]\n",
            &[(
                2,
                14,
                "{ queue = \"q\" }",
                "`queues.producers[0].binding` is missing",
            )],
        ),
        (
            "[queues]\nconsumers = [{ queue = \"q\", max_batch_size = 101 }]\n",
            &[(2, 46, "101", "must be a whole number from 1 to 100")],
        ),
        (
            "[queues]\nconsumers = [{ queue = \"q\" }, { queue = \"q\" }]\n",
            &[(2, 41, "\"q\"", "`q` has two consumers")],
        ),
        (
            "ratelimits = [{ name = \"L\", namespace_id = \"1\", simple = { limit = 1, period = 30 } }]\n",
            &[(1, 80, "30", "must be 10 or 60 seconds")],
        ),
        (
            "[queues]\nconsumers = [{}]\n",
            &[(2, 14, "{}", "`queues.consumers[0].queue` is missing")],
        ),
    ]);
    json(&[
        (
            "{\"main\":null,\"name\":5}",
            &[(1, 21, "5", "`name` must be text")],
        ),
        ("{\"vars\":[]}", &[(1, 9, "[]", "`vars` must be a map")]),
        (
            "{\n \"define\": {\"A\": 1}}",
            &[(2, 18, "1", "`define.A` must be text")],
        ),
    ]);
}

#[test]
fn names_and_paths() {
    toml(&[
        (
            "name = \"My Worker\"\n",
            &[(1, 8, "\"My Worker\"", "write my_worker")],
        ),
        ("main = \"\"\n", &[(1, 8, "\"\"", "is empty")]),
        (
            "kv_namespaces = [{ binding = \"my-kv\" }]\n",
            &[(1, 30, "\"my-kv\"", "JavaScript identifier")],
        ),
        (
            "kv_namespaces = [{ binding = \"A\", id = \"\" }]\n",
            &[(1, 40, "\"\"", "is empty")],
        ),
        (
            "kv_namespaces = [{ id = \"x\" }]\n",
            &[(
                1,
                18,
                "{ id = \"x\" }",
                "`kv_namespaces[0].binding` is missing",
            )],
        ),
        (
            "r2_buckets = [{ binding = \"A\", bucket_name = \"A_B\" }]\n",
            &[(1, 46, "\"A_B\"", "write a-b")],
        ),
        (
            "services = [{ binding = \"A\", service = \"\" }]\n",
            &[(1, 40, "\"\"", "is empty")],
        ),
        (
            "services = [{ binding = \"A\" }]\n",
            &[(
                1,
                13,
                "{ binding = \"A\" }",
                "`services[0].service` is missing",
            )],
        ),
        (
            "durable_objects.bindings = [{ name = \"A\", class_name = \"1\" }]\n",
            &[(1, 56, "\"1\"", "`durable_objects.bindings[0].class_name`")],
        ),
        (
            "durable_objects.bindings = [{ name = \"A\", class_name = \"A\", environment = \"x\" }]\n",
            &[(1, 75, "\"x\"", "needs a script_name")],
        ),
        (
            "workflows = [{ binding = \"W\", name = \"a b\", class_name = \"W\" }]\n",
            &[(1, 38, "\"a b\"", "1 to 64 letters")],
        ),
        (
            "workflows = [{ binding = \"W\", name = \"a\" }]\n",
            &[(
                1,
                14,
                "{ binding = \"W\", name = \"a\" }",
                "`workflows[0].class_name` is missing",
            )],
        ),
        (
            "workflows = [{ binding = \"W\", name = \"a\", class_name = \"W\", limits = { steps = 0 } }]\n",
            &[(1, 80, "0", "a whole number of at least 1")],
        ),
        (
            "vars = { \"\" = 1 }\n",
            &[(1, 10, "\"\"", "a variable is empty")],
        ),
    ]);
}

#[test]
fn dates_crons_ports_and_limits() {
    toml(&[
        (
            "compatibility_date = \"2026-1-1\"\n",
            &[(1, 22, "\"2026-1-1\"", "YYYY-MM-DD")],
        ),
        (
            "compatibility_date = 2026-01-01T00:00:00Z\n",
            &[(1, 22, "2026-01-01T00:00:00Z", "YYYY-MM-DD")],
        ),
        (
            "compatibility_date = \"2026-02-30\"\n",
            &[(1, 22, "\"2026-02-30\"", "no such day")],
        ),
        (
            "compatibility_date = \"2026–01–01\"\n",
            &[(1, 22, "\"2026–01–01\"", "YYYY-MM-DD")],
        ),
        (
            "triggers.crons = [\"0 0 * * 0\"]\n",
            &[(1, 28, "0", "1 (or SUN)")],
        ),
        (
            "triggers.crons = [\"* * * * *\", \"* * * * * *\"]\n",
            &[(1, 33, "* * * * * *", "this one has 6")],
        ),
        ("[dev]\nport = 0\n", &[(2, 8, "0", "from 1 to 65535")]),
        (
            "[dev]\nport = 70000\n",
            &[(2, 8, "70000", "from 1 to 65535")],
        ),
        (
            "[dev]\nip = \"a b\"\n",
            &[(2, 6, "\"a b\"", "a host name or an address")],
        ),
        (
            "[dev]\nlocal_protocol = \"ftp\"\n",
            &[(2, 18, "\"ftp\"", "one of http, https")],
        ),
        (
            "limits = { cpu_ms = 0 }\n",
            &[(1, 21, "0", "from 1 to 300000")],
        ),
        (
            "limits = { cpu_ms = 300001 }\n",
            &[(1, 21, "300001", "from 1 to 300000")],
        ),
        (
            "assets = { run_worker_first = [\"api/*\"] }\n",
            &[(1, 32, "\"api/*\"", "must start with / or !/")],
        ),
        (
            "assets = { run_worker_first = [\"!/a\"] }\n",
            &[(1, 31, "[\"!/a\"]", "at least one path without !")],
        ),
    ]);
}

#[test]
fn duplicate_names_across_all_kinds() {
    let texts = [
        "kv_namespaces = [{ binding = \"A\" }, { binding = \"A\" }]\n",
        "kv_namespaces = [{ binding = \"A\" }]\nr2_buckets = [{ binding = \"A\" }]\n",
        "vars = { A = 1 }\nd1_databases = [{ binding = \"A\" }]\n",
        "assets = { binding = \"A\" }\nvars = { A = 1 }\n",
        "secrets = { required = [\"A\"] }\nvars = { A = 1 }\n",
        "ai = { binding = \"A\" }\nqueues.producers = [{ binding = \"A\", queue = \"q\" }]\n",
        "send_email = [{ name = \"A\" }]\ndurable_objects.bindings = [{ name = \"A\", class_name = \"A\" }]\n",
    ];
    for text in texts {
        let error = load_text("wrangler.toml", text).expect_err(text);
        let [found] = &error.diagnostics[..] else {
            panic!("{error}\n{text}");
        };
        assert_eq!(found.message(), "`A` is the name of two things in `env`");
        let both: Vec<_> = found
            .underlined()
            .map(|text| text.trim_matches('"'))
            .collect();
        assert_eq!(both, ["A", "A"], "{text}");
        assert!(
            places(found, text).is_sorted_by(|a, b| a > b),
            "the second place comes first"
        );
    }
}

fn places(found: &Diagnostic, text: &str) -> Vec<usize> {
    let source = found.location().unwrap().source().text();
    assert_eq!(source, text);
    found
        .underlined()
        .map(|part| part.as_ptr() as usize - source.as_ptr() as usize)
        .collect()
}

#[test]
fn three_of_a_name_are_two_errors() {
    let text = "kv_namespaces = [{ binding = \"A\" }, { binding = \"A\" }, { binding = \"A\" }]\n";
    let error = load_text("wrangler.toml", text).unwrap_err();
    let expected = [
        (1, 49, "\"A\"", "two things"),
        (1, 68, "\"A\"", "two things"),
    ];
    assert_found(&error.diagnostics, &expected, text);
}

#[test]
fn classes() {
    let both = "{\"migrations\":[{\"tag\":\"v1\"}],\"exports\":{\"A\":{\"type\":\"durable-object\",\"storage\":\"sqlite\"}}}";
    json(&[
        (both, &[(1, 41, "\"A\"", "choose one of the two")]),
        (
            "{\"exports\":{\"A\":{}}}",
            &[(1, 17, "{}", "`exports.A.type` is missing")],
        ),
        (
            "{\"exports\":{\"A\":{\"type\":\"durable\"}}}",
            &[(1, 25, "\"durable\"", "durable-object, worker")],
        ),
        (
            "{\"exports\":{\"A\":{\"type\":\"durable-object\"}}}",
            &[(
                1,
                17,
                "{\"type\":\"durable-object\"}",
                "`exports.A.storage` is missing",
            )],
        ),
        (
            "{\"exports\":{\"A\":{\"type\":\"durable-object\",\"state\":\"renamed\",\"renamed_to\":\"1\"}}}",
            &[(1, 73, "\"1\"", "JavaScript identifier")],
        ),
    ]);
    toml(&[(
        "[[migrations]]\nnew_classes = [\"A\"]\n",
        &[(1, 1, "[[migrations]]", "`migrations[0].tag` is missing")],
    )]);
}

#[test]
fn syntax_errors_all_of_them() {
    toml(&[
        (
            "a = 1\na = 2\nb = 3\nb = 4\n",
            &[(2, 1, "a", "twice"), (4, 1, "b", "twice")],
        ),
        (
            "name = \n",
            &[(1, 8, "", "not valid TOML: string values must be quoted")],
        ),
    ]);
    json(&[
        ("", &[(1, 1, "", "the file is empty")]),
        (
            "[]",
            &[(
                1,
                1,
                "[]",
                "a config is a map of keys to values, but this is a list",
            )],
        ),
        (
            "{\"a\":1,\"a\":2,\"b\":{\"c\":1,\"c\":2}}",
            &[
                (1, 8, "\"a\"", "`a` is there twice"),
                (1, 25, "\"c\"", "`c` is there twice"),
            ],
        ),
        ("{'a':1}", &[(1, 2, "'", "single-quoted")]),
        ("{\"a\":1 \"b\":2}", &[(1, 7, " ", "expected comma")]),
        ("{\"a\":0x10}", &[(1, 6, "0", "hexadecimal")]),
    ]);
    for text in [
        "{",
        "{\"a\"",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1}}",
        "/*",
        "{\"a\":\"\n\"}",
        "{\"a\": NaN}",
        "\"",
        "{\"a\":01}",
    ] {
        let error = load_text("wrangler.json", text).expect_err(text);
        assert!(
            error.diagnostics[0]
                .message()
                .starts_with("not valid JSON: "),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_renamed_class_is_not_bound_by_its_old_name() {
    let bound = "[[durable_objects.bindings]]\nname = \"A\"\nclass_name = \"Old\"\n";
    let made = "[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Old\"]\n";
    let renamed =
        "[[migrations]]\ntag = \"v2\"\nrenamed_classes = [{ from = \"Old\", to = \"New\" }]\n";
    let again =
        "[[migrations]]\ntag = \"v3\"\nrenamed_classes = [{ from = \"New\", to = \"Newest\" }]\n";
    let gone = "[[migrations]]\ntag = \"v3\"\ndeleted_classes = [\"New\"]\n";
    let anew = "[[migrations]]\ntag = \"v4\"\nnew_sqlite_classes = [\"Old\"]\n";
    for (later, help) in [("", "`New`"), (again, "`Newest`"), (gone, "deleted since")] {
        let text = [bound, made, renamed, later].concat();
        toml(&[(&text, &[(2, 8, "\"A\"", help)])]);
    }
    for fine in [
        [bound, made, "", ""].concat(),
        [bound, made, renamed, anew].concat(),
        [&bound.replace("Old", "New"), made, renamed, ""].concat(),
        [
            &format!("{bound}script_name = \"other\"\n"),
            made,
            renamed,
            "",
        ]
        .concat(),
    ] {
        load_text("wrangler.toml", &fine).expect("no error");
    }
}

#[test]
fn a_pages_project_is_told_how_to_become_a_worker() {
    let text = "pages_build_output_dir = \"./out/\"\n";
    let message = "this is the config of a Pages project, which does not run here: only Workers do";
    toml(&[(text, &[(1, 26, "\"./out/\"", message)])]);
    let error = load_text("wrangler.toml", text).unwrap_err();
    let help = error.diagnostics[0].help_text().unwrap_or_default();
    assert!(help.contains("`main = \"out/_worker.js\"`"), "{help}");
    // One that does.
    let worker = format!("{text}main = \"out/_worker.js\"\ncompatibility_date = \"2026-01-01\"\n");
    assert!(load_text("wrangler.toml", &worker).is_ok());
}
