// What clients of `node:tls` and `node:dns` can do here and not on workerd: certificates of their own, protocols,
// servers that nobody vouches for, name servers of their own. The Worker answers with what each gave, by name.
import dns from "node:dns";
import tls from "node:tls";

const PORTS = "ports of servers.mjs";
const { authority, certificate, key } = "certificates of the test";

// What the server says, and what was agreed upon; or the error's code.
function talk(name, options) {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: "localhost", port: PORTS[name], ...options });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("secureConnect", () => socket.write("hello\n"));
    socket.on("data", (data) => {
      text += data;
      if (!text.endsWith("\n")) return;
      resolve([text.trim(), socket.alpnProtocol, socket.authorized]);
      socket.destroy();
    });
    socket.on("error", (error) => resolve(`error ${error.code}`));
    socket.on("end", () => resolve(`end ${text}`));
  });
}

const failed = (promise) => promise.then((value) => value, (error) => [error.code, error.syscall, error.hostname]);

function resolver() {
  const own = new dns.promises.Resolver();
  own.setServers([`127.0.0.1:${PORTS.dns}`]);
  return own;
}

const cases = {
  "ca: none": () => talk("unknown", {}),
  "ca: the right one": () => talk("unknown", { ca: authority }),
  "ca: of a list": () => talk("unknown", { ca: [authority] }),
  "ca: another": () => talk("stranger", { ca: authority }),
  "rejectUnauthorized: false": () => talk("stranger", { rejectUnauthorized: false }),
  "rejectUnauthorized: false, another name": () => talk("unknown", { rejectUnauthorized: false, servername: "other.test" }),
  "another name": () => talk("unknown", { ca: authority, servername: "other.test" }),
  "cert and key": () => talk("mutual", { ca: authority, cert: certificate, key }),
  "cert: none": () => talk("mutual", { ca: authority }),
  "ALPN": () => talk("mutual", { ca: authority, cert: certificate, key, ALPNProtocols: ["none", "echo/1"] }),
  "ALPN: of bytes": () => talk("mutual", { ca: authority, cert: certificate, key, ALPNProtocols: ["h2"] }),
  "ALPN: none in common": () => talk("mutual", { ca: authority, cert: certificate, key, ALPNProtocols: ["other"] }),
  "secure context": () => talk("mutual", { secureContext: tls.createSecureContext({ ca: authority, cert: certificate, key }) }),

  "dns: getServers": () => resolver().getServers(),
  "dns: A": () => resolver().resolve4("example.test"),
  "dns: A, ttl": () => resolver().resolve4("example.test", { ttl: true }),
  "dns: AAAA": () => resolver().resolve6("example.test"),
  "dns: resolve": async () => [await resolver().resolve("example.test"), await resolver().resolve("example.test", "MX")],
  "dns: TXT": () => resolver().resolveTxt("example.test"),
  "dns: MX": () => resolver().resolveMx("example.test"),
  "dns: NS": () => resolver().resolveNs("example.test"),
  "dns: SOA": () => resolver().resolveSoa("example.test"),
  "dns: CAA": () => resolver().resolveCaa("example.test"),
  "dns: NAPTR": () => resolver().resolveNaptr("example.test"),
  "dns: CNAME": () => resolver().resolveCname("www.example.test"),
  "dns: SRV": () => resolver().resolveSrv("_sip._udp.example.test"),
  "dns: PTR": () => resolver().resolvePtr("1.2.0.192.in-addr.arpa"),
  "dns: reverse": () => resolver().reverse("192.0.2.1"),
  "dns: no such name": () => failed(resolver().resolve4("none.example.test")),
  "dns: no such record": () => failed(resolver().resolveMx("www.example.test")),
  "dns: callbacks": () => new Promise((done) => {
    const own = new dns.Resolver();
    own.setServers([`127.0.0.1:${PORTS.dns}`]);
    own.resolve4("example.test", (error, addresses) => done([error, addresses]));
  }),
};

export default {
  async fetch() {
    const answers = {};
    for (const name in cases) {
      try {
        answers[name] = await cases[name]();
      } catch (error) {
        answers[name] = `${error.name} ${error.code}: ${error.message}`;
      }
    }
    return Response.json(answers);
  },
};
