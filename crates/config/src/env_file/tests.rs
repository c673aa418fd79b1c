//! The rules of `dotenv`, value by value.

use super::*;

fn read(text: &str) -> Vec<(String, String)> {
    let file = parse(&Source::new(".env", text));
    assert!(
        file.diagnostics.is_empty(),
        "{:?}\n{text}",
        file.diagnostics
    );
    let variables = file.variables.into_list().into_iter();
    variables
        .map(|variable| (variable.name, variable.value))
        .collect()
}

#[test]
fn values() {
    let cases = [
        ("A=1", "1"),
        ("A=", ""),
        ("A= ", ""),
        ("A = spaced out ", "spaced out"),
        ("  A=1", "1"),
        ("export A=1", "1"),
        ("export\tA = 1", "1"),
        ("A: 1", "1"),
        ("A=a=b=c", "a=b=c"),
        ("A=1 # comment", "1"),
        ("A=1#comment", "1"),
        ("A=#comment", ""),
        ("A='1 # no comment'", "1 # no comment"),
        ("A=\"1 # no comment\" # comment", "1 # no comment"),
        ("A='single'", "single"),
        ("A=`back 'and' \"all\"`", "back 'and' \"all\""),
        ("A=''", ""),
        ("A=\"\"", ""),
        ("A=' kept '", " kept "),
        ("A=\"a\\nb\\rc\"", "a\nb\rc"),
        ("A='a\\nb'", "a\\nb"),
        ("A=a\\nb", "a\\nb"),
        ("A=\"tab\\t\"", "tab\\t"),
        ("A=\"say \\\"hi\\\"\"", "say \\\"hi\\\""),
        ("A='it\\'s'", "it\\'s"),
        ("A='C:\\dir\\'", "C:\\dir\\"),
        ("A=\"x\\\"", "x\\"),
        ("A=\"one\ntwo\n\nthree\"", "one\ntwo\n\nthree"),
        ("A='one\r\ntwo'\r\n", "one\ntwo"),
        ("A=`one\n# no comment\ntwo`", "one\n# no comment\ntwo"),
        ("A='it's'", "it's"),
        ("A=\"x\" y", "\"x\" y"),
        ("A=\"a\",\"b\"", "a\",\"b"),
        ("A={\"json\": \"yes\"}", "{\"json\": \"yes\"}"),
        ("A=é€𝄞", "é€𝄞"),
        ("A=$B", "$B"),
        ("A=\u{a0}x\u{a0}", "x"),
    ];
    for (text, value) in cases {
        for text in [
            text.to_owned(),
            format!("{text}\n"),
            format!("# c\n\n{text}\nZ=z"),
        ] {
            let found = read(&text);
            assert_eq!(found[0], ("A".to_owned(), value.to_owned()), "{text}");
            assert_eq!(
                found.len(),
                1 + usize::from(text.ends_with("Z=z")),
                "{text}"
            );
        }
    }
}

#[test]
fn names() {
    for name in ["A", "a_b", "A.B", "A-B", "1A", "export", "exported"] {
        assert_eq!(read(&format!("{name}=x"))[0].0, name);
    }
    assert_eq!(
        read("export export=x"),
        [("export".to_owned(), "x".to_owned())]
    );
}

#[test]
fn empty_files() {
    for text in ["", "\n\n", "# c", "  \t\r\n", "# A='\n"] {
        assert!(read(text).is_empty(), "{text:?}");
    }
}

#[test]
fn what_is_no_assignment_is_warned_about() {
    for (line, text) in [
        (1, "JUST_A_NAME\nB=1"),
        (1, "two words=1\nB=1"),
        (2, "B=1\n=x\n"),
        (1, "é=1\nB=1"),
        (1, "export A\nB=1"),
        (1, "A:1\nB=1"),
        (2, "B=1\r\n???\r\n"),
    ] {
        let file = parse(&Source::new(".env", text));
        let names: Vec<_> = file
            .variables
            .list
            .iter()
            .map(|variable| variable.name.as_str())
            .collect();
        assert_eq!(names, ["B"], "{text}");
        let [warning] = &file.diagnostics[..] else {
            panic!("{:?}\n{text}", file.diagnostics);
        };
        assert_eq!(warning.line(), Some(line), "{text}");
        assert!(warning.message().contains("no assignment"));
    }
}

#[test]
fn an_open_quote_is_an_error_at_the_quote() {
    for (line, column, text) in [
        (1, 3, "A=\"x"),
        (2, 5, "B=1\nA = 'x\nC=2\n"),
        (1, 10, "export A=`"),
        (1, 3, "A=\"x\nB=\"y\"\n"),
        (1, 3, "A='x\ny' z\n"),
    ] {
        let file = parse(&Source::new(".env", text));
        let [error] = &file.diagnostics[..] else {
            panic!("{:?}\n{text}", file.diagnostics);
        };
        assert_eq!(
            (error.line(), error.column()),
            (Some(line), Some(column)),
            "{text}"
        );
        assert!(
            error.message().contains("value of `A` is not closed"),
            "{error}"
        );
    }
}

#[test]
fn a_name_set_twice_takes_the_last_value_in_the_first_place() {
    let file = parse(&Source::new(".env", "A=1\nB=2\nA=3\n"));
    let pairs: Vec<_> = file
        .variables
        .list
        .iter()
        .map(|v| (v.name.as_str(), v.value.as_str()))
        .collect();
    assert_eq!(pairs, [("A", "3"), ("B", "2")]);
    let [warning] = &file.diagnostics[..] else {
        panic!("{:?}", file.diagnostics);
    };
    assert_eq!((warning.line(), warning.underlined().count()), (Some(3), 2));
}

#[test]
fn values_are_blotted_out_of_the_text_of_messages() {
    let text = "# old secret\nA=secret # c\nB='se cret'\nC=\"sec\nret\"\nD=sécrét\nsecret\nE='secret\nsecret\n";
    let file = parse(&Source::new(".env", text));
    let shown = file.diagnostics[0].location().unwrap().source().text();
    assert_eq!(shown.len(), text.len());
    for word in ["secret", "sec", "ret", "sé", "cret", "old"] {
        assert!(!shown.contains(word), "{shown}");
    }
    for name in ["A=", "B='", "C=\"", "D=", "E='"] {
        assert!(shown.contains(name), "{shown}");
    }
}
