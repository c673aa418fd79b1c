//! `cellhouse objects show`: what is known of one object.

use indicatif::HumanBytes;

use super::ask::Asked;
use super::output::{json, line, plain, when};
use crate::cli::ObjectArguments;
use crate::data::objects::{Action, Found, Reply};
use crate::report::{Stop, heading};

pub(super) fn run(arguments: &ObjectArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let object = arguments.object.clone();
    asked.ask(Action::Show { object }, &mut |reply| match reply {
        Reply::Object {
            found,
            keys,
            tables,
        } if arguments.of.json => {
            let mut told = json(&found);
            told["class"] = asked.class().into();
            told["keys"] = keys.into();
            told["tables"] = tables.into();
            line(&told.to_string())
        }
        Reply::Object {
            found,
            keys,
            tables,
        } => tell(asked.class(), &found, keys, &tables),
        _ => true,
    })
}

fn tell(class: &str, found: &Found, keys: u64, tables: &[String]) -> bool {
    let name = found.name.as_deref().map_or("not known".into(), plain);
    let tables: Vec<_> = tables.iter().map(|table| plain(table)).collect();
    let facts = [
        ("id", found.id.clone()),
        ("name", name.into_owned()),
        ("class", class.to_owned()),
        ("size", HumanBytes(found.bytes).to_string()),
        ("alarm", found.alarm.map_or_else(|| "none".to_owned(), when)),
        ("keys", keys.to_string()),
        (
            "tables",
            if tables.is_empty() {
                "none".to_owned()
            } else {
                tables.join(", ")
            },
        ),
    ];
    let mut lines = facts.iter();
    lines.all(|(what, fact)| line(&format!("{} {fact}", heading(&format!("{what:7}")))))
}
