//! A body on its way in: in memory while it is small, then into a file of the store, a batch at a time,
//! while the next batch arrives.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};
use tokio::task::JoinHandle;

use super::{Bodies, BodyId};
use crate::checksum::Digests;
use crate::limits::{INLINE_BYTES, MAX_PUT_BYTES};
use crate::{Checksum, Error, ErrorKind, Hasher};

/// Bytes that are written at once. Two batches are in memory at most: one is being written and hashed, one
/// arrives.
const BATCH_BYTES: usize = 1 << 20;

/// A body that arrives. Dropping it undoes it.
pub struct Incoming {
    bodies: Arc<Bodies>,
    size: u64,
    arrived: Vec<Bytes>,
    arrived_bytes: usize,
    hasher: Option<Hasher>,
    file: Option<File>,
}

/// Where the batches go.
struct File {
    upload: Box<dyn MultipartUpload>,
    body: Pending,
    under_way: Option<Batch>,
}

/// A batch that is being written and hashed.
struct Batch {
    written: JoinHandle<object_store::Result<()>>,
    hashed: JoinHandle<Hasher>,
}

/// A whole body that no object has yet. It is on disk, unless it is small. Dropping it undoes it.
pub struct Received {
    pub(crate) size: u64,
    pub(crate) digests: Digests,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Small(Bytes),
    File(Pending),
}

/// A body that has no row yet.
pub(crate) struct Pending {
    bodies: Arc<Bodies>,
    id: BodyId,
    /// Whether it is to be removed when this is dropped.
    unwanted: bool,
}

impl Incoming {
    pub(super) fn new(bodies: Arc<Bodies>, hasher: Hasher) -> Incoming {
        Incoming {
            bodies,
            size: 0,
            arrived: Vec::new(),
            arrived_bytes: 0,
            hasher: Some(hasher),
            file: None,
        }
    }

    /// Bytes that have arrived.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes. Waits while the disk is slower than they come. After an error nothing of the body
    /// stays.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), Error> {
        self.size += chunk.len() as u64;
        if self.size > MAX_PUT_BYTES {
            return Err(ErrorKind::EntityTooLarge.into());
        }
        self.arrived_bytes += chunk.len();
        self.arrived.push(chunk);
        if self.file.is_none() && self.arrived_bytes > INLINE_BYTES {
            self.file = Some(File::create(&self.bodies).await?);
        }
        if self.arrived_bytes >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Starts to write what has arrived, when what was before is written.
    async fn flush(&mut self) -> Result<(), Error> {
        self.settle().await?;
        let (Some(file), Some(mut hasher)) = (&mut self.file, self.hasher.take()) else {
            return Err(Error::storage("the body failed before"));
        };
        let chunks = std::mem::take(&mut self.arrived);
        self.arrived_bytes = 0;
        let payload = PutPayload::from_iter(chunks.iter().cloned());
        let written = tokio::spawn(file.upload.put_part(payload));
        let hashed = tokio::task::spawn_blocking(move || {
            chunks.iter().for_each(|chunk| hasher.update(chunk));
            hasher
        });
        file.under_way = Some(Batch { written, hashed });
        Ok(())
    }

    /// Waits for the batch that is under way.
    async fn settle(&mut self) -> Result<(), Error> {
        let Some(batch) = self.file.as_mut().and_then(|file| file.under_way.take()) else {
            return Ok(());
        };
        let written = batch.written.await.map_err(Error::storage)?;
        written.map_err(Error::storage)?;
        self.hasher = Some(batch.hashed.await.map_err(Error::storage)?);
        Ok(())
    }

    /// The end of the body. When this returns the body is on disk, unless it is small.
    pub async fn finish(mut self) -> Result<Received, Error> {
        if self.file.is_none() {
            return Ok(self.finish_small());
        }
        if self.arrived_bytes > 0 {
            self.flush().await?;
        }
        self.settle().await?;
        let (Some(mut file), Some(hasher)) = (self.file.take(), self.hasher.take()) else {
            return Err(Error::storage("the body failed before"));
        };
        file.upload.complete().await.map_err(Error::storage)?;
        Ok(Received {
            size: self.size,
            digests: hasher.finish(),
            place: Place::File(file.body),
        })
    }

    fn finish_small(self) -> Received {
        let mut chunks = self.arrived;
        let bytes = match chunks.len() {
            1 => chunks.swap_remove(0),
            _ => {
                let mut all = BytesMut::with_capacity(self.arrived_bytes);
                chunks.iter().for_each(|chunk| all.extend_from_slice(chunk));
                all.freeze()
            }
        };
        Received::small(bytes, self.hasher.unwrap_or_else(|| Hasher::new(None)))
    }
}

impl File {
    async fn create(bodies: &Arc<Bodies>) -> Result<File, Error> {
        let body = bodies.pend()?;
        let path = bodies.path(body.id);
        let upload = bodies.store.put_multipart(&path).await;
        Ok(File {
            upload: upload.map_err(Error::storage)?,
            body,
            under_way: None,
        })
    }
}

impl Received {
    /// A body that is there already and is small.
    pub(crate) fn small(bytes: Bytes, mut hasher: Hasher) -> Received {
        hasher.update(&bytes);
        Received {
            size: bytes.len() as u64,
            digests: hasher.finish(),
            place: Place::Small(bytes),
        }
    }

    /// Bytes in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The MD5 of the bytes.
    pub fn md5(&self) -> [u8; 16] {
        self.digests.md5
    }

    /// An error with both values if the bytes are not those of the checksum, which must be one that the
    /// body was received with.
    pub fn check(&self, wanted: &Checksum) -> Result<(), Error> {
        self.digests.check(wanted)
    }
}

impl Pending {
    pub(super) fn new(bodies: Arc<Bodies>, id: BodyId) -> Pending {
        Pending {
            bodies,
            id,
            unwanted: true,
        }
    }

    pub(crate) fn id(&self) -> BodyId {
        self.id
    }

    /// It has a row now.
    pub(crate) fn settled(mut self) {
        self.unwanted = false;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut state = self.bodies.state.lock();
        if self.unwanted {
            state.doomed.push(super::Doomed {
                of: None,
                bodies: vec![self.id],
                fate: super::Fate::Now,
            });
        }
        state.pending.remove(&self.id);
    }
}
