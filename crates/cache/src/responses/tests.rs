//! The rules of HTTP by tables, and where bodies are: in memory, in files, or nowhere.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{AUTHORIZATION, ETAG, RANGE};
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

#[test]
fn what_is_kept_and_for_how_long() {
    let in_a_minute = "Tue, 13 Sep 2022 12:01:00 GMT";
    let a_minute_ago = "Tue, 13 Sep 2022 11:59:00 GMT";
    let ten_minutes_ago = "Tue, 13 Sep 2022 11:50:00 GMT";
    let cc = |text| vec![("cache-control", text)];
    let cases: Vec<(u16, Vec<(&str, &str)>, u64)> = vec![
        (200, vec![], 0),
        (200, cc("max-age=10"), 10),
        (200, cc("MAX-AGE=10"), 10),
        (200, cc("s-maxage=100, max-age=0"), 100),
        (200, cc("s-maxage=0, max-age=100"), 0),
        (200, cc("max-age=100, no-cache"), 0),
        (200, cc("max-age=100, no-store"), 0),
        (200, cc("max-age=100, private"), 0),
        (200, cc("max-age=100, must-revalidate"), 100),
        (200, cc("public"), 0),
        (200, cc("immutable"), 86_400),
        // Cloudflare: "not supported when using cache.put or cache.match".
        (200, cc("max-age=0, stale-while-revalidate=60"), 0),
        (200, cc("max-age=5, stale-if-error=60"), 5),
        (200, vec![("cache-control", "max-age=9"), ("age", "4")], 5),
        (200, vec![("cache-control", "max-age=9"), ("age", "9")], 0),
        (200, vec![("expires", in_a_minute)], 60),
        (200, vec![("expires", a_minute_ago)], 0),
        (200, vec![("expires", "0")], 0),
        (
            200,
            vec![("expires", in_a_minute), ("date", a_minute_ago)],
            120,
        ),
        (
            200,
            vec![("expires", in_a_minute), ("pragma", "no-cache")],
            0,
        ),
        (
            200,
            vec![("expires", in_a_minute), ("cache-control", "max-age=0")],
            0,
        ),
        (200, vec![("last-modified", ten_minutes_ago)], 60),
        (302, vec![("last-modified", ten_minutes_ago)], 0),
        (302, cc("max-age=10"), 10),
        (404, cc("max-age=10"), 10),
        (500, cc("max-age=10"), 0),
        (201, cc("max-age=10"), 0),
        (206, cc("max-age=10"), 0),
        (
            200,
            vec![("cache-control", "max-age=10"), ("set-cookie", "a=1")],
            0,
        ),
        (
            200,
            vec![
                ("cache-control", "private=set-cookie, max-age=10"),
                ("set-cookie", "a=1"),
            ],
            10,
        ),
        (
            200,
            vec![
                ("cache-control", "private=\"x-a\", max-age=10"),
                ("x-a", "1"),
            ],
            0,
        ),
    ];
    for (status, list, seconds) in cases {
        let keep = freshness::keep(
            &HeaderMap::new(),
            status,
            &headers(&list),
            UNIX_EPOCH + START,
        );
        let ttl = keep.map_or(0, |keep| keep.ttl.as_secs());
        assert_eq!(ttl, seconds, "{status} {list:?}");
    }
}

#[test]
fn an_authorized_answer_is_kept_only_if_it_says_so() {
    let request = headers(&[(AUTHORIZATION.as_str(), "Basic x")]);
    for (directives, kept) in [
        ("max-age=10", false),
        ("public, max-age=10", true),
        ("s-maxage=10", true),
        ("must-revalidate, max-age=10", true),
    ] {
        let response = headers(&[("cache-control", directives)]);
        let keep = freshness::keep(&request, 200, &response, UNIX_EPOCH + START);
        assert_eq!(keep.is_some(), kept, "{directives}");
    }
}

#[test]
fn headers_of_the_connection_and_private_cookies_are_left_out() {
    let response = headers(&[
        ("cache-control", "Private=Set-Cookie, max-age=10"),
        ("set-cookie", "a=1"),
        ("connection", "x-a, close"),
        ("x-a", "1"),
        ("x-b", "1"),
        ("x-b", "2"),
        ("keep-alive", "1"),
        ("transfer-encoding", "chunked"),
        ("age", "1"),
    ]);
    let keep = freshness::keep(&HeaderMap::new(), 200, &response, UNIX_EPOCH + START);
    let keep = keep.expect("it may be kept");
    let expected = headers(&[
        ("x-b", "1"),
        ("x-b", "2"),
        ("cache-control", "max-age=10"),
        ("date", "Tue, 13 Sep 2022 12:00:00 GMT"),
    ]);
    assert_eq!((keep.age, keep.headers), (1, expected));
}

