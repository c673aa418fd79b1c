//! Errors as the command line draws them: the line is shown and the right words are underlined.

use cellhouse_config::{ConfigError, Diagnostic, load};
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::support::directory;

fn draw(diagnostic: &Diagnostic) -> String {
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut drawn, diagnostic).unwrap();
    let lines: Vec<_> = drawn.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// The errors of an app, under names that do not depend on the temporary directory.
fn drawn(files: &[(&str, &str)]) -> Vec<String> {
    let directory = directory(files);
    let error: ConfigError = load(directory.path(), None).unwrap_err();
    let prefix = format!("{}/", directory.path().display());
    let errors = error.diagnostics.iter();
    errors
        .map(|found| draw(found).replace(&prefix, ""))
        .collect()
}

#[test]
fn a_wrong_value_in_yaml() {
    let text = "kind: worker\nstate:\n  STATE: My-Store # the one\ncache:\n  CACHE: default\n";
    let expected = "  × `My-Store` cannot be used as `state.STATE`: a resource is written in small letters: a to z first, then a to z, 0 to 9 and _
   ╭─[ploy.yaml:3:10]
 2 │ state:
 3 │   STATE: My-Store # the one
   ·          ────────
 4 │ cache:
   ╰────
  help: write my_store";
    assert_eq!(drawn(&[("ploy.yaml", text)]), [expected]);
}

#[test]
fn a_duplicate_binding_in_toml_shows_both_places() {
    let text = "name = \"a\"\ncompatibility_date = \"2026-01-01\"\n\n[[kv_namespaces]]\nbinding = \"DATA\"\nid = \"1\"\n\n[[r2_buckets]]\nbinding = \"DATA\"\nbucket_name = \"data\"\n";
    let expected = "  × `DATA` is the name of two things in `env`
   ╭─[wrangler.toml:5:11]
 4 │ [[kv_namespaces]]
 5 │ binding = \"DATA\"
   ·           ───┬──
   ·              ╰── KV namespace, first here
 6 │ id = \"1\"
 7 │
 8 │ [[r2_buckets]]
 9 │ binding = \"DATA\"
   ·           ───┬──
   ·              ╰── R2 bucket, again here
10 │ bucket_name = \"data\"
   ╰────
  help: give one of them another name";
    let found = drawn(&[("wrangler.toml", text)]);
    assert_eq!(found.len(), 1);
    assert_eq!(squeezed(&found[0]), squeezed(expected));
}

/// Without the widths that depend on the number of digits in a line number.
fn squeezed(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim_start().to_owned())
        .collect()
}

#[test]
fn of_a_long_line_the_part_is_shown_that_counts() {
    let padding = "x".repeat(400);
    let text = format!("{{\"vars\":{{\"A\":\"{padding}\"}},\"name\":1,\"main\":\"{padding}\"}}");
    let column = text.find(":1,").map_or(0, |at| at + 2);
    let place_of_name = format!("[wrangler.json:1:{column}]");
    let found = drawn(&[("wrangler.json", &text)]);
    let lines: Vec<_> = found[0].lines().collect();
    assert!(lines[1].ends_with(&place_of_name), "{}", found[0]);
    assert!(
        lines.iter().all(|line| line.chars().count() < 220),
        "{}",
        found[0]
    );
    let place = |line: &str, what: char| line.chars().position(|char| char == what);
    let value = lines[2]
        .find(":1,")
        .map(|at| lines[2][..at].chars().count() + 1);
    assert_eq!(
        value,
        place(lines[3], '┬').or(place(lines[3], '─')),
        "{}",
        found[0]
    );
}

#[test]
fn a_wrong_type_in_json_with_comments() {
    let text = "{\n  // the port\n  \"dev\": { \"port\": \"8787\" },\n  \"compatibility_date\": \"2026-01-01\",\n}\n";
    let expected = "  × `dev.port` must be a number, but this is text
   ╭─[wrangler.jsonc:3:20]
 2 │   // the port
 3 │   \"dev\": { \"port\": \"8787\" },
   ·                    ───┬──
   ·                       ╰── a number
 4 │   \"compatibility_date\": \"2026-01-01\",
   ╰────
  help: remove the quotes";
    assert_eq!(drawn(&[("wrangler.jsonc", text)]), [expected]);
}

#[test]
fn a_syntax_error_in_each_format() {
    let found = drawn(&[("wrangler.toml", "name = \"a\"\nmain = \"x\n")]);
    assert!(found[0].contains("not valid TOML: "), "{}", found[0]);
    assert!(found[0].contains("2 │ main = \"x"), "{}", found[0]);
    let found = drawn(&[(
        "wrangler.json",
        "{\n  \"name\": \"a\"\n  \"main\": \"x\"\n}\n",
    )]);
    assert!(
        found[0].contains("not valid JSON: expected comma"),
        "{}",
        found[0]
    );
    let found = drawn(&[("ploy.yaml", "kind: worker\nstate: { A: a\ncache: b\n")]);
    assert!(found[0].contains("not valid YAML: "), "{}", found[0]);
}

#[test]
fn a_value_of_a_variable_is_never_drawn() {
    let env = "# TOKEN=old-secret\nFIRST='s3cret'\nTOKEN=\"hunter2\nMORE=also-secret\n";
    let expected = "  × the \" that opens the value of `TOKEN` is not closed
   ╭─[.env:3:7]
 2 │ FIRST='******'
 3 │ TOKEN=\"*******
   ·       ────┬───
   ·           ╰── opened here
 4 │ ****************
   ╰────
  help: write \" at the end of the value, and nothing but a comment after it";
    assert_eq!(
        drawn(&[("ploy.yaml", "kind: worker\n"), (".env", env)]),
        [expected]
    );
}

#[test]
fn the_text_of_an_error_has_file_line_and_column() {
    let directory = directory(&[("wrangler.toml", "main = 1\nname = \"A\"\n")]);
    let error = load(directory.path(), None).unwrap_err();
    let path = directory.path().join("wrangler.toml");
    let lines: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
    let path = path.display();
    assert_eq!(
        lines[0],
        format!("{path}:1:8: `main` must be text, but this is a number")
    );
    assert!(lines[1].starts_with(&format!("{path}:2:8: `A` cannot be used as `name`")));
}
