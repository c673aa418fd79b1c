//! Which variable files count, and how they change an app's variables.
//!
//! Ploy reads `.env`. wrangler reads `.dev.vars.NAME` or else `.dev.vars`; only without these it
//! reads `.env`, `.env.local`, `.env.NAME` and `.env.NAME.local`, later ones winning. The process's
//! environment never counts: what an app gets does not depend on the shell.

mod expand;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::app::{App, Style};
use crate::binding::BindingKind;
use crate::diagnostic::Diagnostic;
use crate::discover;
use crate::env_file::{self, Variable, Variables};

/// The variable files of an app: candidates in the order in which they are tried.
pub(crate) struct Files {
    root: PathBuf,
    /// The first that exists counts, alone.
    first_of: Vec<String>,
    /// Without one of those: all that exist, later ones winning.
    all_of: Vec<String>,
    expands: bool,
}

impl Files {
    pub(crate) fn of(style: Style, root: &Path, environment: Option<&str>) -> Self {
        // A name with a slash would lead out of the directory.
        let environment =
            environment.filter(|name| !name.is_empty() && !name.contains(['/', '\0']));
        let text = |name: &str| name.to_owned();
        let (mut first_of, mut all_of) = match style {
            Style::Ploy => (vec![], vec![text(".env")]),
            Style::Wrangler => (
                vec![text(".dev.vars")],
                vec![text(".env"), text(".env.local")],
            ),
        };
        if let (Style::Wrangler, Some(name)) = (style, environment) {
            first_of.insert(0, format!(".dev.vars.{name}"));
            all_of.extend([format!(".env.{name}"), format!(".env.{name}.local")]);
        }
        Self {
            root: root.to_path_buf(),
            first_of,
            all_of,
            expands: style == Style::Wrangler,
        }
    }

    /// Every candidate, absolute.
    pub(crate) fn all(&self) -> impl Iterator<Item = PathBuf> {
        let names = self.first_of.iter().chain(&self.all_of);
        names.map(|name| self.root.join(name))
    }

    /// Reads the files that count. The messages show their names below `directory`.
    fn read(&self, directory: &Path, found: &mut Vec<Diagnostic>) -> Vec<Variable> {
        let first = self
            .first_of
            .iter()
            .find(|name| self.root.join(name).is_file());
        let (names, expands) = match first {
            Some(name) => (std::slice::from_ref(name), false),
            None => (&self.all_of[..], self.expands),
        };
        let mut variables = Variables::default();
        for name in names {
            let path = self.root.join(name);
            if !path.is_file() {
                continue;
            }
            match discover::read(&path, &directory.join(name)) {
                Ok(source) => {
                    let file = env_file::parse(&source);
                    found.extend(file.diagnostics);
                    for variable in file.variables.into_list() {
                        variables.put(variable);
                    }
                }
                Err(error) => found.push(error),
            }
        }
        let mut variables = variables.into_list();
        if expands {
            expand::all(&mut variables, found);
        }
        variables
    }
}

/// Adds the variables of the files to the app; what is wrong with them is given back.
pub(crate) fn add(app: &mut App, files: &Files, directory: &Path) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut taken = Taken::of(app);
    for variable in files.read(directory, &mut found) {
        if let Some(value) = stored_secret(app, &variable.name) {
            *value = Some(variable.value);
        } else if taken.bindings.contains(&variable.name) {
            let name = &variable.name;
            let message = format!("`{name}` is the name of a binding: the variable is ignored");
            let help = "give the variable another name";
            let diagnostic = Diagnostic::warning(message).label(&variable.at, "");
            found.push(diagnostic.help(help));
        } else if taken.wants(&variable.name) {
            let value = Json::String(variable.value);
            match taken.vars.get(&variable.name) {
                Some(&place) => app.vars[place].1 = value,
                None => {
                    taken.vars.insert(variable.name.clone(), app.vars.len());
                    app.vars.push((variable.name, value));
                }
            }
        }
    }
    found.extend(missing_secrets(app));
    found
}

/// Where the value of a Secrets Store's secret goes: here the variable of the binding's name is the store.
fn stored_secret<'a>(app: &'a mut App, name: &str) -> Option<&'a mut Option<String>> {
    let mut bindings = app.bindings.iter_mut();
    match &mut bindings.find(|binding| binding.name == name)?.kind {
        BindingKind::StoredSecret { value, .. } => Some(value),
        _ => None,
    }
}

/// The names that matter to a new variable.
struct Taken {
    /// Bindings in the same place as variables: wrangler's are both in `env` itself.
    bindings: HashSet<String>,
    /// Where each variable is in the app's list.
    vars: HashMap<String, usize>,
    /// Declared secrets. Then files give these and override `vars`, and nothing else.
    secrets: Option<HashSet<String>>,
}

impl Taken {
    fn of(app: &App) -> Self {
        let bindings = app.bindings.iter().filter(|_| app.style == Style::Wrangler);
        let vars = app.vars.iter().enumerate();
        let secrets = app.required_secrets.as_ref();
        Self {
            bindings: bindings.map(|binding| binding.name.clone()).collect(),
            vars: vars
                .map(|(place, (name, _))| (name.clone(), place))
                .collect(),
            secrets: secrets.map(|names| names.iter().cloned().collect()),
        }
    }

    fn wants(&self, name: &str) -> bool {
        match &self.secrets {
            None => true,
            Some(secrets) => secrets.contains(name) || self.vars.contains_key(name),
        }
    }
}

fn missing_secrets(app: &App) -> Option<Diagnostic> {
    let secrets = app.required_secrets.as_ref()?.iter();
    let missing: Vec<_> = secrets
        .filter(|secret| !app.vars.iter().any(|(name, _)| name == *secret))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!("required secrets are not set: {}", missing.join(", "));
    let help = "set them in a file `.dev.vars` beside the config: NAME=value";
    Some(
        Diagnostic::warning(message)
            .in_file(&app.config_path)
            .help(help),
    )
}
