//! Workers KV under `kv_namespaces`: every call of Cloudflare's own types, and whose data it is.

use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::Project;

const CONFIG: &str = r#"
name = "typed"
main = "index.ts"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "KV", id = "typed" }]
"#;

/// Each overload of KVNamespace in `@cloudflare/workers-types`, once: the compiler says whether it is one, and
/// the assertions what it gives.
const TYPED: &str = r#"
interface Env { KV: KVNamespace }
type Point = { x: number };
type Meta = { by: string };

const text = (stream: ReadableStream | null) => stream === null ? null : new Response(stream).text();
const bytes = (buffer: ArrayBuffer | null) => buffer === null ? null : [...new Uint8Array(buffer)];

export default {
  async fetch(_request, env): Promise<Response> {
    const kv = env.KV;
    const stream = new Response("s").body!;
    const puts: void[] = [
      await kv.put("point", '{"x":1}', { metadata: { by: "me" } satisfies Meta, expirationTtl: 600 }),
      await kv.put("buffer", Uint8Array.of(1, 2).buffer, { expiration: Math.floor(Date.now() / 1000) + 600 }),
      await kv.put("view", Uint8Array.of(3, 4), { metadata: null }),
      await kv.put("stream", stream),
    ];
    const one: (string | null)[] = [
      await kv.get("point"), await kv.get("point", {}), await kv.get("point", { cacheTtl: 60 }),
      await kv.get("point", "text"), await kv.get("point", { type: "text" }), await kv.get("none"),
    ];
    const points: (Point | null)[] = [
      await kv.get<Point>("point", "json"), await kv.get<Point>("point", { type: "json" }),
    ];
    const buffers = [bytes(await kv.get("buffer", "arrayBuffer")), bytes(await kv.get("view", { type: "arrayBuffer" }))];
    const streams = [await text(await kv.get("stream", "stream")), await text(await kv.get("stream", { type: "stream" }))];
    const keys = ["point", "none"];
    const maps: Map<string, string | null>[] = [
      await kv.get(keys, "text"), await kv.get(keys), await kv.get(keys, { cacheTtl: 30 }), await kv.get(keys, { type: "text" }),
    ];
    const pointMaps: Map<string, Point | null>[] = [
      await kv.get<Point>(keys, "json"), await kv.get<Point>(keys, { type: "json" }),
    ];
    const withMeta: KVNamespaceGetWithMetadataResult<string, Meta>[] = [
      await kv.getWithMetadata<Meta>("point"), await kv.getWithMetadata<Meta>("point", { cacheTtl: 60 }),
      await kv.getWithMetadata<Meta>("point", "text"), await kv.getWithMetadata<Meta>("point", { type: "text" }),
      await kv.getWithMetadata<Meta>("none"),
    ];
    const pointsWithMeta: KVNamespaceGetWithMetadataResult<Point, Meta>[] = [
      await kv.getWithMetadata<Point, Meta>("point", "json"),
      await kv.getWithMetadata<Point, Meta>("point", { type: "json" }),
    ];
    const bufferWithMeta = await kv.getWithMetadata<Meta>("view", "arrayBuffer");
    const streamWithMeta = await kv.getWithMetadata<Meta>("stream", { type: "stream" });
    const others = [
      bytes(bufferWithMeta.value), bufferWithMeta.metadata, bufferWithMeta.cacheStatus,
      bytes((await kv.getWithMetadata("buffer", { type: "arrayBuffer" })).value),
      await text(streamWithMeta.value), await text((await kv.getWithMetadata("stream", "stream")).value),
    ];
    const metaMaps = [
      await kv.getWithMetadata<Meta>(keys, "text"), await kv.getWithMetadata<Meta>(keys),
      await kv.getWithMetadata<Meta>(keys, { type: "text" }),
    ];
    const pointMetaMaps = [
      await kv.getWithMetadata<Point, Meta>(keys, "json"), await kv.getWithMetadata<Point, Meta>(keys, { type: "json" }),
    ];
    const first = await kv.list<Meta>({ limit: 2 });
    if (first.list_complete) throw new Error("there are four");
    const second = await kv.list<Meta>({ limit: 2, cursor: first.cursor });
    const third = await kv.list<Meta>({ prefix: "p", cursor: null });
    const lists = [first, second, third].map((page) => [
      page.list_complete, page.cacheStatus, page.keys.map((key) => [key.name, key.metadata, typeof key.expiration]),
    ]);
    const gone: void = await kv.delete("point");
    return Response.json({
      puts: puts.length, one, points, buffers, streams, withMeta, pointsWithMeta, others, lists,
      maps: maps.map((map) => [...map]), pointMaps: pointMaps.map((map) => [...map]),
      metaMaps: metaMaps.map((map) => [...map]), pointMetaMaps: pointMetaMaps.map((map) => [...map]),
      gone: gone === undefined && await kv.get("point"),
    });
  },
} satisfies ExportedHandler<Env>;
"#;

