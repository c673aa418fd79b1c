// What BlockList and SocketAddress of `node:net` ask of Rust in Deno: addresses as numbers, and lists of ranges.

(function () {
const { core } = __bootstrap;
const { isIPv4, isIPv6 } = core.loadExtScript("ext:deno_node/internal/net.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

// What IPv4 addresses have before them as IPv6.
const MAPPED = 0xffffn << 32n;
const BITS = { 4: 32n, 6: 128n };

function number(parts, bits) {
  return parts.reduce((all, part) => (all << bits) | BigInt(part), 0n);
}

// The shortest form, which URLs have.
const canonical = (address) => new URL(`http://[${address}]/`).hostname.slice(1, -1);

function numberOf6(address) {
  const [head, tail] = canonical(address).split("::").map((half) => half.split(":").filter((part) => part !== ""));
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length;
  const parts = [...head, ...Array(missing).fill("0"), ...(tail ?? [])];
  return number(parts.map((part) => `0x${part}`), 16n);
}

// { version, value, text } of an address.
function parse(address) {
  if (isIPv4(address)) return { version: 4, value: number(address.split("."), 8n), text: address };
  if (isIPv6(address)) return { version: 6, value: numberOf6(address), text: canonical(address) };
  const error = new Error("Invalid socket address");
  error.code = "ERR_INVALID_ADDRESS";
  throw error;
}

// One of a family; that of an IPv4 address in IPv6 counts as IPv4 too.
function has(range, { version, value }) {
  if (range.version === version) return range.start <= value && value <= range.end;
  return version === 6 && value >> 32n === MAPPED >> 32n && has(range, { version: 4, value: value & 0xffffffffn });
}

let serialization;

const ops = {
  op_blocklist_new: () => [],
  op_blocklist_add_address(list, address) {
    const { version, value } = parse(address);
    list.push({ version, start: value, end: value });
  },
  op_blocklist_add_range(list, first, last) {
    const [start, end] = [parse(first), parse(last)];
    if (start.version !== end.version || start.value > end.value) return false;
    list.push({ version: start.version, start: start.value, end: end.value });
    return true;
  },
  op_blocklist_add_subnet(list, network, prefix) {
    const { version, value } = parse(network);
    const rest = (1n << (BITS[version] - BigInt(prefix))) - 1n;
    const start = (value | rest) ^ rest;
    list.push({ version, start, end: start | rest });
  },
  op_blocklist_check(list, address, family) {
    const parsed = parse(address);
    if (`ipv${parsed.version}` !== family.toLowerCase()) return false;
    return list.some((range) => has(range, parsed));
  },
  // Whether address and family can stand as they are.
  op_socket_address_parse(address, _port, family) {
    const { version, text } = parse(address);
    const right = `ipv${version}`;
    if (family.toLowerCase() !== right) parse("");
    serialization = [text, right];
    return text === address && family === right;
  },
  op_socket_address_get_serialization: () => serialization,
};

return { ops };
})();
