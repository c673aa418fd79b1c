//! Bodies on their way through a Worker.

use super::{FILES, files, pattern, start};
use crate::support::eventually;

#[tokio::test]
async fn bodies_of_all_sizes_through_a_worker() {
    let (project, app) = start(FILES).await;
    for size in [0, 1, 16_384, 16_385, 1_000_000, 5_000_001] {
        let bytes = pattern(size);
        let put = app.put("/a", bytes.clone()).await.expect(200).json();
        assert_eq!(put["size"], size);
        let got = app.get("/a").await.expect(200);
        assert!(got.body == bytes, "{size} bytes");
        assert_eq!(got.headers["content-length"], size.to_string().as_str());
    }
    app.delete("/a").await.expect(204);
    app.get("/a").await.expect(404);
    eventually("the bodies are gone", async || files(&project).is_empty()).await;
}

const KINDS: &str = r#"
const bytes = new Uint8Array(100_000).map((_, i) => i * 7);
const stream = (length) => {
	const { readable, writable } = new FixedLengthStream(length);
	const writer = writable.getWriter();
	writer.write(bytes).then(() => writer.close()).catch(() => {});
	return readable;
};
const VALUES = {
	string: () => "ü".repeat(50_000),
	buffer: () => bytes.buffer.slice(0),
	view: () => bytes.subarray(10, 50_000),
	blob: () => new Blob([bytes, bytes]),
	small_blob: () => new Blob(["small"]),
	fixed: () => stream(bytes.byteLength),
	response: () => new Response(bytes).body,
	tee: () => new Response(bytes).body.tee()[1],
	null: () => null,
};
const refused = async (f) => {
	try {
		await f();
	} catch (error) {
		return `${error.name}: ${error.message}`;
	}
};
export default {
	async fetch(request, { BUCKET }) {
		const result = {};
		for (const [name, value] of Object.entries(VALUES)) {
			const expected = new Uint8Array(await new Response(value()).arrayBuffer());
			await BUCKET.put(name, value());
			const object = await BUCKET.get(name);
			const got = new Uint8Array(await object.arrayBuffer());
			result[name] = got.length === expected.length && got.every((byte, i) => byte === expected[i]);
		}
		// A body of another object, and of a request that was cloned.
		await BUCKET.put("copy", (await BUCKET.get("blob")).body);
		result.copy = (await BUCKET.head("copy")).etag === (await BUCKET.head("blob")).etag;
		const clone = request.clone();
		await BUCKET.put("clone", clone.body);
		result.clone = await (await BUCKET.get("clone")).text() === await request.text();
		const unknown = () => new Response("abc").body.pipeThrough(new TransformStream());
		result.unknown = await refused(() => BUCKET.put("x", unknown()));
		result.short = (await refused(() => BUCKET.put("x", stream(bytes.byteLength + 1)))) !== undefined;
		const used = await BUCKET.get("string");
		await used.text();
		result.used = [used.bodyUsed, await refused(() => used.text())];
		result.number = await refused(() => BUCKET.put("x", 7));
		result.nothing = await BUCKET.head("x");
		return Response.json(result);
	},
};
"#;

#[tokio::test]
async fn values_of_all_kinds() {
    let (_project, app) = start(KINDS).await;
    let told = app.put("/", pattern(40_000)).await.expect(200).json();
    for name in [
        "string",
        "buffer",
        "view",
        "blob",
        "small_blob",
        "fixed",
        "response",
        "tee",
        "null",
        "copy",
        "clone",
        "short",
    ] {
        assert_eq!(told[name], true, "{name}: {told:#}");
    }
    assert_eq!(
        told["unknown"],
        "TypeError: Provided readable stream must have a known length (request/response body or readable half of \
         FixedLengthStream)"
    );
    assert_eq!(told["used"][0], true);
    assert!(
        told["used"][1]
            .as_str()
            .is_some_and(|text| text.contains("already been used"))
    );
    assert!(
        told["number"]
            .as_str()
            .is_some_and(|text| text.starts_with("TypeError: Failed to execute 'put'"))
    );
    assert_eq!(told["nothing"], serde_json::Value::Null);
}
