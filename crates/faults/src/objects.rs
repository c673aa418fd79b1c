//! An object store in memory that fails, delays and duplicates. Objects are durable as soon as they
//! are there; after the power is out nothing works.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result, UploadPart,
};
use parking_lot::Mutex;
use slatedb_common::retry::NonRetryable;

use crate::{Power, Random};

/// Nobody should try again: the power does not come back.
fn no_power(error: std::io::Error) -> Error {
    Error::Generic {
        store: "faulty",
        source: Box::new(NonRetryable(Box::new(error))),
    }
}

/// How often what goes wrong, in percent of requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moods {
    /// The request does nothing and fails.
    pub refused: u64,
    /// The request does its work, and fails all the same.
    pub answer_lost: u64,
    /// The request takes 1 to 20 ms.
    pub slow: u64,
    /// A write without conditions happens twice.
    pub twice: u64,
}

/// An object store with moods. Clones are the same store.
#[derive(Clone)]
pub struct FaultyObjects {
    objects: Arc<InMemory>,
    power: Arc<Power>,
    moods: Moods,
    random: Arc<Mutex<Random>>,
    /// Held while something changes, so that nothing does after a crash.
    changing: Arc<Mutex<()>>,
}

impl FaultyObjects {
    /// An empty store.
    pub fn new(power: Arc<Power>, moods: Moods, seed: u64) -> FaultyObjects {
        FaultyObjects {
            objects: Arc::default(),
            power,
            moods,
            random: Arc::new(Mutex::new(Random::new(seed))),
            changing: Arc::default(),
        }
    }

    /// The same objects after the power came back.
    pub fn after_crash(&self, power: Arc<Power>, moods: Moods) -> FaultyObjects {
        let _nothing_changes = self.changing.lock();
        FaultyObjects {
            power,
            moods,
            ..self.clone()
        }
    }

    fn chance(&self, percent: u64) -> bool {
        percent > 0 && self.random.lock().chance(percent)
    }

    /// Before a request: it may be delayed, or be refused.
    async fn begin(&self) -> Result<()> {
        self.power.check().map_err(no_power)?;
        if self.chance(self.moods.slow) {
            let time = 1 + self.random.lock().below(20);
            tokio::time::sleep(Duration::from_millis(time)).await;
        }
        self.maybe(self.moods.refused)
    }

    /// Changes something, which takes no time, while there is power.
    fn change<T>(&self, change: impl Future<Output = Result<T>>) -> Result<T> {
        let _changing = self.changing.lock();
        self.power.use_once().map_err(no_power)?;
        change.now_or_never().expect("memory does not wait")
    }

    /// After a request that did its work.
    fn end<T>(&self, result: Result<T>) -> Result<T> {
        let value = result?;
        self.maybe(self.moods.answer_lost)?;
        Ok(value)
    }

    fn maybe(&self, percent: u64) -> Result<()> {
        match self.chance(percent) {
            true => Err(Error::Generic {
                store: "faulty",
                source: "the network is in a mood".into(),
            }),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for FaultyObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyObjects({:?})", self.moods)
    }
}

impl fmt::Display for FaultyObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyObjects")
    }
}

#[async_trait]
impl ObjectStore for FaultyObjects {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.begin().await?;
        if matches!(options.mode, object_store::PutMode::Overwrite) && self.chance(self.moods.twice)
        {
            let again = (payload.clone(), options.clone());
            self.change(self.objects.put_opts(location, again.0, again.1))?;
        }
        self.end(self.change(self.objects.put_opts(location, payload, options)))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.begin().await?;
        Ok(Box::new(Upload {
            upload: self.change(self.objects.put_multipart_opts(location, options))?,
            store: self.clone(),
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.begin().await?;
        self.end(self.objects.get_opts(location, options).await)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let deleted = locations.then(move |location| {
            let store = store.clone();
            async move {
                let location = location?;
                store.begin().await?;
                store.change(store.objects.delete(&location))?;
                Ok(location)
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.begin().await?;
        self.end(self.objects.list_with_delimiter(prefix).await)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.begin().await?;
        self.end(self.change(self.objects.copy_opts(from, to, options)))
    }
}

/// An upload in parts; it is there when it is complete.
#[derive(Debug)]
struct Upload {
    upload: Box<dyn MultipartUpload>,
    store: FaultyObjects,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let part = self.upload.put_part(data);
        let store = self.store.clone();
        Box::pin(async move {
            store.begin().await?;
            store.change(part)
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.store.begin().await?;
        self.store.change(self.upload.complete())
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
