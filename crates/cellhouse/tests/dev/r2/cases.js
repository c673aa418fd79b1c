// Calls of R2 whose results are compared between Cellhouse and miniflare. What is random or a time is
// left out of the results; keys begin with the name of the case.

const show = (object) => object && {
	class: Object.prototype.toString.call(object),
	key: object.key,
	size: object.size,
	etag: object.etag,
	httpEtag: object.httpEtag,
	http: object.httpMetadata,
	custom: object.customMetadata,
	range: object.range,
	checksums: object.checksums.toJSON(),
	version: typeof object.version,
	uploaded: object.uploaded instanceof Date,
	hasBody: "body" in object,
};
const attempt = async (f) => {
	try {
		return await f();
	} catch (error) {
		return `${error.name}: ${error.message}`;
	}
};
const text = async (object) => object && (object.body ? await object.text() : "no body");
const names = (list) => [list.objects.map((object) => object.key), list.delimitedPrefixes, list.truncated, typeof list.cursor];
const keysOf = async (B, prefix, keys) => {
	for (const key of keys) await B.put(prefix + key, key);
};
const ETAG = "5d41402abc4b2a76b9719d911017c592"; // of "hello"
const far = new Date(4e12);

const CASES = {
	put: async (B, k) => show(await B.put(k, "hello")),
	put_metadata: async (B, k) => {
		const put = await B.put(k, "hello", {
			httpMetadata: { contentType: "text/x", cacheExpiry: new Date(1e12), contentLanguage: "de" },
			customMetadata: { a: "1", b: "ü🎉", 7: 8 },
		});
		return [show(put), show(await B.head(k))];
	},
	put_headers: async (B, k) => {
		const httpMetadata = new Headers({ "content-type": "a/b", expires: "Tue, 01 Jan 2030 00:00:00 GMT", "x-a": "no" });
		await B.put(k, "x", { httpMetadata });
		return show(await B.head(k));
	},
	put_checksum_right: async (B, k) => show(await B.put(k, "hello", { md5: ETAG })),
	put_checksum_wrong: async (B, k) => [await attempt(() => B.put(k, "hellp", { md5: ETAG })), await B.head(k)],
	put_sha_wrong: async (B, k) => attempt(() => B.put(k, "x", { sha1: new Uint8Array(20) })),
	put_checksum_length: async (B, k) => [
		await attempt(() => B.put(k, "x", { md5: "00" })),
		await attempt(() => B.put(k, "x", { sha256: new Uint8Array(3) })),
		await attempt(() => B.put(k, "x", { md5: "z".repeat(32) })),
		await attempt(() => B.put(k, "x", { md5: ETAG, sha1: new Uint8Array(20) })),
	],
	put_long_key: async (B, k) => attempt(() => B.put("k".repeat(1025), "x")),
	put_large_metadata: async (B, k) => attempt(() => B.put(k, "x", { customMetadata: { a: "v".repeat(8192) } })),
	put_only_if: async (B, k) => {
		const first = await B.put(k, "1", { onlyIf: { etagDoesNotMatch: "*" } });
		const again = await B.put(k, "2", { onlyIf: { etagDoesNotMatch: "*" } });
		const other = await B.put(k, "3", { onlyIf: { etagMatches: ETAG } });
		const same = await B.put(k, "4", { onlyIf: { etagMatches: first.etag } });
		const late = await B.put(k, "5", { onlyIf: { uploadedBefore: new Date(0) } });
		return [first !== null, again, other, same !== null, late, await text(await B.get(k))];
	},
	put_only_if_nothing: async (B, k) => [
		await B.put(k, "1", { onlyIf: { etagMatches: ETAG } }),
		await B.put(k, "1", { onlyIf: { uploadedAfter: new Date(0) } }),
		(await B.put(k, "1", { onlyIf: { uploadedBefore: far } })) !== null,
	],
	get: async (B, k) => {
		await B.put(k, "hello", { httpMetadata: { contentType: "a/b" } });
		const object = await B.get(k);
		return [show(object), object.bodyUsed, await object.text(), object.bodyUsed, await attempt(() => object.text())];
	},
	get_readers: async (B, k) => {
		await B.put(k, '{"a":1}', { httpMetadata: { contentType: "a/b" } });
		const blob = await (await B.get(k)).blob();
		return [
			await (await B.get(k)).json(),
			[...(await (await B.get(k)).bytes())],
			(await (await B.get(k)).arrayBuffer()).byteLength,
			[blob.type, blob.size],
		];
	},
	get_missing: async (B, k) => [await B.get(k), await B.head(k)],
	get_ranges: async (B, k) => {
		await B.put(k, "0123456789");
		const result = [];
		for (const range of [
			{}, { offset: 3 }, { length: 3 }, { offset: 3, length: 3 }, { suffix: 3 }, { suffix: 99 }, { offset: 8, length: 99 },
			{ offset: 10 }, { offset: 99 }, { suffix: 0 }, { length: 0 }, { offset: -1 }, { offset: 1.5 }, { length: -1 },
			{ suffix: -1 }, { suffix: 1, offset: 1 }, { suffix: 1, length: 1 }, { suffix: 1.5 },
		]) {
			result.push(await attempt(async () => {
				const object = await B.get(k, { range });
				return [object.range, await object.text()];
			}));
		}
		return result;
	},
	get_range_headers: async (B, k) => {
		await B.put(k, "0123456789");
		const result = [];
		for (const range of ["bytes=2-4", "bytes=2-", "bytes=-2", "bytes=0-0,2-3", "nope", "bytes=99-", "bytes=5-2", "bytes=-99"]) {
			const object = await B.get(k, { range: new Headers({ range }) });
			result.push([object.range, await object.text()]);
		}
		return result;
	},
	get_only_if: async (B, k) => {
		await B.put(k, "hello");
		const result = [];
		for (const onlyIf of [
			{ etagMatches: ETAG }, { etagMatches: "x" }, { etagMatches: "*" }, { etagDoesNotMatch: ETAG }, { etagDoesNotMatch: "x" },
			{ uploadedBefore: far }, { uploadedBefore: new Date(0) }, { uploadedAfter: far }, { uploadedAfter: new Date(0) },
			{ etagMatches: ETAG, uploadedBefore: new Date(0) }, { etagDoesNotMatch: "x", uploadedAfter: far },
			{ etagMatches: `"${ETAG}"` }, { etagMatches: 7 },
		]) {
			result.push(await attempt(async () => {
				const object = await B.get(k, { onlyIf });
				return [show(object).class, await text(object)];
			}));
		}
		return result;
	},
	get_only_if_headers: async (B, k) => {
		await B.put(k, "hello");
		const result = [];
		for (const headers of [
			{ "if-match": `"${ETAG}"` }, { "if-match": `"a", "${ETAG}"` }, { "if-match": "*" }, { "if-match": ETAG },
			{ "if-match": `W/"${ETAG}"` }, { "if-none-match": `"${ETAG}"` }, { "if-none-match": `W/"${ETAG}"` },
			{ "if-none-match": '"x"' }, { "if-match": '"a" "b"' }, { "if-match": '"a' }, { "if-match": 'Wx' },
			{ "if-modified-since": "Tue, 01 Jan 2030 00:00:00 GMT" }, { "if-unmodified-since": "Tue, 01 Jan 2030 00:00:00 GMT" },
			{ "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" }, { "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
		]) {
			result.push(await attempt(async () => text(await B.get(k, { onlyIf: new Headers(headers) }))));
		}
		return result;
	},
	delete: async (B, k) => {
		await keysOf(B, k, ["a", "b", "c"]);
		const result = [await B.delete(`${k}a`), await B.delete([`${k}b`, `${k}nope`]), await B.delete([])];
		return [...result, names(await B.list({ prefix: k }))];
	},
	list: async (B, k) => {
		await keysOf(B, k, ["b", "a/1", "a/2", "ü", "🎉", "a", "B"]);
		const found = await B.list({ prefix: k });
		return [names(found), show(found.objects[0])];
	},
	list_include: async (B, k) => {
		await B.put(k, "x", { customMetadata: { a: "1" }, httpMetadata: { contentType: "a/b" } });
		const result = [];
		for (const include of [undefined, [], ["httpMetadata"], ["customMetadata"], ["httpMetadata", "customMetadata"]]) {
			const [object] = (await B.list({ prefix: k, include })).objects;
			result.push([object.httpMetadata, object.customMetadata]);
		}
		return [...result, await attempt(() => B.list({ include: ["nope"] }))];
	},
	list_delimiter: async (B, k) => {
		await keysOf(B, k, ["top", "a/1", "a/2", "a/b/3", "z/", "c--1", "c--2"]);
		return [
			names(await B.list({ prefix: k, delimiter: "/" })),
			names(await B.list({ prefix: `${k}a/`, delimiter: "/" })),
			names(await B.list({ prefix: k, delimiter: "--" })),
			names(await B.list({ prefix: k, delimiter: "" })),
		];
	},
	list_pages: async (B, k) => {
		await keysOf(B, k, ["a", "b/1", "b/2", "c", "d/1", "e", "f"]);
		const pages = [];
		for (const delimiter of [undefined, "/"]) {
			let cursor;
			do {
				const page = await B.list({ prefix: k, limit: 2, cursor, delimiter });
				pages.push(names(page));
				cursor = page.cursor;
			} while (cursor !== undefined);
		}
		return pages;
	},
	list_start_after: async (B, k) => {
		await keysOf(B, k, ["a", "b", "c"]);
		return [names(await B.list({ prefix: k, startAfter: `${k}a` })), names(await B.list({ prefix: k, startAfter: `${k}b`, limit: 1 }))];
	},
	list_limits: async (B, k) => {
		const result = [];
		for (const limit of [0, 1, 1000, 1001, NaN, "x", "2", 1.5]) {
			result.push(await attempt(async () => names(await B.list({ prefix: k, limit }))));
		}
		return [...result, await attempt(() => B.list({ prefix: 7 })), await attempt(() => B.list({ cursor: 7 }))];
	},
	multipart: async (B, k) => {
		const upload = await B.createMultipartUpload(k, { customMetadata: { a: "1" } });
		const part = await upload.uploadPart(1, "hello");
		const before = await B.head(k);
		const object = await upload.complete([part]);
		return [upload.key, typeof upload.uploadId, Object.keys(part), part.partNumber, before, show(object), await text(await B.get(k))];
	},
	multipart_two: async (B, k) => {
		const upload = await B.createMultipartUpload(k);
		const last = await upload.uploadPart(2, "end");
		const first = await B.resumeMultipartUpload(k, upload.uploadId).uploadPart(1, new Uint8Array(5 << 20).fill(65));
		const object = await upload.complete([first, last]);
		const range = await B.get(k, { range: { suffix: 5 } });
		return [object.size, object.etag, range.range, await range.text()];
	},
	multipart_errors: async (B, k) => {
		const upload = await B.createMultipartUpload(k);
		const result = [];
		for (const number of [0, -1, 10001, "x"]) result.push(await attempt(() => upload.uploadPart(number, "x")));
		const small = await upload.uploadPart(1, "small");
		const other = await upload.uploadPart(2, "other");
		result.push(await attempt(() => upload.complete([small, other])));
		result.push(await attempt(() => upload.complete([{ partNumber: 3, etag: "x" }])));
		result.push(await attempt(() => upload.complete([{ partNumber: 1, etag: "x" }])));
		result.push(await attempt(() => upload.complete([{ partNumber: 0, etag: "x" }])));
		result.push(await upload.abort(), await upload.abort());
		result.push(await attempt(() => upload.complete([small])), await attempt(() => upload.uploadPart(1, "x")));
		return [...result, await B.head(k)];
	},
	multipart_again: async (B, k) => {
		const upload = await B.createMultipartUpload(k);
		await upload.uploadPart(1, "first");
		const part = await upload.uploadPart(1, "second");
		await upload.complete([part]);
		return [await text(await B.get(k)), await attempt(() => upload.complete([part])), await upload.abort(), await text(await B.get(k))];
	},
	write_http_metadata: async (B, k) => {
		await B.put(k, "x", { httpMetadata: { contentType: "a/b", cacheExpiry: new Date(1e12), contentEncoding: "br" } });
		const headers = new Headers({ "content-type": "old", "x-keep": "1" });
		(await B.head(k)).writeHttpMetadata(headers);
		return [...headers];
	},
	arguments: async (B) => [
		await attempt(() => B.put()), await attempt(() => B.put("k")), await attempt(() => B.get()), await attempt(() => B.head()),
		await attempt(() => B.put("k", 7)), await attempt(() => B.put("k", {})), await attempt(() => B.delete()),
	],
	classes: async (B, k) => {
		await B.put(k, "x");
		const upload = await B.createMultipartUpload(k);
		const kind = (value) => Object.prototype.toString.call(value);
		return [kind(B), kind(await B.get(k)), kind(upload), kind((await B.head(k)).checksums), Object.keys(upload).sort()];
	},
	overwritten_while_read: async (B, k) => {
		await B.put(k, "a".repeat(100_000));
		const object = await B.get(k);
		await B.put(k, "b");
		return [(await object.text()).length, await text(await B.get(k))];
	},
};
// Each of the ranges and headers counts as a case of its own.
const all = async (bucket) => {
	const results = {};
	for (const [name, run] of Object.entries(CASES)) {
		const result = await attempt(() => run(bucket, `${name}/`));
		if (!Array.isArray(result)) results[name] = result;
		else result.forEach((one, index) => { results[`${name} ${index}`] = one === undefined ? "undefined" : one; });
	}
	return results;
};

export default {
	async fetch(_request, env) {
		return Response.json(await all(env.BUCKET));
	},
};
