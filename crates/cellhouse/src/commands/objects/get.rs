//! `cellhouse objects get`: stored values as a JavaScript console prints them, or as JSON.

use super::ask::Asked;
use super::output::{line, plain};
use crate::cli::GetArguments;
use crate::data::objects::{Action, Reply, Stored};
use crate::report::{Stop, heading};

pub(super) fn run(arguments: &GetArguments) -> Result<(), Stop> {
    let of = &arguments.object.of;
    let (as_json, one) = (of.json, arguments.key.is_some());
    let action = Action::Get {
        object: arguments.object.object.clone(),
        key: arguments.key.clone(),
    };
    let (mut count, mut no_json) = (0, None);
    Asked::about(of)?.ask(action, &mut |reply| {
        let Reply::Values { values } = reply else {
            return true;
        };
        count += values.len();
        values.into_iter().all(|value| match (as_json, one) {
            (false, true) => line(&value.text),
            (false, false) => tell(&value),
            (true, false) => line(&entry(value).to_string()),
            (true, true) => match value.json {
                Some(json) => line(&json.to_string()),
                None => {
                    no_json = Some(value);
                    true
                }
            },
        })
    })?;
    if let Some(value) = no_json {
        return Err(Stop::failed(format!(
            "JSON has no such value as that of {:?}; without --json it is printed",
            value.key
        )));
    }
    if count == 0 && !as_json {
        line("no keys");
    }
    Ok(())
}

fn tell(value: &Stored) -> bool {
    line(&format!(
        "{} {}",
        heading(&format!("{}:", plain(&value.key))),
        value.text
    ))
}

fn entry(value: Stored) -> serde_json::Value {
    match value.json {
        Some(json) => serde_json::json!({"key": value.key, "value": json}),
        None => serde_json::json!({"key": value.key, "text": value.text}),
    }
}
