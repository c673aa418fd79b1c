//! Bodies on their way in: read to the end, with the checksums that the client gave beside them or after
//! them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellhouse_r2::{Bucket, Received};
use futures_util::StreamExt as _;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};

/// What a client says about a body.
#[derive(Default)]
pub(crate) struct Claims {
    pub(crate) checksum: Checksum,
    /// In base64.
    pub(crate) content_md5: Option<String>,
    /// A checksum that comes after the body: its header.
    pub(crate) trailer: Option<String>,
    pub(crate) trailing_headers: Option<TrailingHeaders>,
}

/// The names of the checksum headers, which are also those under which they are kept.
pub(crate) const CRC32: &str = "x-amz-checksum-crc32";
pub(crate) const CRC32C: &str = "x-amz-checksum-crc32c";
pub(crate) const CRC64NVME: &str = "x-amz-checksum-crc64nvme";
pub(crate) const SHA1: &str = "x-amz-checksum-sha1";
pub(crate) const SHA256: &str = "x-amz-checksum-sha256";

/// Reads a body to its end. It is on disk then, unless it is small; nothing of it stays after an error.
pub(crate) async fn receive(
    bucket: &Bucket,
    body: Option<StreamingBlob>,
    claims: &Claims,
) -> S3Result<(Received, Checksum)> {
    let mut hasher = claims.hasher();
    let mut incoming = bucket.receive(None);
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| broken(&*error))?;
            hasher.update(&chunk);
            incoming.write(chunk).await.map_err(crate::error::of)?;
        }
    }
    let found = hasher.finalize();
    claims.check(&found)?;
    let received = incoming.finish().await.map_err(crate::error::of)?;
    claims.check_md5(&received)?;
    Ok((received, found))
}

/// Why a body did not arrive: the connection, its signature, or its checksum.
fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> S3Error {
    let text = error.to_string();
    let code = if text.contains("Sha256Mismatch") {
        S3ErrorCode::BadDigest
    } else if text.contains("SignatureMismatch") {
        S3ErrorCode::SignatureDoesNotMatch
    } else {
        S3ErrorCode::IncompleteBody
    };
    S3Error::with_message(code, format!("the body could not be read: {text}"))
}

impl Claims {
    fn hasher(&self) -> ChecksumHasher {
        let named = |name: &str| {
            self.trailer.as_deref().is_some_and(|list| {
                list.split(',')
                    .any(|one| one.trim().eq_ignore_ascii_case(name))
            })
        };
        let Checksum {
            checksum_crc32,
            checksum_crc32c,
            checksum_crc64nvme,
            checksum_sha1,
            checksum_sha256,
            ..
        } = &self.checksum;
        let mut hasher = ChecksumHasher::default();
        if checksum_crc32.is_some() || named(CRC32) {
            hasher.crc32 = Some(s3s::crypto::Crc32::new());
        }
        if checksum_crc32c.is_some() || named(CRC32C) {
            hasher.crc32c = Some(s3s::crypto::Crc32c::new());
        }
        if checksum_crc64nvme.is_some() || named(CRC64NVME) {
            hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new());
        }
        if checksum_sha1.is_some() || named(SHA1) {
            hasher.sha1 = Some(s3s::crypto::Sha1::new());
        }
        if checksum_sha256.is_some() || named(SHA256) {
            hasher.sha256 = Some(s3s::crypto::Sha256::new());
        }
        hasher
    }

    fn check(&self, found: &Checksum) -> S3Result<()> {
        for (name, found) in named(found) {
            let header = named(&self.checksum)
                .find(|(one, _)| *one == name)
                .map(|(_, value)| value.to_owned());
            let trailer = || {
                let trailers = self.trailing_headers.as_ref()?;
                trailers
                    .read(|headers| Some(headers.get(name)?.to_str().ok()?.to_owned()))
                    .flatten()
            };
            match header.or_else(trailer) {
                Some(claimed) if claimed == found => {}
                Some(claimed) => {
                    return Err(s3_error!(
                        BadDigest,
                        "The {name} you specified ({claimed}) did not match the calculated checksum ({found})."
                    ));
                }
                None => {
                    return Err(s3_error!(InvalidRequest, "The trailer {name} is missing."));
                }
            }
        }
        Ok(())
    }

    fn check_md5(&self, received: &Received) -> S3Result<()> {
        let Some(claimed) = &self.content_md5 else {
            return Ok(());
        };
        match STANDARD.decode(claimed) {
            Ok(bytes) if bytes == received.md5() => Ok(()),
            Ok(bytes) if bytes.len() == 16 => Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            )),
            _ => Err(s3_error!(
                InvalidDigest,
                "The Content-MD5 you specified is not valid."
            )),
        }
    }
}

/// The checksums that are there, by their headers.
pub(crate) fn named(checksum: &Checksum) -> impl Iterator<Item = (&'static str, &str)> {
    let all = [
        (CRC32, &checksum.checksum_crc32),
        (CRC32C, &checksum.checksum_crc32c),
        (CRC64NVME, &checksum.checksum_crc64nvme),
        (SHA1, &checksum.checksum_sha1),
        (SHA256, &checksum.checksum_sha256),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
}
