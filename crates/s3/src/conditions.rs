//! Conditional requests: the headers as R2's conditions, and what it means that they do not hold.

use std::time::{SystemTime, UNIX_EPOCH};

use cellhouse_r2::{Conditions, EtagCondition, Object};
use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3ErrorCode, s3_error};

/// The four headers of a request.
#[derive(Default, Clone)]
pub(crate) struct Headers {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl Headers {
    pub(crate) fn conditions(&self) -> Option<Conditions> {
        let Headers {
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
        } = self;
        if if_match.is_none()
            && if_none_match.is_none()
            && if_modified_since.is_none()
            && if_unmodified_since.is_none()
        {
            return None;
        }
        Some(Conditions {
            etag_matches: if_match.as_ref().map(|etag| vec![condition(etag)]),
            etag_does_not_match: if_none_match.as_ref().map(|etag| vec![condition(etag)]),
            uploaded_after: if_modified_since.as_ref().map(millis),
            // HTTP means "not later than", and R2 "before": the next second is after it.
            uploaded_before: if_unmodified_since
                .as_ref()
                .map(|time| millis(time) + 1000.0),
            seconds_granularity: true,
        })
    }

    /// The error of a get or head whose conditions do not hold for what is there.
    pub(crate) fn unmet(&self, object: &Object) -> S3Error {
        let must = Headers {
            if_none_match: None,
            if_modified_since: None,
            ..self.clone()
        };
        let present = Some((object.etag.as_str(), object.uploaded));
        match must
            .conditions()
            .is_none_or(|conditions| conditions.hold(present))
        {
            true => S3Error::new(S3ErrorCode::NotModified),
            false => failed(),
        }
    }
}

pub(crate) fn failed() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold."
    )
}

fn condition(etag: &ETagCondition) -> EtagCondition {
    match etag {
        ETagCondition::Any => EtagCondition::Any,
        ETagCondition::ETag(ETag::Strong(value)) => EtagCondition::Strong(value.clone()),
        ETagCondition::ETag(ETag::Weak(value)) => EtagCondition::Weak(value.clone()),
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: &Timestamp) -> f64 {
    let time = SystemTime::from(time::OffsetDateTime::from(time.clone()));
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64() * 1000.0,
        Err(before) => before.duration().as_secs_f64() * -1000.0,
    }
}

/// A moment in milliseconds since 1970.
pub(crate) fn timestamp(ms: f64) -> Timestamp {
    let time = std::time::Duration::try_from_secs_f64(ms.max(0.0) / 1000.0).unwrap_or_default();
    Timestamp::from(UNIX_EPOCH + time)
}
