//! Asking whoever has the data: which app and class a command means, and what went wrong in the words of
//! the user.

use std::path::PathBuf;

use cellhouse_config::App;

use crate::cli::NamespaceArguments;
use crate::data::objects::{Action, Found, Reply, Request};
use crate::data::{self, Event, Heard, Task};
use crate::dev::{class_of, data_directory};
use crate::report::Stop;

/// The objects of one class of an app.
pub(super) struct Asked<'a> {
    app: App,
    namespace: &'a str,
    directory: PathBuf,
}

impl<'a> Asked<'a> {
    /// Reads the app's config.
    pub(super) fn about(arguments: &'a NamespaceArguments) -> Result<Asked<'a>, Stop> {
        let app = arguments.app();
        let loaded = cellhouse_config::load(&app.path(), app.env.as_deref())?;
        Ok(Asked {
            directory: data_directory(&loaded.app.home, arguments.store.as_deref()),
            app: loaded.app,
            namespace: &arguments.namespace,
        })
    }

    /// The class, by its own name or that of a binding.
    pub(super) fn class(&self) -> &str {
        let bound = self.bindings().find(|(name, _)| *name == self.namespace);
        bound.map_or(self.namespace, |(_, class)| class)
    }

    /// Has it done. `each` gets every reply, and says whether it wants more.
    pub(super) fn ask(
        &self,
        action: Action,
        each: &mut dyn FnMut(Reply) -> bool,
    ) -> Result<(), Stop> {
        let task = Task::Objects(Request {
            app: self.app.name.clone(),
            class: self.class().to_owned(),
            action,
        });
        data::ask(&self.directory, &task, &mut |event| match event {
            Event::Objects(Reply::End) => Heard::End(Ok(())),
            Event::Objects(Reply::NoClass { classes }) => Heard::End(Err(self.no_class(&classes))),
            Event::Objects(Reply::Absent { message }) => Heard::End(Err(Stop::absent(message))),
            Event::Objects(Reply::Wrong { message }) => Heard::End(Err(Stop::wrong(message))),
            Event::Objects(reply) => each(reply).into(),
            _ => Heard::More,
        })
    }

    /// Has something done whose reply is about one object.
    pub(super) fn ask_for_one(&self, action: Action) -> Result<Found, Stop> {
        let mut one = None;
        self.ask(action, &mut |reply| {
            if let Reply::Found { found } = reply {
                one = Some(found);
            }
            true
        })?;
        one.ok_or_else(|| Stop::failed("the process that has the data is of another version"))
    }

    /// The bindings of this app's own classes: name and class.
    fn bindings(&self) -> impl Iterator<Item = (&str, &str)> {
        let bindings = self.app.bindings.iter();
        bindings.filter_map(|b| Some((b.name.as_str(), class_of(&self.app, &b.kind)?)))
    }

    fn no_class(&self, classes: &[String]) -> Stop {
        let (class, namespace) = (self.class(), self.namespace);
        if self.bindings().any(|(_, bound)| bound == class) {
            return Stop::absent(format!(
                "the class {class} has no objects: the app has not run since it was added"
            ));
        }
        let known = classes.iter().map(|class| {
            let mut bindings = self.bindings().filter(|(_, bound)| bound == class);
            match bindings.next() {
                Some((binding, _)) => format!("{class} (binding {binding})"),
                None => class.clone(),
            }
        });
        let known = known.collect::<Vec<_>>().join(", ");
        let which = match known.is_empty() {
            true => "it has no classes of objects".to_owned(),
            false => format!("there are {known}"),
        };
        let app = &self.app.name;
        Stop::wrong(format!(
            "the app {app} has no class and no binding {namespace:?}; {which}"
        ))
    }
}