#[test]
fn ranges() {
    let part = |range| Selected::Part(range);
    for (range, expected) in [
        ("bytes=0-", part(0..10)),
        ("bytes=2-4", part(2..5)),
        ("bytes=9-20", part(9..10)),
        ("bytes=-3", part(7..10)),
        ("Bytes = 2 - 4", part(2..5)),
        ("bytes=0-99999999999999999999999", part(0..10)),
        ("bytes=-0", Selected::Whole),
        ("bytes=-10", Selected::Whole),
        ("bytes=-11", Selected::Whole),
        ("bytes=", Selected::Whole),
        ("bytes=0-1,4-5", Selected::Whole),
        ("bytes=10-", Selected::NoSuchPart),
        ("bytes=5-2", Selected::NoSuchPart),
        ("bytes=0-1,20-", Selected::NoSuchPart),
        ("bytes=abc", Selected::NoSuchPart),
        ("bytes=+1-2", Selected::NoSuchPart),
        ("items=0-1", Selected::NoSuchPart),
    ] {
        let request = headers(&[(RANGE.as_str(), range)]);
        let selected = conditions::select(&request, 200, &HeaderMap::new(), 10);
        assert_eq!(selected, expected, "{range}");
    }
    let request = headers(&[(RANGE.as_str(), "bytes=0-")]);
    let of = |status, stored: &[(&str, &str)], length| {
        conditions::select(&request, status, &headers(stored), length)
    };
    assert_eq!(of(200, &[], 0), Selected::NoSuchPart);
    assert_eq!(of(404, &[], 10), Selected::Whole);
    assert_eq!(
        of(200, &[("content-encoding", "gzip")], 10),
        Selected::Whole
    );
}

#[test]
fn conditions_of_a_request() {
    let stored = headers(&[
        (ETAG.as_str(), "\"v1\""),
        ("last-modified", "Tue, 13 Sep 2022 12:00:00 GMT"),
    ]);
    let range = ("range", "bytes=1-2");
    let part = || Selected::Part(1..3);
    for (list, expected) in [
        (vec![("if-none-match", "\"v1\"")], Selected::NotModified),
        (vec![("if-none-match", "W/\"v1\"")], Selected::NotModified),
        (
            vec![("if-none-match", "\"a,\", \"v1\"")],
            Selected::NotModified,
        ),
        (vec![("if-none-match", " * ")], Selected::NotModified),
        (vec![("if-none-match", "v1")], Selected::Whole),
        (vec![("if-none-match", "\"v2\"")], Selected::Whole),
        (
            vec![("if-modified-since", "Tue, 13 Sep 2022 12:00:00 GMT")],
            Selected::NotModified,
        ),
        (
            vec![("if-modified-since", "Tue, 13 Sep 2022 11:59:59 GMT")],
            Selected::Whole,
        ),
        (vec![("if-modified-since", "2022-09-14")], Selected::Whole),
        // The tag decides where there is one.
        (
            vec![
                ("if-none-match", "\"v2\""),
                ("if-modified-since", "Tue, 13 Sep 2022 12:00:00 GMT"),
            ],
            Selected::Whole,
        ),
        (
            vec![range, ("if-none-match", "\"v1\"")],
            Selected::NotModified,
        ),
        (vec![range, ("if-range", "\"v1\"")], part()),
        (vec![range, ("if-range", "\"v2\"")], Selected::Whole),
        (vec![range, ("if-range", "W/\"v1\"")], Selected::Whole),
        (
            vec![range, ("if-range", "Tue, 13 Sep 2022 12:00:00 GMT")],
            part(),
        ),
        (
            vec![range, ("if-range", "Tue, 13 Sep 2022 13:00:00 GMT")],
            Selected::Whole,
        ),
    ] {
        let selected = conditions::select(&headers(&list), 200, &stored, 10);
        assert_eq!(selected, expected, "{list:?}");
        assert_eq!(
            conditions::select(&headers(&list), 404, &stored, 10),
            Selected::Whole
        );
    }
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
