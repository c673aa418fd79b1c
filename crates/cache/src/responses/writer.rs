//! Storing a response while its body arrives: nothing can be seen of it before [`Writer::commit`], and a writer
//! that is dropped leaves nothing.
//!
//! A body that is too large, or that the disk does not take, is swallowed to its end and not stored, as
//! Cloudflare's does: whoever writes it need not know.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt as _;

use super::body::{BodyPath, MAX_IN_MEMORY, Stored};
use super::{Head, ResponseStore};

/// Stores one response.
pub struct Writer {
    store: ResponseStore,
    name: String,
    head: Head,
    ttl: Duration,
    limit: u64,
    length: u64,
    body: Partial,
}

/// What there is of the body.
enum Partial {
    Memory(BytesMut),
    File {
        file: tokio::fs::File,
        path: Arc<BodyPath>,
    },
    /// It will not be stored.
    Swallowed,
    /// It is not worth storing, but what it replaces goes.
    Stale,
}

impl Writer {
    pub(super) fn new(
        store: ResponseStore,
        name: String,
        head: Head,
        ttl: Duration,
        limit: u64,
    ) -> Writer {
        Writer {
            store,
            name,
            head,
            ttl,
            limit,
            length: 0,
            body: match ttl.is_zero() {
                true => Partial::Stale,
                false => Partial::Memory(BytesMut::new()),
            },
        }
    }

    /// Adds a piece. A future that is dropped leaves the writer useless: drop it too.
    pub async fn write(&mut self, chunk: &[u8]) {
        self.length = self.length.saturating_add(chunk.len() as u64);
        if self.length > self.limit && !matches!(self.body, Partial::Stale) {
            self.body = Partial::Swallowed;
        }
        if let Partial::Memory(bytes) = &mut self.body {
            if bytes.len() + chunk.len() <= MAX_IN_MEMORY || self.store.folder().is_none() {
                bytes.extend_from_slice(chunk);
                return;
            }
            self.move_to_file().await;
        }
        if let Partial::File { file, .. } = &mut self.body {
            let written = file.write_all(chunk).await;
            self.give_up_on(written);
        }
    }

    async fn move_to_file(&mut self) {
        let Partial::Memory(bytes) = std::mem::replace(&mut self.body, Partial::Swallowed) else {
            return;
        };
        let folder = self.store.folder().map(Arc::clone);
        let created = match folder {
            Some(folder) => tokio::task::spawn_blocking(move || folder.create()).await,
            None => return,
        };
        let created = created.map_err(std::io::Error::other).flatten();
        let (file, path) = match created {
            Ok(created) => created,
            Err(error) => return self.give_up_on(Err(error)),
        };
        let mut file = tokio::fs::File::from_std(file);
        let written = file.write_all(&bytes).await;
        self.body = Partial::File { file, path };
        self.give_up_on(written);
    }

    fn give_up_on(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result {
            tracing::warn!("a response could not be put into the cache: {error}");
            self.body = Partial::Swallowed;
        }
    }

    /// The body is complete: the response takes the place of the one that is there. A dropped future may or
    /// may not have stored it.
    pub async fn commit(mut self) {
        if let Partial::File { file, .. } = &mut self.body {
            // What is still on its way to the file.
            let flushed = file.flush().await;
            self.give_up_on(flushed);
        }
        let body = match self.body {
            // A copy of just the size: what has grown has room for more.
            Partial::Memory(bytes) => Stored::Memory(Bytes::copy_from_slice(&bytes)),
            Partial::File { path, .. } => Stored::File {
                path,
                length: self.length,
            },
            // With a ttl of 0 this removes what is there.
            Partial::Stale => Stored::Memory(Bytes::new()),
            Partial::Swallowed => return,
        };
        self.store
            .insert(self.name, self.head, body, self.ttl)
            .await;
    }
}
