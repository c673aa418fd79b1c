//! Bodies in backups: each body that the indexes of a moment name, read while the app goes on.
//!
//! Bodies never change, so all that could go wrong is that one is removed before it was read. So removals are
//! held back from before the moment until the backup is done.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use cellhouse_cell::{BackupFiles, GivesFiles, Moment};
use futures_util::StreamExt as _;
use object_store::{GetResult, GetResultPayload, ObjectStoreExt as _};
use tokio::runtime::Runtime;

use crate::bodies::{self, Hold};
use crate::index::{self, Named};
use crate::{BodyOf, Fault, R2};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// Why the bodies did not all come into a backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    #[error(transparent)]
    Cells(#[from] cellhouse_cell::Error),
    /// A body is not as its index says.
    #[error("{of} {fault}")]
    Body { of: BodyOf, fault: Fault },
    /// A body could not be read.
    #[error("{of} cannot be read: {problem}")]
    Unreadable { of: BodyOf, problem: String },
}

/// The bodies of all objects, and of the parts of uploads under way, for
/// [`Cells::backup_with`](cellhouse_cell::Cells::backup_with).
pub struct Bodies<F> {
    r2: R2,
    fault: F,
    _hold: Hold,
}

impl R2 {
    /// Holds removals back from now on, so that what the moment of the backup names stays. `fault` is asked about
    /// each body that is not as it should be: whether to go on without it. Blocks while they are read.
    pub fn for_backup<F: FnMut(&BodyOf, Fault) -> bool>(&self, fault: F) -> Bodies<F> {
        Bodies {
            r2: self.clone(),
            fault,
            _hold: self.hold_removals(),
        }
    }
}

impl<F: FnMut(&BodyOf, Fault) -> bool> GivesFiles for Bodies<F> {
    type Error = BackupError;

    fn bytes(&mut self, moment: &Moment) -> Result<u64, BackupError> {
        let buckets = index::buckets(moment)?;
        let add = |sum, bucket: &String| Ok(sum + index::amount(moment, bucket)?.1);
        buckets.iter().try_fold(0, add)
    }

    fn give(&mut self, moment: &Moment, files: &mut BackupFiles<'_>) -> Result<(), BackupError> {
        let runtime = runtime()?;
        let (r2, fault) = (&self.r2, &mut self.fault);
        for bucket in &index::buckets(moment)? {
            let bodies = r2.bodies(bucket);
            index::each(moment, bucket, |named| {
                match add(&runtime, &bodies, &named, files)? {
                    None => Ok(()),
                    Some(wrong) if fault(&named.of, wrong) => Ok(()),
                    Some(fault) => Err(BackupError::Body {
                        of: named.of,
                        fault,
                    }),
                }
            })?;
        }
        Ok(())
    }
}

/// A runtime for calls of the store, whose thread is the caller's.
pub(crate) fn runtime() -> Result<Runtime, cellhouse_cell::Error> {
    let made = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    made.map_err(|source| cellhouse_cell::Error::Io {
        action: "start reading",
        path: "r2".into(),
        source: Arc::new(source),
    })
}

/// Adds one body, unless there is something wrong with it.
fn add(
    runtime: &Runtime,
    bodies: &bodies::Bodies,
    named: &Named,
    files: &mut BackupFiles<'_>,
) -> Result<Option<Fault>, BackupError> {
    let unreadable = |problem: &dyn std::fmt::Display| BackupError::Unreadable {
        of: named.of.clone(),
        problem: problem.to_string(),
    };
    let found = match runtime.block_on(bodies.store.get(&bodies.path(named.id))) {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Ok(Some(Fault::Missing)),
        Err(error) => return Err(unreadable(&error)),
    };
    if found.meta.size != named.size {
        return Ok(Some(Fault::WrongSize {
            found: found.meta.size,
            expected: named.size,
        }));
    }
    let mut pieces = Pieces::of(found);
    let next = || pieces.next(runtime).map_err(|error| unreadable(&error));
    files.add(&named.of.file, named.size, next)?;
    Ok(None)
}

/// What a store gives of a body, piece by piece.
enum Pieces {
    File(File),
    Stream(futures_util::stream::BoxStream<'static, object_store::Result<Bytes>>),
}

impl Pieces {
    fn of(found: GetResult) -> Pieces {
        match found.payload {
            GetResultPayload::File(file, _) => Pieces::File(file),
            GetResultPayload::Stream(stream) => Pieces::Stream(stream),
        }
    }

    fn next(&mut self, runtime: &Runtime) -> io::Result<Option<Bytes>> {
        match self {
            Pieces::File(file) => {
                let mut piece = BytesMut::zeroed(CHUNK);
                let read = file.read(&mut piece)?;
                piece.truncate(read);
                Ok((read > 0).then(|| piece.freeze()))
            }
            Pieces::Stream(stream) => {
                let next = runtime.block_on(stream.next());
                next.transpose().map_err(io::Error::other)
            }
        }
    }
}
