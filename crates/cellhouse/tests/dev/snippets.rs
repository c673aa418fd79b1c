//! The four snippets of the document on state and storage, unchanged, each as a whole Worker; and what of bad
//! input their products refuse, in whose words, with nothing stored.

use serde_json::{Value, json};

use crate::support::{App, Project};

async fn start(bindings: &str, source: &str) -> (Project, App) {
    let config = format!(
        "name = \"snippet\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n{bindings}"
    );
    let project = Project::empty()
        .with("wrangler.toml", &config)
        .with("index.js", source);
    let app = project.dev().start().await;
    (project, app)
}

const KV: &str = r#"export default {
async fetch(request, env, ctx) {
// 1. WRITE: Set a key
await env.MY_KV.put("welcome_message", "Hello from edge caching!");

// 2. READ: Get a key
const message = await env.MY_KV.get("welcome_message");

// 3. TTL: Write a temporary key that deletes itself in 60 seconds
await env.MY_KV.put("session_id", "xyz123", { expirationTtl: 60 });

return new Response(message);
}
};
"#;

#[tokio::test]
async fn kv() {
    let bindings = "[[kv_namespaces]]\nbinding = \"MY_KV\"\nid = \"my-kv\"\n";
    let (project, app) = start(bindings, KV).await;
    let told = app.get("/").await.expect(200);
    assert_eq!(told.text(), "Hello from edge caching!");
    let listed = project
        .command(&["kv", "key", "list", "--binding", "MY_KV", "--json"])
        .run()
        .await;
    let listed: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!(listed[0]["name"], "session_id");
    assert!(listed[0]["expiration"].is_number(), "{listed}");
}

const D1: &str = r#"export default {
async fetch(request, env, ctx) {
// Prepare a secure, SQL-injection safe query
const statement = env.MY_DB.prepare(
"SELECT * FROM Users WHERE email = ? LIMIT 1"
).bind("user@example.com");

// Execute the query
const { results } = await statement.all();

if (results.length === 0) return new Response("Not found", { status: 404 });

return Response.json(results[0]);
}
};
"#;

#[tokio::test]
async fn d1() {
    let bindings =
        "[[d1_databases]]\nbinding = \"MY_DB\"\ndatabase_name = \"db\"\ndatabase_id = \"db\"\n";
    let (project, app) = start(bindings, D1).await;
    let execute = async |sql: &str| {
        let arguments = ["d1", "execute", "MY_DB", "--command", sql];
        let done = project.command(&arguments).run().await;
        assert_eq!(done.code, Some(0), "{done:#?}");
    };
    execute("CREATE TABLE Users (id INTEGER PRIMARY KEY, email TEXT)").await;
    assert_eq!(app.get("/").await.expect(404).text(), "Not found");
    execute("INSERT INTO Users (email) VALUES ('user@example.com')").await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!({"id": 1, "email": "user@example.com"})
    );
}

