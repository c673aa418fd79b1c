// Streams, called.
import { bytes, fails, holds, same, text } from "./expect.js";

const numbers = () => new ReadableStream({ start: (c) => ([1, 2].forEach((n) => c.enqueue(n)), c.close()) });
const binary = () => new Response("0123456789").body;
const byteStream = () => new ReadableStream({ type: "bytes", start: (c) => (c.enqueue(bytes("0123456789")), c.close()) });
const all = async (stream) => {
	const found = [];
	for await (const chunk of stream) found.push(chunk);
	return found;
};
/** A stream whose chunks are written down. */
const sink = (more) => {
	const written = [];
	return { written, stream: new WritableStream({ write: (chunk) => void written.push(chunk), ...more }) };
};
/** What a controller of a readable stream shows while it starts. */
const started = (look, more) => {
	let seen;
	new ReadableStream({ start: (controller) => void (seen = look(controller)), ...more });
	return seen;
};
const view = (look) => {
	let seen;
	const stream = new ReadableStream({
		type: "bytes",
		pull(controller) {
			seen ??= look(controller.byobRequest, controller);
			controller.close();
			controller.byobRequest?.respond(0);
		},
	});
	return stream.getReader({ mode: "byob" }).read(new Uint8Array(4)).catch(() => {}).then(() => seen);
};
const transformed = (transform, chunks) => {
	const stream = new ReadableStream({ start: (c) => (chunks.forEach((chunk) => c.enqueue(chunk)), c.close()) });
	return all(stream.pipeThrough(new TransformStream({ transform })));
};

