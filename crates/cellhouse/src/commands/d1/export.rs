//! `cellhouse d1 export`: a database as SQL, in a file or on standard output.

use serde_json::json;

use super::ask::Asked;
use crate::cli::ExportArguments;
use crate::commands::objects::output::line;
use crate::data::d1::{Action, Reply};
use crate::report::{Stop, shown};

pub(super) fn run(arguments: &ExportArguments) -> Result<(), Stop> {
    let output = arguments.output.as_ref().map(std::path::absolute);
    let output = output.transpose().map_err(Stop::failed)?;
    let action = Action::Export {
        to: output.clone(),
        tables: arguments.table.clone(),
        no_schema: arguments.no_schema,
        no_data: arguments.no_data,
    };
    let mut count = 0;
    Asked::about(&arguments.of)?.ask(action, &mut |reply| match reply {
        Reply::Lines { lines } => lines.iter().all(|text| line(text)),
        Reply::Exported { statements } => {
            count = statements;
            true
        }
        _ => true,
    })?;
    let Some(output) = output else {
        return Ok(());
    };
    if arguments.of.of.json {
        let file = output.to_string_lossy();
        line(&json!({"file": file, "statements": count}).to_string());
    } else {
        line(&format!("{}: statements: {count}", shown(&output)));
    }
    Ok(())
}
