//! Static files: what a client gets, what it cannot get, and what a change of the folder does.

use std::os::unix::fs::symlink;

use crate::support::{App, Project, Reply, full};

const CONFIG: &str = "name = \"files\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-07-01\"\n\
                      assets = { directory = \"public\", binding = \"ASSETS\" }\n";
const WORKER: &str = "export default { async fetch(request, env) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === '/ask') return env.ASSETS.fetch(searchParams.get('url'));
  if (pathname === '/changed') {
    const response = await env.ASSETS.fetch(new URL(searchParams.get('page') ?? '/page', request.url));
    return new HTMLRewriter().on('p', { element(p) { p.append('!'); } }).transform(response);
  }
  return new Response(`script ${pathname}`);
} };";

fn project() -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", WORKER)
        .with("public/page.html", "<p>one</p>")
}

async fn with_header(app: &App, path: &str, name: &str, value: &str) -> Reply {
    let request = app.client().request("GET", path).header(name, value);
    app.client()
        .call(request.body(full("")).expect("a request"))
        .await
}

#[tokio::test]
async fn a_file_has_a_tag_and_a_length() {
    let project = project().with("public/data.bin", "0123456789");
    let app = project.dev().start().await;
    let file = app.get("/data.bin").await.expect(200);
    assert_eq!(
        (file.text(), file.header("content-length")),
        ("0123456789", "10")
    );
    assert_eq!(
        file.header("cache-control"),
        "public, max-age=0, must-revalidate"
    );
    let tag = file.header("etag");
    for known in [
        tag.to_owned(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
    ] {
        let same = with_header(&app, "/data.bin", "if-none-match", &known)
            .await
            .expect(304);
        assert_eq!((same.text(), same.header("etag")), ("", tag));
    }
    with_header(&app, "/data.bin", "if-none-match", "\"other\"")
        .await
        .expect(200);
    let head = app.client().send("HEAD", "/data.bin", "").await.expect(200);
    assert_eq!((head.text(), head.header("content-length")), ("", "10"));
    // As Cloudflare, all of it.
    let part = with_header(&app, "/data.bin", "range", "bytes=0-1")
        .await
        .expect(200);
    assert_eq!(
        (part.text(), part.header("cache-control")),
        ("0123456789", "")
    );
    app.post("/data.bin").await.expect(405);
    assert_eq!(app.get("/other").await.expect(200).text(), "script /other");
}

#[tokio::test]
async fn a_change_counts_at_once() {
    let project = project();
    let app = project.dev().start().await;
    let first = app.get("/page").await.expect(200);
    project.write("public/page.html", "<p>second</p>");
    let second = app.get("/page").await.expect(200);
    assert_eq!(second.text(), "<p>second</p>");
    assert_ne!(first.header("etag"), second.header("etag"));
    assert_eq!(app.get("/new").await.expect(200).text(), "script /new");
    project.write("public/new.txt", "new");
    assert_eq!(app.get("/new.txt").await.expect(200).text(), "new");
    project.write("public/_redirects", "/new /new.txt 301\nnonsense\n");
    assert_eq!(
        app.get("/new").await.expect(301).header("location"),
        "/new.txt"
    );
    let told = app
        .events()
        .next(0, "note")
        .await
        .expect("what is wrong with the rules");
    let told = told["message"].as_str().expect("text");
    assert!(
        told.contains("_redirects: line 2: Expected exactly 2 or 3"),
        "{told}"
    );
    project.write("public/_headers", "/new.txt\n  X-New: yes\n");
    assert_eq!(app.get("/new.txt").await.header("x-new"), "yes");
    project.write("public/.assetsignore", "*.txt\n");
    assert_eq!(
        app.get("/new.txt").await.expect(200).text(),
        "script /new.txt"
    );
}

#[tokio::test]
async fn no_path_leads_out() {
    let project = project()
        .with("secret.txt", "secret")
        .with("public/in/x.txt", "x");
    let public = project.path().join("public");
    symlink(project.path().join("secret.txt"), public.join("out.txt")).unwrap();
    symlink(project.path(), public.join("up")).unwrap();
    symlink(public.join("in"), public.join("within")).unwrap();
    symlink(public.join("_headers"), public.join("rules.txt")).unwrap();
    project.write("public/_headers", "/x\n  A: b\n");
    project.write("public/.env", "KEY=secret");
    let app = project.dev().start().await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/in/..%2f..%2fsecret.txt",
        "/out.txt",
        "/up/secret.txt",
        "/rules.txt",
        "/_headers",
        "/.env",
        "/in/%00",
        "/in",
        "/%2fetc%2fpasswd",
        "/in/..%5c..%5csecret.txt",
    ] {
        let reply = app.get(path).await;
        assert!(reply.text().starts_with("script "), "{path}: {reply:?}");
    }
    assert_eq!(app.get("/within/x.txt").await.expect(200).text(), "x");
}

