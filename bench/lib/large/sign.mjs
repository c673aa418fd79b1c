// Requests to the S3 API: signed with version 4, in headers. The bytes of a body are not part of the signature, as with
// clients that stream.

import { createHash, createHmac } from "node:crypto";

const REGION = "auto";
const UNSIGNED = "UNSIGNED-PAYLOAD";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** The path and query of an address as a signature has them. */
function canonical(url) {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const path = url.pathname.split("/").map((part) => encode(decodeURIComponent(part))).join("/");
  const pairs = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return `${path}\n${pairs.sort().join("&")}`;
}

/** The headers of a request. `now` is a date, `keys` are { id, secret }. */
export function signed(method, address, keys, now = new Date()) {
  const url = new URL(address);
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const headers = { host: url.host, "x-amz-content-sha256": UNSIGNED, "x-amz-date": time };
  const names = Object.keys(headers).sort().join(";");
  const lines = Object.keys(headers).sort().map((name) => `${name}:${headers[name]}\n`).join("");
  const request = `${method}\n${canonical(url)}\n${lines}\n${names}\n${UNSIGNED}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(request)}`;
  const key = scope.split("/").reduce(hmac, `AWS4${keys.secret}`);
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const { host, ...rest } = headers;
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...rest, authorization };
}
