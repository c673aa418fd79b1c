// What certificates of `node:crypto` say as OpenSSL does: names of hosts with wildcards, addresses, what a key may be
// used for. Everything else of them is Deno's.

(function () {
const { core } = __bootstrap;
const { ops } = core;
const { read, elements, oidText } = core.loadExtScript("ext:cellhouse_runtime/node_crypto_der.js");

// 2.5.29.37, extended key usage: RFC 5280, section 4.2.1.12.
const EXTENDED_KEY_USAGE = "551d25";
const [SEQUENCE, OCTETS, EXTENSIONS] = [0x30, 0x04, 0xa3];

// ---- names

// Eight groups, none of them left out, in capitals.
function longAddress(address) {
  const [before, after] = address.split("::");
  const groups = (text) => text === undefined || text === "" ? [] : text.split(":");
  const [first, last] = [groups(before), groups(after)];
  const zeros = after === undefined ? [] : new Array(8 - first.length - last.length).fill("0");
  return [...first, ...zeros, ...last].join(":").toUpperCase();
}

function subjectAltName(certificate) {
  const names = ops.op_node_x509_get_subject_alt_name(certificate);
  if (typeof names !== "string") return names;
  return names.replace(/IP Address:([0-9a-f]*:[0-9a-f:]*)/gi, (_all, address) => `IP Address:${longAddress(address)}`);
}

// RFC 6125, section 6.4.3, and OpenSSL: a wildcard is in the first label, and stands for part of one label.
function matches(pattern, host) {
  if (!pattern.includes("*")) return pattern === host;
  const [label, ...rest] = pattern.split(".");
  const [first, ...others] = host.split(".");
  if (rest.length < 2 || rest.join(".") !== others.join(".")) return false;
  const [before, after, more] = label.split("*");
  if (more !== undefined || after === undefined || label.startsWith("xn--")) return false;
  if (label !== "*" && first.startsWith("xn--")) return false;
  return first.length >= label.length && first.startsWith(before) && first.endsWith(after);
}

// The name in the certificate that a host's matches.
function checkHost(certificate, name) {
  const host = name.toLowerCase();
  const all = ops.op_node_x509_get_subject_alt_name(certificate);
  const listed = typeof all === "string" ? all.split(", ").filter((one) => one.startsWith("DNS:")).map((one) => one.slice(4)) : [];
  const common = () => (ops.op_node_x509_get_subject(certificate) ?? "").split("\n").filter((one) => one.startsWith("CN=")).map((one) => one.slice(3));
  const names = listed.length > 0 ? listed : common();
  return names.find((one) => matches(one.toLowerCase(), host));
}

// ---- what a key may be used for

function keyUsage(certificate) {
  const signed = read(read(ops.op_node_x509_get_raw(certificate)).content);
  const extensions = elements(signed.content).find(({ tag }) => tag === EXTENSIONS);
  if (extensions === undefined) return undefined;
  for (const { content } of elements(read(extensions.content).content)) {
    const parts = elements(content);
    if (parts[0].content.toHex() !== EXTENDED_KEY_USAGE) continue;
    const value = read(parts.find(({ tag }) => tag === OCTETS).content);
    return value?.tag === SEQUENCE ? elements(value.content).map((one) => oidText(one.content)) : undefined;
  }
  return undefined;
}

return {
  op_node_x509_get_subject_alt_name: subjectAltName,
  op_node_x509_check_host: checkHost,
  op_node_x509_key_usage: keyUsage,
};
})();
