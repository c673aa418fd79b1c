//! All buckets of a data directory.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use cellhouse_cell::{Cell, CellName, Cells, Clock, Entropy, RealClock, RealEntropy};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use parking_lot::Mutex;

use crate::bodies::{Bodies, Hold, Holds};
use crate::schema::SCHEMA;
use crate::{Bucket, Error, ErrorKind, check_bucket_name, registry};

/// The folder of the bodies in a data directory.
const FOLDER: &str = "r2";

/// How buckets behave.
#[derive(Clone)]
pub struct R2Options {
    /// Where bodies are: `None` is a folder of the data directory. Another store must be nobody else's.
    pub store: Option<Arc<dyn ObjectStore>>,
    /// Tells when objects were put.
    pub clock: Arc<dyn Clock>,
    /// Names versions, bodies, uploads and keys.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for R2Options {
    fn default() -> R2Options {
        R2Options {
            store: None,
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}

/// The buckets of a data directory, and the keys to them. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct R2 {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    cells: Cells,
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
    pub(crate) options: R2Options,
    pub(crate) registry: Cell,
    open: Mutex<HashMap<String, Bucket>>,
    /// Of all buckets that were opened, also of those that are gone: what they have let go of is removed later.
    bodies: Mutex<HashMap<String, Arc<Bodies>>>,
    holds: Holds,
}

impl R2 {
    /// The buckets of a data directory that this process has. Makes the folder of their bodies.
    pub fn open(cells: &Cells, options: R2Options) -> Result<R2, Error> {
        let (store, folder) = store(cells, &options)?;
        let name = CellName::new("r2registry", "buckets")?;
        let registry = cells.cell(&name, registry::SCHEMA)?;
        let inner = Inner {
            cells: cells.clone(),
            store,
            folder,
            options,
            registry,
            open: Mutex::default(),
            bodies: Mutex::default(),
            holds: Holds::default(),
        };
        Ok(R2 {
            inner: Arc::new(inner),
        })
    }

    /// The bucket of that name, made if it is not there: what a binding means.
    pub fn bucket(&self, name: &str) -> Result<Bucket, Error> {
        check_bucket_name(name)?;
        if let Some(bucket) = self.inner.open.lock().get(name) {
            return Ok(bucket.clone());
        }
        registry::add(&self.inner, name)?;
        self.open_bucket(name)
    }

    /// The bucket of that name; an error if it is not there.
    pub fn existing(&self, name: &str) -> Result<Bucket, Error> {
        if check_bucket_name(name).is_err() || registry::find(&self.inner, name)?.is_none() {
            return Err(ErrorKind::NoSuchBucket.into());
        }
        self.open_bucket(name)
    }

    fn open_bucket(&self, name: &str) -> Result<Bucket, Error> {
        let mut open = self.inner.open.lock();
        if let Some(bucket) = open.get(name) {
            return Ok(bucket.clone());
        }
        let inner = &self.inner;
        let cell = inner.cells.cell(&CellName::new("r2", name)?, SCHEMA)?;
        let bucket = Bucket::new(name, cell, self.bodies(name), inner.options.clock.clone());
        open.insert(name.to_owned(), bucket.clone());
        Ok(bucket)
    }

    /// Removes a bucket that has no object and no upload under way.
    pub fn delete_bucket(&self, name: &str) -> Result<(), Error> {
        let bucket = self.existing(name)?;
        if !bucket.is_empty()? {
            return Err(ErrorKind::BucketNotEmpty.into());
        }
        registry::remove(&self.inner, name)?;
        self.inner.open.lock().remove(name);
        self.inner
            .cells
            .remove(&CellName::new("r2", name)?)?
            .wait()
            .map_err(Error::storage)
    }

    /// Waits until everything that was done is durable.
    pub async fn durable(&self) -> Result<(), Error> {
        let ticket = self.inner.cells.shard()?.ticket();
        ticket.durable().await.map_err(Error::storage)
    }

    /// Keeps every body that any index names now or later, until it is dropped: they are removed afterwards.
    pub(crate) fn hold_removals(&self) -> Hold {
        self.inner.holds.hold()
    }

    /// The bodies of a bucket, which is there or was.
    pub(crate) fn bodies(&self, bucket: &str) -> Arc<Bodies> {
        let inner = &self.inner;
        let mut known = inner.bodies.lock();
        let new = || {
            Bodies::new(
                inner.store.clone(),
                Path::from(bucket),
                inner.folder.as_ref().map(|folder| folder.join(bucket)),
                inner.options.entropy.clone(),
                inner.holds.clone(),
            )
        };
        known.entry(bucket.to_owned()).or_insert_with(new).clone()
    }

    pub(crate) fn all_bodies(&self) -> Vec<Arc<Bodies>> {
        self.inner.bodies.lock().values().cloned().collect()
    }

    /// The folders of the store in which there are bodies, or could be: by the name of their bucket, which may
    /// be gone.
    pub(crate) async fn folders(&self) -> Result<Vec<String>, Error> {
        let found = self.inner.store.list_with_delimiter(None).await;
        let folders = found.map_err(Error::storage)?.common_prefixes;
        let names = folders.iter().filter_map(|folder| folder.filename());
        let named = names.filter(|name| check_bucket_name(name).is_ok());
        Ok(named.map(str::to_owned).collect())
    }
}

impl Inner {
    pub(crate) fn now_ms(&self) -> i64 {
        now_ms(&*self.options.clock)
    }
}

/// Where bodies are; the folder too, if it is one of this machine.
pub(crate) fn store(
    cells: &Cells,
    options: &R2Options,
) -> Result<(Arc<dyn ObjectStore>, Option<PathBuf>), Error> {
    match &options.store {
        Some(store) => Ok((store.clone(), None)),
        None => {
            let folder = cells.root().join(FOLDER);
            Ok((Arc::new(local(&folder)?), Some(folder)))
        }
    }
}

/// Milliseconds since 1970. A clock set before that counts as then.
pub(crate) fn now_ms(clock: &dyn Clock) -> i64 {
    let since = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A folder as a store whose files are on disk when it says so.
fn local(folder: &std::path::Path) -> Result<LocalFileSystem, Error> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::storage(format!("cannot make {}: {error}", folder.display())))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::storage)?;
    Ok(store.with_fsync(true))
}
