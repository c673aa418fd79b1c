//! The Cache API's responses: by app, cache and URL, each for as long as its own headers allow.
//!
//! In a process of its own, small bodies are in memory and larger ones in files, within one limit, the least
//! recently used leaving first. With Redis all processes share them, up to [`MAX_SHARED_BODY_BYTES`] each; larger
//! ones are not kept, for a copy that the others do not see would outlive its deletion.

mod body;
mod conditions;
mod directives;
mod freshness;
mod record;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{AGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::memory::{Memory, Weigh};
use crate::redis::Redis;
use crate::store::{Backend, Cache};
use crate::{DEFAULT_MAX_BYTES, keys};
use body::{Folder, MAX_IN_MEMORY, Stored};
use conditions::Selected;

pub use body::{Body, BodyFile};
pub use writer::Writer;

/// The largest body that is stored: Cloudflare's 512 MB.
pub const MAX_BODY_BYTES: u64 = 512 << 20;
/// The largest body that is stored in Redis: it goes there and back in one command each.
pub const MAX_SHARED_BODY_BYTES: u64 = 4 << 20;

/// Tells the time of day, for the dates in headers.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// How much the responses of a process may take, and where.
#[derive(Clone)]
pub struct ResponsesOptions {
    /// Bytes in memory: headers, and bodies of up to 64 KiB.
    pub max_memory_bytes: u64,
    /// Bytes in files: larger bodies.
    pub max_file_bytes: u64,
    /// The folder of those files, emptied now. Without one larger bodies are not stored.
    pub folder: Option<PathBuf>,
    /// The time of day.
    pub clock: WallClock,
}

impl Default for ResponsesOptions {
    /// In memory alone.
    fn default() -> Self {
        ResponsesOptions {
            max_memory_bytes: DEFAULT_MAX_BYTES / 2,
            max_file_bytes: 0,
            folder: None,
            clock: Arc::new(SystemTime::now),
        }
    }
}

/// The responses of a whole process. A clone is the same.
#[derive(Clone)]
pub struct Responses {
    place: Arc<Place>,
    clock: WallClock,
    app: Arc<str>,
}

/// One cache of an app: the default one, or one with a name. A clone is the same cache.
#[derive(Clone)]
pub struct ResponseStore {
    place: Arc<Place>,
    clock: WallClock,
    prefix: Arc<str>,
}

enum Place {
    Local(Box<Local>),
    Redis(Arc<Backend>),
}

struct Local {
    /// Those with their body in memory, and those with a file, each within a limit of its own.
    small: Memory<Arc<Entry>>,
    large: Memory<Arc<Entry>>,
    max_file_bytes: u64,
    folder: Option<Arc<Folder>>,
}

/// A stored response but for its body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    status: u16,
    headers: HeaderMap,
    /// The body is as the app encoded it (`encodeBody: "manual"`).
    encoded: bool,
    /// How old it was when it was stored, in seconds.
    age: u64,
    stored: SystemTime,
}

struct Entry {
    head: Head,
    body: Stored,
}

impl Weigh for Arc<Entry> {
    fn bytes(&self) -> u64 {
        let headers = self.head.headers.iter();
        // What a map of headers takes for each beside its text.
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 100);
        headers.sum::<usize>() as u64 + self.body.length()
    }
}

/// A stored response that answers a request.
#[derive(Debug)]
pub struct Found {
    /// 206 for a part, 304 where the request has it already, 416 where there is no such part.
    pub status: u16,
    /// With `age` as it is now, `content-length`, and `cf-cache-status: HIT`.
    pub headers: HeaderMap,
    /// What the status says.
    pub body: Body,
    /// Bytes of the body.
    pub length: u64,
    /// What [`ResponseStore::writer`] was told.
    pub encoded: bool,
}

