// Bodies of any size to a server and back, made and checked while they flow, so that nothing of them is on a disk of the
// bench or in its memory.

import { createHash } from "node:crypto";
import http from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";

const CHUNK = 1 << 20;

/** So many bytes that do not compress; the same ones each time. */
export function* bytes(length) {
  let state = 0x9e3779b9;
  const chunk = Buffer.alloc(CHUNK);
  for (let at = 0; at < CHUNK; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chunk.writeUInt32LE(state, at);
  }
  for (let sent = 0, index = 0; sent < length; index++) {
    const piece = Buffer.from(chunk.subarray(0, Math.min(CHUNK, length - sent)));
    // No two chunks are the same.
    if (piece.length >= 4) piece.writeUInt32LE(index, 0);
    sent += piece.length;
    yield piece;
  }
}

function open(method, url, headers) {
  const request = http.request(url, { method, headers });
  const response = new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
  return { request, response };
}

async function all(response) {
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  if (response.statusCode >= 300) throw new Error(`${response.statusCode}: ${text.slice(0, 500)}`);
  return { text, headers: response.headers };
}

/** Sends `length` bytes as a body; what is answered, and the MD5 of what was sent. */
export async function upload(method, url, headers, length) {
  const hash = createHash("md5");
  const { request, response } = open(method, url, { ...headers, "content-length": length });
  const body = Readable.from(
    (function* () {
      for (const piece of bytes(length)) {
        hash.update(piece);
        yield piece;
      }
    })(),
  );
  // An answer that comes early closes the request.
  const sent = pipeline(body, request).catch((error) => error);
  const answer = await all(await response);
  const failed = await sent;
  if (failed instanceof Error) throw failed;
  return { ...answer, md5: hash.digest("hex") };
}

/** The MD5 and the number of the bytes of an answer. */
export async function download(url, headers) {
  const { request, response } = open("GET", url, headers);
  request.end();
  const answer = await response;
  if (answer.statusCode !== 200) return all(answer);
  const hash = createHash("md5");
  let length = 0;
  for await (const piece of answer) {
    hash.update(piece);
    length += piece.length;
  }
  return { md5: hash.digest("hex"), length };
}

/** A request with a short body. */
export async function ask(method, url, headers, body = "") {
  const { request, response } = open(method, url, headers);
  request.end(body);
  return all(await response);
}
