// Calls of "cloudflare:sockets". The Worker answers with what each gave, by name; run on Cellhouse and on miniflare.
import { connect } from "cloudflare:sockets";

const PORTS = "ports of servers.mjs";
const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);
// Long enough for whatever happens at all.
const PATIENCE = 400;

const to = (name, options) => connect(`localhost:${PORTS[name]}`, options);
const withoutPort = (info, name) => JSON.stringify(info)?.replace(PORTS[name], "PORT");

async function text(readable) {
  let all = "";
  for await (const chunk of readable) all += decode(chunk);
  return all;
}

// What a promise comes to: a value, an error, or nothing for now.
function outcome(promise) {
  return Promise.race([
    promise.then((value) => ["gives", value], (error) => ["fails", `${error?.constructor?.name}: ${error?.message}`]),
    scheduler.wait(PATIENCE).then(() => ["waits"]),
  ]);
}

function thrown(call) {
  try {
    const socket = call();
    socket?.close?.().catch(() => {});
    return "nothing";
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

async function echoed(socket, sent) {
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader();
  await writer.write(encode(sent));
  const { value } = await reader.read();
  await writer.close();
  const { done } = await reader.read();
  return [decode(value), done];
}

const cases = {
  class: () => {
    const socket = to("echo");
    const seen = [
      String(socket), Object.getOwnPropertyNames(Object.getPrototypeOf(socket)).sort(), Object.keys(socket),
      connect.length, socket.secureTransport, socket.upgraded, socket.readable.constructor.name,
      socket.writable.constructor.name, thrown(() => new socket.constructor()),
      socket.opened === socket.opened, socket.closed === socket.closed, socket.readable === socket.readable,
    ];
    socket.close();
    return seen;
  },
  opened: async () => {
    const socket = to("echo");
    const other = connect({ hostname: "127.0.0.1", port: PORTS.echo });
    const infos = [await socket.opened, await other.opened];
    await Promise.all([socket.close(), other.close()]);
    return infos.map((info) => [withoutPort(info, "echo"), Object.keys(info)]);
  },
  echo: () => echoed(to("echo"), "hello"),
  byob: async () => {
    const socket = to("echo");
    await socket.writable.getWriter().write(encode("hello"));
    const reader = socket.readable.getReader({ mode: "byob" });
    const parts = [await reader.read(new Uint8Array(3)), await reader.read(new Uint8Array(10))];
    return parts.map(({ value }) => decode(value));
  },
  "the peer ends": async () => {
    const socket = to("hello");
    const all = await text(socket.readable);
    return [all, await outcome(socket.closed), await outcome(socket.writable.getWriter().write(encode("x")))];
  },
  "the peer ends, half open": async () => {
    const socket = to("hello", { allowHalfOpen: true });
    const all = await text(socket.readable);
    const closed = await outcome(socket.closed);
    const writer = socket.writable.getWriter();
    return [all, closed, await outcome(writer.write(encode("x"))), await outcome(writer.close())];
  },
  "this end ends first": async () => {
    const socket = to("answer");
    const writer = socket.writable.getWriter();
    await writer.write(encode("question"));
    await writer.close();
    return await text(socket.readable);
  },
  "what can be written": async () => {
    const socket = to("echo");
    const writer = socket.writable.getWriter();
    const written = [];
    for (const chunk of [encode("abc").buffer, new Uint16Array([0x6161]), new Uint8Array(0), "text"]) {
      written.push(await outcome(writer.write(chunk)));
    }
    await writer.close();
    return [written, await text(socket.readable)];
  },
  "nobody listens": async () => {
    const socket = to("nobody");
    return [
      await outcome(socket.opened), await outcome(socket.closed), await outcome(socket.readable.getReader().read()),
      await outcome(socket.writable.getWriter().write(encode("x"))), await outcome(socket.close()),
    ];
  },
  "nobody listens, used at once": async () => {
    const socket = to("nobody");
    const read = outcome(socket.readable.getReader().read());
    const written = outcome(socket.writable.getWriter().write(encode("x")));
    return [await read, await written, await outcome(socket.close())];
  },
  "no such host": async () => {
    const socket = connect("nothing.invalid:1234");
    await socket.opened.catch(() => {});
    return [await outcome(socket.opened), await outcome(socket.closed)];
  },
  "no such host, port 80": async () => {
    const socket = connect({ hostname: "nothing.invalid", port: 80 });
    await socket.opened.catch(() => {});
    return [await outcome(socket.opened), await outcome(socket.closed)];
  },
  "bad addresses": () =>
    [
      undefined, null, "", "localhost", ":80", "a b:80", "http://localhost:80", 5, "localhost:99999",
      { hostname: "localhost" }, { port: 80, hostname: "a/b" }, { hostname: "x".repeat(300), port: 80 },
      { hostname: "localhost", port: 99999 }, { hostname: "localhost", port: -1 },
      { hostname: "localhost", port: "abc" }, { hostname: "localhost", port: NaN },
    ].map((address) => thrown(() => connect(address))),
  "odd addresses": () =>
    [{ port: PORTS.echo }, { hostname: "", port: 1 }, { hostname: "localhost", port: `${PORTS.echo}` }]
      .map((address) => thrown(() => connect(address))),
  "bad options": () =>
    [
      5, null, { secureTransport: "maybe" }, { secureTransport: 5 }, { highWaterMark: -1 }, { highWaterMark: "x" },
      { allowHalfOpen: "x" },
    ].map((options) => thrown(() => to("echo", options))),
  highWaterMark: () => {
    const sockets = [to("echo"), to("echo", { highWaterMark: 1000 })];
    const sizes = sockets.map((socket) => socket.writable.getWriter().desiredSize);
    for (const socket of sockets) socket.close();
    return sizes;
  },
  tls: async () => {
    const socket = to("tls", { secureTransport: "on" });
    const info = withoutPort(await socket.opened, "tls");
    return [info, socket.secureTransport, socket.upgraded, ...await echoed(socket, "secret")];
  },
  "tls: not trusted": async () => {
    const socket = to("stranger", { secureTransport: "on" });
    return [await outcome(socket.opened), await outcome(socket.closed), await outcome(socket.readable.getReader().read())];
  },
  "tls: another name": async () => {
    const socket = connect(`127.0.0.1:${PORTS.tls}`, { secureTransport: "on" });
    return [await outcome(socket.opened), await outcome(socket.closed)];
  },
  "tls: to a server without": async () => {
    const socket = to("hello", { secureTransport: "on" });
    return [await outcome(socket.opened), await outcome(socket.closed)];
  },
  startTls: async () => {
    const socket = to("starttls", { secureTransport: "starttls" });
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    await writer.write(encode("go"));
    const { value } = await reader.read();
    writer.releaseLock();
    reader.releaseLock();
    const secure = socket.startTls();
    const info = withoutPort(await secure.opened, "starttls");
    const closed = await outcome(socket.closed);
    return [
      decode(value), info, closed, socket.upgraded, secure.upgraded, socket.secureTransport, secure.secureTransport,
      ...await echoed(secure, "secret"),
    ];
  },
  "startTls: for another host": async () => {
    const socket = connect(`127.0.0.1:${PORTS.starttls}`, { secureTransport: "starttls" });
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    await writer.write(encode("go"));
    await reader.read();
    writer.releaseLock();
    reader.releaseLock();
    return await echoed(socket.startTls({ expectedServerHostname: "localhost" }), "secret");
  },
  "startTls: refused": async () => {
    const plain = to("echo");
    const closed = to("echo", { secureTransport: "starttls" });
    const secure = to("tls", { secureTransport: "on" });
    await closed.close();
    const seen = [plain, closed, secure].map((socket) => thrown(() => socket.startTls()));
    await Promise.all([plain.close(), secure.close()]);
    return seen;
  },
  close: async () => {
    const socket = to("echo");
    return [await outcome(socket.close()), await outcome(socket.close()), await outcome(socket.closed)];
  },
  "close: while it is used": async () => {
    const socket = to("echo");
    const writer = socket.writable.getWriter();
    const read = socket.readable.getReader().read();
    const failed = outcome(read);
    await socket.opened;
    const closed = await outcome(socket.close());
    return [closed, await failed, await outcome(writer.write(encode("x"))), await outcome(socket.closed)];
  },
  "close: writes what waits": async () => {
    const socket = to("collect");
    const writer = socket.writable.getWriter();
    writer.write(encode("a".repeat(100_000))).catch(() => {});
    writer.write(encode("b")).catch(() => {});
    await socket.close();
    for (let tries = 0; tries < 50; tries++) {
      const heard = await text(to("collected").readable);
      if (heard !== "nothing") return heard;
      await scheduler.wait(20);
    }
  },
  "the peer resets": async () => {
    const socket = to("reset");
    await socket.writable.getWriter().write(encode("x"));
    return [await outcome(socket.readable.getReader().read()), await outcome(socket.closed)];
  },
  "cancel of what comes": async () => {
    const socket = to("echo");
    await socket.opened;
    const cancelled = await outcome(socket.readable.cancel());
    return [cancelled, await outcome(socket.writable.getWriter().write(encode("x"))), await outcome(socket.close())];
  },
  pipe: async () => {
    const socket = to("echo");
    const sent = new Response("x".repeat(300_000)).body.pipeTo(socket.writable);
    const [, all] = await Promise.all([sent, text(socket.readable)]);
    return all.length;
  },
  "as a body": () => new Response(to("hello").readable).text(),
  many: async () => {
    const all = Array.from({ length: 40 }, () => text(to("hello").readable));
    return (await Promise.all(all)).join("").length;
  },
  "a peer that says nothing": async () => {
    const socket = to("silent");
    await socket.opened;
    return [await outcome(socket.readable.getReader().read()), await outcome(socket.close())];
  },
  structuredClone: async () => {
    const socket = to("echo");
    const seen = thrown(() => structuredClone(socket));
    await socket.close();
    return seen;
  },
  "of nobody": () => typeof globalThis.connect,
};

export default {
  async fetch() {
    const answers = {};
    for (const [name, run] of Object.entries(cases)) {
      try {
        answers[name] = await run();
      } catch (error) {
        answers[name] = `${error?.constructor?.name}: ${error?.message}`;
      }
    }
    return Response.json(answers);
  },
};
