// A name server with one zone, "example.test", over UDP: what `node:dns` is told is compared with these records.
import { createSocket } from "node:dgram";

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, CAA: 257 };
const NO_SUCH_NAME = 3;

const name = (text) => Buffer.concat([...text.split(".").map(string), Buffer.from([0])]);
const string = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const number = (value) => Buffer.from([value >> 8, value & 255]);
const long = (value) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

const ZONE = {
  "example.test": {
    A: [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])],
    AAAA: [Buffer.from("20010db8000000000000000000000001", "hex")],
    TXT: [Buffer.concat([string("one "), string("two")]), string("v=spf1 -all")],
    MX: [Buffer.concat([number(10), name("mail.example.test")])],
    NS: [name("ns.example.test")],
    SOA: [Buffer.concat([name("ns.example.test"), name("admin.example.test"), ...[7, 60, 30, 900, 5].map(long)])],
    CAA: [Buffer.concat([Buffer.from([0]), string("issue"), Buffer.from("ca.test")])],
    NAPTR: [Buffer.concat([number(1), number(2), string("S"), string("SIP+D2U"), string(""), name("sip.example.test")])],
  },
  "www.example.test": { CNAME: [name("example.test")] },
  "_sip._udp.example.test": { SRV: [Buffer.concat([number(1), number(5), number(5060), name("sip.example.test")])] },
  "1.2.0.192.in-addr.arpa": { PTR: [name("example.test")] },
};

function question(message) {
  const labels = [];
  let at = 12;
  for (; message[at] !== 0; at += message[at] + 1) labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
  return { asked: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function answer(message) {
  const { asked, type, end } = question(message);
  const records = ZONE[asked];
  const kind = Object.keys(TYPES).find((key) => TYPES[key] === type);
  const found = records?.[kind] ?? [];
  const head = Buffer.concat([
    message.subarray(0, 2), number(0x8580 | (records === undefined ? NO_SUCH_NAME : 0)), number(1), number(found.length),
    number(0), number(0),
  ]);
  const answers = found.map((data) => Buffer.concat([number(0xc00c), number(type), number(1), long(300), number(data.length), data]));
  return Buffer.concat([head, message.subarray(12, end), ...answers]);
}

// Gives its port.
export function startNameServer() {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => socket.send(answer(message), from.port, from.address));
  return new Promise((resolve) => socket.bind(0, "127.0.0.1", () => resolve(socket.address().port)));
}