impl Responses {
    /// The responses of a process, where its cache is. The files of an earlier process are deleted.
    pub fn new(cache: &Cache, options: ResponsesOptions) -> io::Result<Responses> {
        let place = match &**cache.backend() {
            Backend::Redis(_) => Place::Redis(Arc::clone(cache.backend())),
            Backend::Memory(memory) => Place::Local(Box::new(Local {
                small: Memory::new(options.max_memory_bytes, memory.clock()),
                large: Memory::new(options.max_file_bytes, memory.clock()),
                max_file_bytes: options.max_file_bytes,
                folder: options.folder.as_deref().map(Folder::open).transpose()?,
            })),
        };
        Ok(Responses {
            place: Arc::new(place),
            clock: options.clock,
            app: Arc::from(""),
        })
    }

    /// Those of one app, which no other app sees.
    pub fn for_app(&self, app: &str) -> Responses {
        Responses {
            app: Arc::from(app),
            ..self.clone()
        }
    }

    /// The cache of this name, or the default one. It needs no making and always exists.
    pub fn cache(&self, name: Option<&str>) -> ResponseStore {
        ResponseStore {
            place: Arc::clone(&self.place),
            clock: Arc::clone(&self.clock),
            prefix: keys::responses_prefix(&self.app, name).into(),
        }
    }
}

impl ResponseStore {
    /// What answers a GET request for `url`, if that is known without waiting: `Some(None)` is nothing,
    /// `None` means that it takes a round trip (ask [`ResponseStore::find`]).
    pub fn find_now(&self, url: &str, request: &HeaderMap) -> Option<Option<Found>> {
        match &*self.place {
            Place::Local(local) => {
                let entry = local.get(&self.name(url));
                Some(entry.and_then(|entry| self.answer(&entry.head, &entry.body, request)))
            }
            Place::Redis(_) => None,
        }
    }

    /// What answers a GET request for `url`: the stored response, or what its conditions and its range make
    /// of it.
    pub async fn find(&self, url: &str, request: &HeaderMap) -> Option<Found> {
        match self.redis() {
            None => self.find_now(url, request).flatten(),
            Some(redis) => {
                let (head, body) = record::read(redis.get(self.name(url)).await?)?;
                self.answer(&head, &Stored::Memory(body), request)
            }
        }
    }

    /// Begins to store a response to a GET request for `url`. `None`: its headers, its status or the request's
    /// Authorization forbid it, and what is there stays. `encoded` is kept and given back.
    pub fn writer(
        &self,
        url: &str,
        request: &HeaderMap,
        status: u16,
        headers: &HeaderMap,
        encoded: bool,
    ) -> Option<Writer> {
        let now = (self.clock)();
        let keep = freshness::keep(request, status, headers, now)?;
        let head = Head {
            status,
            headers: keep.headers,
            encoded,
            age: keep.age,
            stored: now,
        };
        let name = self.name(url);
        Some(Writer::new(
            self.clone(),
            name,
            head,
            keep.ttl,
            self.limit(),
        ))
    }

    /// Removes what is stored for `url`: whether there was anything.
    pub async fn delete(&self, url: &str) -> bool {
        let name = self.name(url);
        match &*self.place {
            Place::Local(local) => local.small.remove(&name) | local.large.remove(&name),
            Place::Redis(_) => match self.redis() {
                Some(redis) => redis.delete(name).await,
                None => false,
            },
        }
    }

    fn redis(&self) -> Option<&Redis> {
        match &*self.place {
            Place::Redis(backend) => match &**backend {
                Backend::Redis(redis) => Some(redis),
                Backend::Memory(_) => None,
            },
            Place::Local(_) => None,
        }
    }

    fn folder(&self) -> Option<&Arc<Folder>> {
        match &*self.place {
            Place::Local(local) => local.folder.as_ref(),
            Place::Redis(_) => None,
        }
    }

