//! The section of COMPAT.md: for each type, which of its methods and properties do what Cloudflare's do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A product, and its types with their members.
pub type Product = (String, Vec<(String, Vec<String>)>);

pub const BEGIN: &str = "<!-- methods: made by crates/cellhouse/tests/compat -->\n";
pub const END: &str = "<!-- end of methods -->\n";

pub enum Answer {
    Yes,
    /// How.
    Partly(&'static str),
    /// Why.
    No(&'static str),
}

/// `Type.member` of all of them.
pub fn members(products: &[Product]) -> impl Iterator<Item = String> {
    let types = products.iter().flat_map(|(_, types)| types);
    types.flat_map(|(name, members)| members.iter().map(move |member| format!("{name}.{member}")))
}

pub fn render(products: &[Product], answers: &BTreeMap<String, Answer>) -> String {
    let mut text = String::new();
    for (product, types) in products {
        let _ = write!(
            text,
            "\n### {product}\n\n| type | works | partly | does not |\n| --- | --- | --- | --- |\n"
        );
        for (name, members) in types {
            let of = |member: &String| answers.get(&format!("{name}.{member}"));
            let mut columns = [Vec::new(), Vec::new(), Vec::new()];
            for member in members {
                match of(member) {
                    Some(Answer::Yes) => columns[0].push(format!("`{member}`")),
                    Some(Answer::Partly(how)) => columns[1].push(format!("`{member}`: {how}")),
                    Some(Answer::No(why)) => columns[2].push(format!("`{member}`: {why}")),
                    None => {}
                }
            }
            let [works, partly, not] = [(0, " "), (1, "; "), (2, "; ")]
                .map(|(column, between): (usize, &str)| columns[column].join(between));
            let _ = writeln!(text, "| `{name}` | {works} | {partly} | {not} |");
        }
    }
    text.push('\n');
    text
}
