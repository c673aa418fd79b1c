//! Errors of buckets: R2's texts and codes. How a call is named in front of the text, and which class of
//! JavaScript error or which S3 error it becomes, is the caller's.

use crate::checksum::{Checksum, hex};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The storage failed, or a body is not there that should be.
    Internal,
    /// No bucket of that name.
    NoSuchBucket,
    /// No object under that key.
    NoSuchKey,
    /// The bucket has objects.
    BucketNotEmpty,
    /// A name that no bucket can have.
    InvalidBucketName,
    /// More bytes than one object may have.
    EntityTooLarge,
    /// A part, not the last one, with fewer bytes than a part must have.
    EntityTooSmall,
    /// More bytes of metadata than an object may have.
    MetadataTooLarge,
    /// A key that no object can have.
    InvalidObjectName,
    /// A page size out of range.
    InvalidMaxKeys,
    /// No such multipart upload, or one that was completed or aborted.
    NoSuchUpload,
    /// A part that was not uploaded, or whose etag is another.
    InvalidPart,
    /// Any other argument that is wrong.
    InvalidArgument,
    /// The bytes are not those of the checksum.
    BadDigest,
    /// A range that the object has no byte of.
    InvalidRange,
    /// The object has no part of that number.
    InvalidPartNumber,
    /// Parts that make no object together.
    BadUpload,
}

impl ErrorKind {
    /// R2's number of it: <https://developers.cloudflare.com/r2/api/error-codes/>.
    pub fn code(self) -> u32 {
        match self {
            ErrorKind::Internal => 10001,
            ErrorKind::InvalidBucketName => 10005,
            ErrorKind::NoSuchBucket => 10006,
            ErrorKind::NoSuchKey => 10007,
            ErrorKind::BucketNotEmpty => 10008,
            ErrorKind::EntityTooSmall => 10011,
            ErrorKind::MetadataTooLarge => 10012,
            ErrorKind::InvalidObjectName => 10020,
            ErrorKind::InvalidMaxKeys => 10022,
            ErrorKind::NoSuchUpload => 10024,
            ErrorKind::InvalidPart => 10025,
            ErrorKind::InvalidArgument => 10029,
            ErrorKind::BadDigest => 10037,
            ErrorKind::InvalidRange | ErrorKind::InvalidPartNumber => 10039,
            ErrorKind::BadUpload => 10048,
            ErrorKind::EntityTooLarge => 100_100,
        }
    }

    fn text(self) -> &'static str {
        match self {
            ErrorKind::Internal => "We encountered an internal error. Please try again.",
            ErrorKind::NoSuchBucket => "The specified bucket does not exist.",
            ErrorKind::NoSuchKey => "The specified key does not exist.",
            ErrorKind::BucketNotEmpty => "The bucket you tried to delete is not empty.",
            ErrorKind::InvalidBucketName => "The specified bucket name is not valid.",
            ErrorKind::EntityTooLarge => {
                "Your proposed upload exceeds the maximum allowed object size."
            }
            ErrorKind::EntityTooSmall => {
                "Your proposed upload is smaller than the minimum allowed object size."
            }
            ErrorKind::MetadataTooLarge => {
                "Your metadata headers exceed the maximum allowed metadata size."
            }
            ErrorKind::InvalidObjectName => "The specified object name is not valid.",
            ErrorKind::InvalidMaxKeys => "MaxKeys params must be positive integer <= 1000.",
            ErrorKind::NoSuchUpload => "The specified multipart upload does not exist.",
            ErrorKind::InvalidPart => "One or more of the specified parts could not be found.",
            ErrorKind::InvalidArgument => "Invalid argument.",
            ErrorKind::BadDigest => "The checksum you specified did not match what we received.",
            ErrorKind::InvalidRange => "The requested range is not satisfiable",
            ErrorKind::InvalidPartNumber => "The requested partnumber is not satisfiable",
            ErrorKind::BadUpload => "There was a problem with the multipart upload.",
        }
    }
}

/// An error of a bucket. Nothing has been changed when one is returned. Displayed as R2 does: the text,
/// and its number in parentheses.
///
/// Its message may tell what the bucket holds, so before it leaves the process the ticket of
/// [`Bucket::ticket`](crate::Bucket::ticket) must be durable.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message} ({})", kind.code())]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The text alone.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn storage(error: impl std::fmt::Display) -> Error {
        Error {
            kind: ErrorKind::Internal,
            message: format!("storage: {error}"),
        }
    }

    /// An argument that no call takes; `message` says what would be right.
    pub fn argument(message: impl Into<String>) -> Error {
        Error {
            kind: ErrorKind::InvalidArgument,
            message: message.into(),
        }
    }

    pub(crate) fn digest(wanted: &Checksum, found: &[u8]) -> Error {
        let name = wanted.algorithm.name();
        Error {
            kind: ErrorKind::BadDigest,
            message: format!(
                "The {name} checksum you specified did not match what we received.\n\
                 You provided a {name} checksum with value: {}\nActual {name} was: {}",
                hex(&wanted.bytes),
                hex(found)
            ),
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error {
            kind,
            message: kind.text().to_owned(),
        }
    }
}

impl From<cellhouse_cell::Error> for Error {
    fn from(error: cellhouse_cell::Error) -> Error {
        Error::storage(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        Error::storage(error)
    }
}
