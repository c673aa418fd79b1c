//! R2's errors as S3 has them.

use cellhouse_r2::{Error, ErrorKind};
use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode};

/// The S3 error of a bucket's.
pub(crate) fn of(error: Error) -> S3Error {
    let code = match error.kind() {
        ErrorKind::NoSuchBucket => S3ErrorCode::NoSuchBucket,
        ErrorKind::NoSuchKey => S3ErrorCode::NoSuchKey,
        ErrorKind::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
        ErrorKind::InvalidBucketName => S3ErrorCode::InvalidBucketName,
        ErrorKind::EntityTooLarge => S3ErrorCode::EntityTooLarge,
        ErrorKind::EntityTooSmall => S3ErrorCode::EntityTooSmall,
        ErrorKind::MetadataTooLarge => S3ErrorCode::MetadataTooLarge,
        ErrorKind::InvalidObjectName => S3ErrorCode::KeyTooLongError,
        ErrorKind::NoSuchUpload => S3ErrorCode::NoSuchUpload,
        ErrorKind::InvalidPart => S3ErrorCode::InvalidPart,
        ErrorKind::InvalidMaxKeys | ErrorKind::InvalidArgument => S3ErrorCode::InvalidArgument,
        ErrorKind::BadDigest => S3ErrorCode::BadDigest,
        ErrorKind::InvalidRange => S3ErrorCode::InvalidRange,
        ErrorKind::InvalidPartNumber => {
            let code = S3ErrorCode::Custom("InvalidPartNumber".into());
            let mut error = S3Error::with_message(code, error.message().to_owned());
            error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
            return error;
        }
        ErrorKind::BadUpload => {
            let text = "All non-trailing parts must have the same length.";
            return S3Error::with_message(S3ErrorCode::InvalidPart, text);
        }
        _ => {
            tracing::error!("the S3 API: {error}");
            S3ErrorCode::InternalError
        }
    };
    S3Error::with_message(code, error.message().to_owned())
}
