import { generateKeyPairSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { equal, fails, program } from "./check";

function pair(type: any, options: object) {
  const { publicKey, privateKey } = generateKeyPairSync(type, {
    ...options, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" },
  } as any) as any;
  return { publicKey, privateKey };
}

async function signed(algorithm: any, type: string, options: object) {
  const { publicKey, privateKey } = pair(type, options);
  const token = jwt.sign({ role: "admin" }, privateKey, { algorithm, expiresIn: "1h", issuer: "us", subject: "ada" });
  const { role, sub, iss } = jwt.verify(token, publicKey, { algorithms: [algorithm], issuer: "us" }) as any;
  equal([role, sub, iss], ["admin", "ada", "us"]);
  await fails(() => jwt.verify(token.slice(0, -8) + "AAAAAAAA", publicKey), "invalid signature");
  await fails(() => jwt.verify(token, publicKey, { issuer: "them" }), "jwt issuer invalid");
  await fails(() => jwt.verify(token, publicKey, { algorithms: ["HS256"] }), "invalid algorithm");
}

export default program({
  async "HS256"() {
    const token = jwt.sign({ a: 1 }, "secret", { noTimestamp: true });
    equal(token, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjoxfQ.57TF7smP9XDhIexBqPC-F1toZReYZLWb_YRU5tv0sxM");
    equal(jwt.verify(token, "secret"), { a: 1 });
    await fails(() => jwt.verify(token, "other"), "invalid signature");
  },
  "RS256": () => signed("RS256", "rsa", { modulusLength: 2048 }),
  "PS256": () => signed("PS256", "rsa", { modulusLength: 2048 }),
  "ES256": () => signed("ES256", "ec", { namedCurve: "P-256" }),
  "ES512": () => signed("ES512", "ec", { namedCurve: "P-521" }),
  async "expiry"() {
    const token = jwt.sign({}, "secret", { expiresIn: -10 });
    await fails(() => jwt.verify(token, "secret"), "jwt expired");
    equal(typeof (jwt.verify(token, "secret", { ignoreExpiration: true }) as any).exp, "number");
  },
  async "callbacks"() {
    const token = await new Promise<string>((resolve, reject) =>
      jwt.sign({ a: 2 }, "secret", {}, (error, made) => error ? reject(error) : resolve(made!)));
    const read = await new Promise<any>((resolve, reject) =>
      jwt.verify(token, (_header: unknown, give: any) => give(null, "secret"), (error, value) => error ? reject(error) : resolve(value)));
    equal([read.a, jwt.decode(token, { complete: true })?.header.alg], [2, "HS256"]);
  },
  async "weak keys"() {
    const { privateKey } = pair("rsa", { modulusLength: 1024 });
    await fails(() => jwt.sign({}, privateKey, { algorithm: "RS256" }), "minimum key size of 2048 bits");
  },
});
