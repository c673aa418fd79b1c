//! Bodies of objects to and from files and pipes.

use std::path::Path;

use bytes::BytesMut;
use cellhouse_r2::{Body, Bucket, Received};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Refusal, failed};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// Writes a body into a file, which is made, or into a pipe. `progress` gets the bytes written.
pub(super) async fn write(
    body: Body,
    to: &Path,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Refusal> {
    let cannot = |error| Refusal::Failed(format!("cannot write {}: {error}", to.display()));
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(to)
        .await
        .map_err(cannot)?;
    match body {
        Body::Bytes(bytes) => file.write_all(&bytes).await.map_err(cannot)?,
        Body::Stream(mut reader) => {
            let mut done = 0;
            while let Some(chunk) = reader.next().await {
                let chunk = chunk.map_err(failed)?;
                file.write_all(&chunk).await.map_err(cannot)?;
                done += chunk.len() as u64;
                if !progress(done) {
                    return Err(Refusal::Gone);
                }
            }
        }
    }
    file.flush().await.map_err(cannot)
}

/// Reads a file or a pipe to its end. `progress` gets the bytes read, and how many there are, or 0.
pub(super) async fn read(
    bucket: &Bucket,
    from: &Path,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Received, Refusal> {
    let cannot = |error| Refusal::Failed(format!("cannot read {}: {error}", from.display()));
    let mut file = File::open(from).await.map_err(cannot)?;
    let total = file.metadata().await.map_or(0, |metadata| metadata.len());
    let mut incoming = bucket.receive(None);
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        if file.read_buf(&mut chunk).await.map_err(cannot)? == 0 {
            break;
        }
        incoming
            .write(chunk.freeze())
            .await
            .map_err(Refusal::from)?;
        if !progress(incoming.size(), total) {
            return Err(Refusal::Gone);
        }
    }
    incoming.finish().await.map_err(Refusal::from)
}
