//! Single objects: put, get, head, delete.

use cellhouse_r2::{
    Body, ByteRange, GetOptions, Got, MAX_PART_NUMBER, Object, PutOptions, RangeRequest,
};
use futures_util::StreamExt as _;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::api::Api;
use crate::body::{Claims, receive};
use crate::conditions::{Headers, failed, timestamp};
use crate::metadata::{Given, checksum_of, class_of, custom_of, keep};

/// S3's type of an object that was put without one.
const DEFAULT_TYPE: &str = "binary/octet-stream";

impl Api {
    pub(crate) async fn put(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let trailer = request
            .headers
            .get("x-amz-trailer")
            .and_then(|value| value.to_str().ok());
        let trailer = trailer.map(str::to_owned);
        let mut input = request.input;
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let mut options = PutOptions {
            only_if: Headers {
                if_match: input.if_match,
                if_none_match: input.if_none_match,
                ..Headers::default()
            }
            .conditions(),
            metadata: Given {
                content_type: input.content_type.or_else(|| Some(DEFAULT_TYPE.to_owned())),
                content_language: input.content_language,
                content_disposition: input.content_disposition,
                content_encoding: input.content_encoding,
                cache_control: input.cache_control,
                expires: input.expires,
                custom: input.metadata,
                storage_class: input.storage_class,
            }
            .into(),
            checksum: None,
        };
        bucket
            .check(&input.key, &options.metadata)
            .map_err(crate::error::of)?;
        let claims = Claims {
            checksum: Checksum {
                checksum_crc32: input.checksum_crc32,
                checksum_crc32c: input.checksum_crc32c,
                checksum_crc64nvme: input.checksum_crc64nvme,
                checksum_sha1: input.checksum_sha1,
                checksum_sha256: input.checksum_sha256,
                checksum_type: None,
            },
            content_md5: input.content_md5,
            trailer,
            trailing_headers: request.trailing_headers,
        };
        let (received, checksum) = receive(&bucket, input.body.take(), &claims).await?;
        keep(&mut options.metadata, &checksum);
        let put = bucket.put(&input.key, received, &options);
        let object = self.settle(put).await?.ok_or_else(failed)?;
        let sent = checksum_of(&object);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(etag_of(&object)),
            checksum_crc32: sent.checksum_crc32,
            checksum_crc32c: sent.checksum_crc32c,
            checksum_crc64nvme: sent.checksum_crc64nvme,
            checksum_sha1: sent.checksum_sha1,
            checksum_sha256: sent.checksum_sha256,
            ..Default::default()
        }))
    }

    pub(crate) async fn get(&self, input: GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        refuse_version(input.version_id.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let headers = Headers {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        let part = part_of(input.part_number, input.range.is_some())?;
        let options = GetOptions {
            only_if: headers.conditions(),
            range: input.range.map(range_of),
            part,
        };
        let (object, range, body) = match self.settle(bucket.get(&input.key, &options)).await? {
            Got::Absent => return Err(no_such_key()),
            Got::Unmet(object) => return Err(headers.unmet(&object)),
            Got::Found(object, range, body) => (object, range, body),
        };
        let whole = options.range.is_none() && part.is_none();
        let checked = input
            .checksum_mode
            .is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let checksum = if checked && whole {
            checksum_of(&object)
        } else {
            Checksum::default()
        };
        let http = object.metadata.http.clone();
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(stream_of(body)),
            content_length: Some(range.length as i64),
            content_range: (!whole && range.length > 0).then(|| content_range(range, object.size)),
            parts_count: parts_count(&object, part),
            cache_control: http.cache_control,
            content_disposition: http.content_disposition,
            content_encoding: http.content_encoding,
            content_language: http.content_language,
            content_type: http.content_type,
            expires: http.cache_expiry.map(timestamp),
            e_tag: Some(etag_of(&object)),
            last_modified: Some(timestamp(object.uploaded as f64)),
            metadata: custom_of(&object),
            storage_class: Some(StorageClass::from_static(class_of(&object))),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..Default::default()
        }))
    }

    pub(crate) async fn head(
        &self,
        input: HeadObjectInput,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        refuse_version(input.version_id.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let headers = Headers {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        let part = part_of(input.part_number, input.range.is_some())?;
        let options = GetOptions {
            only_if: headers.conditions(),
            range: input.range.map(range_of),
            part,
        };
        // Nothing is read of a body before it is asked for.
        let (object, range) = match self.settle(bucket.get(&input.key, &options)).await? {
            Got::Absent => return Err(no_such_key()),
            Got::Unmet(object) => return Err(headers.unmet(&object)),
            Got::Found(object, range, _) => (object, range),
        };
        let whole = options.range.is_none() && part.is_none();
        let checked = input
            .checksum_mode
            .is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let checksum = if checked {
            checksum_of(&object)
        } else {
            Checksum::default()
        };
        let http = object.metadata.http.clone();
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(range.length as i64),
            content_range: (!whole && range.length > 0).then(|| content_range(range, object.size)),
            parts_count: parts_count(&object, part),
            cache_control: http.cache_control,
            content_disposition: http.content_disposition,
            content_encoding: http.content_encoding,
            content_language: http.content_language,
            content_type: http.content_type,
            expires: http.cache_expiry.map(timestamp),
            e_tag: Some(etag_of(&object)),
            last_modified: Some(timestamp(object.uploaded as f64)),
            metadata: custom_of(&object),
            storage_class: Some(StorageClass::from_static(class_of(&object))),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..Default::default()
        }))
    }

    pub(crate) async fn delete(
        &self,
        input: DeleteObjectInput,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        refuse_version(input.version_id.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let deleted = bucket.delete(&[&input.key]).map(|ticket| ((), ticket));
        self.settle(deleted).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    pub(crate) async fn delete_many(
        &self,
        input: DeleteObjectsInput,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = self.bucket(&input.bucket)?;
        let keys: Vec<&str> = input
            .delete
            .objects
            .iter()
            .map(|object| object.key.as_str())
            .collect();
        if keys.is_empty() || keys.len() > cellhouse_r2::MAX_DELETE_KEYS {
            return Err(s3_error!(
                MalformedXML,
                "A request deletes 1 to {} objects.",
                cellhouse_r2::MAX_DELETE_KEYS
            ));
        }
        let deleted = bucket.delete(&keys).map(|ticket| ((), ticket));
        self.settle(deleted).await?;
        let quiet = input.delete.quiet == Some(true);
        let deleted = keys.iter().map(|key| DeletedObject {
            key: Some((*key).to_owned()),
            ..Default::default()
        });
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: (!quiet).then(|| deleted.collect()),
            ..Default::default()
        }))
    }
}

