import * as jose from "jose";
import { equal, fails, program } from "./check";

async function signed(alg: string) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const token = await new jose.SignJWT({ role: "admin" })
    .setProtectedHeader({ alg }).setSubject("ada").setIssuer("us").setIssuedAt().setExpirationTime("1h")
    .sign(privateKey);
  const { payload, protectedHeader } = await jose.jwtVerify(token, publicKey, { issuer: "us" });
  equal([payload.sub, payload.role, protectedHeader.alg], ["ada", "admin", alg]);
  await fails(() => jose.jwtVerify(token.slice(0, -6) + "AAAAAA", publicKey), "signature");
  await fails(() => jose.jwtVerify(token, publicKey, { issuer: "them" }), "iss");
}

async function encrypted(alg: string, enc: string) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const token = await new jose.EncryptJWT({ secret: "x" }).setProtectedHeader({ alg, enc }).encrypt(publicKey);
  equal((await jose.jwtDecrypt(token, privateKey)).payload.secret, "x");
}

export default program({
  async "HS256"() {
    const secret = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
    const token = await new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg: "HS256" }).sign(secret);
    equal((await jose.jwtVerify(token, secret)).payload, { a: 1 });
    await fails(() => jose.jwtVerify(token, new Uint8Array(32)), "signature verification failed");
  },
  "RS256": () => signed("RS256"),
  "PS256": () => signed("PS256"),
  "ES256": () => signed("ES256"),
  "ES384": () => signed("ES384"),
  "EdDSA": () => signed("EdDSA"),
  async "dir, A256GCM"() {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const token = await new jose.EncryptJWT({ a: 1 }).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(secret);
    equal((await jose.jwtDecrypt(token, secret)).payload, { a: 1 });
  },
  async "A256GCMKW, A256KW, A128CBC-HS256"() {
    for (const alg of ["A256GCMKW", "A256KW"]) {
      const secret = crypto.getRandomValues(new Uint8Array(32));
      const token = await new jose.EncryptJWT({ a: alg }).setProtectedHeader({ alg, enc: "A128CBC-HS256" }).encrypt(secret);
      equal((await jose.jwtDecrypt(token, secret)).payload, { a: alg });
    }
  },
  "ECDH-ES": () => encrypted("ECDH-ES", "A256GCM"),
  "ECDH-ES+A128KW": () => encrypted("ECDH-ES+A128KW", "A128GCM"),
  "RSA-OAEP-256": () => encrypted("RSA-OAEP-256", "A256GCM"),
  async "PBES2"() {
    const password = new TextEncoder().encode("correct horse");
    const protectedHeader = { alg: "PBES2-HS256+A128KW", enc: "A256GCM" };
    const sealed = await new jose.CompactEncrypt(new TextEncoder().encode("x")).setProtectedHeader(protectedHeader).encrypt(password);
    const { plaintext } = await jose.compactDecrypt(sealed, password, { keyManagementAlgorithms: ["PBES2-HS256+A128KW"] });
    equal(new TextDecoder().decode(plaintext), "x");
  },
  async "JWK, PEM, thumbprint, JWKS"() {
    const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
    const pem = await jose.exportPKCS8(privateKey);
    equal(pem.startsWith("-----BEGIN PRIVATE KEY-----"), true);
    const again = await jose.importPKCS8(pem, "ES256");
    const jwk = { ...(await jose.exportJWK(publicKey)), alg: "ES256", kid: "one" };
    equal((await jose.calculateJwkThumbprint(jwk)).length, 43);
    const token = await new jose.SignJWT({}).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(again);
    const keys = jose.createLocalJWKSet({ keys: [jwk] });
    equal((await jose.jwtVerify(token, keys)).protectedHeader.kid, "one");
    const spki = await jose.exportSPKI(publicKey);
    await jose.jwtVerify(token, await jose.importSPKI(spki, "ES256"));
  },
  async "general and flattened JSON"() {
    const { publicKey, privateKey } = await jose.generateKeyPair("ES256");
    const bytes = new TextEncoder().encode("payload");
    const general = await new jose.GeneralSign(bytes).addSignature(privateKey).setProtectedHeader({ alg: "ES256" }).sign();
    equal(new TextDecoder().decode((await jose.generalVerify(general, publicKey)).payload), "payload");
    const flat = await new jose.FlattenedSign(bytes).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    await jose.flattenedVerify(flat, publicKey);
  },
  async "unsecured, decode"() {
    const token = new jose.UnsecuredJWT({ a: 1 }).setIssuedAt().encode();
    equal(jose.UnsecuredJWT.decode(token).payload.a, 1);
    equal(jose.decodeProtectedHeader(token).alg, "none");
  },
});
