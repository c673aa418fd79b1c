// npm's `ws` against a server that sends back what it gets, with every way to agree on compression: each message has to come
// back as it was, and the close code, too. Ends with status 0 if all is well. Called by npm.rs: node echo.mjs URL

import assert from "node:assert/strict";
import { once } from "node:events";

import WebSocket from "ws";

const url = process.argv[2];
const MESSAGES = 40;
const AHEAD = 8;

const SETTINGS = [
  false,
  true,
  { threshold: 0 },
  { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  { threshold: 0, clientMaxWindowBits: 9 },
  ...[9, 10, 12, 15].map((serverMaxWindowBits) => ({ threshold: 0, serverMaxWindowBits })),
];

/** Numbers from 0 to 1 that are the same in each run. */
function* numbers(state) {
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const random = numbers(7);
const next = () => random.next().value;
const noise = (length) => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)));

/** Messages that compress well, badly, not at all, and in part. */
function payloads() {
  const json = (count) => JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, name: `üser ${id % 17}` })));
  const found = ["", "hä", "x".repeat(1024), "x".repeat(1025), json(3000), Buffer.alloc(0), Buffer.alloc(1_000_000, "abc"), noise(200_000)];
  while (found.length < MESSAGES) {
    const length = Math.floor(next() ** 4 * 150_000);
    found.push(Buffer.concat([noise(length % 1000), Buffer.alloc(length, "lorem ipsum dolor "), noise(length >> 2)]));
  }
  return found;
}

async function run(perMessageDeflate) {
  const socket = new WebSocket(url, { perMessageDeflate });
  await once(socket, "open");
  assert.equal(socket.extensions, perMessageDeflate ? "permessage-deflate" : "");
  const sent = payloads();
  let heard = 0;
  let said = 0;
  const say = () => {
    while (said < sent.length && said - heard < AHEAD) socket.send(sent[said++]);
  };
  const done = new Promise((resolve, reject) => {
    socket.on("message", (data, isBinary) => {
      const expected = sent[heard++];
      const same = isBinary ? data.equals(expected) : data.toString() === expected;
      if (!same) reject(new Error(`message ${heard} of ${expected.length} came back as ${data.length}`));
      if (heard === sent.length) resolve();
      say();
    });
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`closed with ${code} after message ${heard}`)));
  });
  say();
  await done;
  socket.close(4001, "bye");
  const [code, reason] = await once(socket, "close");
  assert.deepEqual([code, reason.toString()], [4001, "bye"]);
}

for (const settings of SETTINGS) {
  await run(settings).catch((error) => {
    throw new Error(`${JSON.stringify(settings)}: ${error.message}`, { cause: error });
  });
}
