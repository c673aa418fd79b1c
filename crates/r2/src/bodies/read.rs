//! A body on its way out: its segments one after the other, a chunk at a time, the next one read ahead.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};
use tokio::task::JoinHandle;

use super::{Bodies, BodyId, Lease};
use crate::Error;

/// Bytes that are read at once. Two chunks are in memory at most: one is being sent, one is read ahead.
const CHUNK_BYTES: u64 = 512 << 10;

/// A stretch of an object's body.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) place: SegmentPlace,
    /// Where in the place it begins.
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

#[derive(Debug)]
pub(crate) enum SegmentPlace {
    /// The segment's own bytes, whatever its offset was.
    Small(Bytes),
    File(BodyId),
}

/// Reads a body from its first byte to its last. Keeps it from being removed. Dropping it ends the reading.
pub struct Reader {
    lease: Lease,
    segments: VecDeque<Segment>,
    open: Option<Source>,
    ahead: Option<JoinHandle<Result<Bytes, Error>>>,
}

enum Source {
    /// A file of this machine, from `offset` up to `end`.
    File {
        file: Arc<File>,
        offset: u64,
        end: u64,
    },
    /// What a store elsewhere sends, of which `rest` bytes are missing.
    Stream {
        stream: BoxStream<'static, object_store::Result<Bytes>>,
        rest: u64,
    },
}

impl Reader {
    pub(crate) fn new(lease: Lease, segments: Vec<Segment>) -> Reader {
        Reader {
            lease,
            segments: segments.into(),
            open: None,
            ahead: None,
        }
    }

    /// The next bytes, or `None` at the end. An error is the last thing that it gives.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let chunk = self.take_chunk().await;
        if let Some(Err(_)) = &chunk {
            self.segments.clear();
            self.open = None;
            self.ahead = None;
        }
        chunk
    }

    async fn take_chunk(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            if let Some(ahead) = self.ahead.take() {
                let chunk = ahead
                    .await
                    .unwrap_or_else(|error| Err(Error::storage(error)));
                self.read_ahead();
                return Some(chunk);
            }
            match self.open.take() {
                Some(Source::Stream { stream, rest }) => {
                    if let Some(chunk) = self.next_of_stream(stream, rest).await {
                        return Some(chunk);
                    }
                }
                Some(file) => {
                    self.open = Some(file);
                    self.read_ahead();
                }
                None => match self.open_next().await? {
                    Ok(None) => {}
                    Ok(Some(bytes)) => return Some(Ok(bytes)),
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }

    /// Starts to read the next chunk of the file that is open; closes it at its end.
    fn read_ahead(&mut self) {
        let Some(Source::File { file, offset, end }) = &mut self.open else {
            return;
        };
        let length = CHUNK_BYTES.min(*end - *offset);
        if length == 0 {
            self.open = None;
            return;
        }
        let (file, at) = (file.clone(), *offset);
        *offset += length;
        let read = move || read_chunk(&file, at, length);
        self.ahead = Some(tokio::task::spawn_blocking(read));
    }

    async fn next_of_stream(
        &mut self,
        mut stream: BoxStream<'static, object_store::Result<Bytes>>,
        rest: u64,
    ) -> Option<Result<Bytes, Error>> {
        match stream.next().await {
            Some(Ok(chunk)) => {
                let rest = rest.saturating_sub(chunk.len() as u64);
                self.open = Some(Source::Stream { stream, rest });
                Some(Ok(chunk))
            }
            Some(Err(error)) => Some(Err(Error::storage(error))),
            None if rest > 0 => Some(Err(Error::storage("a body is shorter than its object"))),
            None => None,
        }
    }

    /// Opens the next segment, or gives the bytes of one that is small.
    async fn open_next(&mut self) -> Option<Result<Option<Bytes>, Error>> {
        let segment = self.segments.pop_front()?;
        match segment.place {
            SegmentPlace::Small(bytes) => Some(Ok(Some(bytes))),
            SegmentPlace::File(id) => {
                let opened = open_file(
                    self.lease.bodies.clone(),
                    id,
                    segment.offset,
                    segment.length,
                )
                .await;
                Some(opened.map(|source| {
                    self.open = Some(source);
                    None
                }))
            }
        }
    }

    /// All of it as a stream of chunks.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        futures_util::stream::unfold(self, |mut reader| async move {
            let chunk = reader.next().await?;
            Some((chunk, reader))
        })
    }
}

async fn open_file(
    bodies: Arc<Bodies>,
    id: BodyId,
    offset: u64,
    length: u64,
) -> Result<Source, Error> {
    let options = GetOptions {
        range: Some(GetRange::Bounded(offset..offset + length)),
        ..GetOptions::default()
    };
    let store: &dyn ObjectStore = &*bodies.store;
    let found = store.get_opts(&bodies.path(id), options).await;
    let found = found.map_err(Error::storage)?;
    Ok(match found.payload {
        GetResultPayload::File(file, _) => Source::File {
            file: Arc::new(file),
            offset,
            end: offset + length,
        },
        GetResultPayload::Stream(stream) => Source::Stream {
            stream,
            rest: length,
        },
    })
}

/// The buffer is filled as it grows, so nothing is zeroed first.
fn read_chunk(mut file: &File, at: u64, length: u64) -> Result<Bytes, Error> {
    let size = usize::try_from(length).expect("a chunk fits in memory");
    let mut buffer = Vec::with_capacity(size);
    file.seek(SeekFrom::Start(at)).map_err(Error::storage)?;
    file.take(length)
        .read_to_end(&mut buffer)
        .map_err(Error::storage)?;
    match buffer.len() == size {
        true => Ok(Bytes::from(buffer)),
        false => Err(Error::storage("a body is shorter than its object")),
    }
}
