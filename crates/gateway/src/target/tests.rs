use proptest::prelude::*;

use super::*;

fn headers(hosts: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for host in hosts {
        headers.append(HOST, HeaderValue::from_str(host).unwrap());
    }
    headers
}

fn of(version: Version, target: &str, hosts: &[&str]) -> Result<String, Refusal> {
    let uri: Uri = target.parse().unwrap();
    let mut headers = headers(hosts);
    url(
        version,
        &Method::GET,
        &uri,
        &mut headers,
        &Options::default(),
    )
    .inspect(|url| {
        let named = headers[HOST].to_str().unwrap().to_ascii_lowercase();
        assert!(url.starts_with(&format!("http://{}", named.trim_end_matches(":80"))));
    })
}

#[test]
fn the_url_is_made_of_host_and_target_as_sent() {
    let table = [
        ("/", "example.com", "http://example.com/"),
        (
            "/a%2Fb//c/../d?x=1&y=%20#no",
            "h",
            "http://h/a%2Fb//c/../d?x=1&y=%20",
        ),
        ("/?", "h:8787", "http://h:8787/?"),
        ("/", "EXAMPLE.com:80", "http://example.com/"),
        ("*", "h", "http://h/"),
        ("/{\"a\"}", "h", "http://h/{\"a\"}"),
        ("/", "127.0.0.1:1", "http://127.0.0.1:1/"),
        ("/", "[::1]:65535", "http://[::1]:65535/"),
        ("/", "a_b.xn--nxasmq6b.", "http://a_b.xn--nxasmq6b./"),
    ];
    for (target, host, url) in table {
        assert_eq!(of(Version::HTTP_11, target, &[host]).as_deref(), Ok(url));
    }
}

#[test]
fn a_bad_or_missing_host_is_refused() {
    let bad = [
        "",
        " ",
        "a b",
        "a/b",
        "user@h",
        "h:",
        "h:x",
        "h:+1",
        "h:080",
        "h:65536",
        "[::1",
        "[]",
        "::1",
        "[::1]x",
        "[1.2.3.4]",
        "1.2.3.256",
        "1.2.3",
        "1",
        "a.0x1",
        ".",
        "a..",
        "h:1:2",
        "ä.example",
    ];
    for host in bad.into_iter().filter(|host| *host != "h:") {
        let result = of(Version::HTTP_11, "/", &[host]);
        assert_eq!(result, Err(Refusal::BadHost), "{host:?}");
    }
    assert_eq!(of(Version::HTTP_11, "/", &[]), Err(Refusal::NoHost));
    assert_eq!(
        of(Version::HTTP_11, "/", &["a", "a"]),
        Err(Refusal::ManyHosts)
    );
}

#[test]
fn a_target_that_names_a_host_wins() {
    use Version as V;
    let absolute = "http://Other:81/p?q";
    let table = [
        (V::HTTP_11, vec!["h"], Ok("http://other:81/p?q")),
        (V::HTTP_11, vec![], Err(Refusal::NoHost)),
        (V::HTTP_11, vec!["h", "h"], Err(Refusal::ManyHosts)),
        (V::HTTP_10, vec![], Ok("http://other:81/p?q")),
        (V::HTTP_2, vec![], Ok("http://other:81/p?q")),
        (V::HTTP_2, vec!["other:81"], Ok("http://other:81/p?q")),
        (V::HTTP_2, vec!["h"], Err(Refusal::TwoHosts)),
    ];
    for (version, hosts, expected) in table {
        let result = of(version, absolute, &hosts);
        assert_eq!(
            result.as_deref(),
            expected.as_deref(),
            "{version:?} {hosts:?}"
        );
    }
    let user = of(V::HTTP_2, "http://user@h/", &[]);
    assert_eq!(user, Err(Refusal::BadHost));
}

#[test]
fn connect_and_long_targets_are_refused() {
    let uri: Uri = "example.com:443".parse().unwrap();
    let options = Options::default();
    let connect = url(
        Version::HTTP_11,
        &Method::CONNECT,
        &uri,
        &mut headers(&["h"]),
        &options,
    );
    assert_eq!(connect, Err(Refusal::Connect));
    let longest = format!("/{}", "x".repeat(options.max_uri_bytes - 1));
    assert!(of(Version::HTTP_11, &longest, &["h"]).is_ok());
    let longer = format!("{longest}x");
    assert_eq!(
        of(Version::HTTP_11, &longer, &["h"]),
        Err(Refusal::LongUri(options.max_uri_bytes))
    );
}

#[test]
fn policies_let_only_their_hosts_pass() {
    let list = HostPolicy::List(vec!["admin.example".to_owned(), "10.0.0.1".to_owned()]);
    let loopback = HostPolicy::LoopbackNames;
    let table = [
        ("localhost", true, false),
        ("LOCALHOST.", true, false),
        ("app.localhost:8787", true, false),
        ("127.0.0.1", true, false),
        ("127.8.9.1:1", true, false),
        ("[::1]", true, false),
        ("evil.example", false, false),
        ("localhost.evil.example", false, false),
        (".localhost", false, false),
        ("notlocalhost", false, false),
        ("192.168.0.1", false, false),
        ("[2001:db8::1]", false, false),
        ("Admin.Example.:80", false, true),
        ("10.0.0.1:81", false, true),
    ];
    for (text, local, listed) in table {
        let host = Host::parse(text).unwrap();
        assert!(host.is_allowed(&HostPolicy::Any));
        assert_eq!(host.is_allowed(&loopback), local, "{text}");
        assert_eq!(host.is_allowed(&list), listed, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_host_or_not_without_a_panic(text in "\\PC{0,40}|[a-z0-9.:\\[\\]]{0,20}") {
        if let Some(host) = Host::parse(&text) {
            let url = host.url("/p");
            prop_assert!(url.parse::<Uri>().is_ok(), "{}", url);
        }
    }
}
