// The other ends of the sockets: node servers.mjs prints the ports of its servers as one line of JSON, and ends when
// its input does. The certificates are of nobody and for nothing else.
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import { startNameServer } from "./dns_server.mjs";

const read = (name) => readFileSync(new URL(name, import.meta.url));
const identity = (name) => ({ key: read(`${name}.key`), cert: read(`${name}.pem`) });
const ignore = () => {};
const ports = {};
// What "collect" has heard last: how many bytes, and the last of them.
let collected = "nothing";

function listen(name, server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      ports[name] = server.address().port;
      resolve();
    });
  });
}

function plain(name, serve) {
  return listen(name, createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", ignore);
    serve(socket);
  }));
}

function secure(name, who) {
  const server = createTlsServer({ ...identity(who), allowHalfOpen: true }, (socket) => {
    socket.on("error", ignore);
    socket.pipe(socket);
  });
  server.on("tlsClientError", ignore);
  return listen(name, server);
}

await plain("echo", (socket) => socket.pipe(socket));
await plain("hello", (socket) => {
  socket.resume();
  socket.end("hello");
});
await plain("answer", (socket) => {
  let text = "";
  socket.on("data", (data) => (text += data));
  socket.on("end", () => socket.end(`got ${text}`));
});
await plain("silent", (socket) => {
  socket.resume();
  socket.on("end", () => socket.end());
});
await plain("reset", (socket) => socket.once("data", () => socket.resetAndDestroy()));
await plain("collect", (socket) => {
  let count = 0;
  let last = "";
  socket.on("data", (data) => {
    count += data.length;
    last = String(data).slice(-1);
  });
  socket.on("end", () => {
    collected = `${count}${last}`;
    socket.end();
  });
});
await plain("collected", (socket) => socket.end(collected));
await secure("tls", "trusted");
await secure("stranger", "untrusted");
await plain("starttls", (socket) => {
  socket.once("data", () => {
    socket.write("ok");
    const upgraded = new TLSSocket(socket, { isServer: true, ...identity("trusted") });
    upgraded.on("error", ignore);
    upgraded.pipe(upgraded);
  });
});
// Says what it was asked; the path says how to answer.
async function answer(request, response) {
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.url.startsWith("/status/")) {
    response.writeHead(Number(request.url.slice(8)), { location: "/elsewhere" });
    return response.end();
  }
  if (request.url === "/cookies") response.setHeader("set-cookie", ["a=1", "b=2"]);
  if (request.url === "/never") return;
  if (request.url === "/broken") return response.write("part", () => request.socket.destroy());
  if (request.url === "/gone") return request.socket.destroy();
  if (request.url === "/gzip") {
    response.setHeader("content-encoding", "gzip");
    return response.end(gzipSync("packed"));
  }
  if (request.url === "/large") return response.end("x".repeat(500_000));
  const { method, url, headers } = request;
  response.setHeader("x-many", ["1", "2"]);
  response.end(JSON.stringify({
    method, url, body: body.length > 100 ? body.length : body, custom: headers["x-custom"], type: headers["content-type"],
    authorization: headers.authorization, length: headers["content-length"],
  }));
}
const answering = (request, response) => answer(request, response).catch(ignore);
await listen("http", createHttpServer(answering));
await listen("https", createHttpsServer(identity("trusted"), answering));

// Whose client must show a certificate; says whose it is. "unknown" is the same without.
function showing(name, options) {
  const server = createTlsServer({ ...identity("trusted"), ...options }, (socket) => {
    socket.on("error", ignore);
    const client = socket.getPeerCertificate()?.subject?.CN ?? "nobody";
    socket.on("data", (data) => socket.write(`${client} ${data}`));
  });
  server.on("tlsClientError", ignore);
  return listen(name, server);
}
await showing("unknown", {});
await showing("mutual", { requestCert: true, rejectUnauthorized: true, ca: read("authority.pem"), ALPNProtocols: ["echo/1", "h2"] });
ports.dns = await startNameServer();

// Nobody listens on it: a server that has just been closed.
const closed = createServer();
await listen("nobody", closed);
await new Promise((resolve) => closed.close(resolve));

console.log(JSON.stringify(ports));
process.stdin.on("end", () => process.exit(0)).resume();
