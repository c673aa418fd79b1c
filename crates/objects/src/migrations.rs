//! What a list of migrations means for the classes of an app: which are made, renamed, deleted.
//! Only the plan; `namespaces.rs` carries it out.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;

/// A class of an app whose objects are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its name in the app's code now.
    pub name: String,
    /// That of its namespace, which stays.
    pub unique_key: String,
    /// Whether it was made by `new_sqlite_classes`. Storage is the same; only what Cloudflare offers
    /// of it differs.
    pub sqlite: bool,
}

/// A migration as the configuration has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migration {
    /// Names it: each is applied once.
    pub tag: String,
    /// Classes that appear, with key-value storage only.
    pub new_classes: Vec<String>,
    /// Classes that appear.
    pub new_sqlite_classes: Vec<String>,
    /// Classes that get another name: from, to.
    pub renamed_classes: Vec<(String, String)>,
    /// Classes that go, with all that their objects have stored.
    pub deleted_classes: Vec<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A class appears.
    Create(Class),
    /// A class gets another name; its objects and their ids stay.
    Rename {
        /// Its name so far.
        from: String,
        /// Its name from now on.
        to: String,
    },
    /// A class goes, with all its objects.
    Delete(Class),
}

/// What is to be done, in this order. Nothing of it was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes.
    pub steps: Vec<Step>,
    /// The tags of the migrations that it carries out.
    pub tags: Vec<String>,
}

impl Plan {
    /// The classes whose data goes: to ask before that.
    pub fn deleted(&self) -> impl Iterator<Item = &Class> {
        self.steps.iter().filter_map(|step| match step {
            Step::Delete(class) => Some(class),
            _ => None,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.tags.is_empty()
    }
}

/// What an app has.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) app: String,
    pub(crate) classes: BTreeMap<String, Class>,
    /// Applied, in order.
    pub(crate) tags: Vec<String>,
    /// Unique keys that have ever been used.
    pub(crate) used: BTreeSet<String>,
}

impl State {
    /// Plans all migrations that were not applied. `bound` are the classes that bindings of the app
    /// name; with `automatic` those that no migration makes are made anyway.
    pub(crate) fn plan(
        mut self,
        migrations: &[Migration],
        bound: &[&str],
        automatic: bool,
    ) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        for migration in self.outstanding(migrations)? {
            self.migrate(migration, &mut plan.steps)
                .map_err(|problem| refuse(&migration.tag, &problem))?;
            plan.tags.push(migration.tag.clone());
        }
        for class in bound {
            if self.classes.contains_key(*class) {
                continue;
            }
            if !automatic {
                return Err(without_migration(class));
            }
            let step = self.create(class, true);
            plan.steps.extend(step);
        }
        Ok(plan)
    }

    fn outstanding<'m>(&self, migrations: &'m [Migration]) -> Result<&'m [Migration], Error> {
        let mut tags = BTreeSet::new();
        for Migration { tag, .. } in migrations {
            if tag.is_empty() {
                return Err(Error::refused("a migration has an empty tag; give it one"));
            }
            if !tags.insert(tag) {
                return Err(refuse(tag, "another migration has the same tag"));
            }
        }
        let Some(last) = self.tags.last() else {
            return Ok(migrations);
        };
        match migrations
            .iter()
            .position(|migration| migration.tag == *last)
        {
            Some(place) => Ok(&migrations[place + 1..]),
            None if migrations.is_empty() => Ok(migrations),
            None => Err(Error::refused(format!(
                "migration \"{last}\" was applied to app \"{}\" and is not in its configuration \
                 any more; put it back, and new migrations behind it",
                self.app
            ))),
        }
    }

    fn migrate(&mut self, migration: &Migration, steps: &mut Vec<Step>) -> Result<(), String> {
        let kinds = [
            (&migration.new_classes, false),
            (&migration.new_sqlite_classes, true),
        ];
        for (classes, sqlite) in kinds {
            for class in classes {
                let step = self.create(class, sqlite);
                steps.push(step.ok_or_else(|| format!("class \"{class}\" exists already"))?);
            }
        }
        for (from, to) in &migration.renamed_classes {
            if self.classes.contains_key(to) {
                return Err(format!(
                    "class \"{from}\" cannot be renamed to \"{to}\", which exists already"
                ));
            }
            let class = self.classes.remove(from);
            let mut class = class.ok_or_else(|| missing("renamed", from))?;
            class.name.clone_from(to);
            self.classes.insert(to.clone(), class);
            let (from, to) = (from.clone(), to.clone());
            steps.push(Step::Rename { from, to });
        }
        for name in &migration.deleted_classes {
            let class = self.classes.remove(name);
            steps.push(Step::Delete(class.ok_or_else(|| missing("deleted", name))?));
        }
        Ok(())
    }

    /// `None`: there is such a class.
    fn create(&mut self, name: &str, sqlite: bool) -> Option<Step> {
        if self.classes.contains_key(name) {
            return None;
        }
        // The first one is what miniflare takes, so that ids are the same there. A class of the same
        // name as one that is gone or renamed must not get its objects.
        let first = format!("{}-{name}", self.app);
        let numbered = (2..).map(|number: u64| format!("{first}-{number}"));
        let mut keys = std::iter::once(first.clone()).chain(numbered);
        let unique_key = keys.find(|key| !self.used.contains(key))?;
        self.used.insert(unique_key.clone());
        let class = Class {
            name: name.to_owned(),
            unique_key,
            sqlite,
        };
        self.classes.insert(name.to_owned(), class.clone());
        Some(Step::Create(class))
    }
}

