//! The Redis backend against a real `redis-server`: values, times to live, databases, passwords,
//! refusals.

mod support;

use std::time::{Duration, Instant};

use cellhouse_cache::{Cache, Error, RedisOptions, Store};
use support::{Redis, eventually, free_port, until_it_keeps};

/// Commands here may be slow on a busy machine, and none of these tests is about time limits.
fn patient() -> RedisOptions {
    RedisOptions {
        command_timeout: Duration::from_secs(20),
        ..RedisOptions::default()
    }
}

fn open(url: &str) -> Cache {
    Cache::redis_with(url, &patient()).expect("a good URL")
}

async fn get(store: &Store, key: &str) -> Option<String> {
    store.get(key).await.map(|value| value.to_string())
}

#[tokio::test]
async fn values_come_back_as_they_were() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url()).store("default");
    assert_eq!(get(&store, "none").await, None);
    let large = "x".repeat(5 << 20);
    let values = [
        "",
        "a",
        "日本🎉",
        "line\r\nline",
        "nul\0nul",
        large.as_str(),
    ];
    for (index, value) in values.into_iter().enumerate() {
        let key = format!("é {{{index}}}:\r\n\0");
        store.set(&key, value, None).await;
        assert!(
            get(&store, &key).await.as_deref() == Some(value),
            "value {index}"
        );
    }
    store.set("", "empty key", None).await;
    store.set("k", "1", None).await;
    store.set("k", "2", None).await;
    assert_eq!(get(&store, "").await.as_deref(), Some("empty key"));
    assert_eq!(get(&store, "k").await.as_deref(), Some("2"));
    assert_eq!(store.get_now("k"), None, "an answer takes a round trip");
    assert!(!store.set_now("k", "3", None));
}

#[tokio::test]
async fn entries_have_the_documented_names() {
    let redis = Redis::start(&[]);
    let cache = open(&redis.url());
    cache.store("default").set("a:b", "1", None).await;
    cache
        .for_app("my shop")
        .store("sessions")
        .set("é", "2", None)
        .await;
    assert_eq!(redis.cli(&["GET", "cellhouse:cache::default:a:b"]), "1");
    assert_eq!(
        redis.cli(&["GET", "cellhouse:cache:my shop:sessions:é"]),
        "2"
    );
    assert_eq!(get(&cache.store("sessions"), "é").await, None);
}

#[tokio::test]
async fn times_to_live_are_milliseconds_rounded_up() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url()).store("default");
    until_it_keeps(&store).await;
    let name = |key: &str| format!("cellhouse:cache::default:{key}");
    store
        .set("days", "1", Some(Duration::from_secs(1_000_000)))
        .await;
    let left: u64 = redis
        .cli(&["PTTL", &name("days")])
        .parse()
        .expect("a number");
    assert!((900_000_000..=1_000_000_000).contains(&left), "{left}");

    store.set("days", "2", None).await;
    assert_eq!(
        redis.cli(&["PTTL", &name("days")]),
        "-1",
        "a set without ttl clears an old one"
    );

    store.set("longest", "1", Some(Duration::MAX)).await;
    let left: u64 = redis
        .cli(&["PTTL", &name("longest")])
        .parse()
        .expect("a number");
    assert!(left > (1 << 52), "{left}");

    store.set("zero", "1", None).await;
    store.set("zero", "2", Some(Duration::ZERO)).await;
    assert_eq!(
        get(&store, "zero").await,
        None,
        "a ttl of 0 removes what was there"
    );

    let before = Instant::now();
    store
        .set("short", "1", Some(Duration::from_micros(1_499_100)))
        .await;
    eventually("it expires", async || get(&store, "short").await.is_none()).await;
    assert!(
        before.elapsed() >= Duration::from_millis(1499),
        "never sooner than asked for"
    );
}

#[tokio::test]
async fn writes_of_one_key_keep_their_order() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url()).store("default");
    until_it_keeps(&store).await;
    let values: Vec<String> = (0..1000).map(|index| index.to_string()).collect();
    let writes = values.iter().map(|value| store.set("k", value, None));
    futures_util::future::join_all(writes).await;
    assert_eq!(get(&store, "k").await.as_deref(), Some("999"));
}

#[tokio::test]
async fn passwords_users_and_databases() {
    let redis = Redis::start(&[]);
    redis.cli(&[
        "ACL",
        "SETUSER",
        "app",
        "on",
        ">s3:cret",
        "~cellhouse:cache:*",
        "+@all",
    ]);
    redis.cli(&["CONFIG", "SET", "requirepass", "p@ss word"]);
    let port = redis.port;
    let by_password = open(&format!("redis://:p%40ss%20word@127.0.0.1:{port}/3")).store("default");
    until_it_keeps(&by_password).await;
    by_password.set("k", "three", None).await;
    let by_user = open(&format!("valkey://app:s3%3Acret@127.0.0.1:{port}/3")).store("default");
    until_it_keeps(&by_user).await;
    assert_eq!(get(&by_user, "k").await.as_deref(), Some("three"));
    let other_database = open(&format!("redis://:p%40ss%20word@127.0.0.1:{port}")).store("default");
    until_it_keeps(&other_database).await;
    assert_eq!(get(&other_database, "k").await, None);
}

#[tokio::test]
async fn an_entry_of_another_kind_reads_as_missing() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url()).store("default");
    until_it_keeps(&store).await;
    redis.cli(&["RPUSH", "cellhouse:cache::default:list", "1"]);
    assert_eq!(get(&store, "list").await, None);
    redis.cli(&[
        "EVAL",
        "redis.call('SET', KEYS[1], '\\255')",
        "1",
        "cellhouse:cache::default:bytes",
    ]);
    assert_eq!(
        redis.cli(&["STRLEN", "cellhouse:cache::default:bytes"]),
        "1"
    );
    assert_eq!(get(&store, "bytes").await, None);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let cases = [
        (
            RedisOptions {
                connections: 0,
                ..patient()
            },
            "a Redis cache needs at least one connection",
        ),
        (
            RedisOptions {
                command_timeout: Duration::ZERO,
                ..patient()
            },
            "the time limit of a Redis command must be longer than 0",
        ),
        (
            RedisOptions {
                ca_file: Some("ca.pem".into()),
                ..patient()
            },
            "a certificate file has no meaning without TLS; use the scheme rediss or rediss-cluster",
        ),
    ];
    for (options, problem) in cases {
        let error = Cache::redis_with(&url, &options).expect_err(problem);
        assert!(matches!(error, Error::Options { .. }));
        assert_eq!(error.to_string(), format!("cache: {problem}"));
    }
}

#[tokio::test]
async fn dropping_the_cache_closes_its_connections() {
    let redis = Redis::start(&[]);
    let cache = open(&redis.url());
    let store = cache.store("default");
    until_it_keeps(&store).await;
    let clients = || redis.cli(&["CLIENT", "LIST"]).lines().count();
    eventually("four connections, and the one that asks", async || {
        clients() == 5
    })
    .await;
    drop(cache);
    assert_eq!(
        get(&store, "until-it-keeps").await.as_deref(),
        Some("1"),
        "a store keeps the cache"
    );
    drop(store);
    eventually("only the one that asks", async || clients() == 1).await;
}
