//! A data directory with a bucket, and a clock that a test sets.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cellhouse_cell::{Cells, Clock, Options};
use cellhouse_r2::{
    Body, Bucket, GetOptions, Got, Object, PutOptions, R2, R2Options, RangeRequest,
};
use tempfile::TempDir;

/// A clock that shows what it is told, in milliseconds since 1970.
pub struct Hands(AtomicU64);

impl Hands {
    pub fn set(&self, ms: u64) {
        self.0.store(ms, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, _time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

pub struct Place {
    pub directory: TempDir,
    pub cells: Cells,
    pub r2: R2,
    pub clock: Arc<Hands>,
}

pub const START: u64 = 1_700_000_000_000;

impl Place {
    pub fn new() -> Place {
        Place::open(TempDir::new().unwrap())
    }

    pub fn open(directory: TempDir) -> Place {
        let cells = Cells::open(directory.path(), Options::default()).unwrap();
        let clock = Arc::new(Hands(AtomicU64::new(START)));
        let options = R2Options {
            clock: clock.clone(),
            ..R2Options::default()
        };
        let r2 = R2::open(&cells, options).unwrap();
        Place {
            directory,
            cells,
            r2,
            clock,
        }
    }

    /// As after the end of the process.
    pub fn reopen(self) -> Place {
        let Place {
            directory,
            cells,
            r2,
            ..
        } = self;
        drop(r2);
        cells.close().unwrap();
        drop(cells);
        Place::open(directory)
    }

    pub fn bucket(&self) -> Bucket {
        self.r2.bucket("things").unwrap()
    }

    /// Files of bodies, those under way too.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.directory.path().join("r2")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path),
                }
            }
        }
        found
    }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(future)
}

/// Bytes that differ from place to place.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + (i >> 8)) as u8).collect()
}

pub async fn put(bucket: &Bucket, key: &str, bytes: &[u8]) -> Object {
    put_with(bucket, key, bytes, &PutOptions::default())
        .await
        .unwrap()
        .unwrap()
}

pub async fn put_with(
    bucket: &Bucket,
    key: &str,
    bytes: &[u8],
    options: &PutOptions,
) -> Result<Option<Object>, cellhouse_r2::Error> {
    let received = receive(bucket, bytes, options).await;
    let (object, ticket) = bucket.put(key, received, options)?;
    ticket.wait().unwrap();
    Ok(object)
}

pub async fn receive(
    bucket: &Bucket,
    bytes: &[u8],
    options: &PutOptions,
) -> cellhouse_r2::Received {
    let wanted = options.checksum.as_ref().map(|checksum| checksum.algorithm);
    let mut incoming = bucket.receive(wanted);
    for chunk in bytes.chunks(100_000) {
        incoming.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    incoming.finish().await.unwrap()
}

pub async fn read(body: Body) -> Vec<u8> {
    match body {
        Body::Bytes(bytes) => bytes.to_vec(),
        Body::Stream(mut reader) => {
            let mut all = Vec::new();
            while let Some(chunk) = reader.next().await {
                all.extend_from_slice(&chunk.unwrap());
            }
            all
        }
    }
}

pub fn open(bucket: &Bucket, key: &str, range: Option<RangeRequest>) -> Option<Body> {
    let options = GetOptions {
        range,
        ..GetOptions::default()
    };
    match bucket.get(key, &options).unwrap().0 {
        Got::Found(_, _, body) => Some(body),
        _ => None,
    }
}

pub async fn get(bucket: &Bucket, key: &str) -> Option<Vec<u8>> {
    match open(bucket, key, None) {
        Some(body) => Some(read(body).await),
        None => None,
    }
}