fn missing(done: &str, class: &str) -> String {
    format!("class \"{class}\" cannot be {done}, because no migration before this one made it")
}

fn refuse(tag: &str, problem: &str) -> Error {
    Error::refused(format!("migration \"{tag}\": {problem}"))
}

fn without_migration(class: &str) -> Error {
    Error::refused(format!(
        "class \"{class}\" is bound as a Durable Object, but no migration makes it; add \
         {{ tag = \"<a new tag>\", new_sqlite_classes = [\"{class}\"] }} to the migrations"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(tag: &str) -> Migration {
        Migration {
            tag: tag.to_owned(),
            ..Migration::default()
        }
    }

    fn state(classes: &[&str], tags: &[&str]) -> State {
        let mut state = State {
            app: "app".to_owned(),
            tags: tags.iter().map(ToString::to_string).collect(),
            ..State::default()
        };
        for class in classes {
            state.create(class, true);
        }
        state
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_what_was_not_applied_is_planned() {
        let migrations = [
            Migration {
                new_sqlite_classes: names(&["A"]),
                ..migration("v1")
            },
            Migration {
                renamed_classes: vec![("A".to_owned(), "B".to_owned())],
                new_classes: names(&["C"]),
                ..migration("v2")
            },
            Migration {
                deleted_classes: names(&["B"]),
                ..migration("v3")
            },
        ];
        let plan = state(&["A"], &["v1"])
            .plan(&migrations, &["C"], false)
            .unwrap();
        assert_eq!(plan.tags, ["v2", "v3"]);
        assert_eq!(plan.steps.len(), 3);
        let deleted: Vec<_> = plan
            .deleted()
            .map(|class| class.unique_key.as_str())
            .collect();
        assert_eq!(deleted, ["app-A"], "its key is that of its first name");
        let done = state(&["C"], &["v1", "v2", "v3"]);
        assert!(done.plan(&migrations, &["C"], false).unwrap().is_empty());
    }

    #[test]
    fn a_name_that_was_used_gets_another_key() {
        let migrations = [Migration {
            deleted_classes: names(&["A"]),
            ..migration("v1")
        }];
        let plan = state(&["A"], &[]).plan(&migrations, &["A"], true).unwrap();
        let Some(Step::Create(class)) = plan.steps.last() else {
            panic!("{plan:?}");
        };
        assert_eq!(class.unique_key, "app-A-2");
    }

    #[test]
    fn what_is_impossible_is_refused_in_words() {
        let refused = |state: State, migrations: &[Migration], bound: &[&str]| {
            state
                .plan(migrations, bound, false)
                .unwrap_err()
                .to_string()
        };
        let unbound = refused(state(&[], &[]), &[], &["A"]);
        assert!(unbound.contains("no migration makes it") && unbound.contains("[\"A\"]"));
        let renamed = Migration {
            renamed_classes: vec![("A".to_owned(), "B".to_owned())],
            ..migration("v1")
        };
        assert_eq!(
            refused(state(&[], &[]), std::slice::from_ref(&renamed), &[]),
            "migration \"v1\": class \"A\" cannot be renamed, because no migration before this one made it"
        );
        assert!(refused(state(&["A", "B"], &[]), &[renamed], &[]).contains("exists already"));
        let twice = Migration {
            new_sqlite_classes: names(&["A"]),
            ..migration("v1")
        };
        assert!(refused(state(&["A"], &[]), &[twice], &[]).contains("exists already"));
        let gone = refused(state(&[], &["v0"]), &[migration("v1")], &[]);
        assert!(gone.contains("\"v0\" was applied"), "{gone}");
        let same = refused(state(&[], &[]), &[migration("v1"), migration("v1")], &[]);
        assert!(same.contains("same tag"), "{same}");
        assert!(refused(state(&[], &[]), &[migration("")], &[]).contains("empty tag"));
    }
}
