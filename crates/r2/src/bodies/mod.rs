//! The bodies of one bucket that are files of the store: which are being written, which are being read, and
//! which are to go.
//!
//! A body is written once, under a random name, and is there when it is whole and on disk. It is removed
//! when the commit that let go of it is durable, nobody reads the object any more, and nobody holds removals
//! back. Everything here is memory: after a crash the index says which bodies are an object's, and the sweep
//! removes the others.

mod hold;
mod id;
mod read;
mod write;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use cellhouse_cell::{Entropy, Ticket};
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use parking_lot::Mutex;

pub(crate) use hold::{Hold, Holds};
pub(crate) use id::{BodyId, Version, random};
pub use read::Reader;
pub(crate) use read::{Segment, SegmentPlace};
pub use write::{Incoming, Received};
pub(crate) use write::{Pending, Place};

use crate::Error;

/// The bodies of a bucket.
pub(crate) struct Bodies {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Where they are in the store.
    prefix: Path,
    /// The same folder on this machine, if that is where the store is.
    folder: Option<PathBuf>,
    entropy: Arc<dyn Entropy>,
    /// Those of all buckets.
    holds: Holds,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Bodies that are being written, or are written and have no row yet.
    pending: HashSet<BodyId>,
    /// How many read the object of that version.
    leases: HashMap<Version, usize>,
    doomed: Vec<Doomed>,
    /// Bodies whose files are being removed.
    going: HashSet<BodyId>,
}

/// Bodies that no row has any more, or none is going to have.
struct Doomed {
    /// The object that they were of.
    of: Option<Version>,
    bodies: Vec<BodyId>,
    fate: Fate,
}

/// What must happen before doomed bodies may go.
enum Fate {
    /// No row ever had them.
    Now,
    /// The commit that takes their rows away is under way.
    Committing(u64),
    /// That commit must be durable.
    After(Ticket),
}

/// Bodies that a commit under way lets go of. Dropping it without [`Doom::committed`] takes that back.
pub(crate) struct Doom {
    bodies: Arc<Bodies>,
    number: Option<u64>,
}

/// Keeps the bodies of an object for a reader.
pub(crate) struct Lease {
    bodies: Arc<Bodies>,
    of: Version,
}

