// DER, as far as node:crypto has to look into it itself: elements that are read and written, and the parameters of
// Diffie-Hellman in keys (PKCS #3).

(function () {
const SEQUENCE = 0x30;
const [INTEGER, BITS, OCTETS] = [0x02, 0x03, 0x04];
// 1.2.840.113549.1.3.1
const DH = "2a864886f70d010301";
const LINE = 64;

// The first element: its tag, its content and what follows; undefined if there is none.
function read(der) {
  if (der.length < 2) return undefined;
  const [tag, first] = der;
  const long = first & 0x80 ? first & 0x7f : 0;
  const length = long === 0 ? first : der.subarray(2, 2 + long).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = 2 + long;
  if (start + length > der.length) return undefined;
  return { tag, content: der.subarray(start, start + length), rest: der.subarray(start + length) };
}

// The elements that a content consists of.
function elements(content) {
  const found = [];
  for (let next = read(content); next !== undefined; next = read(next.rest)) found.push(next);
  return found;
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function write(tag, ...parts) {
  const content = joined(parts);
  const length = content.length < 0x80 ? [content.length] : bigEndian(content.length);
  return joined([new Uint8Array([tag, ...length]), content]);
}

function bigEndian(length) {
  const bytes = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}

// An object identifier as text: X.690, 8.19.
function oidText(content) {
  const numbers = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const first = Math.min(Math.floor(numbers[0] / 40), 2);
  return [first, numbers[0] - 40 * first, ...numbers.slice(1)].join(".");
}

// ---- keys of Diffie-Hellman

// In a key (SPKI or PKCS #8) the element with the algorithm and its parameters; undefined if it is no such key.
function dhAlgorithm(parts) {
  return parts.find(({ tag, content }) => {
    const oid = tag === SEQUENCE ? read(content) : undefined;
    return oid !== undefined && oid.content.toHex() === DH;
  });
}

// The SEQUENCE of prime and generator, however often it is wrapped.
function dhParameters(algorithm) {
  let parameters = read(read(algorithm.content).rest);
  for (;;) {
    const inner = parameters === undefined ? undefined : read(parameters.content);
    if (inner?.tag !== SEQUENCE) return parameters;
    parameters = inner;
  }
}

// The prime of a key; undefined if it is none of Diffie-Hellman.
function dhPrime(der) {
  const key = read(der);
  const algorithm = key?.tag === SEQUENCE ? dhAlgorithm(elements(key.content)) : undefined;
  const parameters = algorithm === undefined ? undefined : dhParameters(algorithm);
  if (parameters === undefined) return undefined;
  const prime = read(parameters.content);
  return prime?.tag === INTEGER ? prime.content : undefined;
}

// The key's own number, in a BIT STRING or an OCTET STRING: one whose first bit is set is not negative.
function unsigned({ tag, content }) {
  const skipped = tag === BITS ? 1 : 0;
  const number = tag === BITS || tag === OCTETS ? read(content.subarray(skipped)) : undefined;
  if (number?.tag !== INTEGER || !(number.content[0] & 0x80)) return write(tag, content);
  return write(tag, content.subarray(0, skipped), write(INTEGER, new Uint8Array(1), number.content));
}

// The same key as PKCS #3 has it, with its parameters wrapped once.
function dhUnwrapped(der) {
  const parts = elements(read(der).content);
  const algorithm = dhAlgorithm(parts);
  const parameters = dhParameters(algorithm);
  return write(SEQUENCE, ...parts.map((part) => part === algorithm
    ? write(SEQUENCE, write(0x06, read(algorithm.content).content), write(SEQUENCE, parameters.content))
    : unsigned(part)));
}

function pem(label, der) {
  const lines = der.toBase64().match(new RegExp(`.{1,${LINE}}`, "g"));
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

return { read, write, elements, oidText, dhPrime, dhUnwrapped, pem };
})();
