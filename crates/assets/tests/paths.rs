//! Random paths, many of them hostile: what is answered is a file of the directory, with one address, or nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use cellhouse_assets::{HtmlHandling, NotFound, Options, ScriptFirst, Site};
use cellhouse_exchange::{Body, Client, Handler, Request, Response};
use http::{HeaderMap, Method};

const PIECES: &[&str] = &[
    "/",
    "/",
    "/",
    "..",
    ".",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "\\",
    "%00",
    "%",
    "%zz",
    "%ff",
    "a",
    "b.html",
    "index",
    ".html",
    "secret",
    "secret.txt",
    "up",
    "out.txt",
    "inner",
    "~",
    "etc",
    "passwd",
    "%c0%ae",
    "?",
    "#",
    ":",
    "//",
    "%252e%252e",
    "\u{fc}",
];

fn site(directory: &Path, html: HtmlHandling, not_found: NotFound) -> Site {
    Site::new(Options {
        directory: directory.to_owned(),
        html,
        not_found,
        script_first: ScriptFirst::Never,
        navigation_prefers_assets: true,
        has_script: false,
        report: Arc::new(|problem| panic!("{problem}")),
    })
}

async fn get(site: &Site, path: &str) -> Response {
    let request = Request {
        method: Method::GET,
        url: format!("http://host{path}"),
        headers: HeaderMap::new(),
        body: Body::Empty,
        client: Client {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            protocol: "HTTP/1.1",
        },
    };
    site.handle(request).await
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let public = folder.path().join("public");
    std::fs::create_dir_all(public.join("inner/secret")).expect("folders");
    std::fs::write(folder.path().join("secret.txt"), "SECRET").expect("a file");
    for file in [
        "a.html",
        "index.html",
        "inner/b.html",
        "inner/secret/a",
        "secret.html",
    ] {
        std::fs::write(public.join(file), "public").expect("a file");
    }
    std::fs::write(public.join(".env"), "SECRET").expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(folder.path(), public.join("up")).expect("a link");
        symlink("/", public.join("all")).expect("a link");
        symlink("../secret.txt", public.join("out.txt")).expect("a link");
        symlink(".env", public.join("env.txt")).expect("a link");
    }
    folder
}

#[tokio::test]
async fn nothing_but_public_files_is_answered() {
    let folder = folder();
    let public = folder.path().join("public");
    let mut state = 1u64;
    let mut below = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % limit
    };
    let ways = [
        HtmlHandling::AutoTrailingSlash,
        HtmlHandling::ForceTrailingSlash,
        HtmlHandling::DropTrailingSlash,
        HtmlHandling::None,
    ];
    let mut served = 0;
    for _ in 0..4_000 {
        let site = site(
            &public,
            ways[below(4)],
            [NotFound::None, NotFound::NearestPage][below(2)],
        );
        let pieces: String = (0..=below(7))
            .map(|_| PIECES[below(PIECES.len())])
            .collect();
        let path = format!("/{pieces}");
        let response = get(&site, &path).await;
        match (response.status, response.body) {
            (200, Body::Bytes(bytes)) => {
                assert_eq!(bytes, "public", "{path}");
                served += 1;
            }
            (307, Body::Empty) => {
                let location = response.headers["location"]
                    .to_str()
                    .expect("plain text")
                    .to_owned();
                assert!(
                    location.starts_with('/') && !location.starts_with("//"),
                    "{path}: {location}"
                );
                // It leads to what is there, soon.
                let mut there = get(&site, &location).await;
                for _ in 0..2 {
                    if there.status == 307 {
                        let next = there.headers["location"].to_str().expect("plain text");
                        there = get(&site, next).await;
                    }
                }
                assert_eq!(there.status, 200, "{path}: {location}");
            }
            (404, Body::Empty) => {}
            (status, body) => panic!("{path}: {status} {body:?}"),
        }
    }
    assert!(served > 100, "{served}");
    for path in [
        "/up/secret.txt",
        "/all/etc/passwd",
        "/out.txt",
        "/.env",
        "/env.txt",
        "/..%2fsecret.txt",
    ] {
        let response = get(&site(&public, HtmlHandling::None, NotFound::None), path).await;
        assert_eq!(response.status, 404, "{path}");
    }
}