const OBJECTS: &str = r#"export default {
async fetch(request, env, ctx) {
// 1. Get a unique ID for "chat-room-A"
const id = env.CHAT_ROOMS.idFromName("chat-room-A");

// 2. Create the connection stub to that exact global instance
const roomStub = env.CHAT_ROOMS.get(id);

// 3. Forward the request to that specific Durable Object
return await roomStub.fetch(request);
}
};
export class ChatRoom {
	count = 0;
	async fetch(request) {
		return new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()} ${++this.count}`);
	}
}
"#;

#[tokio::test]
async fn durable_objects() {
    let bindings = "[[durable_objects.bindings]]\nname = \"CHAT_ROOMS\"\nclass_name = \"ChatRoom\"\n\
                    [[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"ChatRoom\"]\n";
    let (_project, app) = start(bindings, OBJECTS).await;
    let told = app.put("/a", "hello").await.expect(200);
    assert_eq!(told.text(), "PUT /a hello 1");
    let again = app.put("/b", "you").await.expect(200);
    assert_eq!(again.text(), "PUT /b you 2", "the same instance");
}

const R2: &str = r#"export default {
async fetch(request, env, ctx) {
const url = new URL(request.url);
const objectKey = url.pathname.slice(1); // e.g. "image.png"

if (request.method === "PUT") {
// Stream the upload directly into R2
await env.MY_BUCKET.put(objectKey, request.body);
return new Response("Uploaded successfully!");
}

if (request.method === "GET") {
// Get the object
const object = await env.MY_BUCKET.get(objectKey);

if (object === null) {
return new Response("Object Not Found", { status: 404 });
}

// Stream the download back to the user
return new Response(object.body);
}
}
};
"#;

#[tokio::test]
async fn r2() {
    let bindings = "[[r2_buckets]]\nbinding = \"MY_BUCKET\"\nbucket_name = \"my-bucket\"\n";
    let (_project, app) = start(bindings, R2).await;
    let missing = app.get("/image.png").await.expect(404);
    assert_eq!(missing.text(), "Object Not Found");
    let image = vec![7_u8; 300_000];
    let put = app.put("/image.png", image.clone()).await.expect(200);
    assert_eq!(put.text(), "Uploaded successfully!");
    assert!(app.get("/image.png").await.expect(200).body == image);
}

/// Each is refused; afterwards nothing is stored. A bad signature is in `r2/s3.rs`.
const BAD: &str = r#"
const told = async (f) => { try { return ["done", await f()]; } catch (e) { return `${e.name}: ${e.message}`; } };
export default {
	async fetch(request, { DB, BUCKET }) {
		await DB.exec("CREATE TABLE t (a)");
		const insert = DB.prepare("INSERT INTO t VALUES (?)");
		const upload = await BUCKET.createMultipartUpload("parts");
		const parts = [await upload.uploadPart(1, "small"), await upload.uploadPart(2, "small")];
		const unknown = BUCKET.resumeMultipartUpload("parts", "unknown");
		const answers = {
			sql: await told(() => DB.batch([insert.bind(1), DB.prepare("INSERT INTOO t VALUES (2)")])),
			few: await told(() => insert.bind(1, 2).run()),
			many: await told(() => DB.prepare("INSERT INTO t VALUES (?101)").bind(1).run()),
			object: await told(() => insert.bind({ a: 1 }).run()),
			key: await told(() => BUCKET.put("k".repeat(1025), "x")),
			checksum: await told(() => BUCKET.put("sum", "hello", { md5: "00".repeat(16) })),
			small: await told(() => upload.complete(parts)),
			unknown: await told(() => unknown.uploadPart(1, "x")),
			gone: await told(() => unknown.complete([])),
		};
		await upload.abort();
		const rows = await DB.prepare("SELECT count(*) AS n FROM t").first("n");
		const { objects } = await BUCKET.list();
		return Response.json({ answers, rows, keys: objects.map(({ key }) => key) });
	},
};
"#;

#[tokio::test]
async fn what_is_refused_stores_nothing() {
    let bindings = "[[d1_databases]]\nbinding = \"DB\"\ndatabase_name = \"db\"\ndatabase_id = \"db\"\n\
                    [[r2_buckets]]\nbinding = \"BUCKET\"\nbucket_name = \"my-bucket\"\n";
    let (_project, app) = start(bindings, BAD).await;
    let found = app.get("/").await.expect(200).json();
    let answers = &found["answers"];
    assert_eq!(
        answers["sql"],
        "Error: D1_ERROR: near \"INTOO\": syntax error at offset 7: SQLITE_ERROR"
    );
    assert_eq!(
        answers["few"],
        "Error: D1_ERROR: Wrong number of parameter bindings for SQL query."
    );
    let refused = [
        ("many", "variable number must be between ?1 and ?100"),
        (
            "object",
            "Error: D1_TYPE_ERROR: Type 'object' not supported for value '[object Object]'",
        ),
        (
            "key",
            "Error: put: The specified object name is not valid. (10020)",
        ),
        (
            "checksum",
            "put: The MD5 checksum you specified did not match what we received.\nYou provided a MD5 checksum with \
             value: 00000000000000000000000000000000\nActual MD5 was: 5d41402abc4b2a76b9719d911017c592 (10037)",
        ),
        (
            "small",
            "Your proposed upload is smaller than the minimum allowed object size. (10011)",
        ),
        (
            "unknown",
            "The specified multipart upload does not exist. (10024)",
        ),
    ];
    for (case, text) in refused {
        let answer = answers[case].as_str().unwrap_or_default();
        assert!(answer.contains(text), "{case}: {found:#}");
    }
    assert!(answers["gone"].is_string(), "{found:#}");
    assert_eq!((&found["rows"], &found["keys"]), (&json!(0), &json!([])));
}
