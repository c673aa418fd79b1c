//! The cache as the rest of Cellhouse sees it: one backend, and named stores on it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::memory::{Clock, Memory, system_clock};
use crate::redis::{Redis, RedisOptions};
use crate::{Error, keys};

/// The bound of the memory backend unless the user sets another: 256 MiB, a share that a laptop does
/// not notice.
pub const DEFAULT_MAX_BYTES: u64 = 256 << 20;

/// The cache of a whole process. A clone is the same cache.
///
/// Dropping the last clone, and the last store with it, closes the connections.
#[derive(Clone)]
pub struct Cache {
    backend: Arc<Backend>,
    app: Arc<str>,
}

/// One named store of a [`Cache`]. A clone is the same store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
    prefix: Arc<str>,
}

pub(crate) enum Backend {
    Memory(Memory),
    Redis(Redis),
}

impl Cache {
    /// A cache in this process's memory: keys, values and what keeping them costs stay within
    /// `max_bytes` together, for all stores of all apps; the least recently used entries leave
    /// first.
    pub fn memory(max_bytes: u64) -> Self {
        Self::memory_with_clock(max_bytes, system_clock())
    }

    /// As [`Cache::memory`], with entries expiring by `clock`.
    pub fn memory_with_clock(max_bytes: u64, clock: Clock) -> Self {
        Self::new(Backend::Memory(Memory::new(max_bytes, clock)))
    }

    /// A cache on the Redis or Valkey server, or cluster, at `url`, with the default
    /// [`RedisOptions`].
    ///
    /// Only the URL is checked here; the connections are made, and made again, in the background of
    /// the present Tokio runtime. While there is none, entries read as missing and are not kept.
    /// URLs:
    ///
    /// - `redis://[[user]:password@]host[:6379][/database]`, `rediss://` for TLS;
    /// - `redis-cluster://[[user]:password@]host[:6379][?node=host:port&node=...]`,
    ///   `rediss-cluster://` for TLS;
    /// - the same with `valkey` and `valkeys` in the place of `redis` and `rediss`.
    pub fn redis(url: &str) -> Result<Self, Error> {
        Self::redis_with(url, &RedisOptions::default())
    }

    /// As [`Cache::redis`], with other settings.
    pub fn redis_with(url: &str, options: &RedisOptions) -> Result<Self, Error> {
        Redis::start(url, options).map(|redis| Self::new(Backend::Redis(redis)))
    }

    fn new(backend: Backend) -> Self {
        Self {
            backend: Arc::new(backend),
            app: Arc::from(""),
        }
    }

    /// The same cache for one app: its stores are apart from the stores of equal name of other
    /// apps.
    pub fn for_app(&self, app: &str) -> Self {
        Self {
            backend: Arc::clone(&self.backend),
            app: Arc::from(app),
        }
    }

    pub(crate) fn backend(&self) -> &Arc<Backend> {
        &self.backend
    }

    /// The store of this name; it needs no making and always exists. Keys of different stores never
    /// meet. In Redis an entry is the key `cellhouse:cache:<app or nothing>:<store>:<key>`, app and
    /// store percent-encoded.
    pub fn store(&self, name: &str) -> Store {
        Store {
            backend: Arc::clone(&self.backend),
            prefix: keys::prefix(&self.app, name).into(),
        }
    }
}

impl Store {
    /// The value of `key` if that is known without waiting: `Some(None)` is a key that is not
    /// there, `None` means that the answer takes a round trip (ask [`Store::get`]). The memory
    /// backend always answers.
    pub fn get_now(&self, key: &str) -> Option<Option<Arc<str>>> {
        match &*self.backend {
            Backend::Memory(memory) => Some(memory.get(&self.name(key))),
            Backend::Redis(_) => None,
        }
    }

    /// As [`Store::set`], if that can be done without waiting; false means that nothing was done.
    #[must_use = "false means that nothing was stored"]
    pub fn set_now(&self, key: &str, value: &str, ttl: Option<Duration>) -> bool {
        match &*self.backend {
            Backend::Memory(memory) => {
                memory.set(self.name(key), value, ttl);
                true
            }
            Backend::Redis(_) => false,
        }
    }

    /// The value of `key`, or None when it is not there, has expired or was evicted, or the server
    /// does not answer within [`RedisOptions::command_timeout`].
    pub async fn get(&self, key: &str) -> Option<Arc<str>> {
        match &*self.backend {
            Backend::Memory(memory) => memory.get(&self.name(key)),
            Backend::Redis(redis) => {
                let value = redis.get(self.name(key)).await?;
                // What is not UTF-8 was not written by a Cache.
                std::str::from_utf8(&value).ok().map(Arc::from)
            }
        }
    }

    /// Stores `value`, replacing what was there together with its ttl.
    ///
    /// With a `ttl` the entry is gone that much later, to the millisecond (a ttl of 0: at once);
    /// without one it stays until it is overwritten or evicted. Resolves, too, when the server is
    /// down; then nothing is stored. A future that is dropped may or may not have stored the value.
    pub async fn set(&self, key: &str, value: &str, ttl: Option<Duration>) {
        match &*self.backend {
            Backend::Memory(memory) => memory.set(self.name(key), value, ttl),
            Backend::Redis(redis) => {
                let value = Bytes::copy_from_slice(value.as_bytes());
                redis.set(self.name(key), value, ttl).await;
            }
        }
    }

    fn name(&self, key: &str) -> String {
        keys::full(&self.prefix, key)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("backend", &self.backend)
            .field("app", &self.app)
            .finish()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.backend)
            .field("prefix", &self.prefix)
            .finish()
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(_) => f.write_str("memory"),
            Self::Redis(redis) => f.write_str(redis.label()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stores_and_apps_are_apart() {
        let cache = Cache::memory(DEFAULT_MAX_BYTES);
        let stores = [
            cache.store("default"),
            cache.store("sessions"),
            cache.for_app("shop").store("default"),
            cache.for_app("shop:default").store(""),
        ];
        for (index, store) in stores.iter().enumerate() {
            store.set("k", &index.to_string(), None).await;
        }
        for (index, store) in stores.iter().enumerate() {
            assert_eq!(
                store.get("k").await.as_deref(),
                Some(index.to_string().as_str())
            );
            assert_eq!(
                store.get_now("k").flatten().as_deref(),
                Some(index.to_string().as_str())
            );
        }
        assert_eq!(
            cache
                .for_app("shop")
                .store("default")
                .get("k")
                .await
                .as_deref(),
            Some("2")
        );
    }

    #[tokio::test]
    async fn memory_answers_at_once_and_by_the_given_clock() {
        let now = Arc::new(parking_lot::Mutex::new(Duration::ZERO));
        let clock = Arc::clone(&now);
        let store =
            Cache::memory_with_clock(1 << 20, Arc::new(move || *clock.lock())).store("default");
        assert_eq!(store.get_now("é"), Some(None));
        assert!(store.set_now("é", "日本🎉", Some(Duration::from_millis(1))));
        assert_eq!(store.get_now("é").flatten().as_deref(), Some("日本🎉"));
        *now.lock() = Duration::from_millis(1);
        assert_eq!(store.get_now("é"), Some(None));
    }

    #[test]
    fn redis_outside_a_runtime_is_an_error_and_no_panic() {
        let error = Cache::redis("redis://127.0.0.1:1").expect_err("no runtime here");
        assert!(matches!(error, Error::NoRuntime), "{error}");
    }
}
