// Calls of node:net, node:tls, node:http, node:https, node:dns, and servers of node:http. The Worker answers with what
// each gave, by name; run on Cellhouse and on miniflare.
import dns from "node:dns";
import dnsPromises from "node:dns/promises";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { handleAsNodeRequest, httpServerHandler } from "cloudflare:node";

const PORTS = "ports of servers.mjs";
const site = (path) => `http://localhost:${PORTS.http}${path}`;
const secureSite = (path) => `https://localhost:${PORTS.https}${path}`;

function thrown(call) {
  try {
    call()?.on?.("error", () => {});
    return "nothing";
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`;
  }
}

// The names of events, until the last of them.
function eventsOf(emitter, names, last = "close") {
  const seen = [];
  for (const name of names) emitter.on(name, (value) => seen.push(name === "error" ? `error ${value.code}` : name));
  return new Promise((resolve) => emitter.on(last, () => resolve(seen)));
}

// A request that is sent with a body: status and text.
async function answered(request, body) {
  const response = once(request, "response");
  request.end(body);
  const [message] = await response;
  return [message.statusCode, JSON.parse(await text(message))];
}

async function failed(request) {
  const error = once(request, "error", { signal: AbortSignal.timeout(5000) });
  request.end();
  const [{ code }] = await error;
  return code;
}

// What a server of ours answers.
async function served(listener, path = "/", init = {}) {
  const server = http.createServer(listener).listen();
  try {
    const { port } = server.address();
    const response = await handleAsNodeRequest(port, new Request(`http://localhost${path}`, init));
    return [response.status, response.statusText, await response.text(), response];
  } finally {
    server.close();
  }
}

