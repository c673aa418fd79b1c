//! What comes with an object: S3's headers as R2's metadata, and back.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellhouse_r2::{HttpMetadata, Metadata, Object};
use s3s::dto::{Checksum, StorageClass, Timestamp};

use crate::body::{CRC32, CRC32C, CRC64NVME, SHA1, SHA256, named};
use crate::conditions::millis;

/// The headers of a call that stores something.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) content_type: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) custom: Option<HashMap<String, String>>,
    pub(crate) storage_class: Option<StorageClass>,
}

impl From<Given> for Metadata {
    fn from(given: Given) -> Metadata {
        let mut custom: Vec<(String, String)> =
            given.custom.unwrap_or_default().into_iter().collect();
        custom.sort();
        Metadata {
            http: HttpMetadata {
                content_type: given.content_type,
                content_language: given.content_language,
                content_disposition: given.content_disposition,
                content_encoding: given
                    .content_encoding
                    .and_then(|coding| without_chunks(&coding)),
                cache_control: given.cache_control,
                cache_expiry: given.expires.as_ref().map(millis),
            },
            custom,
            storage_class: given
                .storage_class
                .and_then(|class| r2_class(class.as_str())),
            checksums: BTreeMap::new(),
        }
    }
}

/// How a request is sent is no property of its object.
fn without_chunks(coding: &str) -> Option<String> {
    let parts = coding.split(',').map(str::trim);
    let rest: Vec<_> = parts
        .filter(|part| !part.is_empty() && *part != "aws-chunked")
        .collect();
    (!rest.is_empty()).then(|| rest.join(", "))
}

/// R2 has two classes.
fn r2_class(name: &str) -> Option<String> {
    match name {
        "STANDARD_IA" => Some("InfrequentAccess".to_owned()),
        _ => None,
    }
}

/// S3's name of an object's class.
pub(crate) fn class_of(object: &Object) -> &'static str {
    match object.metadata.storage_class.as_deref() {
        Some("InfrequentAccess") => StorageClass::STANDARD_IA,
        _ => StorageClass::STANDARD,
    }
}

/// The object's own metadata, if it has any.
pub(crate) fn custom_of(object: &Object) -> Option<HashMap<String, String>> {
    let custom = &object.metadata.custom;
    (!custom.is_empty()).then(|| custom.iter().cloned().collect())
}

/// Keeps the checksums that a client has sent with an object.
pub(crate) fn keep(metadata: &mut Metadata, checksum: &Checksum) {
    for (name, value) in named(checksum) {
        metadata.checksums.insert(name.to_owned(), value.to_owned());
    }
}

/// The checksums that are known of an object.
pub(crate) fn checksum_of(object: &Object) -> Checksum {
    let known = &object.metadata.checksums;
    let sent = |name: &str| known.get(name).cloned();
    // Those that Workers have sent are in hexadecimal digits.
    let digits = |name: &str| known.get(name).and_then(|digits| base64_of_hex(digits));
    Checksum {
        checksum_crc32: sent(CRC32),
        checksum_crc32c: sent(CRC32C),
        checksum_crc64nvme: sent(CRC64NVME),
        checksum_sha1: sent(SHA1).or_else(|| digits("sha1")),
        checksum_sha256: sent(SHA256).or_else(|| digits("sha256")),
        checksum_type: None,
    }
}

fn base64_of_hex(digits: &str) -> Option<String> {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    Some(STANDARD.encode(bytes.collect::<Option<Vec<u8>>>()?))
}
