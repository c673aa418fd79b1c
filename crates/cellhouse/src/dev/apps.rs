//! Which apps one `dev` runs: one, several by their configs as `wrangler dev -c A -c B`, or those of a workspace.

use std::path::{Path, PathBuf};

use cellhouse_config::{App, ConfigError, Loaded, Severity, check_peers};

use super::app::{self, Broken};
use crate::cli::{AppArguments, DevAppArguments};
use crate::report::{Problem, Reporter};

/// The apps to run, the first of which is the one that the others are there for.
pub(super) struct Apps {
    pub(super) list: Vec<AppArguments>,
    /// Where they keep their data together, if that is not the first one's folder.
    pub(super) root: Option<PathBuf>,
    /// Every app has a port of its own, from this one on; else only the first has one.
    pub(super) first_port: Option<u16>,
}

/// Finds the apps that the arguments mean.
pub(super) fn find(arguments: &DevAppArguments, reporter: &Reporter) -> Result<Apps, Broken> {
    if arguments.config.is_empty()
        && let Some(workspace) = cellhouse_config::workspace(&arguments.directory)?
    {
        for warning in &workspace.warnings {
            reporter.warning(warning);
        }
        let of = |directory: PathBuf| AppArguments {
            directory,
            config: None,
            env: arguments.env.clone(),
        };
        return Ok(Apps {
            list: workspace.apps.into_iter().map(of).collect(),
            root: Some(workspace.root),
            first_port: Some(workspace.first_port),
        });
    }
    let with = |config: Option<PathBuf>| AppArguments {
        directory: arguments.directory.clone(),
        config,
        env: arguments.env.clone(),
    };
    let list = match arguments.config.as_slice() {
        [] => vec![with(None)],
        configs => configs.iter().cloned().map(|one| with(Some(one))).collect(),
    };
    Ok(Apps {
        list,
        root: None,
        first_port: None,
    })
}

impl Apps {
    /// Reads the configs of all apps, those of `only` if it names any, and looks whether what they name of each other
    /// is there.
    pub(super) fn load(
        &mut self,
        only: &[String],
        reporter: &Reporter,
    ) -> Result<Vec<Loaded>, Broken> {
        let loaded = self.list.iter().map(|one| app::config(one, reporter));
        let mut loaded = loaded.collect::<Result<Vec<Loaded>, Broken>>()?;
        if !only.is_empty() {
            self.keep(only, &mut loaded)?;
        }
        let apps: Vec<&App> = loaded.iter().map(|loaded| &loaded.app).collect();
        let (errors, warnings) = check_peers(&apps)
            .into_iter()
            .partition::<Vec<_>, _>(|found| found.severity() == Severity::Error);
        for warning in &warnings {
            reporter.warning(warning);
        }
        if errors.is_empty() {
            return Ok(loaded);
        }
        Err(ConfigError {
            diagnostics: errors,
            warnings: Vec::new(),
            files: loaded.into_iter().flat_map(|loaded| loaded.files).collect(),
        }
        .into())
    }

    fn keep(&mut self, only: &[String], loaded: &mut Vec<Loaded>) -> Result<(), Broken> {
        let names: Vec<&str> = loaded.iter().map(|one| one.app.name.as_str()).collect();
        if let Some(unknown) = only.iter().find(|one| !names.contains(&one.as_str())) {
            let text = format!(
                "--project {unknown}: the apps here are {}",
                names.join(", ")
            );
            return Err(Broken {
                problem: Problem::Text(text),
                files: Vec::new(),
            });
        }
        let kept: Vec<bool> = names
            .iter()
            .map(|name| only.iter().any(|one| one == name))
            .collect();
        let mut keep = kept.iter();
        self.list.retain(|_| *keep.next().unwrap_or(&true));
        let mut keep = kept.iter();
        loaded.retain(|_| *keep.next().unwrap_or(&true));
        Ok(())
    }

    /// Where the data is kept unless told otherwise.
    pub(super) fn data_root<'a>(&'a self, loaded: &'a [Loaded]) -> &'a Path {
        match (&self.root, loaded.first()) {
            (Some(root), _) => root,
            (None, Some(first)) => &first.app.home,
            (None, None) => Path::new("."),
        }
    }
}
