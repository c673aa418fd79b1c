//! Which store a command means, and asking whoever has the data.

use std::path::PathBuf;

use cellhouse_config::{App, BindingKind, Style};

use crate::cli::{KvDataArguments, KvOfArguments};
use crate::data::kv::{Action, Reply, Request};
use crate::data::{self, Event, Heard, Task};
use crate::dev::{data_directory, kv_store};
use crate::report::{Stop, shown};

/// A store, and where its data is.
pub(super) struct Asked {
    directory: PathBuf,
    store: String,
    /// As the user called it.
    pub(super) called: String,
}

/// The app's config, and where its data is.
pub(super) fn app(arguments: &KvDataArguments) -> Result<(App, PathBuf), Stop> {
    let app = arguments.app();
    let loaded = cellhouse_config::load(&app.path(), app.env.as_deref())?;
    let directory = data_directory(&loaded.app.home, arguments.store.as_deref());
    Ok((loaded.app, directory))
}

impl Asked {
    pub(super) fn about(arguments: &KvOfArguments) -> Result<Asked, Stop> {
        // An id and a place need no config.
        if let (Some(id), Some(store)) = (&arguments.namespace_id, &arguments.data.store) {
            let directory = data_directory(&PathBuf::new(), Some(store));
            let ploy = app(&arguments.data).is_ok_and(|(app, _)| app.style == Style::Ploy);
            return Ok(Asked::by_id(id, ploy, directory));
        }
        let (app, directory) = app(&arguments.data)?;
        if let Some(id) = &arguments.namespace_id {
            return Ok(Asked::by_id(id, app.style == Style::Ploy, directory));
        }
        let name = arguments.binding.as_deref().unwrap_or_default();
        let store = by_binding(&app, name, arguments.preview)?;
        Ok(Asked {
            directory,
            store,
            called: name.to_owned(),
        })
    }

    fn by_id(id: &str, ploy: bool, directory: PathBuf) -> Asked {
        let kind = if ploy { "state" } else { "kv" };
        Asked {
            directory,
            store: format!("{kind}-{id}"),
            called: id.to_owned(),
        }
    }

    /// Has it done. `each` gets every event, and says whether it wants more.
    pub(super) fn ask(
        &self,
        action: Action,
        each: &mut dyn FnMut(Event) -> bool,
    ) -> Result<(), Stop> {
        ask(&self.directory, self.store.clone(), action, each)
    }

    /// Has something changed; how many entries that were.
    pub(super) fn change(
        &self,
        action: Action,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<u64, Stop> {
        let mut changed = None;
        self.ask(action, &mut |event| {
            match event {
                Event::Progress { done, total } => progress(done, total),
                Event::Kv(Reply::Changed { count }) => changed = Some(count),
                Event::Kv(Reply::Warning { message }) => eprintln!("warning: {message}"),
                _ => {}
            }
            true
        })?;
        changed.ok_or_else(|| Stop::failed("the process that has the data is of another version"))
    }
}

/// Has something done to a store.
pub(super) fn ask(
    directory: &std::path::Path,
    store: String,
    action: Action,
    each: &mut dyn FnMut(Event) -> bool,
) -> Result<(), Stop> {
    let task = Task::Kv(Request { store, action });
    data::ask(directory, &task, &mut |event| match event {
        Event::Kv(Reply::End) => Heard::End(Ok(())),
        Event::Kv(Reply::Absent { message }) => Heard::End(Err(Stop::absent(message))),
        Event::Kv(Reply::Wrong { message }) => Heard::End(Err(Stop::wrong(message))),
        event => each(event).into(),
    })
}

fn by_binding(app: &App, name: &str, preview: Option<bool>) -> Result<String, Stop> {
    let config = shown(&app.config_path);
    let stores = || app.bindings.iter().filter(|b| kv_store(b).is_some());
    let Some(binding) = stores().find(|binding| binding.name == name) else {
        let names: Vec<&str> = stores().map(|binding| binding.name.as_str()).collect();
        let names = match names.is_empty() {
            true => "it has none".to_owned(),
            false => format!("there are {}", names.join(", ")),
        };
        return Err(Stop::wrong(format!(
            "{config} has no KV namespace with the binding {name:?}; {names}"
        )));
    };
    let missing = |key: &str| {
        Stop::wrong(format!(
            "{config}: the namespace of {name} has no {key}; leave --preview out, or add one"
        ))
    };
    let wanted = match (&binding.kind, preview) {
        (BindingKind::Kv { id, .. }, Some(false)) => id.as_ref().ok_or_else(|| missing("id"))?,
        (BindingKind::Kv { preview_id, .. }, Some(true)) => {
            preview_id.as_ref().ok_or_else(|| missing("preview_id"))?
        }
        _ => return kv_store(binding).ok_or_else(|| missing("store")),
    };
    Ok(format!("kv-{wanted}"))
}
