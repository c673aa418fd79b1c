//! A Redis that is down, hangs, refuses or comes back: what apps see, and what is said of it.

mod support;

use std::sync::OnceLock;
use std::time::Duration;

use cellhouse_cache::{Cache, RedisOptions, Store};
use support::logs::Logs;
use support::proxy::Proxy;
use support::{Redis, eventually, free_port, until_it_keeps};

/// What all tests of this file log; each finds its own lines by the port of its server.
fn logs() -> &'static Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    LOGS.get_or_init(|| {
        let logs = Logs::default();
        tracing::subscriber::set_global_default(logs.clone()).expect("set once");
        logs
    })
}

/// A limit that a busy machine does not exceed by itself.
fn options() -> RedisOptions {
    RedisOptions {
        command_timeout: Duration::from_secs(2),
        ..RedisOptions::default()
    }
}

fn open(url: &str) -> Store {
    logs();
    Cache::redis_with(url, &options())
        .expect("a good URL")
        .store("default")
}

fn lost(url: &str, reason: &str) -> String {
    format!(
        "WARN cache: {url} does not answer ({reason}); until it is back, get() returns null and set() keeps nothing"
    )
}

fn back(url: &str) -> String {
    format!("INFO cache: {url} is back")
}

/// Uses the store until its outage has been announced (`lines` is how many there are by then).
async fn use_until(store: &Store, url: &str, lines: usize) {
    eventually(&format!("{lines} messages"), async || {
        store.set("k", "during", None).await;
        assert!(matches!(
            store.get("k").await.as_deref(),
            None | Some("during")
        ));
        logs().with(url).len() >= lines
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outage_is_told_once_and_nothing_fails() {
    let mut redis = Redis::start(&[]);
    let url = redis.url();
    let store = open(&url);
    until_it_keeps(&store).await;
    for round in 0..2 {
        redis.kill();
        use_until(&store, &url, 2 * round + 1).await;
        for _ in 0..100 {
            store.set("k", "lost", None).await;
            assert_eq!(store.get("k").await, None);
        }
        redis.restart();
        until_it_keeps(&store).await;
        use_until(&store, &url, 2 * round + 2).await;
    }
    let told: Vec<bool> = logs()
        .with(&url)
        .iter()
        .map(|line| line.starts_with("WARN"))
        .collect();
    assert_eq!(told, [true, false, true, false], "{:?}", logs().with(&url));
    assert_eq!(logs().with(&url)[1], back(&url));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_at_the_start_is_waited_for_in_the_background() {
    let port = free_port();
    let url = format!("redis://127.0.0.1:{port}");
    let store = open(&url);
    eventually("a warning without any traffic", async || {
        !logs().with(&url).is_empty()
    })
    .await;
    assert_eq!(store.get("k").await, None);
    let port_text = port.to_string();
    let _redis = Redis::start_in(support::tempdir(), port, &["--port", &port_text]);
    until_it_keeps(&store).await;
    use_until(&store, &url, 2).await;
    assert_eq!(
        logs().with(&url),
        [lost(&url, "Connection refused"), back(&url)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_up_at_the_start_is_no_news() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url());
    store.set("k", "first", None).await;
    assert_eq!(
        store.get("k").await.as_deref(),
        Some("first"),
        "the first command waits for the connection"
    );
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(logs().with(&redis.url()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_named() {
    let redis = Redis::start(&["--requirepass", "right"]);
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let store = open(&format!("redis://:hunter2@127.0.0.1:{}", redis.port));
    eventually("a warning", async || !logs().with(&url).is_empty()).await;
    assert_eq!(store.get("k").await, None);
    let lines = logs().with(&url);
    assert!(
        lines.len() == 1 && lines[0].contains("WRONGPASS"),
        "{lines:?}"
    );
    assert!(!lines[0].contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_costs_little_and_comes_back() {
    let redis = Redis::start(&[]);
    let url = redis.url();
    let store = open(&url);
    until_it_keeps(&store).await;
    redis.signal("STOP");
    use_until(&store, &url, 1).await;
    let quick = tokio::time::timeout(options().command_timeout, async {
        for _ in 0..10_000 {
            assert_eq!(store.get("k").await, None);
        }
    });
    quick
        .await
        .expect("commands are not even tried while it hangs");
    redis.signal("CONT");
    until_it_keeps(&store).await;
    use_until(&store, &url, 2).await;
    assert_eq!(logs().with(&url).len(), 2, "{:?}", logs().with(&url));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_hang_for_ever_are_replaced() {
    let redis = Redis::start(&[]);
    let proxy = Proxy::start(redis.port).await;
    let store = open(&proxy.url());
    until_it_keeps(&store).await;
    for value in ["small".to_owned(), "x".repeat(64 << 20)] {
        let before = proxy.accepted();
        proxy.hang_open_connections();
        // A large value fills every buffer on the way, so that not even a question can be written
        // after it.
        store.set("large", &value, None).await;
        until_it_keeps(&store).await;
        assert!(proxy.accepted() > before, "by a new connection");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_that_are_closed_are_no_outage() {
    let redis = Redis::start(&[]);
    let proxy = Proxy::start(redis.port).await;
    let store = open(&proxy.url());
    until_it_keeps(&store).await;
    let before = proxy.accepted();
    proxy.break_open_connections();
    eventually("all connections are made anew", async || {
        proxy.accepted() >= before + 4
    })
    .await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(store.get("until-it-keeps").await.as_deref(), Some("1"));
    assert_eq!(logs().with(&proxy.url()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_is_told_once_and_still_read() {
    let redis = Redis::start(&["--maxmemory-policy", "noeviction"]);
    let url = redis.url();
    let store = open(&url);
    store.set("kept", "1", None).await;
    until_it_keeps(&store).await;
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    use_until(&store, &url, 1).await;
    for _ in 0..20 {
        store.set("refused", "1", None).await;
        assert_eq!(
            store.get("kept").await.as_deref(),
            Some("1"),
            "reading goes on"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    use_until(&store, &url, 2).await;
    let lines = logs().with(&url);
    assert!(
        lines[0].starts_with(&format!(
            "WARN cache: {url} refuses commands (OOM command not allowed"
        )),
        "{lines:?}"
    );
    assert_eq!(lines[1..], [back(&url)]);
}
