//! Multipart uploads.

use cellhouse_r2::{Metadata, Upload, UploadsOptions};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::api::Api;
use crate::body::{Claims, receive};
use crate::conditions::{Headers, failed, timestamp};
use crate::metadata::Given;
use crate::objects::{etag_of, refuse_encryption};

/// Entries of one page, of parts and of uploads.
const PAGE: i32 = 1000;
/// After the ids of all uploads, which are hexadecimal digits.
const AFTER_ALL_IDS: &str = "~";

impl Api {
    pub(crate) async fn create_upload(
        &self,
        input: CreateMultipartUploadInput,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let metadata = Metadata::from(Given {
            content_type: input
                .content_type
                .or_else(|| Some("binary/octet-stream".to_owned())),
            content_language: input.content_language,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            cache_control: input.cache_control,
            expires: input.expires,
            custom: input.metadata,
            storage_class: input.storage_class,
        });
        let id = self
            .settle(bucket.create_upload(&input.key, &metadata))
            .await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: input.checksum_type,
            ..Default::default()
        }))
    }

    pub(crate) async fn put_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let trailer = request
            .headers
            .get("x-amz-trailer")
            .and_then(|value| value.to_str().ok());
        let trailer = trailer.map(str::to_owned);
        let mut input = request.input;
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let number = u32::try_from(input.part_number).unwrap_or(0);
        // Before a long body.
        self.settle(bucket.upload(&input.key, &input.upload_id))
            .await?;
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
        let put = bucket.put_part(&input.key, &input.upload_id, number, received);
        let part = self.settle(put).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(part.etag)),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..Default::default()
        }))
    }

    pub(crate) async fn complete(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let bucket = self.bucket(&input.bucket)?;
        let named = input
            .multipart_upload
            .and_then(|upload| upload.parts)
            .unwrap_or_default();
        let parts: Vec<(u32, String)> = named.into_iter().filter_map(part_of).collect();
        if parts.is_empty() {
            return Err(s3_error!(
                MalformedXML,
                "A multipart upload is completed with a list of its parts."
            ));
        }
        if !parts.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order. The parts list must be specified in order by part number."
            ));
        }
        let headers = Headers {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            ..Headers::default()
        };
        let conditions = headers.conditions();
        let completed =
            bucket.complete_if(&input.key, &input.upload_id, &parts, conditions.as_ref());
        let object = self.settle(completed).await?.ok_or_else(failed)?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag_of(&object)),
            ..Default::default()
        }))
    }

    pub(crate) async fn abort(
        &self,
        input: AbortMultipartUploadInput,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let bucket = self.bucket(&input.bucket)?;
        let aborted = bucket
            .abort(&input.key, &input.upload_id)
            .map(|ticket| ((), ticket));
        self.settle(aborted).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub(crate) async fn parts(
        &self,
        input: ListPartsInput,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        let bucket = self.bucket(&input.bucket)?;
        let limit = input.max_parts.unwrap_or(PAGE).clamp(1, PAGE);
        let after = u32::try_from(input.part_number_marker.unwrap_or(0)).unwrap_or(0);
        let listed = bucket.parts(&input.key, &input.upload_id, after, limit as usize);
        let page = self.settle(listed).await?;
        let last = page
            .parts
            .last()
            .and_then(|part| i32::try_from(part.number).ok());
        let parts = page.parts.into_iter().map(|part| Part {
            part_number: i32::try_from(part.number).ok(),
            e_tag: Some(ETag::Strong(part.etag)),
            size: Some(part.size as i64),
            last_modified: Some(timestamp(part.uploaded as f64)),
            ..Default::default()
        });
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            parts: Some(parts.collect()),
            is_truncated: Some(page.truncated),
            max_parts: Some(limit),
            part_number_marker: input.part_number_marker,
            next_part_number_marker: last.filter(|_| page.truncated),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        }))
    }

    pub(crate) async fn uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let bucket = self.bucket(&input.bucket)?;
        let limit = input.max_uploads.unwrap_or(PAGE).clamp(1, PAGE);
        let delimiter = input.delimiter.as_deref();
        let marker = input.key_marker.as_deref().filter(|key| !key.is_empty());
        let id_marker = input
            .upload_id_marker
            .as_deref()
            .filter(|id| !id.is_empty());
        let after = marker.map(|key| {
            let is_group = delimiter.is_some_and(|delimiter| key.ends_with(delimiter));
            // Without an upload's id a marker means all uploads of its key, or of the keys that begin so.
            let all = if is_group { "" } else { AFTER_ALL_IDS };
            (key, id_marker.unwrap_or(all))
        });
        let options = UploadsOptions {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter,
            after,
            limit: limit as usize,
        };
        let page = self.settle(bucket.uploads(&options)).await?;
        let prefixes = page.prefixes.into_iter().map(|prefix| CommonPrefix {
            prefix: Some(prefix),
        });
        let is_truncated = page.next.is_some();
        let (next_key, next_id) = page.next.unzip();
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            uploads: Some(page.uploads.into_iter().map(upload_of).collect()),
            common_prefixes: Some(prefixes.collect()),
            is_truncated: Some(is_truncated),
            max_uploads: Some(limit),
            prefix: input.prefix,
            delimiter: input.delimiter,
            key_marker: input.key_marker,
            upload_id_marker: input.upload_id_marker,
            next_key_marker: next_key,
            next_upload_id_marker: next_id,
            ..Default::default()
        }))
    }
}

fn part_of(part: CompletedPart) -> Option<(u32, String)> {
    let number = u32::try_from(part.part_number?).ok()?;
    Some((number, part.e_tag.map(ETag::into_value).unwrap_or_default()))
}

fn upload_of(upload: Upload) -> MultipartUpload {
    MultipartUpload {
        key: Some(upload.key),
        upload_id: Some(upload.id),
        initiated: Some(timestamp(upload.created as f64)),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    }
}
