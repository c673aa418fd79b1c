//! Files of SQL: run as they are read, and written as they come out of the database.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use cellhouse_d1::ExportOptions;

use super::{Event, Refusal, Reply, Work, run};
use crate::report::shown;

/// Lines that are told at once.
const CHUNK: usize = 256;

pub(super) fn execute(work: &mut Work<'_, '_>, path: &Path) -> Result<(), Refusal> {
    let cannot = |error| Refusal::Wrong(format!("cannot read {}: {error}", shown(path)));
    let file = File::open(path).map_err(cannot)?;
    let total = file.metadata().map_err(cannot)?.len();
    let database = work.database.clone();
    let done = database.script(file, None, |done| {
        work.asker.tell(Event::Progress { done, total })
    });
    let done = done.map_err(|error| match Refusal::from(error) {
        Refusal::Wrong(message) => Refusal::Wrong(format!("{}, {message}", shown(path))),
        other => other,
    })?;
    run::executed(work, &done, total)
}

pub(super) fn export(
    work: &mut Work<'_, '_>,
    options: &ExportOptions,
    to: Option<&Path>,
) -> Result<(), Refusal> {
    let statements = match to {
        Some(path) => to_file(work, options, path)?,
        None => to_asker(work, options)?,
    };
    work.tell(Reply::Exported { statements })
}

/// The file is there when it is whole, or not at all.
fn to_file(work: &mut Work<'_, '_>, options: &ExportOptions, path: &Path) -> Result<u64, Refusal> {
    let cannot = |error| Refusal::Wrong(format!("cannot write {}: {error}", shown(path)));
    let mut draft = path.as_os_str().to_owned();
    draft.push(".unfinished");
    let draft = Path::new(&draft);
    let file = File::create(draft).map_err(cannot)?;
    let mut file = BufWriter::new(file);
    let (mut statements, mut failed) = (0, None);
    let exported = work.database.export(options, |line| {
        statements += 1;
        failed = writeln!(file, "{line}").err();
        failed.is_none()
    });
    let finished = match (exported, failed) {
        (Err(error), _) => Err(error.into()),
        (Ok(_), Some(error)) => Err(cannot(error)),
        (Ok(ticket), None) => ticket
            .wait()
            .map_err(|error| Refusal::Failed(error.to_string()))
            .and_then(|()| file.flush().map_err(cannot))
            .and_then(|()| std::fs::rename(draft, path).map_err(cannot)),
    };
    if finished.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(draft);
    }
    finished.map(|()| statements)
}

fn to_asker(work: &mut Work<'_, '_>, options: &ExportOptions) -> Result<u64, Refusal> {
    let database = work.database.clone();
    let (mut statements, mut lines, mut refusal) = (0, Vec::with_capacity(CHUNK), None);
    database.export(options, |line| {
        statements += 1;
        lines.push(line.to_owned());
        if lines.len() < CHUNK {
            return true;
        }
        let lines = std::mem::take(&mut lines);
        refusal = work.tell(Reply::Lines { lines }).err();
        refusal.is_none()
    })?;
    match refusal {
        Some(refusal) => Err(refusal),
        None => work.tell(Reply::Lines { lines }).map(|()| statements),
    }
}
