//! Every form of URL that is accepted, and the words for each that is not.

use super::*;

fn node(host: &str, port: u16) -> Node {
    Node {
        host: host.to_owned(),
        port,
    }
}

fn plain(host: &str, port: u16, label: &str) -> Address {
    Address {
        tls: false,
        cluster: false,
        nodes: vec![node(host, port)],
        username: None,
        password: None,
        database: None,
        label: label.to_owned(),
    }
}

#[test]
fn accepted() {
    let local = || plain("127.0.0.1", 6379, "redis://127.0.0.1:6379");
    let secret = Some("p@ss:/".to_owned());
    let cases = [
        ("redis://127.0.0.1", local()),
        ("redis://127.0.0.1:6379/", local()),
        (
            "redis://127.0.0.1:7000/3",
            Address {
                database: Some(3),
                ..plain("127.0.0.1", 7000, "redis://127.0.0.1:7000/3")
            },
        ),
        (
            "redis://:p%40ss%3A%2F@127.0.0.1",
            Address {
                password: secret.clone(),
                ..local()
            },
        ),
        (
            "redis://me:p%40ss%3A%2F@127.0.0.1",
            Address {
                username: Some("me".to_owned()),
                password: secret,
                ..local()
            },
        ),
        (
            "rediss://cache.example",
            Address {
                tls: true,
                ..plain("cache.example", 6379, "rediss://cache.example:6379")
            },
        ),
        (
            "valkey://cache.example:1",
            plain("cache.example", 1, "valkey://cache.example:1"),
        ),
        (
            "valkeys://cache.example",
            Address {
                tls: true,
                ..plain("cache.example", 6379, "valkeys://cache.example:6379")
            },
        ),
        ("redis://[::1]:7", plain("::1", 7, "redis://[::1]:7")),
        (
            "redis-cluster://a:1",
            Address {
                cluster: true,
                ..plain("a", 1, "redis-cluster://a:1")
            },
        ),
        (
            "rediss-cluster://a:1/0?node=b:2&node=[::1]:3",
            Address {
                tls: true,
                cluster: true,
                nodes: vec![node("a", 1), node("b", 2), node("::1", 3)],
                ..plain("a", 1, "rediss-cluster://a:1/0")
            },
        ),
        (
            "valkeys-cluster://a",
            Address {
                tls: true,
                cluster: true,
                ..plain("a", 6379, "valkeys-cluster://a:6379")
            },
        ),
    ];
    for (url, expected) in cases {
        assert_eq!(
            Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}")),
            expected,
            "{url}"
        );
    }
}

#[test]
fn refused() {
    let cases = [
        (
            "",
            "relative URL without a base; write it like redis://host:6379",
        ),
        (
            "127.0.0.1:6379",
            "relative URL without a base; write it like redis://host:6379",
        ),
        (
            "http://a",
            "unknown scheme http; use redis, rediss (TLS), redis-cluster or rediss-cluster, or the same with valkey",
        ),
        (
            "redis-sentinel://a",
            "unknown scheme redis-sentinel; use redis, rediss (TLS), redis-cluster or rediss-cluster, or the same with valkey",
        ),
        (
            "redis://",
            "the host is missing; write it like redis://host:6379",
        ),
        (
            "redis:///1",
            "the host is missing; write it like redis://host:6379",
        ),
        (
            "redis://a:99999",
            "invalid port number; write it like redis://host:6379",
        ),
        (
            "redis://secret@a",
            "a user name without a password; write redis://:PASSWORD@host or redis://USER:PASSWORD@host",
        ),
        (
            "redis://:%ff@a",
            "the password is not UTF-8 after percent-decoding",
        ),
        (
            "redis://a/x",
            "/x is no database; write a number from 0 to 255, like redis://host:6379/1",
        ),
        (
            "redis://a/256",
            "/256 is no database; write a number from 0 to 255, like redis://host:6379/1",
        ),
        (
            "redis://a/1/2",
            "/1/2 is no database; write a number from 0 to 255, like redis://host:6379/1",
        ),
        (
            "redis-cluster://a/1",
            "a cluster has only database 0; leave the path out",
        ),
        ("redis-cluster://a?node=b", "node=b is not host:port"),
        ("redis-cluster://a?node=:1", "node=:1 is not host:port"),
        ("redis-cluster://a?node=b:x", "node=b:x is not host:port"),
        (
            "redis://a?node=b:1",
            "node= is for clusters; use the scheme redis-cluster or rediss-cluster",
        ),
        (
            "redis://a?timeout=1",
            "unknown parameter timeout; only node=host:port is known, for clusters",
        ),
    ];
    for (url, problem) in cases {
        let error = Address::parse(url).expect_err(url);
        assert_eq!(error.to_string(), format!("cache URL: {problem}"), "{url}");
    }
}

#[test]
fn secrets_are_not_shown() {
    for url in [
        "redis://me:hunter2@a/1",
        "redis://hunter2@a",
        "redis://:hunter2@a/x",
        "ftp://me:hunter2@a",
        "redis://:hunter2@",
    ] {
        let shown = match Address::parse(url) {
            Ok(address) => address.label,
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn ipv6_is_bracketed_before_a_port() {
    assert_eq!(node("::1", 1).bracketed(), "[::1]");
    assert_eq!(node("a.example", 1).bracketed(), "a.example");
}