#[tokio::test]
async fn a_large_file_is_streamed() {
    let project = project();
    let size = 64 << 20;
    let file = std::fs::File::create(project.path().join("public/large.bin")).unwrap();
    file.set_len(size).unwrap();
    let app = project.dev().start().await;
    app.get("/page").await.expect(200);
    let before = app.resident_bytes();
    let large = app.get("/large.bin").await.expect(200);
    assert_eq!(large.body.len() as u64, size);
    let through = app
        .get("/ask?url=http%3A%2F%2Fh%2Flarge.bin")
        .await
        .expect(200);
    assert_eq!(through.body.len() as u64, size);
    let part = format!("<p>{}</p>\n", "text ".repeat(1_000));
    project.write("public/large.html", &part.repeat(64 << 20 >> 12));
    let length = std::fs::metadata(project.path().join("public/large.html"))
        .unwrap()
        .len();
    let changed = app.get("/changed?page=/large").await.expect(200);
    let more = changed.body.len() as u64 - length;
    assert_eq!(
        more,
        64 << 20 >> 12,
        "each paragraph has one character more"
    );
    let grown = app.resident_bytes().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn the_binding_takes_urls_and_requests() {
    let project = project();
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/ask?url=http%3A%2F%2Fh%2Fpage")
            .await
            .expect(200)
            .text(),
        "<p>one</p>"
    );
    // Redirects are followed, as fetch() does.
    assert_eq!(
        app.get("/ask?url=http%3A%2F%2Fh%2Fpage.html")
            .await
            .expect(200)
            .text(),
        "<p>one</p>"
    );
    app.get("/ask?url=http%3A%2F%2Fh%2Fnope").await.expect(404);
    assert_eq!(app.get("/changed").await.expect(200).text(), "<p>one!</p>");
}

#[tokio::test]
async fn files_alone_need_no_script() {
    let project = Project::empty()
        .with("wrangler.toml", "name = \"files\"\ncompatibility_date = \"2026-07-01\"\n[assets]\ndirectory = \"dist\"\nnot_found_handling = \"single-page-application\"\n")
        .with("src/index.js", "a script that is not meant");
    let app = project.dev().start().await;
    app.get("/").await.expect(404);
    project.write("dist/index.html", "the app");
    assert_eq!(app.get("/").await.expect(200).text(), "the app");
    assert_eq!(app.get("/some/route").await.expect(200).text(), "the app");
    app.post("/some/route").await.expect(405);
}

#[tokio::test]
async fn what_needs_a_script_says_so() {
    for (line, message) in [
        ("binding = \"ASSETS\"", "`assets.binding` needs a script"),
        (
            "run_worker_first = true",
            "`assets.run_worker_first` needs a script",
        ),
    ] {
        let config = format!(
            "name = \"files\"\ncompatibility_date = \"2026-07-01\"\n[assets]\ndirectory = \"dist\"\n{line}\n"
        );
        let project = Project::empty().with("wrangler.toml", &config);
        let exit = project.dev().run().await;
        assert!(exit.stderr.contains(message), "{}", exit.stderr);
    }
}

#[tokio::test]
async fn ploy_has_files_too() {
    let project = Project::empty()
        .with("ploy.yaml", "kind: worker\nassets:\n  directory: public\n  binding: ASSETS\n  not_found_handling: 404-page\n  run_worker_first: [/api/*]\n")
        .with("index.ts", "export default { fetch: (request: Request) => new Response(`script ${new URL(request.url).pathname}`) };")
        .with("public/index.html", "first page")
        .with("public/404.html", "not here");
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "first page");
    assert_eq!(app.get("/api/x").await.expect(200).text(), "script /api/x");
    assert_eq!(app.get("/nope").await.expect(404).text(), "not here");
}
