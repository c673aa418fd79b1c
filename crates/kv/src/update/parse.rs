//! Reading an update document: which operators, on which paths, with which values. Everything that
//! can be wrong with the document by itself is found here, before the store is looked at.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::number::Number;
use super::{MAX_DEPTH, Problem};

/// One change of one field.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) path: Path,
    pub(crate) action: Action,
}

/// What to do with the field.
#[derive(Debug)]
pub(crate) enum Action {
    /// Put this JSON text there.
    Set(String),
    /// Remove it.
    Unset,
    /// Add this number, nothing counting as zero.
    Inc(Number),
    /// Append this JSON text, nothing counting as an empty array.
    Push(String),
    /// Remove the first element.
    PopFirst,
    /// Remove the last element.
    PopLast,
}

impl Action {
    pub(crate) fn operator(&self) -> &'static str {
        match self {
            Action::Set(_) => "$set",
            Action::Unset => "$unset",
            Action::Inc(_) => "$inc",
            Action::Push(_) => "$push",
            Action::PopFirst | Action::PopLast => "$pop",
        }
    }

    /// Whether it makes the field and its parents when they are not there.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Action::Set(_) | Action::Inc(_) | Action::Push(_))
    }
}

/// Field names and array indexes, as written between the dots.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    text: String,
}

impl Path {
    fn parse(text: String) -> Result<Path, Problem> {
        let depth = text.split('.').count();
        let problem = if text.is_empty() {
            "a field has an empty name".to_owned()
        } else if text.split('.').any(str::is_empty) {
            format!("the path {text:?} has an empty field name: one dot stands between two names")
        } else if text.contains('\0') {
            format!("the path {text:?} has a NUL character, which field names cannot hold")
        } else if depth > MAX_DEPTH {
            format!("a path has {depth} names; a value can be nested {MAX_DEPTH} deep")
        } else {
            return Ok(Path { text });
        };
        Err(Problem::new(problem))
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split('.')
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The operators in the order in which they are applied. It shows only in the order of new fields,
/// because no two changes may touch the same field.
const OPERATORS: [&str; 5] = ["$set", "$unset", "$inc", "$push", "$pop"];

/// Reads the JSON text of an update document.
pub(crate) fn parse(document: &str) -> Result<Vec<Change>, Problem> {
    let operators: Fields<'_> = serde_json::from_str(document).map_err(|e| {
        Problem::new(if e.is_data() {
            "the update must be an object of operators, such as {\"$set\": {\"name\": \"value\"}}"
                .to_owned()
        } else {
            format!("the update is not valid JSON: {e}")
        })
    })?;
    if operators.0.is_empty() {
        return Err(Problem::new(format!(
            "the update has no operator; there are {}",
            OPERATORS.join(", ")
        )));
    }
    if let Some((unknown, _)) = operators
        .0
        .iter()
        .find(|(name, _)| !OPERATORS.contains(&name.as_str()))
    {
        return Err(unknown_operator(unknown));
    }
    let mut changes = Vec::new();
    for operator in OPERATORS {
        for (_, fields) in operators.0.iter().filter(|(name, _)| name == operator) {
            changes_of(operator, fields, &mut changes)?;
        }
    }
    Ok(changes)
}

fn unknown_operator(name: &str) -> Problem {
    let known = OPERATORS.join(", ");
    Problem::new(if name.starts_with('$') {
        format!("unknown operator {name:?}; there are {known}")
    } else {
        format!(
            "{name:?} is not an operator; there are {known}. To put a value there, write {{\"$set\": {{{name:?}: ...}}}}"
        )
    })
}

fn changes_of(operator: &str, fields: &RawValue, changes: &mut Vec<Change>) -> Result<(), Problem> {
    let fields: Fields<'_> = serde_json::from_str(fields.get()).map_err(|e| {
        Problem::new(if e.is_data() {
            format!(
                "{operator} must be an object of fields, not {}",
                shown(fields.get())
            )
        } else {
            // Its syntax was found right with the whole update, but not what the escapes in names
            // stand for.
            format!("{operator} has a field name that is not valid Unicode")
        })
    })?;
    changes.reserve(fields.0.len());
    for (path, value) in fields.0 {
        let path = Path::parse(path)?;
        let action = action(operator, &path, value.get())?;
        changes.push(Change { path, action });
    }
    Ok(())
}

fn action(operator: &str, path: &Path, value: &str) -> Result<Action, Problem> {
    match operator {
        "$set" => storable(operator, path, value).map(Action::Set),
        "$push" => storable(operator, path, value).map(Action::Push),
        "$inc" => amount(path, value).map(Action::Inc),
        "$pop" => end(path, value),
        _ => Ok(Action::Unset),
    }
}

fn amount(path: &Path, value: &str) -> Result<Number, Problem> {
    let number = Number::parse(value).filter(|number| number.plus(Number::Int(0)).is_some());
    number.ok_or_else(|| {
        Problem::new(format!(
            "$inc of \"{path}\" must be a finite number, not {}",
            shown(value)
        ))
    })
}

fn end(path: &Path, value: &str) -> Result<Action, Problem> {
    match Number::parse(value) {
        Some(Number::Int(1)) => Ok(Action::PopLast),
        Some(Number::Int(-1)) => Ok(Action::PopFirst),
        _ => {
            let right = "1 (the last element) or -1 (the first)";
            Err(Problem::new(format!(
                "$pop of \"{path}\" must be {right}, not {}",
                shown(value)
            )))
        }
    }
}

/// The value, if its depth and that of its path together can be stored.
fn storable(operator: &str, path: &Path, value: &str) -> Result<String, Problem> {
    let depth = path.segments().count() + nesting(value);
    if depth > MAX_DEPTH {
        let message = format!(
            "{operator} of \"{path}\" would be nested {depth} deep; the limit is {MAX_DEPTH}"
        );
        return Err(Problem::new(message));
    }
    Ok(value.to_owned())
}

/// How many arrays and objects are open at the deepest place of a JSON text.
fn nesting(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The beginning of a value for an error message.
fn shown(json: &str) -> String {
    const LONGEST: usize = 40;
    match json.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &json[..end]),
        None => json.to_owned(),
    }
}

/// The members of a JSON object in their order, duplicates included, values unread.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'a>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}
