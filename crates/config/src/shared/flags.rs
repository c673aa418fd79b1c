//! `compatibility_flags` as written: which of them cannot be meant. Messages are workerd's. Experimental ones are
//! taken, as in `wrangler dev`.

use crate::date::CompatibilityDate;
use crate::flags::{self, Meaning};
use crate::names;
use crate::reader::Reader;
use crate::tree::Node;

/// The flags of a list, those that stand in `always` at first.
pub(crate) fn compatibility_flags(
    reader: &mut Reader,
    node: &Node,
    path: &str,
    date: CompatibilityDate,
    always: &[&str],
) -> Vec<String> {
    let mut found: Vec<String> = always.iter().map(|flag| (*flag).to_owned()).collect();
    let mut written: Vec<String> = Vec::new();
    for (flag, node) in reader.texts(node, path) {
        if written.contains(&flag) {
            let message = format!("Compatibility flag specified multiple times: {flag}");
            reader.error(node.span, message, "write it once");
        } else if check(reader, node, &flag, date, &found) && !found.contains(&flag) {
            found.push(flag.clone());
        }
        written.push(flag);
    }
    found
}

/// Whether a flag may stand beside those before it.
fn check(
    reader: &mut Reader,
    node: &Node,
    flag: &str,
    date: CompatibilityDate,
    before: &[String],
) -> bool {
    let Some(Meaning {
        on,
        off,
        is_on,
        since,
    }) = flags::meaning(flag)
    else {
        let nearest = names::nearest(flag, flags::names());
        let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
        let message = format!("No such compatibility flag: {flag}");
        reader.error(node.span, message, &help.unwrap_or_default());
        return false;
    };
    let opposite = if is_on { off } else { Some(on) };
    if opposite.is_some_and(|opposite| before.iter().any(|flag| flag == opposite)) {
        let message = format!(
            "Compatibility flags are mutually contradictory: {on} vs {}",
            off.unwrap_or_default()
        );
        reader.error(node.span, message, "leave one of the two out");
        return false;
    }
    if let Some(since) = since
        && is_on
        && date >= since
    {
        let message = match since == CompatibilityDate::ALWAYS {
            true => format!(
                "The compatibility flag {flag} is the default, so does not need to be specified anymore."
            ),
            false => format!(
                "The compatibility flag {flag} became the default as of {since} so does not need to \
                 be specified anymore."
            ),
        };
        reader.warn(node.span, message, "");
    }
    true
}
