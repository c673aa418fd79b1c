// Web crypto, called.
import { bytes, holds, same, text } from "./expect.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const aes = (uses = ["encrypt", "decrypt"]) => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, uses);
const hmac = (uses = ["sign", "verify"]) => crypto.subtle.importKey("raw", bytes("secret"), { name: "HMAC", hash: "SHA-256" }, true, uses);
const password = (uses) => crypto.subtle.importKey("raw", bytes("password"), "PBKDF2", false, uses);
const stretched = { name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 1 };
const iv = () => crypto.getRandomValues(new Uint8Array(12));
const wrapped = async () => {
	const outer = await aes(["wrapKey", "unwrapKey"]);
	const algorithm = { name: "AES-GCM", iv: iv() };
	const inner = await hmac();
	return { outer, algorithm, bytes: await crypto.subtle.wrapKey("raw", inner, outer, algorithm) };
};

export default {
	"Crypto.subtle": () => same(typeof crypto.subtle.digest, "function"),
	"Crypto.getRandomValues": () => holds(crypto.getRandomValues(new Uint8Array(32)).some((byte) => byte !== 0)),
	"Crypto.randomUUID": () => holds(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(crypto.randomUUID())),
	"Crypto.DigestStream": () => same(typeof crypto.DigestStream, "function"),
	"SubtleCrypto.encrypt": async () => {
		const [key, algorithm] = [await aes(), { name: "AES-GCM", iv: iv() }];
		const sealed = await crypto.subtle.encrypt(algorithm, key, bytes("secret"));
		same(sealed.byteLength, 6 + 16);
		same(text(await crypto.subtle.decrypt(algorithm, key, sealed)), "secret");
	},
	"SubtleCrypto.decrypt": async () => {
		const { privateKey, publicKey } = await crypto.subtle.generateKey(
			{ name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, false, ["encrypt", "decrypt"]);
		const sealed = await crypto.subtle.encrypt("RSA-OAEP", publicKey, bytes("secret"));
		same(text(await crypto.subtle.decrypt("RSA-OAEP", privateKey, sealed)), "secret");
	},
	"SubtleCrypto.sign": async () => same(hex(await crypto.subtle.sign("HMAC", await hmac(), bytes("x"))), "117eca332f7e13ccb8e4574e4f33daa212a9231353670c2b8b4797df0bb77afa"),
	"SubtleCrypto.verify": async () => {
		const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
		const algorithm = { name: "ECDSA", hash: "SHA-256" };
		const signature = await crypto.subtle.sign(algorithm, privateKey, bytes("x"));
		same(await crypto.subtle.verify(algorithm, publicKey, signature, bytes("x")), true);
		same(await crypto.subtle.verify(algorithm, publicKey, signature, bytes("y")), false);
	},
	"SubtleCrypto.digest": async () => {
		same(hex(await crypto.subtle.digest("MD5", bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
		same(hex(await crypto.subtle.digest("SHA-1", bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
	},
	"SubtleCrypto.generateKey": async () => same((await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])).privateKey.type, "private"),
	"SubtleCrypto.deriveKey": async () => {
		const key = await crypto.subtle.deriveKey(stretched, await password(["deriveKey"]), { name: "AES-CBC", length: 128 }, true, ["encrypt"]);
		same((await crypto.subtle.exportKey("raw", key)).byteLength, 16);
	},
	"SubtleCrypto.deriveBits": async () => same(hex(await crypto.subtle.deriveBits(stretched, await password(["deriveBits"]), 256)), "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"),
	"SubtleCrypto.importKey": async () => same((await hmac()).algorithm.name, "HMAC"),
	"SubtleCrypto.exportKey": async () => same((await crypto.subtle.exportKey("jwk", await aes())).kty, "oct"),
	"SubtleCrypto.wrapKey": async () => same((await wrapped()).bytes.byteLength, 6 + 16),
	"SubtleCrypto.unwrapKey": async () => {
		const { outer, algorithm, bytes: sealed } = await wrapped();
		const key = await crypto.subtle.unwrapKey("raw", sealed, outer, algorithm, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
		same(text(await crypto.subtle.exportKey("raw", key)), "secret");
	},
	"SubtleCrypto.timingSafeEqual": () => same([crypto.subtle.timingSafeEqual(bytes("a"), bytes("a")), crypto.subtle.timingSafeEqual(bytes("a"), bytes("b"))], [true, false]),
	"CryptoKey.type": async () => same((await hmac()).type, "secret"),
	"CryptoKey.extractable": async () => same((await hmac()).extractable, true),
	"CryptoKey.algorithm": async () => same((await aes()).algorithm.length, 256),
	"CryptoKey.usages": async () => same((await hmac(["verify"])).usages, ["verify"]),
	"DigestStream.digest": async () => {
		const stream = new crypto.DigestStream("SHA-256");
		await new Response("abc").body.pipeTo(stream);
		same(hex(await stream.digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	},
	"DigestStream.bytesWritten": async () => {
		const stream = new crypto.DigestStream("MD5");
		await new Response("abc").body.pipeTo(stream);
		same(Number(stream.bytesWritten), 3);
	},
};
