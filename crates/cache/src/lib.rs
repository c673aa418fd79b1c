//! What apps cache: the Cache binding's named stores of text values ([`Cache`]), and the Cache API's HTTP
//! responses ([`Responses`]).
//!
//! A process has one cache: in memory by default, or a Redis or Valkey server (a cluster too).
//! It is best-effort on purpose: an entry may be gone at any time, so a missing entry, an evicted
//! one and a server that is down all read as "nothing there". Nothing here is durable, and nothing
//! here knows JavaScript or speaks HTTP.

mod address;
mod error;
mod keys;
mod memory;
mod outage;
mod redis;
mod responses;
mod store;
mod tls;
mod ttl;

pub use error::Error;
pub use memory::Clock;
pub use redis::RedisOptions;
pub use responses::{
    Body, BodyFile, Found, MAX_BODY_BYTES, ResponseStore, Responses, ResponsesOptions, WallClock,
    Writer,
};
pub use store::{Cache, DEFAULT_MAX_BYTES, Store};
pub use ttl::{MAX_TTL, TtlError, ttl_from_seconds};
