//! Asking whoever has the data: which database a command means, and what went wrong in the words of the
//! user.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use cellhouse_config::{App, Binding, BindingKind};

use crate::cli::{DatabaseArguments, ProjectArguments};
use crate::data::d1::{Action, Reply, Request};
use crate::data::{self, Event, Heard, Task, database_of};
use crate::dev::data_directory;
use crate::report::Stop;

/// An app's config, and where its data is.
pub(super) struct Project {
    app: App,
    directory: PathBuf,
}

/// A database of an app.
pub(super) struct Asked {
    project: Project,
    binding: Binding,
}

impl Project {
    pub(super) fn of(arguments: &ProjectArguments) -> Result<Project, Stop> {
        let app = arguments.app();
        let loaded = cellhouse_config::load(&app.path(), app.env.as_deref())?;
        Ok(Project {
            directory: data_directory(&loaded.app.home, arguments.store.as_deref()),
            app: loaded.app,
        })
    }

    /// The bindings of databases.
    pub(super) fn databases(&self) -> impl Iterator<Item = &Binding> {
        self.app.bindings.iter().filter(|binding| {
            let kind = &binding.kind;
            matches!(kind, BindingKind::D1 { .. } | BindingKind::PloyDb { .. })
        })
    }

    pub(super) fn into_asked(self, binding: Binding) -> Asked {
        Asked {
            project: self,
            binding,
        }
    }

    fn find(&self, name: &str) -> Result<Binding, Stop> {
        let by_binding = self.databases().find(|binding| binding.name == name);
        let found = by_binding.or_else(|| self.databases().find(|one| is_called(one, name)));
        if let Some(binding) = found {
            return Ok(binding.clone());
        }
        let known: Vec<&str> = self.databases().map(|one| one.name.as_str()).collect();
        let which = match known.is_empty() {
            true => "it has none".to_owned(),
            false => format!("there are {}", known.join(", ")),
        };
        Err(Stop::absent(format!(
            "the app {} has no database {name:?}; {which}",
            self.app.name
        )))
    }
}

/// By its name or id in the config.
fn is_called(binding: &Binding, name: &str) -> bool {
    match &binding.kind {
        BindingKind::D1 {
            database_name,
            database_id,
            ..
        } => [database_name, database_id]
            .iter()
            .any(|known| known.as_deref() == Some(name)),
        BindingKind::PloyDb { database } => database == name,
        _ => false,
    }
}

impl Asked {
    pub(super) fn about(arguments: &DatabaseArguments) -> Result<Asked, Stop> {
        let project = Project::of(&arguments.of)?;
        let binding = project.find(&arguments.database)?;
        Ok(project.into_asked(binding))
    }

    pub(super) fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The app's directory.
    pub(super) fn root(&self) -> &Path {
        &self.project.app.root
    }

    /// Has it done. `each` gets every reply, and says whether it wants more; `progress` hears of bytes.
    pub(super) fn ask_with(
        &self,
        action: Action,
        progress: &mut dyn FnMut(u64, u64),
        each: &mut dyn FnMut(Reply) -> bool,
    ) -> Result<(), Stop> {
        let directory = &self.project.directory;
        // A database can be made before the app runs for the first time.
        std::fs::create_dir_all(directory.join("store")).map_err(Stop::failed)?;
        let task = Task::D1(Request {
            database: database_of(&self.binding),
            action,
        });
        data::ask(directory, &task, &mut |event| match event {
            Event::Progress { done, total } => {
                progress(done, total);
                Heard::More
            }
            Event::D1(Reply::End) => Heard::End(Ok(())),
            Event::D1(Reply::Wrong { message }) => Heard::End(Err(Stop::wrong(message))),
            Event::D1(reply) => each(reply).into(),
            _ => Heard::More,
        })
    }

    pub(super) fn ask(
        &self,
        action: Action,
        each: &mut dyn FnMut(Reply) -> bool,
    ) -> Result<(), Stop> {
        self.ask_with(action, &mut |_, _| (), each)
    }

    /// Has something done that has one reply; `take` gives what it is about.
    pub(super) fn ask_for_one<T>(
        &self,
        action: Action,
        take: impl Fn(Reply) -> Option<T>,
    ) -> Result<T, Stop> {
        let mut one = None;
        self.ask(action, &mut |reply| {
            one = take(reply).or(one.take());
            true
        })?;
        one.ok_or_else(|| Stop::failed("the process that has the data is of another version"))
    }
}

/// Asks where there is somebody to ask: `None` where there is not.
pub(super) fn confirm(question: &str) -> Option<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    Some(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes"))
}
