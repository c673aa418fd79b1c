//! Spans: every key and value of the tree covers exactly its bytes of the text.

use super::*;
use crate::tree::Value;

fn tree(text: &str, syntax: Syntax) -> Node {
    let (node, found) = parse(&Source::new("f", text), syntax);
    assert!(found.is_empty(), "{found:?}\n{text}");
    node.unwrap()
}

fn shown(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}

/// Every leaf and key as `path text`.
fn walk(text: &str, node: &Node, path: &str, out: &mut Vec<String>) {
    match &node.value {
        Value::Map(map) => {
            for entry in map.entries() {
                out.push(format!("{path}@{}", shown(text, entry.key.span)));
                walk(
                    text,
                    &entry.value,
                    &format!("{path}.{}", entry.key.text),
                    out,
                );
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(text, item, &format!("{path}[{index}]"), out);
            }
        }
        _ => out.push(format!("{path} {}", shown(text, node.span))),
    }
}

fn leaves(text: &str, syntax: Syntax) -> Vec<String> {
    let mut out = Vec::new();
    walk(text, &tree(text, syntax), "", &mut out);
    out
}

#[test]
fn yaml_spans() {
    let text =
        "é: 'x'\n\"b\": {c: 1, d: [\"€\", ~]}\ne:\n  - f: |\n      block\n    g: plain text # c\n";
    let expected = [
        "@é",
        ".é 'x'",
        "@\"b\"",
        ".b@c",
        ".b.c 1",
        ".b@d",
        ".b.d[0] \"€\"",
        ".b.d[1] ~",
        "@e",
        ".e[0]@f",
    ];
    let found = leaves(text, Syntax::Yaml);
    assert_eq!(found[..expected.len()], expected);
    assert!(
        found[expected.len()].starts_with(".e[0].f block"),
        "{found:?}"
    );
    assert_eq!(
        found[expected.len() + 1..],
        [".e[0]@g", ".e[0].g plain text"]
    );
}

#[test]
fn yaml_collections_end_with_their_last_node() {
    let text = "a:\n  b: 1\n  c: 2\nd: {e: 3}\nf:\n  - x\n  - y\n";
    let root = tree(text, Syntax::Yaml);
    let map = root.as_map().unwrap();
    let of = |key: &str| shown(text, map.get(key).unwrap().value.span);
    assert_eq!(of("a"), "b: 1\n  c: 2");
    assert_eq!(of("d"), "{e: 3}");
    assert_eq!(of("f"), "- x\n  - y");
}

#[test]
fn yaml_aliases_stand_where_they_are_used() {
    let text = "a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}\nd: {<<: [*x, {k: 3, m: 4}], k: 5}\n";
    let found = leaves(text, Syntax::Yaml);
    assert!(found.contains(&".b.k 1".to_owned()) && found.contains(&".c.k 1".to_owned()));
    assert!(found.contains(&".c.l 2".to_owned()));
    assert!(found.contains(&".d.k 5".to_owned()) && found.contains(&".d.m 4".to_owned()));
    assert!(!found.contains(&".d.k 3".to_owned()));
    let root = tree(text, Syntax::Yaml);
    let alias = &root.as_map().unwrap().get("b").unwrap().value;
    assert_eq!(shown(text, alias.span), "*x");
}

#[test]
fn toml_spans() {
    let text = "a = 'x'\n\"b\".c = 1\nd = [2, { e = \"é\" }]\n[f.g]\nh = true\n[[i]]\nj = 1979-05-27\n[[i]]\n";
    let expected = [
        "@a",
        ".a 'x'",
        "@\"b\"",
        ".b@c",
        ".b.c 1",
        "@d",
        ".d[0] 2",
        ".d[1]@e",
        ".d[1].e \"é\"",
        "@f",
        ".f@g",
        ".f.g@h",
        ".f.g.h true",
        "@i",
        ".i[0]@j",
        ".i[0].j 1979-05-27",
    ];
    assert_eq!(leaves(text, Syntax::Toml), expected);
    let root = tree(text, Syntax::Toml);
    let items = root
        .as_map()
        .unwrap()
        .get("i")
        .unwrap()
        .value
        .as_list()
        .unwrap();
    assert_eq!(shown(text, items[0].span), "[[i]]");
}

#[test]
fn json_spans() {
    let text = "{ \"a\": 'x'.length }".replace("'x'.length", "\"x\\n\"");
    assert_eq!(leaves(&text, Syntax::Jsonc), ["@\"a\"", ".a \"x\\n\""]);
    let text = "// é\n{\"a\":[1,{\"b\":null}],/* c */\"d\":-1.5e3,}";
    let expected = [
        "@\"a\"",
        ".a[0] 1",
        ".a[1]@\"b\"",
        ".a[1].b null",
        "@\"d\"",
        ".d -1.5e3",
    ];
    assert_eq!(leaves(text, Syntax::Jsonc), expected);
}

#[test]
fn numbers_are_exact() {
    let number = |text: &str, syntax: Syntax| {
        let root = tree(text, syntax);
        let node = &root.as_map().unwrap().entries()[0].value;
        node.to_json()
            .map(|json| json.to_string())
            .map_err(|node| node.describe())
    };
    for syntax in [Syntax::Yaml, Syntax::Jsonc] {
        let text = "{\"a\": 9007199254740993}";
        assert_eq!(number(text, syntax).as_deref(), Ok("9007199254740993"));
    }
    assert_eq!(
        number("a = 9_007_199_254_740_993", Syntax::Toml).as_deref(),
        Ok("9007199254740993")
    );
    assert_eq!(number("a = 0b1010", Syntax::Toml).as_deref(), Ok("10"));
    assert_eq!(number("a = nan", Syntax::Toml), Err("not a finite number"));
    assert_eq!(
        number("{\"a\": 1e999}", Syntax::Jsonc),
        Err("a number out of range")
    );
}

#[test]
fn nesting_is_bounded_alike() {
    for depth in [40, 60] {
        let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (text, syntax) in [
            (format!("a: {lists}"), Syntax::Yaml),
            (format!("a = {lists}"), Syntax::Toml),
            (format!("{{\"a\": {lists}}}"), Syntax::Jsonc),
        ] {
            tree(&text, syntax);
        }
    }
    let lists = format!("{}{}", "[".repeat(90), "]".repeat(90));
    for (text, syntax) in [
        (format!("a: {lists}"), Syntax::Yaml),
        (format!("a = {lists}"), Syntax::Toml),
        (format!("{{\"a\": {lists}}}"), Syntax::Jsonc),
    ] {
        let (node, found) = parse(&Source::new("f", text), syntax);
        assert!(node.is_none() && !found.is_empty(), "{syntax:?}");
    }
}