    /// The largest body that can be stored here.
    fn limit(&self) -> u64 {
        match &*self.place {
            Place::Redis(_) => MAX_SHARED_BODY_BYTES,
            Place::Local(local) if local.folder.is_some() => {
                MAX_BODY_BYTES.min(local.max_file_bytes.max(MAX_IN_MEMORY as u64))
            }
            Place::Local(_) => MAX_IN_MEMORY as u64,
        }
    }

    async fn insert(&self, name: String, head: Head, body: Stored, ttl: Duration) {
        match (&*self.place, body) {
            (Place::Local(local), body) => local.insert(name, Arc::new(Entry { head, body }), ttl),
            (Place::Redis(_), Stored::Memory(body)) => {
                if let Some(redis) = self.redis() {
                    let record = record::write(&head, &body);
                    redis.set(name, record, Some(ttl)).await;
                }
            }
            (Place::Redis(_), Stored::File { .. }) => {}
        }
    }

    fn answer(&self, head: &Head, body: &Stored, request: &HeaderMap) -> Option<Found> {
        let length = body.length();
        let selected = conditions::select(request, head.status, &head.headers, length);
        let (status, part) = match selected {
            Selected::NoSuchPart => return Some(no_such_part(length)),
            Selected::NotModified => (StatusCode::NOT_MODIFIED.as_u16(), None),
            Selected::Whole => (head.status, Some(0..length)),
            Selected::Part(range) => (StatusCode::PARTIAL_CONTENT.as_u16(), Some(range)),
        };
        let mut headers = head.headers.clone();
        headers.insert(AGE, self.age(head).into());
        headers.insert(CACHE_STATUS, HeaderValue::from_static("HIT"));
        match headers.contains_key(CONTENT_ENCODING) {
            // The length is of the body as it is sent.
            true => drop(headers.remove(CONTENT_LENGTH)),
            false => {
                let sent = part.as_ref().map_or(length, |part| part.end - part.start);
                headers.insert(CONTENT_LENGTH, sent.into());
            }
        }
        let Some(part) = part else {
            return Some(found(status, headers, Body::None, 0, head.encoded));
        };
        if status == StatusCode::PARTIAL_CONTENT.as_u16() {
            let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            headers.insert(CONTENT_RANGE, plain(&range));
        }
        let sent = part.end - part.start;
        // A file that cannot be opened is an entry that is gone.
        let body = body.part(part).ok()?;
        Some(found(status, headers, body, sent, head.encoded))
    }

    /// How old a response is now, in seconds.
    fn age(&self, head: &Head) -> u64 {
        let here = (self.clock)().duration_since(head.stored);
        head.age
            .saturating_add(here.map_or(0, |here| here.as_secs()))
    }

    fn name(&self, url: &str) -> String {
        keys::full(&self.prefix, url)
    }
}

impl Local {
    fn get(&self, name: &str) -> Option<Arc<Entry>> {
        self.small.get(name).or_else(|| self.large.get(name))
    }

    fn insert(&self, name: String, entry: Arc<Entry>, ttl: Duration) {
        // First the new one, so that no moment is without either.
        match entry.body {
            Stored::Memory(_) => {
                self.small.put(name.clone(), entry, Some(ttl));
                self.large.remove(&name);
            }
            Stored::File { .. } => {
                self.large.put(name.clone(), entry, Some(ttl));
                self.small.remove(&name);
            }
        }
    }
}

fn found(status: u16, headers: HeaderMap, body: Body, length: u64, encoded: bool) -> Found {
    Found {
        status,
        headers,
        body,
        length,
        encoded,
    }
}

fn no_such_part(length: u64) -> Found {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_RANGE, plain(&format!("bytes */{length}")));
    headers.insert(CACHE_STATUS, HeaderValue::from_static("HIT"));
    let status = StatusCode::RANGE_NOT_SATISFIABLE.as_u16();
    found(status, headers, Body::None, 0, false)
}

fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and signs are plain text")
}

impl fmt::Debug for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responses")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ResponseStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
