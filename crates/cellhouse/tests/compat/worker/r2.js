// R2, called.
import { fails, holds, same, text } from "./expect.js";

const stored = (BUCKET, key, options) => BUCKET.put(key, "0123456789", options);
const found = async (BUCKET, key) => {
	await stored(BUCKET, key);
	return BUCKET.get(key);
};
const described = async ({ env: { BUCKET } }) => {
	const httpMetadata = {
		contentType: "text/plain",
		contentLanguage: "en",
		contentDisposition: "inline",
		contentEncoding: "identity",
		cacheControl: "no-store",
		cacheExpiry: new Date(1e12),
	};
	await stored(BUCKET, "described", { httpMetadata, customMetadata: { a: "b" } });
	return BUCKET.head("described");
};
const checked = (algorithm, hex) => async ({ env: { BUCKET } }) => {
	const key = `checked by ${algorithm}`;
	await BUCKET.put(key, "abc", { [algorithm]: hex });
	const { checksums } = await BUCKET.head(key);
	const found = [...new Uint8Array(checksums[algorithm])].map((byte) => byte.toString(16).padStart(2, "0")).join("");
	same(found, hex);
	await fails(() => BUCKET.put(key, "abd", { [algorithm]: hex }));
};
const digest = async (name, value) => {
	const sum = new Uint8Array(await crypto.subtle.digest(name, new TextEncoder().encode(value)));
	return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
const sha = (algorithm, name) => async (probe) => checked(algorithm, await digest(name, "abc"))(probe);
const metadata = (key, value) => async (probe) => {
	const found = (await described(probe)).httpMetadata[key];
	same(found instanceof Date ? found.getTime() : found, value);
};

export default {
	"R2Bucket.head": async ({ env: { BUCKET } }) => {
		await stored(BUCKET, "head");
		same((await BUCKET.head("head")).size, 10);
		same(await BUCKET.head("none"), null);
	},
	"R2Bucket.get": async ({ env: { BUCKET } }) => {
		await stored(BUCKET, "get");
		same(await (await BUCKET.get("get", { range: { offset: 2, length: 3 } })).text(), "234");
		same(await (await BUCKET.get("get", { range: { suffix: 2 } })).text(), "89");
		same(await (await BUCKET.get("get", { range: new Headers({ range: "bytes=1-2" }) })).text(), "12");
		const none = await BUCKET.get("get", { onlyIf: { etagMatches: "other" } });
		same([none.key, "body" in none], ["get", false]);
	},
	"R2Bucket.put": async ({ env: { BUCKET } }) => {
		await BUCKET.put("put", new Blob(["blob"]));
		same(await (await BUCKET.get("put")).text(), "blob");
		await BUCKET.put("put", new Uint8Array([104, 105]));
		same(await (await BUCKET.get("put")).text(), "hi");
		await BUCKET.put("put", new Response("streamed").body);
		same(await (await BUCKET.get("put")).text(), "streamed");
		same(await BUCKET.put("put", "x", { onlyIf: { etagMatches: "other" } }), null);
	},
	"R2Bucket.createMultipartUpload": async ({ env: { BUCKET } }) => {
		const upload = await BUCKET.createMultipartUpload("created", { customMetadata: { a: "b" } });
		const object = await upload.complete([await upload.uploadPart(1, "part")]);
		same([object.size, object.customMetadata], [4, { a: "b" }]);
	},
	"R2Bucket.resumeMultipartUpload": async ({ env: { BUCKET } }) => {
		const { uploadId } = await BUCKET.createMultipartUpload("resumed");
		const upload = BUCKET.resumeMultipartUpload("resumed", uploadId);
		same((await upload.complete([await upload.uploadPart(1, "part")])).size, 4);
	},
	"R2Bucket.delete": async ({ env: { BUCKET } }) => {
		await Promise.all(["d1", "d2", "d3"].map((key) => stored(BUCKET, key)));
		same(await BUCKET.delete("d1"), undefined);
		await BUCKET.delete(["d2", "d3", "d4"]);
		same(await Promise.all(["d1", "d2", "d3"].map((key) => BUCKET.head(key))), [null, null, null]);
	},
	"R2Bucket.list": async ({ env: { BUCKET } }) => {
		await Promise.all(["l/a", "l/b", "l/c/d"].map((key) => stored(BUCKET, key)));
		const page = await BUCKET.list({ prefix: "l/", limit: 1 });
		same([page.objects.map(({ key }) => key), page.truncated], [["l/a"], true]);
		const rest = await BUCKET.list({ prefix: "l/", cursor: page.cursor, delimiter: "/" });
		same([rest.objects.map(({ key }) => key), rest.delimitedPrefixes, rest.truncated], [["l/b"], ["l/c/"], false]);
		same((await BUCKET.list({ startAfter: "l/b", prefix: "l/" })).objects.length, 1);
	},
	"R2Object.key": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "key")).key, "key"),
	"R2Object.version": async ({ env: { BUCKET } }) => holds((await stored(BUCKET, "version")).version.length > 0),
	"R2Object.size": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "size")).size, 10),
	"R2Object.etag": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "etag")).etag, "781e5e245d69b566979b86e28d23f2c7"),
	"R2Object.httpEtag": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "etag")).httpEtag, '"781e5e245d69b566979b86e28d23f2c7"'),
	"R2Object.checksums": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "sums")).checksums.toJSON(), { md5: "781e5e245d69b566979b86e28d23f2c7" }),
	"R2Object.uploaded": async ({ env: { BUCKET } }) => holds((await stored(BUCKET, "uploaded")).uploaded instanceof Date),
	"R2Object.httpMetadata": async (probe) => same((await described(probe)).httpMetadata.contentType, "text/plain"),
	"R2Object.customMetadata": async (probe) => same((await described(probe)).customMetadata, { a: "b" }),
	"R2Object.range": async ({ env: { BUCKET } }) => {
		await stored(BUCKET, "range");
		same((await BUCKET.get("range", { range: { offset: 2, length: 3 } })).range, { offset: 2, length: 3 });
	},
	"R2Object.storageClass": async ({ env: { BUCKET } }) => same((await stored(BUCKET, "class", { storageClass: "InfrequentAccess" })).storageClass, "InfrequentAccess"),
	"R2Object.ssecKeyMd5": async ({ env: { BUCKET } }) => {
		const object = await stored(BUCKET, "secret", { ssecKey: "00".repeat(32) });
		same(typeof object.ssecKeyMd5, "string");
	},
	"R2Object.writeHttpMetadata": async (probe) => {
		const headers = new Headers();
		(await described(probe)).writeHttpMetadata(headers);
		same([headers.get("content-type"), headers.get("cache-control")], ["text/plain", "no-store"]);
	},
	"R2ObjectBody.body": async ({ env: { BUCKET } }) => same(await new Response((await found(BUCKET, "body")).body).text(), "0123456789"),
	"R2ObjectBody.bodyUsed": async ({ env: { BUCKET } }) => {
		const object = await found(BUCKET, "used");
		same(object.bodyUsed, false);
		await object.text();
		same(object.bodyUsed, true);
	},
	"R2ObjectBody.arrayBuffer": async ({ env: { BUCKET } }) => same(text(await (await found(BUCKET, "buffer")).arrayBuffer()), "0123456789"),
	"R2ObjectBody.bytes": async ({ env: { BUCKET } }) => same(text(await (await found(BUCKET, "bytes")).bytes()), "0123456789"),
	"R2ObjectBody.text": async ({ env: { BUCKET } }) => same(await (await found(BUCKET, "text")).text(), "0123456789"),
	"R2ObjectBody.json": async ({ env: { BUCKET } }) => {
		await BUCKET.put("json", '{"a":1}');
		same(await (await BUCKET.get("json")).json(), { a: 1 });
	},
	"R2ObjectBody.blob": async ({ env: { BUCKET } }) => same((await (await found(BUCKET, "blob")).blob()).size, 10),
	"R2MultipartUpload.key": async ({ env: { BUCKET } }) => same((await BUCKET.createMultipartUpload("multi")).key, "multi"),
	"R2MultipartUpload.uploadId": async ({ env: { BUCKET } }) => holds((await BUCKET.createMultipartUpload("multi")).uploadId.length > 0),
	"R2MultipartUpload.uploadPart": async ({ env: { BUCKET } }) => {
		const upload = await BUCKET.createMultipartUpload("parts");
		const first = await upload.uploadPart(1, new Uint8Array(5 << 20));
		const second = await upload.uploadPart(2, "end");
		same((await upload.complete([first, second])).size, (5 << 20) + 3);
	},
	"R2MultipartUpload.abort": async ({ env: { BUCKET } }) => {
		const upload = await BUCKET.createMultipartUpload("aborted");
		const part = await upload.uploadPart(1, "part");
		await upload.abort();
		await fails(() => upload.complete([part]));
		same(await BUCKET.head("aborted"), null);
	},
	"R2MultipartUpload.complete": async ({ env: { BUCKET } }) => {
		const upload = await BUCKET.createMultipartUpload("completed");
		holds((await upload.complete([await upload.uploadPart(1, "part")])).etag.endsWith("-1"));
	},
	"R2UploadedPart.partNumber": async ({ env: { BUCKET } }) => same((await (await BUCKET.createMultipartUpload("number")).uploadPart(3, "x")).partNumber, 3),
	"R2UploadedPart.etag": async ({ env: { BUCKET } }) => holds((await (await BUCKET.createMultipartUpload("tag")).uploadPart(1, "x")).etag.length > 0),
	"R2Checksums.md5": checked("md5", "900150983cd24fb0d6963f7d28e17f72"),
	"R2Checksums.sha1": sha("sha1", "SHA-1"),
	"R2Checksums.sha256": sha("sha256", "SHA-256"),
	"R2Checksums.sha384": sha("sha384", "SHA-384"),
	"R2Checksums.sha512": sha("sha512", "SHA-512"),
	"R2Checksums.toJSON": async ({ env: { BUCKET } }) => same(JSON.stringify((await stored(BUCKET, "sums")).checksums), '{"md5":"781e5e245d69b566979b86e28d23f2c7"}'),
	"R2HTTPMetadata.contentType": metadata("contentType", "text/plain"),
	"R2HTTPMetadata.contentLanguage": metadata("contentLanguage", "en"),
	"R2HTTPMetadata.contentDisposition": metadata("contentDisposition", "inline"),
	"R2HTTPMetadata.contentEncoding": metadata("contentEncoding", "identity"),
	"R2HTTPMetadata.cacheControl": metadata("cacheControl", "no-store"),
	"R2HTTPMetadata.cacheExpiry": metadata("cacheExpiry", 1e12),
};
