//! The S3 API on R2 buckets: Amazon's protocol outside, `cellhouse_r2` inside.
//!
//! The protocol itself (requests, XML, signatures) is the crate `s3s`; here is what each call means for a
//! bucket. Every request carries a signature (version 4, in a header or in the URL) of an access key, and
//! every answer is durable before it is sent. This crate stores nothing by itself.

#![forbid(unsafe_code)]

mod access;
mod api;
mod body;
mod buckets;
mod conditions;
mod copy;
mod error;
mod list;
mod metadata;
mod multipart;
mod objects;
mod serve;

pub use serve::{REGION, serve};
