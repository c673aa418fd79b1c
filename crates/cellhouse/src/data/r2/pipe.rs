//! Standard input and output of a command, for the process that has the data: a socket in a folder of the
//! user's own, which that process connects to. So it works on every Unix and for any kind of input.
//!
//! What goes to that process comes in frames, the length first (4 bytes, big-endian), and ends with an empty
//! one: a command that dies before has not sent all.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// Bytes of a frame, at most.
const FRAME: usize = 256 << 10;
/// Folders that are tried before it is given up.
const TRIES: u32 = 100;

/// The command's end. Dropping it removes the socket.
pub(crate) struct Pipe {
    folder: PathBuf,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Pipe {
    /// Sends standard input to whoever connects.
    pub(crate) fn input() -> io::Result<(Pipe, PathBuf)> {
        let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Pipe::serve(move |stream| send(input, stream))
    }

    /// Writes what comes from whoever connects to standard output.
    pub(crate) fn output() -> io::Result<(Pipe, PathBuf)> {
        let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Pipe::serve(move |mut stream| io::copy(&mut stream, &mut output).map(drop))
    }

    fn serve(
        serve: impl FnOnce(UnixStream) -> io::Result<()> + Send + 'static,
    ) -> io::Result<(Pipe, PathBuf)> {
        let folder = own_folder()?;
        let path = folder.join("pipe");
        let mut pipe = Pipe {
            folder,
            thread: None,
        };
        let listener = UnixListener::bind(&path)?;
        let thread = std::thread::Builder::new().name("pipe".to_owned());
        pipe.thread = Some(thread.spawn(move || serve(listener.accept()?.0))?);
        Ok((pipe, path))
    }

    /// Waits until all has passed. Only after whoever connected is done.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(done)) => done,
            _ => Ok(()),
        }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A new folder that only this user may enter.
fn own_folder() -> io::Result<PathBuf> {
    let (base, process) = (std::env::temp_dir(), std::process::id());
    let mut tried = 0;
    loop {
        let folder = base.join(format!("cellhouse-{process}-{tried}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < TRIES => {
                tried += 1;
            }
            made => return made.map(|()| folder),
        }
    }
}

fn send(mut input: impl Read, mut stream: impl Write) -> io::Result<()> {
    let mut frame = vec![0; FRAME];
    loop {
        let length = match input.read(&mut frame) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let head = u32::try_from(length).expect("a frame is short");
        stream.write_all(&head.to_be_bytes())?;
        stream.write_all(&frame[..length])?;
        if length == 0 {
            return stream.flush();
        }
    }
}

/// The other end.
pub(super) fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path)
}

/// The next frame of what a command sends; `None` at the end of it.
pub(super) fn receive(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).map_err(cut_off)?;
    let length = u32::from_be_bytes(head) as usize;
    if length == 0 {
        return Ok(None);
    }
    if length > FRAME {
        return Err(io::Error::other("the command sends something else"));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).map_err(cut_off)?;
    Ok(Some(frame))
}

fn cut_off(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other("the command went away"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_not_taken_for_all() {
        let text = vec![7; FRAME + 10];
        let mut sent = Vec::new();
        send(&text[..], &mut sent).unwrap();
        for cut in [0, 3, 4, 100, FRAME + 4, sent.len() - 1] {
            let mut stream = &sent[..cut];
            let end = loop {
                match receive(&mut stream) {
                    Ok(Some(_)) => {}
                    other => break other,
                }
            };
            assert_eq!(
                end.unwrap_err().to_string(),
                "the command went away",
                "{cut}"
            );
        }
        let mut stream = &sent[..];
        let mut got = Vec::new();
        while let Some(frame) = receive(&mut stream).unwrap() {
            got.extend(frame);
        }
        assert_eq!(got, text);
    }
}
