//! Options of calls as JavaScript sends them: JSON that `js/r2_options.js` has checked and written, or an
//! empty string for none.

use std::collections::BTreeMap;

use cellhouse_r2::{
    Algorithm, Checksum, Conditions, EtagCondition, GetOptions, HttpMetadata, Metadata, PutOptions,
    RangeRequest,
};
use deno_error::JsErrorBox;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    only_if: Option<OnlyIf>,
    range: Option<Range>,
    http_metadata: Option<HttpMetadata>,
    custom_metadata: Vec<(String, String)>,
    /// Name and bytes.
    checksum: Option<(String, Vec<u8>)>,
    storage_class: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct OnlyIf {
    etag_matches: Option<Vec<(String, String)>>,
    etag_does_not_match: Option<Vec<(String, String)>>,
    uploaded_before: Option<f64>,
    uploaded_after: Option<f64>,
    seconds_granularity: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Range {
    offset: Option<f64>,
    length: Option<f64>,
    suffix: Option<f64>,
    header: Option<String>,
}

fn parse(text: &str) -> Result<Options, JsErrorBox> {
    if text.is_empty() {
        return Ok(Options::default());
    }
    serde_json::from_str(text).map_err(|error| JsErrorBox::type_error(error.to_string()))
}

pub(super) fn get_options(text: &str) -> Result<GetOptions, JsErrorBox> {
    let options = parse(text)?;
    Ok(GetOptions {
        only_if: options.only_if.map(Conditions::from),
        range: options.range.map(RangeRequest::from),
        part: None,
    })
}

pub(super) fn put_options(text: &str) -> Result<PutOptions, JsErrorBox> {
    let mut options = parse(text)?;
    let checksum = options.checksum.take().and_then(|(name, bytes)| {
        Some(Checksum {
            algorithm: Algorithm::of_field(&name)?,
            bytes,
        })
    });
    Ok(PutOptions {
        only_if: options.only_if.take().map(Conditions::from),
        metadata: options.into(),
        checksum,
    })
}

pub(super) fn metadata(text: &str) -> Result<Metadata, JsErrorBox> {
    Ok(parse(text)?.into())
}

impl From<Options> for Metadata {
    fn from(options: Options) -> Metadata {
        Metadata {
            http: options.http_metadata.unwrap_or_default(),
            custom: options.custom_metadata,
            storage_class: options.storage_class,
            checksums: BTreeMap::new(),
        }
    }
}

impl From<OnlyIf> for Conditions {
    fn from(only_if: OnlyIf) -> Conditions {
        let tags = |tags: Option<Vec<(String, String)>>| {
            tags.map(|tags| tags.into_iter().map(condition).collect())
        };
        Conditions {
            etag_matches: tags(only_if.etag_matches),
            etag_does_not_match: tags(only_if.etag_does_not_match),
            uploaded_before: only_if.uploaded_before,
            uploaded_after: only_if.uploaded_after,
            seconds_granularity: only_if.seconds_granularity,
        }
    }
}

fn condition((kind, value): (String, String)) -> EtagCondition {
    match kind.as_str() {
        "any" => EtagCondition::Any,
        "weak" => EtagCondition::Weak(value),
        _ => EtagCondition::Strong(value),
    }
}

impl From<Range> for RangeRequest {
    fn from(range: Range) -> RangeRequest {
        match (range.header, range.suffix) {
            (Some(header), _) => RangeRequest::Header(header),
            (None, Some(suffix)) => RangeRequest::Suffix(suffix as u64),
            (None, None) => RangeRequest::Slice {
                offset: range.offset.map(|offset| offset as u64),
                length: range.length.map(|length| length as u64),
            },
        }
    }
}
