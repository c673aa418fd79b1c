//! `node:fs`: what it answers, beside miniflare; which files an app has; what one event sees of another.

use serde_json::{Value, json};

use super::{compare, project};

/// Cases of `fs_cases.mjs` whose answers are not workerd's but Node.js's: there something is lost, or a mistake is
/// not told.
fn meant(name: &str) -> Option<Value> {
    Some(match name {
        // workerd takes `offset` and the place of a view in its buffer for one.
        "write: forms" => json!([[3, 2, 2, 3, 1, 0], "xBCBCDEGHI"]),
        "own: write: a part of a larger buffer" => json!([4, 2, "456789"]),
        // A folder that is renamed in its folder is lost there.
        "rename" => json!([null, null, ["b", "h"], "x"]),
        "own: rename: a folder" => json!("y"),
        "own: rename: over a file" => json!(["new", ["b"]]),
        "own: rename: over folders" => json!([
            "Error ENOTEMPTY rename: directory not empty",
            "Error EISDIR rename: illegal operation on a directory",
            "Error ENOTDIR rename: not a directory",
            "Error EINVAL rename: invalid argument"
        ]),
        "own: copyFile: over a file" => json!("new"),
        // There flags are looked at for the way of access alone.
        "own: open: missing" => json!(["ENOENT", "ENOENT", false]),
        "own: open: w empties it" => json!("new"),
        "own: write: opened to read" => json!("Error EBADF write: bad file descriptor"),
        "own: createReadStream: missing" => json!(["ENOENT", "open"]),
        "own: createWriteStream: flags" => json!("one two"),
        "own: mkdir: recursive, one" => json!("/a"),
        "own: readdir: recursive" => json!([["a", "a/b", "a/b/c"], ["a", "b", "c"]]),
        "own: names" => json!([["\u{e4} b%20"], "x"]),
        "own: links" => {
            json!([["isFile"], "/a/f", ["f"], null, null, ["a", "m"]])
        }
        "own: rm: force, no folder" => Value::Null,
        "own: encodings" => json!(["x", true]),
        // There all have the number 0.
        "own: numbers of files" => json!([false, true, true]),
        // All times there are 1970.
        "own: times" => json!([true, true]),
        _ => return None,
    })
}

#[tokio::test]
async fn files_and_the_process_answer_as_on_miniflare() {
    compare("fs", 140, meant).await;
}

#[tokio::test]
async fn an_app_finds_its_files_in_bundle() {
    let source = "import fs from 'node:fs';
        import page from './pages/page.html';
        import data from '../shared/data.bin';
        export default { fetch: () => Response.json([
            fs.readdirSync('/bundle').sort(), fs.readFileSync('/bundle/pages/page.html', 'utf8') === page,
            [...fs.readFileSync('/bundle/shared/data.bin')], data.byteLength,
            fs.readFileSync('/bundle/app.js', 'utf8').includes('readdirSync'), process.cwd(),
            fs.readFileSync('pages/page.html', 'utf8').length,
        ]) };";
    let project = project("2026-07-01", &["nodejs_compat"], source)
        .with("src/pages/page.html", "<p>page</p>")
        .with("shared/data.bin", "\u{1}\u{2}");
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    let files = ["app.js", "pages", "shared"];
    assert_eq!(answer, json!([files, true, [1, 2], 2, true, "/bundle", 11]));
}

#[tokio::test]
async fn an_event_sees_no_files_of_another() {
    let source = "import fs from 'node:fs'; import process from 'node:process';
        fs.writeFileSync('/tmp/outside', 'x');
        const left = fs.openSync('/tmp/outside');
        export default { async fetch(request, env, ctx) {
            const name = new URL(request.url).pathname.slice(1);
            const before = [fs.readdirSync('/tmp'), process.cwd()];
            fs.writeFileSync('/tmp/' + name, name);
            process.chdir('/tmp');
            await new Promise((done) => setTimeout(done, 20));
            const body = new ReadableStream({ pull(controller) {
                controller.enqueue(new TextEncoder().encode(JSON.stringify([before, fs.readdirSync('/tmp'), process.cwd()])));
                controller.close();
            } });
            ctx.waitUntil(Promise.resolve().then(() => fs.readFileSync('/tmp/' + name)));
            return new Response(body);
        } };";
    let app = project("2026-07-01", &["nodejs_compat"], source)
        .dev()
        .start()
        .await;
    let (one, two) = tokio::join!(app.get("/one"), app.get("/two"));
    for (answer, name) in [(one, "one"), (two, "two")] {
        let expected = json!([[[], "/bundle"], [name], "/tmp"]);
        assert_eq!(answer.expect(200).json(), expected);
    }
    assert_eq!(
        app.get("/one").await.expect(200).json(),
        json!([[[], "/bundle"], ["one"], "/tmp"])
    );
}

#[tokio::test]
async fn an_object_keeps_its_files_as_long_as_it_lives() {
    let source = "import fs from 'node:fs'; import { DurableObject } from 'cloudflare:workers';
        export class Notes extends DurableObject {
            add(name) {
                fs.writeFileSync('/tmp/' + name, '');
                return fs.readdirSync('/tmp');
            }
        }
        export default { async fetch(request, env) {
            const [one, two] = [env.NOTES.getByName('one'), env.NOTES.getByName('two')];
            return Response.json([await one.add('a'), await one.add('b'), await two.add('c'), fs.readdirSync('/tmp')]);
        } };";
    let project = project("2026-07-01", &["nodejs_compat"], source);
    let config = project.read("wrangler.toml")
        + "[[durable_objects.bindings]]\nname = \"NOTES\"\nclass_name = \"Notes\"\n\
           [[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Notes\"]\n";
    project.write("wrangler.toml", &config);
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!([["a"], ["a", "b"], ["c"], []]));
}

#[tokio::test]
async fn what_is_written_to_the_standard_streams_is_printed() {
    let source = "export default { async fetch() {
            process.stdout.write('one line\\nand ');
            process.stdout.write('a part');
            process.stderr.write('trouble\\n');
            await new Promise((done) => setTimeout(done, 1));
            return new Response('done');
        } };";
    let app = project("2026-07-01", &["nodejs_compat"], source)
        .dev()
        .start()
        .await;
    app.get("/").await.expect(200);
    for line in ["one line", "and a part", "trouble"] {
        let printed = |event: &Value| event["event"] == "console" && event["message"] == line;
        app.events().find(0, printed).await.expect(line);
    }
}
