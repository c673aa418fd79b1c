//! The Durable Object classes of an app: what its migrations and bindings ask for, brought about.

use std::io::{BufRead, IsTerminal, Write};

use cellhouse_config::{App, BindingKind, Migration};
use cellhouse_objects::{Class, Namespaces, Objects, Plan};
use cellhouse_runtime::{AUTOMATIC_CLASS, ObjectClass, ObjectsSpec};

use super::peers::Peers;
use super::running::Shared;
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

/// Where a binding's class is among those of the app's isolates.
pub(super) fn index_of(
    app: &App,
    kind: &BindingKind,
    objects: Option<&ObjectsSpec>,
    peers: &Peers,
) -> Option<u32> {
    let (of, class) = match class_of(app, kind) {
        Some(class) => (None, class),
        None => {
            let (of, class) = peers.foreign_class(app, kind)?;
            (Some(of), class)
        }
    };
    let mut classes = objects?.classes.iter();
    let index =
        classes.position(|known| known.name == class && known.app.as_deref() == of.as_deref());
    index.and_then(|index| u32::try_from(index).ok())
}

/// The classes that the app uses: its own, and those of others that run here, whose own must have been made.
/// `automatic`: the app has objects that no config names.
pub(super) fn open(
    app: &App,
    shared: &Shared,
    automatic: bool,
) -> Result<Option<ObjectsSpec>, Problem> {
    let mut classes = own_classes(app, shared, automatic)?;
    for binding in &app.bindings {
        let Some((of, name)) = shared.peers.foreign_class(app, &binding.kind) else {
            continue;
        };
        let namespaces = Namespaces::open(shared.stores.cells(), &of).map_err(problem)?;
        let Some(namespace) = namespaces.namespace(name).map_err(problem)? else {
            let text = format!("{}: the app `{of}` has no class `{name}`", binding.name);
            return Err(Problem::Text(text));
        };
        classes.push(ObjectClass {
            name: name.to_owned(),
            namespace,
            app: Some(of.into()),
            optional: false,
        });
    }
    let host = shared.stores.objects().clone();
    Ok((!classes.is_empty()).then(|| ObjectsSpec {
        host,
        classes: classes.into(),
    }))
}

/// Applies the app's migrations, and makes classes that are bound, here or by an app beside it, and in none of them.
pub(super) fn own_classes(
    app: &App,
    shared: &Shared,
    automatic: bool,
) -> Result<Vec<ObjectClass>, Problem> {
    let mut bound: Vec<&str> = Vec::new();
    let own = app.bindings.iter().filter_map(|b| class_of(app, &b.kind));
    for class in own.clone().chain(shared.peers.lent_by(app)) {
        if !bound.contains(&class) {
            bound.push(class);
        }
    }
    if automatic {
        bound.push(AUTOMATIC_CLASS);
    }
    if bound.is_empty() && app.migrations.is_empty() {
        return Ok(Vec::new());
    }
    let namespaces = Namespaces::open(shared.stores.cells(), &app.name).map_err(problem)?;
    let migrations: Vec<_> = app.migrations.iter().map(migration).collect();
    let plan = namespaces
        .plan(&migrations, &bound, true)
        .map_err(problem)?;
    if !plan.is_empty() {
        confirm(&plan, shared.arguments.delete_classes)?;
        namespaces.apply(&plan).map_err(problem)?;
    }
    let objects = shared.stores.objects().objects();
    finish_deletions(&namespaces, objects).map_err(problem)?;
    // Those that only a migration names can be reached by `ctx.exports`.
    let (all, _) = namespaces.classes().map_err(problem)?;
    let unbound = all.iter().map(|class| class.name.as_str());
    let unbound = unbound.filter(|name| !bound.contains(name) && *name != AUTOMATIC_CLASS);
    let unbound: Vec<&str> = unbound.collect();
    let classes = bound.into_iter().chain(unbound).map(|name| {
        let namespace = namespaces.namespace(name).map_err(problem)?;
        Ok(ObjectClass {
            name: name.to_owned(),
            namespace: namespace.expect("the plan makes every class that is bound"),
            app: None,
            optional: !own.clone().any(|class| class == name),
        })
    });
    classes.collect()
}

fn problem(error: cellhouse_objects::Error) -> Problem {
    Problem::Text(error.to_string())
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
