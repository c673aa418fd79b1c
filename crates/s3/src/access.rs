//! Who asks, and whether they may: access keys, what each one allows, and version 4 signatures alone.

use cellhouse_r2::{Access, R2};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

/// Calls that change nothing. All others need a key that may write.
const READS: &[&str] = &[
    "GetBucketLocation",
    "GetBucketVersioning",
    "GetObject",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
];

/// Seconds: Amazon's and R2's limit.
const MAX_EXPIRES: u64 = 7 * 24 * 60 * 60;

/// The access keys of a data directory.
pub(crate) struct Keys(pub(crate) R2);

/// What the key of a request allows, for the call itself to ask.
#[derive(Clone)]
pub(crate) struct Allowed(Access);

impl Allowed {
    /// An error if the key has nothing to do with that bucket.
    pub(crate) fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        match self.has(bucket) {
            true => Ok(()),
            false => Err(s3_error!(
                AccessDenied,
                "This access key is not for the bucket {bucket}."
            )),
        }
    }

    pub(crate) fn has(&self, bucket: &str) -> bool {
        self.0.bucket.as_deref().is_none_or(|only| only == bucket)
    }
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.key(access_key).map_err(crate::error::of)? {
            Some((_, secret)) => Ok(SecretKey::from(secret)),
            None => Err(s3_error!(
                InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records."
            )),
        }
    }
}

#[async_trait::async_trait]
impl S3Access for Keys {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if !is_version_4(cx) {
            return Err(s3_error!(
                InvalidRequest,
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
            ));
        }
        check_expiry(cx.uri().query().unwrap_or_default())?;
        let Some(credentials) = cx.credentials() else {
            return Err(s3_error!(
                AccessDenied,
                "Anonymous access is not allowed. Sign the request."
            ));
        };
        let key = self
            .0
            .key(&credentials.access_key)
            .map_err(crate::error::of)?;
        let Some((key, _)) = key else {
            return Err(s3_error!(InvalidAccessKeyId));
        };
        let allowed = Allowed(key.access);
        if !allowed.0.writes && !READS.contains(&cx.s3_op().name()) {
            return Err(s3_error!(AccessDenied, "This access key may only read."));
        }
        if let S3Path::Bucket { bucket } | S3Path::Object { bucket, .. } = cx.s3_path() {
            allowed.check_bucket(bucket)?;
        }
        cx.extensions_mut().insert(allowed);
        Ok(())
    }
}

/// Version 2 signs less, and no client of today needs it.
fn is_version_4(cx: &S3AccessContext<'_>) -> bool {
    let header = cx.headers().get("authorization");
    match header {
        Some(value) => value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"),
        None => {
            let query = cx.uri().query().unwrap_or_default();
            !query.split('&').any(|pair| pair.starts_with("Signature="))
        }
    }
}

/// A URL may be signed for a week at most.
fn check_expiry(query: &str) -> S3Result<()> {
    let given = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Expires="));
    match given.map(str::parse::<u64>) {
        Some(Ok(..=MAX_EXPIRES)) | None => Ok(()),
        _ => Err(s3_error!(
            AuthorizationQueryParametersError,
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             {MAX_EXPIRES} seconds"
        )),
    }
}
