//! Whether every body that an index names is there, and what there is that no index names. Changes nothing,
//! and works while the app goes on.

use cellhouse_cell::{Cells, Moment, Progress};

use crate::{BackupError, BodyOf, Error, Fault, R2, backup, index};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A body is not as its index says: what it is of cannot be read.
    Fault { of: BodyOf, fault: Fault },
    /// A file that no index names, by its name in the folder of the bodies. The app removes it.
    Orphan { file: String, bytes: u64 },
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BodiesChecked {
    /// Bodies that the indexes name.
    pub bodies: u64,
    pub bytes: u64,
}

impl R2 {
    /// Looks at all bodies, and tells `each` what is not in order. Blocks; holds removals back meanwhile.
    pub fn check(
        &self,
        cells: &Cells,
        mut each: impl FnMut(Finding),
        mut progress: impl FnMut(Progress),
    ) -> Result<BodiesChecked, BackupError> {
        let _hold = self.hold_removals();
        let moment = cells.moment()?;
        let runtime = backup::runtime()?;
        let mut checked = BodiesChecked::default();
        let buckets = index::buckets(&moment)?;
        let total = buckets.iter().try_fold(0, |sum, bucket| {
            index::amount(&moment, bucket).map(|(bodies, _)| sum + bodies)
        })?;
        for bucket in &buckets {
            let bodies = self.bodies(bucket);
            index::each(&moment, bucket, |named| {
                checked.bodies += 1;
                checked.bytes += named.size;
                let unreadable = |error: Error| BackupError::Unreadable {
                    of: named.of.clone(),
                    problem: error.to_string(),
                };
                let found = runtime.block_on(bodies.size_of(named.id));
                let fault = match found.map_err(unreadable)? {
                    Some(size) if size == named.size => None,
                    None => Some(Fault::Missing),
                    Some(found) => Some(Fault::WrongSize {
                        found,
                        expected: named.size,
                    }),
                };
                if let Some(fault) = fault {
                    each(Finding::Fault {
                        of: named.of,
                        fault,
                    });
                }
                progress(Progress {
                    done: checked.bodies,
                    total,
                });
                Ok::<_, BackupError>(())
            })?;
        }
        runtime.block_on(self.find_orphans(&moment, &mut each))?;
        Ok(checked)
    }

    async fn find_orphans(
        &self,
        moment: &Moment,
        each: &mut impl FnMut(Finding),
    ) -> Result<(), BackupError> {
        let known = index::buckets(moment)?;
        for name in self.folders().await.map_err(of_the_folder)? {
            let bodies = self.bodies(&name);
            let bucket = match known.contains(&name) {
                true => self.existing(&name).ok(),
                false => None,
            };
            // One that was made meanwhile.
            if bucket.is_none() && self.find_bucket(&name).is_ok_and(|found| found.is_some()) {
                continue;
            }
            for (id, bytes) in bodies.files().await.map_err(of_the_folder)? {
                let has_row = |id: &_| bucket.as_ref().map_or(Ok(false), |one| one.has_row(id));
                if !bodies.is_wanted(&id, has_row).map_err(of_the_folder)? {
                    let file = index::file(&name, id);
                    each(Finding::Orphan { file, bytes });
                }
            }
            for draft in bodies.dead_drafts().await.map_err(of_the_folder)? {
                let bytes = draft.metadata().map_or(0, |metadata| metadata.len());
                let file = draft.file_name().unwrap_or_default().to_string_lossy();
                let file = format!("{name}/{}/{file}", &file[..2.min(file.len())]);
                each(Finding::Orphan { file, bytes });
            }
        }
        Ok(())
    }
}

fn of_the_folder(error: Error) -> cellhouse_cell::Error {
    cellhouse_cell::Error::Io {
        action: "look through",
        path: "r2".into(),
        source: std::sync::Arc::new(std::io::Error::other(error.to_string())),
    }
}
