//! A file on its way to a client: a chunk at a time, as fast as it is taken.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use cellhouse_exchange::{Body, BodyError};
use tokio::io::AsyncReadExt as _;

/// Bytes that are read at once. A file of no more is read before its response begins.
const CHUNK: usize = 64 << 10;

/// A file that is open.
pub(crate) struct OpenFile {
    file: std::fs::File,
    length: u64,
    /// All of it, where that is little.
    whole: Option<Bytes>,
}

impl OpenFile {
    /// Blocks on the disk.
    pub(crate) fn open(path: &Path) -> std::io::Result<OpenFile> {
        use std::io::Read as _;

        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        let mut whole = None;
        if length <= CHUNK as u64 {
            let mut bytes = Vec::with_capacity(length as usize);
            (&mut file).take(length).read_to_end(&mut bytes)?;
            whole = (bytes.len() as u64 == length).then(|| Bytes::from(bytes));
        }
        Ok(OpenFile {
            file,
            length,
            whole,
        })
    }

    /// The file as a body of the length that it had when it was opened. The body fails if the file gets shorter;
    /// what it grows by is left out. Dropping the body closes the file.
    pub(crate) fn into_body(self) -> Body {
        if let Some(bytes) = self.whole {
            return Body::Bytes(bytes);
        }
        let file = tokio::fs::File::from_std(self.file);
        let chunks = futures_util::stream::try_unfold((file, self.length), next_chunk);
        Body::Stream {
            stream: Box::pin(chunks),
            length: Some(self.length),
        }
    }

    /// No bytes, but their number: what HEAD is answered with.
    pub(crate) fn into_head(self) -> Body {
        Body::Stream {
            stream: Box::pin(futures_util::stream::empty()),
            length: Some(self.length),
        }
    }
}

type State = (tokio::fs::File, u64);

async fn next_chunk((mut file, left): State) -> Result<Option<(Bytes, State)>, BodyError> {
    if left == 0 {
        return Ok(None);
    }
    let size = left.min(CHUNK as u64);
    let mut buffer = BytesMut::with_capacity(size as usize);
    let read = (&mut file).take(size).read_buf(&mut buffer).await;
    let read =
        read.map_err(|error| BodyError::Failed(format!("a file cannot be read: {error}")))?;
    if read == 0 {
        let problem =
            format!("a file has become shorter while it was sent: {left} bytes are missing");
        return Err(BodyError::Failed(problem));
    }
    Ok(Some((buffer.freeze(), (file, left - read as u64))))
}
