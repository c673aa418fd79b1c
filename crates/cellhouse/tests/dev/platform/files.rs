//! Ploy's file storage, and Cloudflare's rate limits.

use serde_json::json;

use crate::support::Project;

const FILES: &str = r#"
export default {
    async fetch(request, env) {
        const out = {};
        const attempt = async (name, call) => {
            try { out[name] = (await call()) ?? null; } catch (error) { out[name] = String(error); }
        };
        const { FILES } = env;
        await attempt("missing", () => FILES.get("none"));
        await FILES.put("a/é.txt", "héllo\u0000world");
        await FILES.put("a/b.json", "{}", { contentType: "application/json" });
        await FILES.put("A/c", "");
        await FILES.put("a%", "x");
        await attempt("text", () => FILES.get("a/é.txt"));
        await attempt("json", () => FILES.get("a/b.json"));
        await attempt("list", async () => (await FILES.list({ prefix: "a/" })).keys);
        await attempt("percent", async () => (await FILES.list({ prefix: "a%" })).keys.length);
        await attempt("limit", async () => (await FILES.list({ limit: 2 })).keys.map(({ key }) => key));
        await attempt("bytes", () => FILES.put("b", new Uint8Array(2)));
        await attempt("empty key", () => FILES.put("", "x"));
        await attempt("bad limit", () => FILES.list({ limit: 0 }));
        await FILES.delete("a%");
        await attempt("deleted", () => FILES.get("a%"));
        return Response.json(out);
    },
} satisfies Ploy;
"#;

#[tokio::test]
async fn files_are_text_with_a_type() {
    let project = Project::ploy("fs:\n  FILES: my_files\n", FILES);
    let app = project.dev().start().await;
    let text = "text/plain";
    let expected = json!({
        "missing": null,
        "text": { "body": "héllo\u{0}world", "contentType": text, "size": 12 },
        "json": { "body": "{}", "contentType": "application/json", "size": 2 },
        "list": [
            { "key": "a/b.json", "size": 2, "contentType": "application/json" },
            { "key": "a/é.txt", "size": 12, "contentType": text },
        ],
        "percent": 1,
        "limit": ["A/c", "a%"],
        "bytes": "TypeError: FileStorage put(): the value must be a string. Use an R2 bucket for bytes.",
        "empty key": "TypeError: FileStorage put(): the key must be a string that is not empty.",
        "bad limit": "TypeError: FileStorage list(): limit must be a whole number of at least 1, not 0.",
        "deleted": null,
    });
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

const LIMIT: &str = r#"
export default {
    async fetch(request, env) {
        const { searchParams } = new URL(request.url);
        const results = [];
        for (const key of searchParams.get("keys")) results.push((await env.LIMIT.limit({ key })).success);
        const refuse = (options) => env.LIMIT.limit(options).then(() => "", (error) => error.message);
        return Response.json({ results, wrong: [await refuse(), await refuse({ key: 1 }), await refuse({ a: 1 })] });
    },
};
"#;

#[tokio::test]
async fn a_key_has_so_many_calls_in_a_period() {
    let config = "main = \"a.js\"\n[[ratelimits]]\nname = \"LIMIT\"\nnamespace_id = \"1\"\n\
                  simple = { limit = 2, period = 60 }\n";
    let project = Project::empty()
        .with("wrangler.toml", config)
        .with("a.js", LIMIT);
    let app = project.dev().start().await;
    let reply = app.get("/?keys=aaaabbbb").await.expect(200).json();
    let results: Vec<bool> = serde_json::from_value(reply["results"].clone()).unwrap();
    // A minute may begin in between, which allows two more of each.
    for of_one in results.chunks(4) {
        let allowed = of_one.iter().filter(|success| **success).count();
        assert!((2..=4).contains(&allowed), "{results:?}");
        assert!(of_one[0] && of_one[1], "{results:?}");
    }
    assert!(
        results.iter().filter(|success| **success).count() < 8,
        "{results:?}"
    );
    let wrong = json!([
        "invalid rate limit options",
        "invalid key: 1",
        "bad rate limit options: [a]"
    ]);
    assert_eq!(reply["wrong"], wrong);
}
