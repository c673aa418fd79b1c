//! Copying: an object, or a stretch of one as a part, from one key to another. The bytes go from reader to
//! writer a chunk at a time.

use cellhouse_r2::{
    Body, Bucket, GetOptions, Got, Metadata, Object, PutOptions, RangeRequest, Received,
};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::access::Allowed;
use crate::api::Api;
use crate::conditions::{Headers, failed, timestamp};
use crate::metadata::Given;
use crate::objects::{etag_of, no_such_key, refuse_encryption};

/// What is copied.
struct Source {
    object: Object,
    body: Body,
}

impl Api {
    pub(crate) async fn copy(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let allowed = request.extensions.get::<Allowed>().cloned();
        let input = request.input;
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        refuse_encryption(input.copy_source_sse_customer_algorithm.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let (from_bucket, from_key) = self.source_of(&input.copy_source, allowed.as_ref())?;
        let directive = input
            .metadata_directive
            .as_ref()
            .map(MetadataDirective::as_str);
        let replaced = directive == Some(MetadataDirective::REPLACE);
        if from_bucket.name() == input.bucket
            && from_key == input.key
            && !replaced
            && input.storage_class.is_none()
        {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes."
            ));
        }
        let headers = Headers {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        let source = self.open(&from_bucket, &from_key, &headers, None).await?;
        let mut metadata = Metadata::from(Given {
            content_type: input.content_type,
            content_language: input.content_language,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            cache_control: input.cache_control,
            expires: input.expires,
            custom: input.metadata,
            storage_class: input.storage_class,
        });
        if !replaced {
            metadata.http = source.object.metadata.http.clone();
            metadata.custom = source.object.metadata.custom.clone();
        }
        metadata.checksums = source.object.metadata.checksums.clone();
        bucket
            .check(&input.key, &metadata)
            .map_err(crate::error::of)?;
        let options = PutOptions {
            metadata,
            ..PutOptions::default()
        };
        let received = receive(&bucket, source.body).await?;
        let put = bucket.put(&input.key, received, &options);
        let object = self.settle(put).await?.ok_or_else(failed)?;
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(etag_of(&object)),
                last_modified: Some(timestamp(object.uploaded as f64)),
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    pub(crate) async fn copy_part(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let allowed = request.extensions.get::<Allowed>().cloned();
        let input = request.input;
        refuse_encryption(input.sse_customer_algorithm.as_deref())?;
        refuse_encryption(input.copy_source_sse_customer_algorithm.as_deref())?;
        let bucket = self.bucket(&input.bucket)?;
        let number = u32::try_from(input.part_number).unwrap_or(0);
        self.settle(bucket.upload(&input.key, &input.upload_id))
            .await?;
        let (from_bucket, from_key) = self.source_of(&input.copy_source, allowed.as_ref())?;
        let headers = Headers {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        let range = input
            .copy_source_range
            .as_deref()
            .map(exact_range)
            .transpose()?;
        let source = self.open(&from_bucket, &from_key, &headers, range).await?;
        let received = receive(&bucket, source.body).await?;
        let put = bucket.put_part(&input.key, &input.upload_id, number, received);
        let part = self.settle(put).await?;
        Ok(S3Response::new(UploadPartCopyOutput {
            copy_part_result: Some(CopyPartResult {
                e_tag: Some(ETag::Strong(part.etag)),
                last_modified: Some(timestamp(part.uploaded as f64)),
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    fn source_of(
        &self,
        source: &CopySource,
        allowed: Option<&Allowed>,
    ) -> S3Result<(Bucket, String)> {
        let CopySource::Bucket { bucket, key, .. } = source else {
            return Err(s3_error!(NotImplemented, "A copy's source is BUCKET/KEY."));
        };
        match allowed {
            Some(allowed) => allowed.check_bucket(bucket)?,
            None => return Err(s3_error!(AccessDenied)),
        }
        Ok((self.bucket(bucket)?, key.to_string()))
    }

    async fn open(
        &self,
        bucket: &Bucket,
        key: &str,
        headers: &Headers,
        range: Option<RangeRequest>,
    ) -> S3Result<Source> {
        let options = GetOptions {
            only_if: headers.conditions(),
            range,
            part: None,
        };
        match self.settle(bucket.get(key, &options)).await? {
            Got::Absent => Err(no_such_key()),
            Got::Unmet(_) => Err(failed()),
            Got::Found(object, _, body) => Ok(Source { object, body }),
        }
    }
}

/// `bytes=first-last`, both of which must be there.
fn exact_range(header: &str) -> S3Result<RangeRequest> {
    match Range::parse(header) {
        Ok(Range::Int {
            first,
            last: Some(last),
        }) if first <= last => Ok(RangeRequest::Slice {
            offset: Some(first),
            length: Some(last - first + 1),
        }),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last."
        )),
    }
}

async fn receive(bucket: &Bucket, body: Body) -> S3Result<Received> {
    let mut incoming = bucket.receive(None);
    match body {
        Body::Bytes(bytes) => incoming.write(bytes).await.map_err(crate::error::of)?,
        Body::Stream(mut reader) => {
            while let Some(chunk) = reader.next().await {
                let chunk = chunk.map_err(crate::error::of)?;
                incoming.write(chunk).await.map_err(crate::error::of)?;
            }
        }
    }
    incoming.finish().await.map_err(crate::error::of)
}
