//! What the apps of one process know of each other: their names, the classes of objects that others use, and
//! whether the entrypoints are there that bindings name.

use cellhouse_config::{App, BindingKind, ConfigError, Diagnostic, Loaded, peer_name};

use super::app::{Broken, Source};
use super::running::Shared;

/// The apps that run together, as their configs were at the start.
pub(super) struct Peers {
    names: Vec<String>,
    /// Classes that apps use of another one: `(that one, the class)`.
    borrowed: Vec<(String, String)>,
}

impl Peers {
    pub(super) fn of(loaded: &[Loaded]) -> Peers {
        let names = loaded.iter().map(|one| one.app.name.clone()).collect();
        let mut peers = Peers {
            names,
            borrowed: Vec::new(),
        };
        for app in loaded.iter().map(|one| &one.app) {
            let used = app.bindings.iter().filter_map(|binding| {
                let (script, class) = peers.foreign_class(app, &binding.kind)?;
                Some((script, class.to_owned()))
            });
            let used: Vec<_> = used.collect();
            peers.borrowed.extend(used);
        }
        peers
    }

    /// Whether more than one app runs.
    pub(super) fn are_several(&self) -> bool {
        self.names.len() > 1
    }

    /// The name of the app that a binding means; as it is written, if there is none of that name.
    pub(super) fn name_of(&self, service: &str, environment: Option<&str>) -> String {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        peer_name(&names, service, environment).unwrap_or_else(|| service.to_owned())
    }

    /// The app and the class, if a binding is a namespace of another app that runs here.
    pub(super) fn foreign_class<'a>(
        &self,
        app: &App,
        kind: &'a BindingKind,
    ) -> Option<(String, &'a str)> {
        let BindingKind::DurableObject {
            class_name,
            script_name: Some(script),
            environment,
        } = kind
        else {
            return None;
        };
        let script = self.name_of(script, environment.as_deref());
        let is_there = script != app.name && self.names.contains(&script);
        is_there.then_some((script, class_name))
    }

    /// Whether a binding is a Workflow of an app that does not run here.
    pub(super) fn are_without(&self, app: &App, kind: &BindingKind) -> bool {
        let BindingKind::Workflow {
            script_name: Some(script),
            ..
        } = kind
        else {
            return false;
        };
        *script != app.name && !self.names.contains(&self.name_of(script, None))
    }

    /// The classes of an app that others use.
    pub(super) fn lent_by(&self, app: &App) -> impl Iterator<Item = &str> {
        let lent = self.borrowed.iter().filter(|(of, _)| *of == app.name);
        lent.map(|(_, class)| class.as_str())
    }
}

/// Whether the entrypoints are there that the app's bindings name, and the handlers of those who follow it.
pub(super) fn check_exports(source: &Source, shared: &Shared) -> Result<(), Broken> {
    let consumers = source.app.tail_consumers.iter().filter_map(|consumer| {
        let environment = consumer.environment.as_deref();
        let name = shared.peers.name_of(&consumer.service, environment);
        let worker = shared.services.find(&name)?;
        let message = format!("the app `{name}` has no tail() handler");
        let help = "add `async tail(events) { ... }` to its default export";
        let diagnostic = Diagnostic::error(message)
            .label(&consumer.at, "")
            .help(help);
        (!worker.has_tail()).then_some(diagnostic)
    });
    let missing = source.app.bindings.iter().filter_map(|binding| {
        let BindingKind::Service {
            service,
            environment,
            entrypoint: Some(entrypoint),
            ..
        } = &binding.kind
        else {
            return None;
        };
        let name = shared.peers.name_of(service, environment.as_deref());
        let known = shared.services.entrypoints(&name)?;
        if known.contains(entrypoint) {
            return None;
        }
        let message = format!("the app `{name}` has no entrypoint `{entrypoint}`");
        let label = format!("means `{entrypoint}` of `{name}`");
        let diagnostic = Diagnostic::error(message).label(&binding.source, label);
        Some(diagnostic.help(match known.len() {
            0 => "it exports none".to_owned(),
            _ => format!("those that it exports are {}", known.join(", ")),
        }))
    });
    let diagnostics: Vec<_> = missing.chain(consumers).collect();
    if diagnostics.is_empty() {
        return Ok(());
    }
    Err(ConfigError {
        diagnostics,
        warnings: Vec::new(),
        files: source.files.clone(),
    }
    .into())
}
