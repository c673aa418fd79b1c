//! Bodies out of backups, into the store of a data directory that has no data yet.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use cellhouse_cell::{Cells, TakesFiles};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::runtime::Runtime;

use crate::{Error, R2Options, backup, index, r2};

/// Bytes written at once.
const CHUNK: usize = 1 << 20;

/// Puts the bodies of a backup in their places, for
/// [`Cells::restore_with`](cellhouse_cell::Cells::restore_with). A body that is there already, which can only
/// be of an earlier try, is replaced.
pub struct Restorer {
    store: Arc<dyn ObjectStore>,
    runtime: Runtime,
}

impl Restorer {
    /// For a data directory without data, in which no bucket is open. Makes the folder of the bodies.
    pub fn new(cells: &Cells, options: &R2Options) -> Result<Restorer, Error> {
        Ok(Restorer {
            store: r2::store(cells, options)?.0,
            runtime: backup::runtime()?,
        })
    }
}

impl TakesFiles for Restorer {
    fn check(&self, name: &str) -> Result<(), String> {
        match index::is_file(name) {
            true => Ok(()),
            false => Err("it is not the name of a body of R2".to_owned()),
        }
    }

    fn take(&mut self, name: &str, size: u64, bytes: &mut dyn Read) -> io::Result<()> {
        self.check(name).map_err(io::Error::other)?;
        let path = Path::from(name);
        let upload = self.store.put_multipart(&path);
        let mut upload = self.runtime.block_on(upload).map_err(io::Error::other)?;
        let written = write(&self.runtime, &mut *upload, size, bytes);
        if written.is_err() {
            // What is left of it is a draft, and those are swept.
            drop(self.runtime.block_on(upload.abort()));
        }
        written
    }
}

fn write(
    runtime: &Runtime,
    upload: &mut dyn MultipartUpload,
    size: u64,
    bytes: &mut dyn Read,
) -> io::Result<()> {
    let mut rest = size;
    while rest > 0 {
        let length = rest.min(CHUNK as u64);
        let mut piece = BytesMut::zeroed(usize::try_from(length).unwrap_or(CHUNK));
        bytes.read_exact(&mut piece)?;
        rest -= length;
        let payload = PutPayload::from(Bytes::from(piece));
        let put = runtime.block_on(upload.put_part(payload));
        put.map_err(io::Error::other)?;
    }
    let done = runtime.block_on(upload.complete());
    done.map(drop).map_err(io::Error::other)
}