export default {
	"ReadableStream.locked": () => {
		const stream = numbers();
		stream.getReader();
		same(stream.locked, true);
	},
	"ReadableStream.cancel": async () => same(await numbers().cancel("why"), undefined),
	"ReadableStream.getReader": async () => same(await numbers().getReader().read(), { done: false, value: 1 }),
	"ReadableStream.pipeThrough": async () => same((await all(binary().pipeThrough(new TextDecoderStream()))).join(""), "0123456789"),
	"ReadableStream.pipeTo": async () => {
		const { written, stream } = sink();
		await numbers().pipeTo(stream);
		same(written, [1, 2]);
	},
	"ReadableStream.tee": async () => {
		const [left, right] = numbers().tee();
		same([await all(left), await all(right)], [[1, 2], [1, 2]]);
	},
	"ReadableStream.values": async () => {
		const stream = numbers();
		for await (const _ of stream.values({ preventCancel: true })) break;
		same((await stream.getReader().read()).value, 2);
	},
	"ReadableStreamDefaultReader.closed": async () => {
		const reader = new Response("").body?.getReader() ?? numbers().getReader();
		while (!(await reader.read()).done);
		same(await reader.closed, undefined);
	},
	"ReadableStreamDefaultReader.cancel": async () => same(await numbers().getReader().cancel(), undefined),
	"ReadableStreamDefaultReader.read": async () => {
		const reader = numbers().getReader();
		same([await reader.read(), await reader.read(), (await reader.read()).done], [{ done: false, value: 1 }, { done: false, value: 2 }, true]);
	},
	"ReadableStreamDefaultReader.releaseLock": () => {
		const stream = numbers();
		stream.getReader().releaseLock();
		same(stream.locked, false);
	},
	"ReadableStreamBYOBReader.closed": async () => {
		const reader = byteStream().getReader({ mode: "byob" });
		while (!(await reader.read(new Uint8Array(16))).done);
		same(await reader.closed, undefined);
	},
	"ReadableStreamBYOBReader.cancel": async () => same(await byteStream().getReader({ mode: "byob" }).cancel(), undefined),
	"ReadableStreamBYOBReader.read": async () => {
		const { value, done } = await byteStream().getReader({ mode: "byob" }).read(new Uint8Array(4));
		same([text(value), done], ["0123", false]);
	},
	"ReadableStreamBYOBReader.releaseLock": () => {
		const stream = byteStream();
		stream.getReader({ mode: "byob" }).releaseLock();
		same(stream.locked, false);
	},
	"ReadableStreamBYOBReader.readAtLeast": async () => {
		const { value } = await binary().getReader({ mode: "byob" }).readAtLeast(8, new Uint8Array(16));
		holds(value.byteLength >= 8);
	},
	"ReadableStreamBYOBRequest.view": async () => same(await view((request) => request.view.byteLength), 4),
	"ReadableStreamBYOBRequest.respond": async () => {
		const stream = new ReadableStream({ type: "bytes", pull: ({ byobRequest }) => ((byobRequest.view[0] = 7), byobRequest.respond(1)) });
		same((await stream.getReader({ mode: "byob" }).read(new Uint8Array(4))).value[0], 7);
	},
	"ReadableStreamBYOBRequest.respondWithNewView": async () => {
		const stream = new ReadableStream({
			type: "bytes",
			pull: ({ byobRequest: { view: { buffer, byteOffset } }, byobRequest }) => byobRequest.respondWithNewView(new Uint8Array(buffer, byteOffset, 2)),
		});
		same((await stream.getReader({ mode: "byob" }).read(new Uint8Array(4))).value.byteLength, 2);
	},
	"ReadableStreamBYOBRequest.atLeast": async () => same(await view((request) => request.atLeast), 1),
	"ReadableStreamDefaultController.desiredSize": () => same(started((controller) => controller.desiredSize), 1),
	"ReadableStreamDefaultController.close": () => same(started((controller) => controller.close()), undefined),
	"ReadableStreamDefaultController.enqueue": () => same(started((controller) => controller.enqueue(1)), undefined),
	"ReadableStreamDefaultController.error": () => fails(() => new ReadableStream({ start: (c) => c.error(new Error("no")) }).getReader().read()),
	"ReadableByteStreamController.byobRequest": async () => same(await view((request, controller) => controller.byobRequest !== null), true),
	"ReadableByteStreamController.desiredSize": () => same(started((controller) => controller.desiredSize, { type: "bytes" }), 0),
	"ReadableByteStreamController.close": () => same(started((controller) => controller.close(), { type: "bytes" }), undefined),
	"ReadableByteStreamController.enqueue": () => same(started((controller) => controller.enqueue(bytes("x")), { type: "bytes" }), undefined),
	"ReadableByteStreamController.error": () => fails(() => new ReadableStream({ type: "bytes", start: (c) => c.error(new Error("no")) }).getReader().read()),
	"WritableStream.locked": () => {
		const { stream } = sink();
		stream.getWriter();
		same(stream.locked, true);
	},
	"WritableStream.abort": async () => {
		let reason;
		await sink({ abort: (why) => void (reason = why) }).stream.abort("why");
		same(reason, "why");
	},
	"WritableStream.close": async () => {
		let closed = false;
		await sink({ close: () => void (closed = true) }).stream.close();
		same(closed, true);
	},
	"WritableStream.getWriter": async () => {
		const { written, stream } = sink();
		await stream.getWriter().write(1);
		same(written, [1]);
	},
	"WritableStreamDefaultWriter.closed": async () => {
		const writer = sink().stream.getWriter();
		await writer.close();
		same(await writer.closed, undefined);
	},
	"WritableStreamDefaultWriter.ready": async () => same(await sink().stream.getWriter().ready, undefined),
	"WritableStreamDefaultWriter.desiredSize": () => same(sink().stream.getWriter().desiredSize, 1),
	"WritableStreamDefaultWriter.abort": async () => {
		const writer = sink().stream.getWriter();
		await writer.abort("why");
		await fails(() => writer.closed);
	},
	"WritableStreamDefaultWriter.close": async () => same(await sink().stream.getWriter().close(), undefined),
	"WritableStreamDefaultWriter.write": async () => same(await sink().stream.getWriter().write(1), undefined),
	"WritableStreamDefaultWriter.releaseLock": () => {
		const { stream } = sink();
		stream.getWriter().releaseLock();
		same(stream.locked, false);
	},
	"WritableStreamDefaultController.signal": async () => {
		let signal;
		await sink({ start: (controller) => void ({ signal } = controller) }).stream.abort("why");
		same([signal.aborted, signal.reason], [true, "why"]);
	},
	"WritableStreamDefaultController.error": () => fails(() => sink({ start: (controller) => controller.error(new Error("no")) }).stream.getWriter().closed),
	"TransformStream.readable": () => holds(new TransformStream().readable instanceof ReadableStream),
	"TransformStream.writable": () => holds(new TransformStream().writable instanceof WritableStream),
	"TransformStreamDefaultController.desiredSize": async () => same(typeof (await transformed((_, c) => c.enqueue(c.desiredSize), [1]))[0], "number"),
	"TransformStreamDefaultController.enqueue": async () => same(await transformed((n, c) => c.enqueue(n * 2), [1, 2]), [2, 4]),
	"TransformStreamDefaultController.error": () => fails(() => transformed((_, c) => c.error(new Error("no")), [1])),
	"TransformStreamDefaultController.terminate": async () => same(await transformed((n, c) => (c.enqueue(n), c.terminate()), [1, 2]), [1]),
};
