//! Where bodies are: in memory, in files, or nowhere; and for how long.

mod rules;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

use super::*;

/// Tuesday, 13 September 2022, 12:00:00.
const START: Duration = Duration::from_secs(1_663_070_400);

fn headers(list: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in list {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        map.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    map
}

/// A process's responses, and its clock.
struct World {
    responses: Responses,
    now: Arc<Mutex<Duration>>,
    folder: TempDir,
}

impl World {
    fn new(max_memory_bytes: u64, max_file_bytes: u64) -> World {
        let now = Arc::new(Mutex::new(START));
        let folder = tempfile::tempdir().expect("a folder");
        let (clock, wall) = (now.clone(), now.clone());
        let cache = Cache::memory_with_clock(1 << 20, Arc::new(move || *clock.lock()));
        let options = ResponsesOptions {
            max_memory_bytes,
            max_file_bytes,
            folder: Some(folder.path().join("bodies")),
            clock: Arc::new(move || UNIX_EPOCH + *wall.lock()),
        };
        World {
            responses: Responses::new(&cache, options).expect("a folder"),
            now,
            folder,
        }
    }

    fn advance(&self, seconds: u64) {
        *self.now.lock() += Duration::from_secs(seconds);
    }

    fn files(&self) -> usize {
        files(&self.folder.path().join("bodies"))
    }
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn generous() -> World {
    World::new(1 << 20, 16 << 20)
}

async fn put(store: &ResponseStore, url: &str, body: &[u8]) {
    let headers = headers(&[("cache-control", "max-age=100")]);
    let mut writer = store
        .writer(url, &HeaderMap::new(), 200, &headers, false)
        .expect("it may be kept");
    for chunk in body.chunks(10_000) {
        writer.write(chunk).await;
    }
    writer.commit().await;
}

async fn text(found: Option<Found>) -> Option<Vec<u8>> {
    let found = found?;
    let mut bytes = Vec::new();
    match found.body {
        Body::None => {}
        Body::Bytes(body) => bytes.extend(body),
        Body::File(body) => {
            use tokio::io::AsyncSeekExt as _;
            let mut file = tokio::fs::File::from_std(body.file);
            let start = std::io::SeekFrom::Start(body.range.start);
            file.seek(start).await.expect("the file can be read");
            let mut part = file.take(body.range.end - body.range.start);
            part.read_to_end(&mut bytes).await.expect("all of it");
        }
    }
    assert_eq!(bytes.len() as u64, found.length);
    Some(bytes)
}

async fn get(store: &ResponseStore, url: &str) -> Option<Vec<u8>> {
    text(store.find(url, &HeaderMap::new()).await).await
}

#[tokio::test]
async fn a_response_lives_as_long_as_it_says_and_tells_its_age() {
    let world = generous();
    let store = world.responses.cache(None);
    let url = "http://a/";
    let response = headers(&[("cache-control", "max-age=10"), ("age", "3")]);
    let writer = store.writer(url, &HeaderMap::new(), 404, &response, true);
    let mut writer = writer.expect("it may be kept");
    writer.write(b"body").await;
    assert_eq!(get(&store, url).await, None, "it is not complete");
    writer.commit().await;
    world.advance(6);
    let found = store.find(url, &HeaderMap::new()).await.expect("fresh");
    assert_eq!((found.status, found.encoded, found.length), (404, true, 4));
    for (name, value) in [
        ("age", "9"),
        ("content-length", "4"),
        ("cf-cache-status", "HIT"),
    ] {
        assert_eq!(found.headers[name], value, "{name}");
    }
    world.advance(1);
    assert_eq!(get(&store, url).await, None);
}

#[tokio::test]
async fn apps_and_caches_are_apart_and_a_second_put_replaces() {
    let world = generous();
    let apps = [world.responses.for_app("a"), world.responses.for_app("b")];
    let stores = [
        apps[0].cache(None),
        apps[0].cache(Some("")),
        apps[0].cache(Some("x")),
        apps[1].cache(None),
    ];
    let big = vec![7; MAX_IN_MEMORY + 1];
    for (index, store) in stores.iter().enumerate() {
        assert_eq!(get(store, "u").await, None);
        put(store, "u", &[index as u8]).await;
        put(store, "u?", &big).await;
    }
    for (index, store) in stores.iter().enumerate() {
        assert_eq!(get(store, "u").await, Some(vec![index as u8]));
        assert_eq!(get(store, "u?").await.as_ref(), Some(&big));
        put(store, "u", &big).await;
        put(store, "u?", &[1]).await;
        assert_eq!(get(store, "u").await.as_ref(), Some(&big));
        assert_eq!(get(store, "u?").await, Some(vec![1]));
    }
    assert_eq!(world.files(), 4);
    for store in &stores {
        assert!(store.delete("u").await && store.delete("u?").await);
        assert!(!store.delete("u").await);
    }
    assert_eq!(world.files(), 0);
}

#[tokio::test]
async fn a_body_in_a_file_can_be_read_to_its_end_whatever_happens_to_it() {
    let world = generous();
    let store = world.responses.cache(None);
    let body: Vec<u8> = (0..200_000u32).map(|index| index as u8).collect();
    put(&store, "u", &body).await;
    assert_eq!(world.files(), 1);
    let part = headers(&[("range", "bytes=65535-131072")]);
    let found = store.find("u", &part).await.expect("a part");
    assert_eq!(found.status, 206);
    assert_eq!(found.headers["content-range"], "bytes 65535-131072/200000");
    assert!(store.delete("u").await);
    assert_eq!(world.files(), 0);
    assert_eq!(
        text(Some(found)).await,
        Some(body[65_535..=131_072].to_vec())
    );
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let world = generous();
    let store = world.responses.cache(None);
    put(&store, "u", b"old").await;
    let response = headers(&[("cache-control", "max-age=100")]);
    let writer = || store.writer("u", &HeaderMap::new(), 200, &response, false);
    let mut dropped = writer().expect("it may be kept");
    dropped.write(&vec![0; 1 << 20]).await;
    assert_eq!(world.files(), 1);
    drop(dropped);
    // Larger than all files may be together.
    let mut large = writer().expect("it may be kept");
    for _ in 0..17 {
        large.write(&vec![0; 1 << 20]).await;
    }
    large.commit().await;
    assert_eq!(get(&store, "u").await.as_deref(), Some(&b"old"[..]));
    let forbidden = headers(&[("cache-control", "no-store")]);
    let none = store.writer("u", &HeaderMap::new(), 200, &forbidden, false);
    assert!(none.is_none());
    assert_eq!(world.files(), 0);
    assert_eq!(get(&store, "u").await.as_deref(), Some(&b"old"[..]));
}

#[tokio::test]
async fn a_stale_response_takes_the_place_of_a_fresh_one() {
    let world = generous();
    let store = world.responses.cache(None);
    for body in [&b"small"[..], &vec![0; 100_000]] {
        put(&store, "u", body).await;
        let stale = headers(&[("cache-control", "max-age=0")]);
        let mut writer = store
            .writer("u", &HeaderMap::new(), 200, &stale, false)
            .expect("it is not forbidden");
        writer.write(&vec![0; 200_000]).await;
        assert_eq!(world.files(), usize::from(body.len() > MAX_IN_MEMORY));
        writer.commit().await;
        assert_eq!(get(&store, "u").await, None);
        assert_eq!(world.files(), 0);
    }
    // One that says nothing about its age may not be stored, and changes nothing.
    put(&store, "u", b"old").await;
    let redirect = store.writer("u", &HeaderMap::new(), 302, &HeaderMap::new(), false);
    assert!(redirect.is_none());
    assert!(get(&store, "u").await.is_some());
}

#[tokio::test]
async fn the_least_used_files_leave_first_and_memory_has_its_own_limit() {
    let world = World::new(100_000, 1 << 20);
    let store = world.responses.cache(None);
    let body = vec![1; 300_000];
    for url in ["a", "b", "c"] {
        put(&store, url, &body).await;
    }
    assert!(get(&store, "a").await.is_some());
    put(&store, "d", &body).await;
    assert_eq!(world.files(), 3);
    assert!(get(&store, "b").await.is_none());
    assert!(get(&store, "a").await.is_some());
    for index in 0..1_000 {
        put(&store, &format!("small-{index}"), &[0; 1_000]).await;
    }
    let mut left = 0;
    for index in 0..1_000 {
        left += usize::from(get(&store, &format!("small-{index}")).await.is_some());
    }
    assert!((50..100).contains(&left), "{left}");
    assert_eq!(world.files(), 3);
}

#[tokio::test]
async fn the_files_of_an_earlier_process_go() {
    let world = generous();
    let folder = world.folder.path().join("bodies");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("body-0"), "old").expect("a file");
    let options = ResponsesOptions {
        max_file_bytes: 1 << 20,
        folder: Some(folder.clone()),
        ..ResponsesOptions::default()
    };
    let cache = Cache::memory(1 << 20);
    let responses = Responses::new(&cache, options).expect("a folder");
    assert_eq!(files(&folder), 0);
    put(&responses.cache(None), "u", &vec![0; 100_000]).await;
    assert_eq!(files(&folder), 1);
    drop(responses);
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_disk_that_fails_costs_the_response_and_nothing_else() {
    let world = generous();
    // A file where the folder would be.
    std::fs::write(world.folder.path().join("bodies"), "").expect("a file");
    let store = world.responses.cache(None);
    put(&store, "u", &vec![0; 100_000]).await;
    assert_eq!(get(&store, "u").await, None);
    put(&store, "u", b"small").await;
    assert_eq!(get(&store, "u").await.as_deref(), Some(&b"small"[..]));
}
