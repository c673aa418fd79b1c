//! The Durable Object classes of an app: what its migrations and bindings ask for, brought about.

use std::io::{BufRead, IsTerminal, Write};

use cellhouse_cell::Cells;
use cellhouse_config::{App, BindingKind, Migration};
use cellhouse_objects::{Class, Namespaces, Objects, Plan};
use cellhouse_runtime::{AUTOMATIC_CLASS, ObjectClass, ObjectHost, ObjectsSpec};

use crate::report::Problem;

/// The class of a binding of this app, if that is what it is.
pub(crate) fn class_of<'a>(app: &App, kind: &'a BindingKind) -> Option<&'a str> {
    match kind {
        BindingKind::DurableObject {
            class_name,
            script_name,
            ..
        } if script_name
            .as_ref()
            .is_none_or(|script| *script == app.name) =>
        {
            Some(class_name)
        }
        _ => None,
    }
}

/// Applies the app's migrations, and makes classes that are bound and in none of them. `may_delete`:
/// classes go without asking. `automatic`: the app has objects that no config names.
pub(super) fn open(
    app: &App,
    cells: &Cells,
    host: &ObjectHost,
    may_delete: bool,
    automatic: bool,
) -> Result<Option<ObjectsSpec>, Problem> {
    let mut bound: Vec<&str> = Vec::new();
    for class in app.bindings.iter().filter_map(|b| class_of(app, &b.kind)) {
        if !bound.contains(&class) {
            bound.push(class);
        }
    }
    if automatic {
        bound.push(AUTOMATIC_CLASS);
    }
    if bound.is_empty() && app.migrations.is_empty() {
        return Ok(None);
    }
    let problem = |error: cellhouse_objects::Error| Problem::Text(error.to_string());
    let namespaces = Namespaces::open(cells, &app.name).map_err(problem)?;
    let migrations: Vec<_> = app.migrations.iter().map(migration).collect();
    let plan = namespaces
        .plan(&migrations, &bound, true)
        .map_err(problem)?;
    if !plan.is_empty() {
        confirm(&plan, may_delete)?;
        namespaces.apply(&plan).map_err(problem)?;
    }
    finish_deletions(&namespaces, host.objects()).map_err(problem)?;
    let classes = bound.iter().map(|name| {
        let namespace = namespaces.namespace(name).map_err(problem)?;
        let namespace = namespace.expect("the plan makes every class that is bound");
        Ok(ObjectClass {
            name: (*name).to_owned(),
            namespace,
        })
    });
    Ok(Some(ObjectsSpec {
        host: host.clone(),
        classes: classes.collect::<Result<_, Problem>>()?,
    }))
}

fn migration(migration: &Migration) -> cellhouse_objects::Migration {
    let renamed = migration.renamed_classes.iter();
    cellhouse_objects::Migration {
        tag: migration.tag.clone(),
        new_classes: migration.new_classes.clone(),
        new_sqlite_classes: migration.new_sqlite_classes.clone(),
        renamed_classes: renamed.map(|r| (r.from.clone(), r.to.clone())).collect(),
        deleted_classes: migration.deleted_classes.clone(),
    }
}

fn finish_deletions(
    namespaces: &Namespaces,
    objects: &Objects,
) -> Result<(), cellhouse_objects::Error> {
    let deleted = namespaces.finish_deletions(objects)?;
    if deleted > 0 {
        tracing::info!("{deleted} objects of deleted classes were removed");
    }
    Ok(())
}

/// Asks before data goes, where there is somebody to ask.
fn confirm(plan: &Plan, may_delete: bool) -> Result<(), Problem> {
    let going: Vec<&str> = plan
        .deleted()
        .map(|class: &Class| class.name.as_str())
        .collect();
    if going.is_empty() || may_delete {
        return Ok(());
    }
    let what = format!(
        "a migration deletes {}, with everything that its objects have stored",
        going.join(", ")
    );
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        eprint!("{what}. Go on? [y/N] ");
        let mut answer = String::new();
        let read = std::io::stderr()
            .flush()
            .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
        if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
    }
    Err(Problem::Text(format!(
        "{what}: nothing was changed. Start with --delete-classes if that is what you want."
    )))
}
