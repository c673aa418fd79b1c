//! The Cache binding: named stores of text values, each with an optional time to live.
//!
//! A process has one [`Cache`]: in memory by default, or a Redis or Valkey server (a cluster too).
//! It is best-effort on purpose: an entry may be gone at any time, so a missing entry, an evicted
//! one and a server that is down all read as "nothing there". Nothing here is durable, and nothing
//! here knows JavaScript or HTTP.

mod address;
mod error;
mod keys;
mod memory;
mod outage;
mod redis;
mod store;
mod tls;
mod ttl;

pub use error::Error;
pub use memory::Clock;
pub use redis::RedisOptions;
pub use store::{Cache, DEFAULT_MAX_BYTES, Store};
pub use ttl::{MAX_TTL, TtlError, ttl_from_seconds};
