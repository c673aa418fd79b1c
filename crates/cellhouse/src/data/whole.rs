//! All data at once: backing it up, and looking whether it is in order. Cells first, then the bodies of R2 that
//! their indexes name.

use std::path::Path;

use cellhouse_cell::Progress;
use cellhouse_r2::{BackupError, BodyOf, Fault, Finding};

use super::{Asker, Event, Owner};

/// Writes a backup; what it holds, or why there is none.
pub(super) fn back_up(
    owner: &Owner,
    to: &Path,
    allow_missing: bool,
    asker: &mut Asker<'_>,
) -> Result<Event, String> {
    let mut faults = Vec::new();
    let bodies = owner.r2.for_backup(|of, fault| {
        faults.push(body(of, fault));
        allow_missing
    });
    let progress = |progress: Progress| asker.tell(progress.into());
    let done = owner.cells.backup_with(to, bodies, progress);
    let done = done.map_err(|error: BackupError| match error {
        BackupError::Body { .. } => format!(
            "{error}, so nothing was backed up. `cellhouse doctor` lists all such bodies; delete their \
             objects, or back up without them with --allow-missing"
        ),
        other => other.to_string(),
    })?;
    for fault in faults {
        asker.tell(fault);
    }
    Ok(Event::Done {
        cells: done.cells,
        bytes: done.bytes,
        bodies: done.files,
        body_bytes: 0,
    })
}

/// Looks at all cells and bodies.
pub(super) fn check(owner: &Owner, asker: &mut Asker<'_>) -> Result<Event, String> {
    let (mut cells, mut bytes) = (0, 0);
    let checked = owner.cells.check(|checked, progress| {
        cells += 1;
        bytes += checked.bytes;
        if !checked.problems.is_empty() {
            asker.tell(Event::Problem {
                cell: checked.name.clone(),
                problems: checked.problems.clone(),
            });
        }
        asker.tell(progress.into());
    });
    checked.map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    let checked = owner.r2.check(
        &owner.cells,
        |finding| found.push(finding),
        |progress| {
            asker.tell(progress.into());
        },
    );
    let checked = checked.map_err(|error| error.to_string())?;
    for finding in found {
        match finding {
            Finding::Fault { of, fault } => asker.tell(body(&of, fault)),
            Finding::Orphan { file, bytes } => asker.tell(Event::Orphan { file, bytes }),
            _ => true,
        };
    }
    Ok(Event::Done {
        cells,
        bytes,
        bodies: checked.bodies,
        body_bytes: checked.bytes,
    })
}

fn body(of: &BodyOf, fault: Fault) -> Event {
    Event::Body {
        bucket: of.bucket.clone(),
        key: of.key.clone(),
        part: of.part,
        file: of.file.clone(),
        problem: fault.to_string(),
    }
}

impl From<Progress> for Event {
    fn from(progress: Progress) -> Event {
        Event::Progress {
            done: progress.done,
            total: progress.total,
        }
    }
}
