// What bench/large.mjs sends: its signatures, and its bodies.

import assert from "node:assert/strict";
import test from "node:test";

import { signed } from "../lib/large/sign.mjs";
import { bytes } from "../lib/large/transfer.mjs";

test("a body has as many bytes as asked for, and always the same ones", () => {
  for (const length of [0, 1, 3, 1 << 20, (1 << 20) + 2, (3 << 20) + 5]) {
    const all = Buffer.concat([...bytes(length)]);
    assert.equal(all.length, length);
    assert.ok(all.equals(Buffer.concat([...bytes(length)])));
  }
  const [first, second] = bytes(2 << 20);
  assert.ok(!first.equals(second));
});

test("a signature depends on all that it is of", () => {
  const keys = { id: "id", secret: "secret" };
  const now = new Date("2026-07-01T12:00:00.123Z");
  const url = "http://127.0.0.1:9000/bench/large?uploadId=a&partNumber=1";
  const { authorization, ...headers } = signed("PUT", url, keys, now);
  assert.deepEqual(headers, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": "20260701T120000Z" });
  assert.match(authorization, /^AWS4-HMAC-SHA256 Credential=id\/20260701\/auto\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/);
  const others = [
    signed("GET", url, keys, now),
    signed("PUT", `${url}0`, keys, now),
    signed("PUT", url.replace("large", "other"), keys, now),
    signed("PUT", url, { ...keys, secret: "other" }, now),
  ];
  for (const other of others) assert.notEqual(other.authorization, authorization);
  const swapped = "http://127.0.0.1:9000/bench/large?partNumber=1&uploadId=a";
  assert.equal(signed("PUT", swapped, keys, now).authorization, authorization);
});
