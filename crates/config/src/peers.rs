//! Apps that run together: whether what they name of each other is there.
//!
//! Looks at checked apps only. That an entrypoint or a class is exported is found out by running them.

use crate::app::App;
use crate::binding::BindingKind;
use crate::diagnostic::Diagnostic;
use crate::source::Location;

/// The app that a service, a script or a consumer names: an environment's is called `name-environment`.
pub fn peer_name(names: &[&str], service: &str, environment: Option<&str>) -> Option<String> {
    let of_environment = environment.map(|environment| format!("{service}-{environment}"));
    let wanted = [of_environment.as_deref(), Some(service)];
    let found = wanted
        .into_iter()
        .flatten()
        .find(|name| names.contains(name));
    found.map(str::to_owned)
}

/// What is wrong between apps of one process: errors where there are several, of which one could be meant; for an app
/// that runs alone a warning.
pub fn check_peers(apps: &[&App]) -> Vec<Diagnostic> {
    let names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
    let mut found = Vec::new();
    for (index, app) in apps.iter().enumerate() {
        if names[..index].contains(&app.name.as_str()) {
            found.push(twice(app));
        }
        for binding in &app.bindings {
            let (service, environment) = match &binding.kind {
                BindingKind::Service {
                    service,
                    environment,
                    ..
                } => (service, environment),
                BindingKind::DurableObject {
                    script_name: Some(script),
                    environment,
                    ..
                } => (script, environment),
                BindingKind::Workflow {
                    script_name: Some(script),
                    ..
                } => (script, &None),
                _ => continue,
            };
            if peer_name(&names, service, environment.as_deref()).is_none() {
                let uses = format!("`env.{}`", binding.name);
                found.push(missing(&names, service, &uses, &binding.source));
            }
        }
        for consumer in &app.tail_consumers {
            let environment = consumer.environment.as_deref();
            if peer_name(&names, &consumer.service, environment).is_none() {
                found.push(missing(&names, &consumer.service, "the tail", &consumer.at));
            }
        }
    }
    found
}

fn twice(app: &App) -> Diagnostic {
    let message = format!("two of the apps are called `{}`", app.name);
    Diagnostic::error(message)
        .in_file(&app.config_path)
        .help("apps that run together find each other by their names: give each its own `name`")
}

fn missing(names: &[&str], service: &str, uses: &str, at: &Location) -> Diagnostic {
    let message = format!("there is no app `{service}` here");
    match names {
        [_] => Diagnostic::warning(message)
            .label(at, format!("means `{service}`"))
            .help(format!(
                "start both together, `cellhouse dev -c FIRST -c SECOND`; until then what needs {uses} fails"
            )),
        _ => Diagnostic::error(message)
            .label(at, format!("means `{service}`"))
            .help(format!("the apps that run together are {}", names.join(", "))),
    }
}
