// Servers that programs talk to: node servers.mjs NAME... prints their ports as one line of JSON, and ends when its
// input does. `postgres` is PostgreSQL itself, compiled to WebAssembly; `smtp` takes mails, after STARTTLS only.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { SMTPServer } from "smtp-server";

const certificate = (name) => readFileSync(new URL(`../sockets_differential/${name}`, import.meta.url));
const mails = [];

function listen(server) {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

const start = {
  async postgres() {
    const db = await PGlite.create();
    const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
    const listening = new Promise((resolve) => server.addEventListener("listening", (event) => resolve(event.detail.port)));
    await server.start();
    return await listening;
  },
  async smtp() {
    const server = new SMTPServer({
      key: certificate("trusted.key"), cert: certificate("trusted.pem"),
      onAuth: ({ username, password }, session, done) =>
        username === "user" && password === "word" && session.secure
          ? done(null, { user: username })
          : done(new Error("wrong")),
      async onData(stream, _session, done) {
        let text = "";
        for await (const chunk of stream) text += chunk;
        mails.push(text);
        done();
      },
    });
    server.on("error", () => {});
    return await listen(server.server);
  },
  // What `smtp` has taken.
  mails: () => listen(createServer((_request, response) => response.end(JSON.stringify(mails)))),
  // Redirects to itself, once.
  http: () =>
    listen(createServer((request, response) => {
      if (request.url !== "/moved") return response.end(`${request.method} ${request.url}`);
      response.writeHead(302, { location: "/here" }).end();
    })),
};

const ports = {};
for (const name of process.argv.slice(2)) ports[name] = await start[name]();
console.log(JSON.stringify(ports));
process.stdin.on("end", () => process.exit(0)).resume();
