//! `cellhouse d1 execute`: the rows of statements as tables or as JSON; files of SQL with a progress bar.

use serde_json::{Value, json};

use super::ask::Asked;
use crate::cli::ExecuteArguments;
use crate::commands::objects::{output::line, sql};
use crate::data::bar;
use crate::data::d1::{Action, Reply, ResultOf};
use crate::report::{Stop, shown};

pub(super) fn run(arguments: &ExecuteArguments) -> Result<(), Stop> {
    match (&arguments.command, &arguments.file) {
        (Some(text), _) => command(arguments, text),
        (None, Some(path)) => file(arguments, path),
        (None, None) => Err(Stop::wrong("give --command or --file")),
    }
}

fn command(arguments: &ExecuteArguments, text: &str) -> Result<(), Stop> {
    let as_json = arguments.of.of.json;
    let action = Action::Sql {
        text: text.to_owned(),
    };
    Asked::about(&arguments.of)?.ask(action, &mut |reply| match reply {
        Reply::Results { results } if as_json => {
            let all: Vec<Value> = results.iter().map(result).collect();
            line(&serde_json::to_string_pretty(&all).unwrap_or_default())
        }
        Reply::Results { results } => results
            .iter()
            .all(|one| sql::tell(&one.columns, &one.rows, one.rows_written)),
        _ => true,
    })
}

/// As wrangler prints it.
fn result(one: &ResultOf) -> Value {
    let rows = one.rows.iter().map(|row| sql::object(&one.columns, row));
    json!({
        "results": rows.collect::<Vec<_>>(),
        "success": true,
        "meta": {
            "duration": one.duration as f64 / 1_000.0,
            "changes": one.changes,
            "last_row_id": one.last_row_id,
            "changed_db": one.changed_db,
            "size_after": one.size_after,
            "rows_read": one.rows_read,
            "rows_written": one.rows_written,
        },
    })
}

fn file(arguments: &ExecuteArguments, path: &std::path::Path) -> Result<(), Stop> {
    let path = std::path::absolute(path).map_err(Stop::failed)?;
    let asked = Asked::about(&arguments.of)?;
    let bar = bar("running", true);
    let mut told = None;
    let done = asked.ask_with(
        Action::File { path: path.clone() },
        &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
        &mut |reply| {
            told = Some(reply);
            true
        },
    );
    bar.finish_and_clear();
    done?;
    let Some(Reply::Executed {
        statements,
        rows_read,
        rows_written,
        bytes,
    }) = told
    else {
        return Err(Stop::failed(
            "the process that has the data is of another version",
        ));
    };
    if arguments.of.of.json {
        let told = json!([{
            "results": [{
                "Total queries executed": statements,
                "Rows read": rows_read,
                "Rows written": rows_written,
            }],
            "success": true,
            "meta": { "rows_read": rows_read, "rows_written": rows_written, "file_bytes": bytes },
        }]);
        line(&serde_json::to_string_pretty(&told).unwrap_or_default());
    } else {
        line(&format!(
            "{}: statements: {statements}, rows read: {rows_read}, rows written: {rows_written}",
            shown(&path)
        ));
    }
    Ok(())
}
