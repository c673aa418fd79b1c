//! The socket in the data directory through which commands reach the process that has the data. Only the
//! user who runs it can connect: it answers to file permissions, not to a port.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Asker, Event, Owner, Task};

const NAME: &str = "control.sock";
/// How often progress is sent.
const EVERY: Duration = Duration::from_millis(50);
/// How long a command may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers commands for as long as the process lives. What another process left there goes: whoever has
/// the data has the socket.
pub(crate) fn serve(directory: &Path, owner: Arc<Owner>) -> io::Result<()> {
    let path = directory.join(NAME);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = within(directory, |path| UnixListener::bind(path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                attend(stream, owner.clone());
            }
        })?;
    Ok(())
}

/// Answers on a thread of its own: a command may have to wait for an object.
fn attend(stream: UnixStream, owner: Arc<Owner>) {
    let attend = move || {
        if let Err(error) = answer(&stream, &owner) {
            tracing::debug!("a command went away: {error}");
        }
    };
    let thread = std::thread::Builder::new().name("command".to_owned());
    if let Err(error) = thread.spawn(attend) {
        tracing::warn!("a command could not be answered: {error}");
    }
}

/// A running process that has the data of this directory.
pub(super) fn connect(directory: &Path) -> Option<UnixStream> {
    within(directory, |path| UnixStream::connect(path)).ok()
}

/// The path of a socket may only have about 100 bytes. On Linux a short one leads to every directory.
fn within<T>(directory: &Path, f: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let folder = std::fs::File::open(directory)?;
        let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        f(&short.join(NAME))
    }
    #[cfg(not(target_os = "linux"))]
    f(&directory.join(NAME))
}

fn answer(stream: &UnixStream, owner: &Owner) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let mut writer = BufWriter::new(stream);
    let mut last = Instant::now();
    let mut gone = Ok(());
    let mut tell = |event: Event| {
        let progress = matches!(event, Event::Progress { .. });
        if progress && last.elapsed() < EVERY {
            return true;
        }
        last = Instant::now();
        let text = serde_json::to_string(&event).unwrap_or_default();
        let sent = writeln!(writer, "{text}").and_then(|()| writer.flush());
        if gone.is_ok() {
            gone = sent;
        }
        gone.is_ok()
    };
    let mut asker = Asker {
        tell: &mut tell,
        stream: Some(stream),
    };
    match serde_json::from_str::<Task>(&line) {
        Ok(task) => task.run(owner, &mut asker),
        Err(error) => {
            asker.tell(Event::Failed {
                message: format!("this version of cellhouse does not know that command: {error}"),
            });
        }
    }
    gone
}
