// What the bench makes of its measurements of objects. Run with: node --test bench/test/

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";

import { compare } from "../lib/objects/figures.mjs";
import { report } from "../lib/objects/report.mjs";
import { Crowd } from "../lib/objects/sockets.mjs";

const load = (perSecond, failed = 0) => ({ perSecond, failed });

test("medians are compared, and more or less is better as the figure goes", () => {
  const compared = compare({
    cellhouse: [1000, 900, 5000].map((increments) => ({ increment: load(increments), coldRead: 2, putTogether: 99_999 })),
    workerd: [{ increment: load(200, 3), coldRead: 8, putTogether: 50_000 }, { increment: load(300), coldRead: 8 }],
  });
  const found = Object.fromEntries(compared.figures.map((figure) => [figure.what, figure]));
  const of = (what) => [found[what].ratio, found[what].reached];
  assert.deepEqual(of("one object: increments/s"), [4, true]);
  assert.deepEqual(of("first request to a new object, reading, ms"), [4, true]);
  assert.deepEqual(of("one event: put, all at once, /s"), [99_999 / 50_000, false]);
  assert.equal(found["one object: reads/s"].reached, undefined);
  assert.deepEqual(compared.failed, { cellhouse: 0, workerd: 3 });
});

test("a report shows what was measured, leaves the rest empty and tells of failures", () => {
  const found = { cellhouse: [{ increment: load(1000), call: 0.4 }], workerd: [{ increment: load(200, 3), call: 0.2 }] };
  const text = report(compare(found), "about");
  assert.match(text, /^one object: increments\/s +1000 +200 +5\.00x +>= 4x +yes$/m);
  assert.match(text, /^RPC between two objects, ms +0\.40 +0\.20 +0\.50x +<= 0\.3 +NO$/m);
  assert.match(text, /^workerd: 3 requests failed under load$/m);
  assert.doesNotMatch(text, /NaN|undefined/);
  assert.doesNotMatch(report(compare({ workerd: found.workerd }), "about"), /NaN|undefined|NO/);
});

/** A room on bare sockets: each message of the clients goes to all of them. */
async function room({ status = "101 Switching Protocols" } = {}) {
  const server = createServer();
  const members = [];
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    socket.write(`HTTP/1.1 ${status}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    members.push(socket);
    let input = Buffer.alloc(0);
    socket.on("data", (data) => {
      input = Buffer.concat([input, data]);
      for (; input.length >= 6 + (input[1] & 0x7f); input = input.subarray(6 + (input[1] & 0x7f))) {
        const text = input.subarray(6, 6 + (input[1] & 0x7f));
        const frame = Buffer.concat([Buffer.from([0x81, text.length]), text]);
        for (const member of members) member.write(frame);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = () => {
    members.forEach((member) => member.destroy());
    server.close();
  };
  return { end, members, port: server.address().port };
}

test("a crowd counts what arrives", async () => {
  const { end, port } = await room();
  const crowd = await Crowd.open(port, "/chat", 60);
  const perSecond = await crowd.chat(0.2, 4);
  assert.ok(perSecond >= 60, `${perSecond}`);
  crowd.close();
  end();
});

test("a crowd fails where a socket is lost or not opened", async () => {
  const refusing = await room({ status: "500 Internal Server Error" });
  await assert.rejects(Crowd.open(refusing.port, "/chat", 3), /answered HTTP\/1.1 500/);
  refusing.end();
  const losing = await room();
  const crowd = await Crowd.open(losing.port, "/chat", 3);
  losing.members[2].destroy();
  await assert.rejects(crowd.chat(0.1, 1), /1 WebSockets were closed/);
  crowd.close();
  losing.end();
});
