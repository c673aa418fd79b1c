//! Bodies of objects to and from files, and to and from the standard input and output of commands.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use bytes::Bytes;
use cellhouse_r2::{Body, Bucket, Received};

use super::{Place, Refusal, failed, pipe};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// Writes a body into a file, which is made, or to a command. `progress` gets the bytes written.
pub(super) async fn write(
    body: Body,
    to: &Place,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Refusal> {
    let cannot = |error: io::Error| match to {
        Place::File(path) => Refusal::Failed(format!("cannot write {}: {error}", path.display())),
        Place::Pipe(_) => Refusal::Failed(format!("cannot write to standard output: {error}")),
    };
    let mut to: Box<dyn Write> = match to {
        Place::File(path) => Box::new(File::create(path).map_err(cannot)?),
        Place::Pipe(path) => Box::new(pipe::connect(path).map_err(cannot)?),
    };
    match body {
        Body::Bytes(bytes) => to.write_all(&bytes).map_err(cannot)?,
        Body::Stream(mut reader) => {
            let mut done = 0;
            while let Some(chunk) = reader.next().await {
                let chunk = chunk.map_err(failed)?;
                to.write_all(&chunk).map_err(cannot)?;
                done += chunk.len() as u64;
                if !progress(done) {
                    return Err(Refusal::Gone);
                }
            }
        }
    }
    to.flush().map_err(cannot)
}

/// Where a body comes from.
enum Source {
    File(File),
    Pipe(UnixStream),
}

/// Reads a file, or what a command sends, to its end. `progress` gets the bytes read, and how many there are, or 0.
pub(super) async fn read(
    bucket: &Bucket,
    from: &Place,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Received, Refusal> {
    let cannot = |error: io::Error| match from {
        Place::File(path) => Refusal::Failed(format!("cannot read {}: {error}", path.display())),
        Place::Pipe(_) => Refusal::Failed(format!("cannot read standard input: {error}")),
    };
    let mut source = Source::open(from).map_err(cannot)?;
    let total = source.size();
    let mut incoming = bucket.receive(None);
    while let Some(chunk) = source.next().map_err(cannot)? {
        incoming.write(chunk).await.map_err(Refusal::from)?;
        // Lets the writing begin, which goes on while this thread waits for more.
        tokio::task::yield_now().await;
        if !progress(incoming.size(), total) {
            return Err(Refusal::Gone);
        }
    }
    incoming.finish().await.map_err(Refusal::from)
}

impl Source {
    fn open(from: &Place) -> io::Result<Source> {
        Ok(match from {
            Place::File(path) => Source::File(open_file(path)?),
            Place::Pipe(path) => Source::Pipe(pipe::connect(path)?),
        })
    }

    fn size(&self) -> u64 {
        match self {
            Source::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
            Source::Pipe(_) => 0,
        }
    }

    /// This thread is the command's own, so it may wait.
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Source::File(file) => {
                let mut chunk = vec![0; CHUNK];
                let read = file.read(&mut chunk)?;
                chunk.truncate(read);
                Ok((read > 0).then(|| chunk.into()))
            }
            Source::Pipe(stream) => Ok(pipe::receive(stream)?.map(Bytes::from)),
        }
    }
}

fn open_file(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    }
}
