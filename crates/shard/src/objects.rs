//! The objects of a store in a folder: files, synced, with the errors told apart.
//!
//! SlateDB tries again for ever what may be a network's mood. Of a file system some errors stay
//! until a person does something (no space, no permission, a read-only disk): those are reported at
//! once, so that callers get an error and not a shard that hangs.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};
use slatedb_common::retry::NonRetryable;

use crate::Error;

/// Opens a folder that exists.
pub(crate) fn in_folder(folder: &FilePath) -> std::result::Result<Arc<dyn ObjectStore>, Error> {
    let files = LocalFileSystem::new_with_prefix(folder).map_err(|e| Error::Engine {
        store: folder.display().to_string(),
        action: "be opened",
        reason: crate::error::reason(&e),
    })?;
    Ok(Arc::new(Files(files.with_fsync(true))))
}

#[derive(Debug)]
struct Files(LocalFileSystem);

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Marks an error that stays, however often one tries.
fn settle(error: object_store::Error) -> object_store::Error {
    if !stays(&error) {
        return error;
    }
    object_store::Error::Generic {
        store: "folder",
        source: Box::new(NonRetryable(Box::new(error))),
    }
}

fn stays(error: &object_store::Error) -> bool {
    use io::ErrorKind::{
        NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(now) = cause {
        if let Some(error) = now.downcast_ref::<io::Error>() {
            return matches!(
                error.kind(),
                NotADirectory | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull
            );
        }
        cause = now.source();
    }
    false
}

#[async_trait]
impl ObjectStore for Files {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let put = self.0.put_opts(location, payload, options).await;
        put.map_err(settle)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.0.put_multipart_opts(location, options).await;
        Ok(Box::new(Upload(upload.map_err(settle)?)))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await.map_err(settle)
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(location, ranges).await.map_err(settle)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await.map_err(settle)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await.map_err(settle)
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.0.rename_opts(from, to, options).await.map_err(settle)
    }
}

#[derive(Debug)]
struct Upload(Box<dyn MultipartUpload>);

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let part = self.0.put_part(data);
        Box::pin(async { part.await.map_err(settle) })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.0.complete().await.map_err(settle)
    }

    async fn abort(&mut self) -> Result<()> {
        self.0.abort().await
    }
}
