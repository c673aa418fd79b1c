//! `cellhouse types`: writes the TypeScript types of an app's bindings.

use std::path::Path;

use crate::cli::TypesArguments;
use crate::report::{Reporter, Stop, shown};
use crate::types::{self, STAND_IN};

pub(crate) fn run(arguments: &TypesArguments) -> Result<(), Stop> {
    let app = &arguments.app;
    let loaded = cellhouse_config::load_own(&app.path(), app.env.as_deref())?;
    let reporter = Reporter::new(false, false);
    for warning in &loaded.warnings {
        reporter.warning(warning);
    }
    let file = loaded.app.home.join(&arguments.output);
    let directory = file.parent().unwrap_or(&loaded.app.home);
    let types = types::of(&loaded.app, directory);
    write(&file, &types.env)?;
    if let Some(stand_in) = &types.stand_in {
        write(&directory.join(STAND_IN), stand_in)?;
    }
    println!("{}", shown(&file));
    Ok(())
}

/// Writes the file unless it holds that text already: a watcher should not wake for nothing.
fn write(file: &Path, text: &str) -> Result<(), Stop> {
    if std::fs::read_to_string(file).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let make_parent = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    make_parent
        .and_then(|()| std::fs::write(file, text))
        .map_err(|error| Stop::failed(format!("cannot write {}: {error}", shown(file))))
}
