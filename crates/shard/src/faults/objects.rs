//! An object store in memory that fails, delays and duplicates. Objects are durable as soon as they
//! are there; after the power is out nothing works.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use parking_lot::Mutex;
use slatedb_common::retry::NonRetryable;

use super::{Power, Random};

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
}

impl FaultyObjects {
    /// An empty store.
    pub fn new(power: Arc<Power>, moods: Moods, seed: u64) -> FaultyObjects {
        FaultyObjects {
            objects: Arc::default(),
            power,
            moods,
            random: Arc::new(Mutex::new(Random::new(seed))),
        }
    }

    /// The same objects after the power came back.
    pub fn after_crash(&self, power: Arc<Power>, moods: Moods) -> FaultyObjects {
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
    async fn begin(&self, writes: bool) -> Result<()> {
        let power = match writes {
            true => self.power.use_once(),
            false => self.power.check(),
        };
        power.map_err(|e| Error::Generic {
            store: "faulty",
            // Nobody should try again: the power does not come back.
            source: Box::new(NonRetryable(Box::new(e))),
        })?;
        if self.chance(self.moods.slow) {
            let time = 1 + self.random.lock().below(20);
            tokio::time::sleep(Duration::from_millis(time)).await;
        }
        self.maybe(self.moods.refused)
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
        self.begin(true).await?;
        if matches!(options.mode, object_store::PutMode::Overwrite) && self.chance(self.moods.twice)
        {
            let again = (payload.clone(), options.clone());
            self.objects.put_opts(location, again.0, again.1).await?;
        }
        self.end(self.objects.put_opts(location, payload, options).await)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.begin(true).await?;
        Ok(Box::new(Upload {
            upload: self.objects.put_multipart_opts(location, options).await?,
            store: self.clone(),
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.begin(false).await?;
        self.end(self.objects.get_opts(location, options).await)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let checked = locations.then(move |location| {
            let store = store.clone();
            async move {
                store.begin(true).await?;
                location
            }
        });
        self.objects.delete_stream(checked.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.begin(false).await?;
        self.end(self.objects.list_with_delimiter(prefix).await)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.begin(true).await?;
        self.end(self.objects.copy_opts(from, to, options).await)
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
            store.begin(true).await?;
            part.await
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.store.begin(true).await?;
        self.upload.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
