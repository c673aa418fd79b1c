//! From a path to a checked app: find the file, parse it, read it, add the variables.

use std::path::{Path, PathBuf};

use crate::app::{App, Style};
use crate::diagnostic::{ConfigError, Diagnostic, Severity};
use crate::discover::{self, Found, Prefer};
use crate::names;
use crate::not_yet;
use crate::place::Place;
use crate::reader::{MOST, Reader};
use crate::{ploy, redirect, syntax, unique, vars, wrangler};

/// An app and what there is to say about its config.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The checked app.
    pub app: App,
    /// Warnings and notes, in the order of the files.
    pub warnings: Vec<Diagnostic>,
    /// Files that were read, or whose appearance would change the result: for the watcher.
    /// Absolute paths, each once.
    pub files: Vec<PathBuf>,
}

/// Reads the app at `path`, a directory or a config file. `environment` is wrangler's `env.NAME`. In a directory the
/// config counts that a build tool made, if one did.
///
/// # Errors
/// Everything that is wrong with the config and its variable files, at once.
pub fn load(path: &Path, environment: Option<&str>) -> Result<Loaded, ConfigError> {
    load_one(path, Prefer::Made, environment)
}

/// As [`load`], but of a directory the config that people write.
///
/// # Errors
/// As of [`load`].
pub fn load_own(path: &Path, environment: Option<&str>) -> Result<Loaded, ConfigError> {
    load_one(path, Prefer::Own, environment)
}

fn load_one(path: &Path, prefer: Prefer, environment: Option<&str>) -> Result<Loaded, ConfigError> {
    let mut files = Vec::new();
    let mut found = Vec::new();
    let app = read(path, prefer, environment, &mut files, &mut found);
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    let (mut diagnostics, mut warnings): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|found| found.severity() == Severity::Error);
    diagnostics.truncate(MOST);
    warnings.truncate(MOST);
    match app {
        Some(app) if diagnostics.is_empty() => Ok(Loaded {
            app,
            warnings,
            files,
        }),
        _ => Err(ConfigError {
            diagnostics,
            // What is not there yet is of no interest before the config is right.
            warnings: warnings
                .into_iter()
                .filter(|found| found.severity() == Severity::Warning)
                .collect(),
            files,
        }),
    }
}

/// The app, or `None` with at least one error in `found`.
fn read(
    path: &Path,
    prefer: Prefer,
    environment: Option<&str>,
    files: &mut Vec<PathBuf>,
    found: &mut Vec<Diagnostic>,
) -> Option<App> {
    let config = keep(discover::find(path, prefer, files), found)?;
    found.extend_from_slice(&config.warnings);
    let place = place(&config);
    let variable_files = vars::Files::of(config.style, &place.home, environment);
    files.extend(variable_files.all());
    let source = keep(discover::read(&config.path, &config.shown), found)?;
    let (root, problems) = syntax::parse(&source, config.syntax);
    found.extend(problems);
    let root = root?;
    let mut reader = Reader::new(source);
    let mut app = match config.style {
        Style::Ploy => {
            found.extend(no_environments(&config, environment));
            ploy::read(&mut reader, &root, &place)
        }
        Style::Wrangler if config.redirected => {
            redirect::check_environment(&mut reader, &root, environment);
            wrangler::read(&mut reader, &root, &place, None)
        }
        Style::Wrangler => wrangler::read(&mut reader, &root, &place, environment),
    };
    let (read, claims) = reader.finish();
    found.extend(read);
    found.extend(unique::check(&app.bindings, &claims));
    let directory = match config.redirected {
        true => discover::shown(path),
        false => config.shown.parent().unwrap_or(Path::new("")).to_path_buf(),
    };
    found.extend(vars::add(&mut app, &variable_files, &directory));
    found.extend(not_yet::notes(&app));
    Some(app)
}

fn keep<T>(result: Result<T, Diagnostic>, found: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|error| found.push(error)).ok()
}

fn place(config: &Found) -> Place {
    let root = config.path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let directory = root.file_name().unwrap_or_default().to_string_lossy();
    Place {
        home: config.home.clone(),
        default_name: names::from_directory(&directory),
        config: config.path.clone(),
        root,
    }
}

fn no_environments(config: &Found, environment: Option<&str>) -> Option<Diagnostic> {
    let name = environment.filter(|name| !name.is_empty())?;
    let message = format!("ploy.yaml has no environments: `{name}` is ignored");
    Some(Diagnostic::warning(message).in_file(&config.shown))
}
