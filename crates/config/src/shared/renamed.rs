//! Bindings that still name a Durable Object class by the name that it had before a migration renamed it.
//!
//! Nothing makes a class of that name any more: the objects are found under the new one, and a new class would
//! have none.

use std::collections::BTreeMap;

use crate::app::{Migration, RenamedClass};
use crate::binding::{Binding, BindingKind};
use crate::diagnostic::Diagnostic;
use crate::reader::Reader;

/// Adds an error for each such binding of the app.
pub(crate) fn check(
    reader: &mut Reader,
    app: &str,
    bindings: &[Binding],
    migrations: &[Migration],
) {
    let former = former_names(migrations);
    for binding in bindings {
        let BindingKind::DurableObject {
            class_name,
            script_name,
            ..
        } = &binding.kind
        else {
            continue;
        };
        let is_own = script_name.as_ref().is_none_or(|script| script == app);
        if is_own && let Some(renamed) = former.get(class_name.as_str()) {
            reader.add(diagnostic(binding, class_name, renamed));
        }
    }
}

/// What became of a name.
struct Renamed<'a> {
    migration: &'a Migration,
    /// The name now; `None` if the class was deleted since.
    now: Option<&'a str>,
}

/// The names that no class has any more because it was renamed.
fn former_names(migrations: &[Migration]) -> BTreeMap<&str, Renamed<'_>> {
    let mut former: BTreeMap<&str, Renamed<'_>> = BTreeMap::new();
    for migration in migrations {
        for made in migration
            .new_classes
            .iter()
            .chain(&migration.new_sqlite_classes)
        {
            former.remove(made.as_str());
        }
        for RenamedClass { from, to } in &migration.renamed_classes {
            former.remove(to.as_str());
            for earlier in former
                .values_mut()
                .filter(|earlier| earlier.now == Some(from))
            {
                earlier.now = Some(to);
            }
            let now = Some(to.as_str());
            former.insert(from, Renamed { migration, now });
        }
        for transferred in &migration.transferred_classes {
            former.remove(transferred.to.as_str());
        }
        for deleted in &migration.deleted_classes {
            for earlier in former
                .values_mut()
                .filter(|earlier| earlier.now == Some(deleted))
            {
                earlier.now = None;
            }
        }
    }
    former
}

fn diagnostic(binding: &Binding, class: &str, renamed: &Renamed<'_>) -> Diagnostic {
    let tag = &renamed.migration.tag;
    let message = format!(
        "binding `{}` names the class `{class}`, which migration `{tag}` renamed",
        binding.name
    );
    let help = match renamed.now {
        Some(now) => format!("name the class `{now}`: its objects are those of `{class}`"),
        None => "the class was deleted since: remove the binding, or name another class".to_owned(),
    };
    Diagnostic::error(message)
        .label(
            &binding.source,
            format!("there is no class `{class}` any more"),
        )
        .label(&renamed.migration.at, "renamed here")
        .help(help)
}