impl Bodies {
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        prefix: Path,
        folder: Option<PathBuf>,
        entropy: Arc<dyn Entropy>,
        holds: Holds,
    ) -> Arc<Bodies> {
        Arc::new(Bodies {
            store,
            prefix,
            folder,
            entropy,
            holds,
            state: Mutex::default(),
        })
    }

    /// The start of an object's body, from which it is written.
    pub(crate) fn incoming(self: &Arc<Self>, hasher: crate::Hasher) -> Incoming {
        Incoming::new(self.clone(), hasher)
    }

    /// A name for a new body, which the sweep leaves alone until it is let go of.
    fn pend(self: &Arc<Self>) -> Result<Pending, Error> {
        let id = BodyId(random(&*self.entropy)?);
        self.state.lock().pending.insert(id);
        Ok(Pending::new(self.clone(), id))
    }

    /// A version for a new object.
    pub(crate) fn new_version(&self) -> Result<Version, Error> {
        Ok(Version(random(&*self.entropy)?))
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// Keeps the bodies of an object until the lease is dropped. Must be taken while the index is being
    /// read: whoever lets go of them does so after that.
    pub(crate) fn lease(self: &Arc<Self>, of: Version) -> Lease {
        *self.state.lock().leases.entry(of).or_default() += 1;
        Lease {
            bodies: self.clone(),
            of,
        }
    }

    /// Removes bodies once the commit that is under way is durable and nobody reads the object. Must be
    /// called before the commit, so that a body without a row is always known to be doomed. After a commit
    /// that is lost they stay.
    pub(crate) fn doom(self: &Arc<Self>, let_go: Vec<(Option<Version>, Vec<BodyId>)>) -> Doom {
        let mut let_go = let_go;
        let_go.retain(|(_, bodies)| !bodies.is_empty());
        let bodies = self.clone();
        if let_go.is_empty() {
            return Doom {
                bodies,
                number: None,
            };
        }
        let number = self.holds.number();
        let mut state = self.state.lock();
        for (of, bodies) in let_go {
            let fate = Fate::Committing(number);
            state.doomed.push(Doomed { of, bodies, fate });
        }
        drop(state);
        Doom {
            bodies,
            number: Some(number),
        }
    }

    /// Removes what may go now. What cannot be removed is left for the sweep.
    pub(crate) async fn tidy(&self) {
        let due = self.holds.unless_held(|| self.due()).unwrap_or_default();
        for id in due {
            self.remove(id).await;
            self.state.lock().going.remove(&id);
        }
    }

    /// Takes the doomed bodies that may go.
    fn due(&self) -> Vec<BodyId> {
        let mut state = self.state.lock();
        let mut due = Vec::new();
        let doomed = std::mem::take(&mut state.doomed);
        for one in doomed {
            let read = one.of.is_some_and(|of| state.leases.contains_key(&of));
            match &one.fate {
                _ if read => state.doomed.push(one),
                Fate::After(ticket) if ticket.failure().is_some() => {}
                Fate::After(ticket) if !ticket.is_durable() => state.doomed.push(one),
                Fate::Committing(_) => state.doomed.push(one),
                Fate::After(_) | Fate::Now => due.extend(one.bodies),
            }
        }
        state.going.extend(&due);
        due
    }

    async fn remove(&self, id: BodyId) {
        self.remove_at(&self.path(id)).await;
    }

    async fn remove_at(&self, path: &Path) {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!("the body {path} could not be removed: {error}"),
        }
    }

    /// Removes every body that has no row, is not being written, and that nobody may read. `has_row` is
    /// asked about each. Gives how many there were.
    pub(crate) async fn sweep(
        &self,
        has_row: impl Fn(&BodyId) -> Result<bool, Error>,
    ) -> Result<usize, Error> {
        self.sweep_drafts().await;
        let mut removed = 0;
        let mut names = self.store.list(Some(&self.prefix));
        while let Some(found) = names.try_next().await.map_err(Error::storage)? {
            let Some(id) = found.location.filename().and_then(BodyId::parse) else {
                continue;
            };
            if self.is_wanted(&id, &has_row)? {
                continue;
            }
            self.remove_at(&found.location).await;
            removed += 1;
        }
        Ok(removed)
    }

    /// Whether a body has a row, gets one, or goes by itself.
    pub(crate) fn is_wanted(
        &self,
        id: &BodyId,
        has_row: impl Fn(&BodyId) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        // Asked before and after: a body leaves the pending ones after its row is there, and is doomed
        // before its row goes.
        Ok(self.is_known(id) || has_row(id)? || self.is_known(id))
    }

    /// Whether it is pending, or is doomed and goes by itself.
    fn is_known(&self, id: &BodyId) -> bool {
        let state = self.state.lock();
        let doomed = || state.doomed.iter().any(|one| one.bodies.contains(id));
        state.pending.contains(id) || state.going.contains(id) || doomed()
    }

    /// All files of the store that look like bodies, with their sizes.
    pub(crate) async fn files(&self) -> Result<Vec<(BodyId, u64)>, Error> {
        let found = self.store.list(Some(&self.prefix));
        let found = found.try_filter_map(async |found| {
            let id = found.location.filename().and_then(BodyId::parse);
            Ok(id.map(|id| (id, found.size)))
        });
        found.try_collect().await.map_err(Error::storage)
    }

    /// What uploads have left that died: their files.
    pub(crate) async fn dead_drafts(&self) -> Result<Vec<PathBuf>, Error> {
        let Some(folder) = self.folder.clone() else {
            return Ok(Vec::new());
        };
        let drafts = blocking(move || Ok(drafts(&folder))).await?;
        let dead = drafts.into_iter().filter(|(_, id)| !self.is_known(id));
        Ok(dead.map(|(path, _)| path).collect())
    }

    /// The size of a body's file, if there is one.
    pub(crate) async fn size_of(&self, id: BodyId) -> Result<Option<u64>, Error> {
        match self.store.head(&self.path(id)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::storage(error)),
        }
    }

    /// Removes what uploads have left that died: `NAME#1`, which the store does not list.
    async fn sweep_drafts(&self) {
        for path in self.dead_drafts().await.unwrap_or_default() {
            let remove = move || std::fs::remove_file(path).map_err(Error::storage);
            if let Err(error) = blocking(remove).await {
                tracing::debug!("a draft could not be removed: {error}");
            }
        }
    }

    pub(crate) fn path(&self, id: BodyId) -> Path {
        let name = id.to_string();
        let folder = self.prefix.clone().join(&name[..2]);
        folder.join(name.as_str())
    }
}

/// Files of uploads under way, with the name that each is to have.
fn drafts(folder: &std::path::Path) -> Vec<(PathBuf, BodyId)> {
    let entries = |path: &std::path::Path| std::fs::read_dir(path).into_iter().flatten().flatten();
    let folders = entries(folder).map(|entry| entry.path());
    let files = folders.flat_map(|folder| {
        entries(&folder)
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    });
    let draft = |path: PathBuf| {
        let id = BodyId::parse(path.file_name()?.to_str()?.split_once('#')?.0)?;
        Some((path, id))
    };
    files.filter_map(draft).collect()
}

impl Doom {
    /// The commit was made.
    pub(crate) fn committed(mut self, ticket: &Ticket) {
        let Some(number) = self.number.take() else {
            return;
        };
        for one in &mut self.bodies.state.lock().doomed {
            if matches!(one.fate, Fate::Committing(of) if of == number) {
                one.fate = Fate::After(ticket.clone());
            }
        }
    }
}

impl Drop for Doom {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let mut state = self.bodies.state.lock();
            let other = |one: &Doomed| !matches!(one.fate, Fate::Committing(of) if of == number);
            state.doomed.retain(other);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.bodies.state.lock();
        if let Some(count) = state.leases.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                state.leases.remove(&self.of);
            }
        }
    }
}

/// Runs something that waits for the disk where it may. Needs a tokio runtime; dropping the future does not
/// stop it.
pub(crate) async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(f)
        .await
        .unwrap_or_else(|error| Err(Error::storage(error)))
}