const cases = {
  // ---- node:net
  "net: echo": async () => {
    const socket = net.connect(PORTS.echo, "localhost");
    socket.setEncoding("utf8");
    const events = eventsOf(socket, ["connect", "ready", "end", "finish", "close"]);
    socket.write("hello");
    const [data] = await once(socket, "data");
    socket.end();
    return [data, await events, socket.bytesRead, socket.bytesWritten, socket.destroyed];
  },
  "net: written before it is connected": async () => {
    const socket = net.createConnection({ port: PORTS.answer, host: "127.0.0.1" });
    const seen = [socket.connecting, socket.readyState];
    socket.write("a");
    socket.write(Buffer.from("b"));
    socket.end("c");
    return [...seen, await text(socket)];
  },
  "net: the peer ends": async () => {
    const socket = net.connect({ port: PORTS.hello, host: "localhost" });
    return [await text(socket), socket.readableEnded];
  },
  "net: addresses": async () => {
    const socket = net.connect(PORTS.silent, "127.0.0.1");
    await once(socket, "connect");
    const seen = [socket.remoteAddress, socket.remotePort === PORTS.silent, socket.remoteFamily];
    socket.destroy();
    return seen;
  },
  "net: destroy": async () => {
    const socket = net.connect(PORTS.silent, "127.0.0.1");
    await once(socket, "connect");
    const events = eventsOf(socket, ["error", "close"]);
    socket.destroy(Object.assign(new Error("why"), { code: "WHY" }));
    return [await events, socket.destroyed];
  },
  "net: a long way": async () => {
    const socket = net.connect(PORTS.echo, "localhost");
    socket.end("x".repeat(200_000));
    return (await text(socket)).length;
  },
  "net: bad arguments": () => [
    thrown(() => net.connect()), thrown(() => net.createServer()), thrown(() => new net.Server()),
  ],
  "net: isIP": () => [net.isIP("1.2.3.4"), net.isIP("::1"), net.isIP("x"), net.isIPv4("1.2.3.4"), net.isIPv6("::1")],
  "net: BlockList": () => {
    const list = new net.BlockList();
    list.addAddress("1.2.3.4");
    list.addRange("10.0.0.1", "10.0.0.10");
    list.addSubnet("2001:db8::", 32, "ipv6");
    const checked = [
      ["1.2.3.4"], ["1.2.3.5"], ["10.0.0.5"], ["10.0.0.11"], ["2001:db8::1", "ipv6"], ["2001:db9::1", "ipv6"],
      ["::ffff:1.2.3.4", "ipv6"], ["x"],
    ].map((args) => list.check(...args));
    return [checked, list.rules, thrown(() => list.addAddress("x")), thrown(() => list.addRange("2.0.0.0", "1.0.0.0"))];
  },
  "net: SocketAddress": () => {
    const { address, port, family, flowlabel } = new net.SocketAddress({ address: "::1", port: 80, family: "ipv6" });
    return [address, port, family, flowlabel, thrown(() => new net.SocketAddress({ address: "x" }))];
  },
  "net: timeout": async () => {
    const socket = net.connect(PORTS.silent, "127.0.0.1");
    socket.setTimeout(50);
    await once(socket, "timeout");
    socket.destroy();
    return socket.timeout;
  },
  // ---- node:tls
  "tls: echo": async () => {
    const socket = tls.connect({ port: PORTS.tls, host: "localhost" });
    const events = eventsOf(socket, ["secureConnect", "end", "close"]);
    await once(socket, "secureConnect");
    socket.write("secret");
    const [data] = await once(socket, "data");
    socket.end();
    return [String(data), socket.authorized, socket.encrypted, await events];
  },
  "tls: over a socket": async () => {
    const plain = net.connect(PORTS.starttls, "localhost");
    plain.write("go");
    const [ok] = await once(plain, "data");
    const socket = tls.connect({ socket: plain, servername: "localhost" });
    await once(socket, "secureConnect");
    socket.write("secret");
    const [data] = await once(socket, "data");
    socket.destroy();
    return [String(ok), String(data)];
  },
  // ---- node:http
  "http: get": async () => answered(http.get(site("/path?query=1"))),
  "http: options": async () =>
    answered(http.request({
      hostname: "localhost", port: PORTS.http, path: "/x", method: "post", auth: "user:word",
      headers: { "X-Custom": "yes", "Content-Type": "text/plain" },
    }), "body"),
  "http: a body in parts": async () => {
    const request = http.request(site("/"), { method: "PUT" });
    request.write("one,");
    request.write(Buffer.from("two,"));
    return answered(request, "three");
  },
  "http: a long body": async () => {
    const request = http.request(site("/"), { method: "POST" });
    for (let i = 0; i < 8; i++) request.write("x".repeat(100_000));
    const [status, { body }] = await answered(request, "end");
    return [status, body];
  },
  "http: statuses": async () => {
    const seen = [];
    for (const status of [204, 302, 404, 500]) {
      const request = http.get(site(`/status/${status}`));
      const [message] = await once(request, "response");
      seen.push([message.statusCode, message.statusMessage, message.headers.location, await text(message)]);
    }
    return seen;
  },
  "http: headers that come": async () => {
    const [message] = await once(http.get(site("/cookies")), "response");
    message.resume();
    await once(message, "end");
    return [message.httpVersion, message.complete];
  },
  "http: nothing is unpacked": async () => {
    const [message] = await once(http.get(site("/gzip")), "response");
    return [message.headers["content-encoding"], (await message.toArray()).length > 0];
  },
  "http: a large answer": async () => {
    const [message] = await once(http.get(site("/large")), "response");
    return (await text(message)).length;
  },
  "http: callback and events": async () => {
    let called = false;
    const request = http.get(site("/"), () => (called = true));
    const [message] = await once(request, "response");
    const events = eventsOf(message, ["data", "end", "close"]);
    return [called, await events];
  },
  "http: setting headers": () => {
    const request = http.request(site("/"), { headers: { "X-A": "1" } });
    request.on("error", () => {});
    request.setHeader("X-B", ["2", "3"]);
    request.appendHeader("X-B", "4");
    request.removeHeader("x-a");
    const seen = [
      request.getHeader("x-b"), request.hasHeader("X-A"), request.getHeaderNames(), request.getHeaders(),
      request.method, request.path, request.host, request.protocol, request.headersSent,
    ];
    request.destroy();
    return JSON.parse(JSON.stringify(seen).replaceAll(PORTS.http, "PORT"));
  },
  "http: bad arguments": () => [
    thrown(() => http.request({ path: "/a b" })),
    thrown(() => http.request({ protocol: "https:" })), thrown(() => http.request({ method: "A B" })),
    thrown(() => http.request({ hostname: 5 })), thrown(() => http.request({ method: 5 })),
    thrown(() => http.request({ headers: { "a b": "1" } })), thrown(() => http.request({ headers: { a: "\n" } })),
    thrown(() => http.request({ path: "//other/x" })), thrown(() => http.request({ agent: {} })),
    thrown(() => http.request({ socketPath: "/x" })), thrown(() => http.request({ lookup() {} })),
    thrown(() => https.request({ protocol: "http:" })), thrown(() => http.request({ timeout: "x" })),
  ],
  "http: agents": () => [
    http.globalAgent.protocol, https.globalAgent.protocol, http.globalAgent.defaultPort, https.globalAgent.defaultPort,
    new http.Agent({ keepAlive: true }).keepAlive, http.globalAgent.getName({ host: "a", port: 5 }),
    new https.Agent() instanceof http.Agent, http.Agent.defaultMaxSockets,
  ],
  "http: names": () => [
    http.METHODS.includes("GET"), http.STATUS_CODES[404], http.maxHeaderSize,
    thrown(() => http.validateHeaderName("a b")), thrown(() => http.validateHeaderValue("a", "\0")),
    thrown(() => http.validateHeaderValue("a", undefined)),
  ],
  "http: a hung server": async () => {
    const request = http.get(site("/never"), { timeout: 50 });
    request.on("error", () => {});
    await once(request, "timeout");
    request.destroy();
    return request.destroyed;
  },
  // What workerd answers with no error, or one without a code: not asked there.
  "own: http: nobody listens": () => failed(http.request(`http://localhost:${PORTS.nobody}/`)),
  "own: http: the server hangs up": () => failed(http.request(site("/gone"))),
  "own: http: a broken answer": async () => {
    const [message] = await once(http.get(site("/broken")), "response");
    message.resume();
    const [error] = await once(message, "error");
    return [error.code, message.complete];
  },
  "own: http: destroyed": async () => {
    const request = http.request(site("/never"));
    const events = eventsOf(request, ["error", "close"]);
    request.end();
    request.destroy();
    return await events;
  },
  "https: get": async () => answered(https.get(secureSite("/secure"))),
  "https: not by http": () => thrown(() => http.get(secureSite("/"))),
  // ---- servers of node:http
  "server: answers": async () => {
    const [status, message, body, response] = await served(async (request, answer) => {
      const seen = [request.method, request.url, request.headers["x-in"], await text(request)];
      answer.setHeader("X-Out", "1");
      answer.statusCode = 201;
      answer.end(JSON.stringify(seen));
    }, "/a?b", { method: "POST", body: "body", headers: { "X-In": "in" } });
    return [status, message, JSON.parse(body), response.headers.get("x-out")];
  },
  "server: in parts": async () => {
    const [status, message, body] = await served((_request, answer) => {
      answer.writeHead(202, "Fine", { "Content-Type": "text/plain" });
      answer.write("one,");
      setTimeout(() => answer.end("two"), 5);
    });
    return [status, message, body];
  },
  "server: cookies": async () => {
    const [, , , response] = await served((_request, answer) => {
      answer.writeHead(200, { "Set-Cookie": ["a=1", "b=2"] }).end();
    });
    return response.headers.getSetCookie();
  },
  "server: without a body": async () => (await served((_request, answer) => answer.writeHead(204).end())).slice(0, 3),
  "server: wrong use": async () => {
    const seen = [];
    await served((_request, answer) => {
      answer.write("x");
      seen.push(thrown(() => answer.setHeader("a", "b")), thrown(() => answer.writeHead(200)), answer.headersSent);
      seen.push(thrown(() => answer.writeEarlyHints({})), thrown(() => answer.assignSocket({})));
      answer.end();
    });
    await served((_request, answer) => {
      seen.push(thrown(() => answer.writeHead(99)), thrown(() => answer.setHeader("a b", "c")));
      answer.end();
    });
    return seen;
  },
  "server: ports": () => {
    const server = http.createServer();
    const seen = [server.address(), server.listening];
    server.listen(8787);
    seen.push(server.address(), server.listening, thrown(() => server.listen()), thrown(() => http.createServer().listen(8787)));
    server.close();
    return [...seen, server.address()];
  },
  "server: httpServerHandler": async () => {
    const server = http.createServer((_request, answer) => answer.end("handled"));
    const handler = httpServerHandler(server);
    const response = await handler.fetch(new Request("http://localhost/"));
    server.close();
    return [await response.text(), thrown(() => httpServerHandler(null)), thrown(() => httpServerHandler({}))];
  },
  "server: nobody listens": () =>
    handleAsNodeRequest(9, new Request("http://localhost/")).catch((error) => [error.code, error.message]),
  // ---- node:dns
  "dns: shapes": () => [
    typeof dns.lookup, typeof dns.resolve4, typeof dns.promises.lookup, dns.promises === dnsPromises,
    dns.NOTFOUND, dns.getDefaultResultOrder(),
  ],
};

export default {
  async fetch(request) {
    const answers = {};
    const isOurs = new URL(request.url).pathname === "/ours";
    for (const [name, run] of Object.entries(cases)) {
      if (name.startsWith("own: ") && !isOurs) continue;
      try {
        answers[name] = await Promise.race([run(), scheduler.wait(5000).then(() => "still runs")]);
      } catch (error) {
        answers[name] = `${error?.constructor?.name} ${error?.code}: ${error?.message}`;
      }
    }
    return Response.json(answers);
  },
};