pub(crate) fn etag_of(object: &Object) -> ETag {
    ETag::Strong(object.etag.clone())
}

pub(crate) fn no_such_key() -> s3s::S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

fn range_of(range: Range) -> RangeRequest {
    match range {
        Range::Int { first, last } => RangeRequest::Slice {
            offset: Some(first),
            length: last.map(|last| last.saturating_sub(first).saturating_add(1)),
        },
        Range::Suffix { length } => RangeRequest::Suffix(length),
    }
}

/// The part that is asked for.
fn part_of(number: Option<i32>, ranged: bool) -> S3Result<Option<u32>> {
    match number {
        None => Ok(None),
        Some(_) if ranged => Err(s3_error!(
            InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter"
        )),
        Some(number) => match u32::try_from(number) {
            Ok(number @ 1..=MAX_PART_NUMBER) => Ok(Some(number)),
            _ => Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and {}, inclusive",
                MAX_PART_NUMBER
            )),
        },
    }
}

/// Told to those who ask for a part of an object that was made of parts.
fn parts_count(object: &Object, asked: Option<u32>) -> Option<i32> {
    let parts = object.is_multipart().then(|| object.parts());
    parts
        .filter(|_| asked.is_some())
        .and_then(|parts| i32::try_from(parts).ok())
}

fn content_range(range: ByteRange, size: u64) -> String {
    let last = (range.offset + range.length).saturating_sub(1);
    format!("bytes {}-{last}/{size}", range.offset)
}

fn stream_of(body: Body) -> StreamingBlob {
    match body {
        Body::Bytes(bytes) => StreamingBlob::from(s3s::Body::from(bytes)),
        Body::Stream(reader) => {
            let stream = reader
                .into_stream()
                .map(|chunk| chunk.map_err(std::io::Error::other));
            StreamingBlob::wrap(SyncStream(std::sync::Mutex::new(Box::pin(stream))))
        }
    }
}

type Chunks =
    std::pin::Pin<Box<dyn futures_util::Stream<Item = std::io::Result<bytes::Bytes>> + Send>>;

/// `s3s` wants streams that can be shared, though nobody shares them.
struct SyncStream(std::sync::Mutex<Chunks>);

impl futures_util::Stream for SyncStream {
    type Item = std::io::Result<bytes::Bytes>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let chunks = self.get_mut().0.get_mut();
        chunks
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .as_mut()
            .poll_next(cx)
    }
}

/// Objects have one version.
fn refuse_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null" | "") => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "Objects of R2 have no versions.")),
    }
}

/// Keys of the customer's to encrypt with.
pub(crate) fn refuse_encryption(algorithm: Option<&str>) -> S3Result<()> {
    match algorithm {
        None => Ok(()),
        Some(_) => Err(s3_error!(
            NotImplemented,
            "Cellhouse does not encrypt objects with keys of your own (SSE-C)."
        )),
    }
}
