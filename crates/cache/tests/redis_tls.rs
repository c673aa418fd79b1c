//! `rediss://` against a real `redis-server` with a certificate made for the test.

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cellhouse_cache::{Cache, RedisOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use support::logs::Logs;
use support::{Redis, eventually, free_port, tempdir, until_it_keeps};

/// A server that speaks only TLS, and the file with the authority that signed its certificate.
fn tls_server() -> (Redis, PathBuf) {
    let dir = tempdir();
    let ca_file = certificates(dir.path());
    let file = |name: &str| {
        dir.path()
            .join(name)
            .to_str()
            .expect("a temporary path is UTF-8")
            .to_owned()
    };
    let (ca, certificate, key) = (file("ca.pem"), file("server.pem"), file("server.key"));
    let port = free_port();
    let port_text = port.to_string();
    let arguments = [
        ["--port", "0"],
        ["--tls-port", &port_text],
        ["--tls-cert-file", &certificate],
        ["--tls-key-file", &key],
        ["--tls-ca-cert-file", &ca],
        ["--tls-auth-clients", "no"],
    ];
    (
        Redis::start_in(dir, port, arguments.as_flattened()),
        ca_file,
    )
}

fn certificates(dir: &Path) -> PathBuf {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key"))
        .expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let server = CertificateParams::new(names)
        .expect("good names")
        .signed_by(&key, &authority)
        .expect("a certificate");
    let write = |name: &str, text: String| std::fs::write(dir.join(name), text).expect("write");
    write("ca.pem", authority.pem());
    write("server.pem", server.pem());
    write("server.key", key.serialize_pem());
    dir.join("ca.pem")
}

fn trusting(ca_file: PathBuf) -> RedisOptions {
    RedisOptions {
        command_timeout: Duration::from_secs(20),
        ca_file: Some(ca_file),
        ..RedisOptions::default()
    }
}

#[tokio::test]
async fn a_trusted_server_is_used() {
    let (redis, ca_file) = tls_server();
    for url in [
        format!("rediss://127.0.0.1:{}", redis.port),
        format!("valkeys://localhost:{}/1", redis.port),
    ] {
        let store = Cache::redis_with(&url, &trusting(ca_file.clone()))
            .expect("a good URL")
            .store("default");
        until_it_keeps(&store).await;
        store.set("k", "secret", None).await;
        assert_eq!(store.get("k").await.as_deref(), Some("secret"));
    }
}

#[tokio::test]
async fn an_untrusted_server_is_not_used_and_the_reason_is_told() {
    let logs = Logs::default();
    let _subscriber = tracing::subscriber::set_default(logs.clone());
    let (redis, _) = tls_server();
    let (_other, other_ca) = tls_server();
    let url = format!("rediss://127.0.0.1:{}", redis.port);
    let store = Cache::redis_with(&url, &trusting(other_ca))
        .expect("a good URL")
        .store("default");
    eventually("a warning", async || !logs.with(&url).is_empty()).await;
    assert_eq!(store.get("k").await, None);
    assert!(
        logs.with(&url)[0].contains("(its certificate is not accepted: "),
        "{:?}",
        logs.with(&url)
    );
}
