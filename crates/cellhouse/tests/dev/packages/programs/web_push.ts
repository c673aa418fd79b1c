import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import webPush from "web-push";
import { equal, fails, program } from "./check";

const ENDPOINT = "https://push.example/send/1";
const { publicKey, privateKey } = webPush.generateVAPIDKeys();
const vapidDetails = { subject: "mailto:me@example.com", publicKey, privateKey };

// A browser's side: RFC 8291.
function browser() {
  const ecdh = createECDH("prime256v1");
  const p256dh = ecdh.generateKeys();
  const auth = randomBytes(16);
  const mac = (key: Buffer, data: Buffer) => createHmac("sha256", key).update(data).digest();
  const info = (name: string) => Buffer.concat([Buffer.from(`Content-Encoding: ${name}`), Buffer.from([0, 1])]);
  const open = (body: Buffer) => {
    const [salt, theirs] = [body.subarray(0, 16), body.subarray(21, 21 + body[20])];
    const both = Buffer.concat([Buffer.from("WebPush: info\0"), p256dh, theirs, Buffer.from([1])]);
    const secret = mac(salt, mac(mac(auth, ecdh.computeSecret(theirs)), both));
    const decipher = createDecipheriv("aes-128-gcm", mac(secret, info("aes128gcm")).subarray(0, 16), mac(secret, info("nonce")).subarray(0, 12));
    const sealed = body.subarray(21 + body[20]);
    decipher.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return text.subarray(0, text.lastIndexOf(2)).toString();
  };
  return { open, keys: { p256dh: p256dh.toString("base64url"), auth: auth.toString("base64url") } };
}

export default program({
  "VAPID keys"() {
    equal([Buffer.from(publicKey, "base64url").length, Buffer.from(privateKey, "base64url").length], [65, 32]);
  },
  "VAPID headers"() {
    const { Authorization } = webPush.getVapidHeaders("https://push.example", vapidDetails.subject, publicKey, privateKey, "aes128gcm");
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(Authorization)!;
    const [head, claims, signature] = token.split(".");
    const point = Buffer.from(publicKey, "base64url");
    const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
    const half = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    const right = verify("sha256", Buffer.from(`${head}.${claims}`), { key: half, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
    equal([right, key, JSON.parse(atob(claims)).aud], [true, publicKey, "https://push.example"]);
  },
  "a message"() {
    const { open, keys } = browser();
    const request = webPush.generateRequestDetails({ endpoint: ENDPOINT, keys }, "Grüße", { vapidDetails, TTL: 60, urgency: "high" });
    equal([request.method, request.endpoint, request.headers.TTL, request.headers.Urgency], ["POST", ENDPOINT, 60, "high"]);
    equal(open(request.body as Buffer), "Grüße");
  },
  async "wrong keys"() {
    const keys = { p256dh: "AAAA", auth: "AAAA" };
    await fails(() => webPush.generateRequestDetails({ endpoint: ENDPOINT, keys }, "x", { vapidDetails }), "p256dh value should be 65 bytes long");
  },
});
