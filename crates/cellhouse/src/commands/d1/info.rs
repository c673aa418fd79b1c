//! `cellhouse d1 list` and `info`.

use cellhouse_config::{Binding, BindingKind};
use indicatif::HumanBytes;
use serde_json::{Value, json};

use super::ask::{Asked, Project};
use crate::cli::{DatabaseArguments, ProjectArguments};
use crate::commands::objects::output::line;
use crate::commands::objects::table;
use crate::data::d1::{Action, Reply};
use crate::report::Stop;

pub(super) fn list(arguments: &ProjectArguments) -> Result<(), Stop> {
    let project = Project::of(arguments)?;
    let bindings: Vec<Binding> = project.databases().cloned().collect();
    if arguments.json {
        let all: Vec<Value> = bindings.iter().map(described).collect();
        line(&serde_json::to_string_pretty(&all).unwrap_or_default());
        return Ok(());
    }
    if bindings.is_empty() {
        line("the app has no databases");
        return Ok(());
    }
    let rows = bindings.iter().map(|binding| {
        let (name, id) = named(binding);
        [Some(binding.name.as_str()), name, id]
            .map(|text| table::Text::left(text.unwrap_or_default()))
            .into()
    });
    let columns = ["binding", "name", "id"].map(str::to_owned);
    table::print(&columns, &rows.collect::<Vec<Vec<_>>>());
    Ok(())
}

pub(super) fn run(arguments: &DatabaseArguments) -> Result<(), Stop> {
    let asked = Asked::about(arguments)?;
    let (bytes, tables) = asked.ask_for_one(Action::Info, |reply| match reply {
        Reply::Info { bytes, tables } => Some((bytes, tables)),
        _ => None,
    })?;
    let mut told = described(asked.binding());
    told["database_size"] = bytes.into();
    told["num_tables"] = tables.into();
    if arguments.of.json {
        line(&told.to_string());
        return Ok(());
    }
    let (name, id) = named(asked.binding());
    line(&format!("binding  {}", asked.binding().name));
    if let Some(name) = name {
        line(&format!("name     {name}"));
    }
    if let Some(id) = id {
        line(&format!("id       {id}"));
    }
    line(&format!("size     {}", HumanBytes(bytes)));
    line(&format!("tables   {tables}"));
    Ok(())
}

/// Name and id in the config.
fn named(binding: &Binding) -> (Option<&str>, Option<&str>) {
    match &binding.kind {
        BindingKind::D1 {
            database_name,
            database_id,
            ..
        } => (database_name.as_deref(), database_id.as_deref()),
        BindingKind::PloyDb { database } => (Some(database), None),
        _ => (None, None),
    }
}

fn described(binding: &Binding) -> Value {
    let (name, id) = named(binding);
    json!({ "binding": binding.name, "name": name, "uuid": id })
}