#[tokio::test]
async fn every_call_of_cloudflares_types() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("index.ts", TYPED);
    let modules = super::types::node_modules();
    symlink(modules, project.path().join("node_modules")).expect("a link");
    let compiled = Command::new(super::types::compiler())
        .args([
            "--strict",
            "--noEmit",
            "--target",
            "esnext",
            "--module",
            "esnext",
            "--moduleResolution",
            "bundler",
            "--lib",
            "esnext",
            "--types",
            "@cloudflare/workers-types",
            "index.ts",
        ])
        .current_dir(project.path())
        .output()
        .expect("the compiler starts");
    let said = String::from_utf8_lossy(&compiled.stdout);
    assert!(compiled.status.success(), "{said}");

    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    let point = "{\"x\":1}";
    let meta = json!({"by": "me"});
    let one = |value: Value| json!({"value": value, "metadata": meta, "cacheStatus": null});
    let none = json!({"value": null, "metadata": null, "cacheStatus": null});
    let whole = |value: Value| json!([["point", value], ["none", null]]);
    let part = |value: Value| whole(json!({"value": value, "metadata": meta}));
    for (name, expected) in [
        ("puts", json!(4)),
        ("one", json!([point, point, point, point, point, null])),
        ("points", json!([{"x": 1}, {"x": 1}])),
        ("buffers", json!([[1, 2], [3, 4]])),
        ("streams", json!(["s", "s"])),
        ("maps", json!(vec![whole(json!(point)); 4])),
        ("pointMaps", json!(vec![whole(json!({"x": 1})); 2])),
        (
            "withMeta",
            json!([
                one(json!(point)),
                one(json!(point)),
                one(json!(point)),
                one(json!(point)),
                none
            ]),
        ),
        ("pointsWithMeta", json!(vec![one(json!({"x": 1})); 2])),
        ("others", json!([[3, 4], null, null, [1, 2], "s", "s"])),
        ("metaMaps", json!(vec![part(json!(point)); 3])),
        ("pointMetaMaps", json!(vec![part(json!({"x": 1})); 2])),
        (
            "lists",
            json!([
                [
                    false,
                    null,
                    [["buffer", null, "number"], ["point", meta, "number"]]
                ],
                [
                    true,
                    null,
                    [["stream", null, "undefined"], ["view", null, "undefined"]]
                ],
                [true, null, [["point", meta, "number"]]],
            ]),
        ),
        ("gone", json!(null)),
    ] {
        assert_eq!(answer[name], expected, "{name}");
    }
}

const COUNTER: &str = "export default { async fetch(request, env) {
    const kv = env.KV ?? env.OTHER;
    if (request.method === 'PUT') await kv.put('a', await request.text());
    return new Response(await kv.get('a'));
} };";

fn app(name: &str, namespaces: &str) -> Project {
    let config = format!(
        "name = \"{name}\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\nkv_namespaces = [{namespaces}]\n"
    );
    Project::empty()
        .with("wrangler.toml", &config)
        .with("index.js", COUNTER)
}

#[tokio::test]
async fn two_apps_share_a_namespace_by_its_id_and_nothing_else() {
    let data = tempfile::tempdir().expect("a folder");
    let store = data.path().to_str().expect("a plain path");
    let first = app("first", "{ binding = \"KV\", id = \"shared\" }");
    let second = app("second", "{ binding = \"OTHER\", id = \"shared\" }");
    let third = app("third", "{ binding = \"KV\", id = \"own\" }");
    let run = async |project: &Project| project.dev().arguments(&["--store", store]).start().await;
    let running = run(&first).await;
    running.put("/", "of the first").await.expect(200);
    running.stop(libc::SIGTERM).await;
    let running = run(&second).await;
    assert_eq!(running.get("/").await.text(), "of the first");
    running.stop(libc::SIGTERM).await;
    let running = run(&third).await;
    assert_eq!(running.get("/").await.text(), "");
}

#[tokio::test]
async fn two_bindings_of_one_namespace_and_the_preview_namespace() {
    let project = app("preview", "{ binding = \"KV\", id = \"live\", preview_id = \"test\" }, { binding = \"LIVE\", id = \"live\" }, { binding = \"TEST\", id = \"test\" }")
        .with("index.js", "export default { async fetch(request, env) {
            await env.KV.put('a', 'in KV');
            return Response.json([await env.LIVE.get('a'), await env.TEST.get('a')]);
        } };");
    let running = project.dev().start().await;
    // As wrangler dev: what is developed does not touch the namespace that is deployed.
    assert_eq!(running.get("/").await.json(), json!([null, "in KV"]));
}
