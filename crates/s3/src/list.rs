//! Listing objects, in both versions of the call.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cellhouse_r2::{ListOptions, MAX_LIST_KEYS, Page};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Response, S3Result, s3_error};

use crate::api::Api;
use crate::conditions::timestamp;
use crate::metadata::class_of;
use crate::objects::etag_of;

/// What `encoding-type=url` leaves as it is.
const URL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'*');

/// What of a list both versions have.
struct Listed {
    page: Page,
    max_keys: i32,
    encode: bool,
}

impl Api {
    pub(crate) async fn list_v2(
        &self,
        input: ListObjectsV2Input,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let cursor = match &input.continuation_token {
            None => None,
            Some(token) => Some(URL_SAFE_NO_PAD.decode(token).map_err(|_| {
                s3_error!(
                    InvalidArgument,
                    "The continuation token provided is incorrect"
                )
            })?),
        };
        let options = ListOptions {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            limit: None,
            cursor: cursor.as_deref(),
            start_after: input.start_after.as_deref(),
            delimiter: input.delimiter.as_deref(),
        };
        let listed = self
            .listed(
                &input.bucket,
                &options,
                input.max_keys,
                input.encoding_type.as_ref(),
            )
            .await?;
        let (contents, prefixes) = (listed.contents(), listed.prefixes());
        Ok(S3Response::new(ListObjectsV2Output {
            key_count: i32::try_from(contents.len() + prefixes.len()).ok(),
            max_keys: Some(listed.max_keys),
            is_truncated: Some(listed.page.cursor.is_some()),
            next_continuation_token: listed
                .page
                .cursor
                .as_ref()
                .map(|cursor| URL_SAFE_NO_PAD.encode(cursor)),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            prefix: Some(listed.encoded(options.prefix)),
            delimiter: options.delimiter.map(|delimiter| listed.encoded(delimiter)),
            start_after: options.start_after.map(|key| listed.encoded(key)),
            name: Some(input.bucket),
            continuation_token: input.continuation_token,
            encoding_type: input.encoding_type,
            ..Default::default()
        }))
    }

    pub(crate) async fn list_v1(
        &self,
        input: ListObjectsInput,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let delimiter = input
            .delimiter
            .as_deref()
            .filter(|delimiter| !delimiter.is_empty());
        // A marker may be a common prefix of the page before, whose keys were all shown.
        let marker = input.marker.as_deref().filter(|marker| !marker.is_empty());
        let group =
            marker.filter(|marker| delimiter.is_some_and(|delimiter| marker.ends_with(delimiter)));
        let after_group = group.map(|group| [group.as_bytes(), &[0xff]].concat());
        let options = ListOptions {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            limit: None,
            cursor: after_group.as_deref(),
            start_after: marker,
            delimiter,
        };
        let listed = self
            .listed(
                &input.bucket,
                &options,
                input.max_keys,
                input.encoding_type.as_ref(),
            )
            .await?;
        let page = &listed.page;
        let last_key = page.objects.last().map(|object| object.key.as_str());
        let next = last_key.max(page.prefixes.last().map(String::as_str));
        let next = next.filter(|_| page.cursor.is_some());
        Ok(S3Response::new(ListObjectsOutput {
            max_keys: Some(listed.max_keys),
            is_truncated: Some(page.cursor.is_some()),
            next_marker: next.map(|key| listed.encoded(key)),
            contents: Some(listed.contents()),
            common_prefixes: Some(listed.prefixes()),
            prefix: Some(listed.encoded(options.prefix)),
            delimiter: options.delimiter.map(|delimiter| listed.encoded(delimiter)),
            marker: Some(listed.encoded(marker.unwrap_or_default())),
            name: Some(input.bucket),
            encoding_type: input.encoding_type,
            ..Default::default()
        }))
    }

    async fn listed(
        &self,
        bucket: &str,
        options: &ListOptions<'_>,
        max_keys: Option<i32>,
        encoding: Option<&EncodingType>,
    ) -> S3Result<Listed> {
        let bucket = self.bucket(bucket)?;
        let max_keys = max_keys
            .unwrap_or(MAX_LIST_KEYS as i32)
            .min(MAX_LIST_KEYS as i32);
        let page = match max_keys {
            ..0 => return Err(s3_error!(InvalidArgument, "max-keys must not be negative.")),
            0 => Page::default(),
            _ => {
                let options = ListOptions {
                    limit: Some(i64::from(max_keys)),
                    ..*options
                };
                self.settle(bucket.list(&options)).await?
            }
        };
        Ok(Listed {
            page,
            max_keys,
            encode: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL),
        })
    }
}

impl Listed {
    fn encoded(&self, text: &str) -> String {
        match self.encode {
            true => utf8_percent_encode(text, URL).to_string(),
            false => text.to_owned(),
        }
    }

    fn contents(&self) -> Vec<Object> {
        let object = |object: &cellhouse_r2::Object| Object {
            key: Some(self.encoded(&object.key)),
            e_tag: Some(etag_of(object)),
            size: Some(object.size as i64),
            last_modified: Some(timestamp(object.uploaded as f64)),
            storage_class: Some(ObjectStorageClass::from_static(class_of(object))),
            ..Default::default()
        };
        self.page.objects.iter().map(object).collect()
    }

    fn prefixes(&self) -> Vec<CommonPrefix> {
        let prefix = |prefix: &String| CommonPrefix {
            prefix: Some(self.encoded(prefix)),
        };
        self.page.prefixes.iter().map(prefix).collect()
    }
}
