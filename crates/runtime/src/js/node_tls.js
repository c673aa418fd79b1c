// `node:tls`: clients. A TLSSocket is a socket of node:net that shakes hands before its owner hears that it is
// connected; the handshake, and whom to trust, are Rust's. Constants and what is missing are unenv's.

(function () {
const { core } = __bootstrap;
const tls = core.loadExtScript("ext:unenv/tls.js");
const { Socket, _normalizeArgs } = core.loadExtScript("ext:deno_node/net.js");
const { isIP, kReinitializeHandle } = core.loadExtScript("ext:deno_node/internal/net.js");
const { validateFunction, validateString } = core.loadExtScript("ext:deno_node/internal/validators.js");
const { ownerSymbol } = core.loadExtScript("ext:deno_node/internal/async_hooks.js");
const { TCP, reason } = core.loadExtScript("ext:cellhouse_runtime/node_tcp.js");

// Options that would change what is checked or said in a way that is not possible here.
const REFUSED = [
  "enableTrace", "isServer", "minDHSize", "pskCallback", "requestCert", "requestOCSP", "server", "SNICallback",
];

function notImplemented(what) {
  const error = new Error(`The ${what} option is not implemented`);
  error.code = "ERR_OPTION_NOT_IMPLEMENTED";
  return error;
}

// PEM of what may be a text, bytes, or a list of them.
function texts(value) {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((one) => (typeof one === "string" ? one : core.decode(new Uint8Array(one))));
}

class SecureContext {
  constructor(options = {}) {
    if (options.pfx !== undefined) throw notImplemented("options.pfx");
    if (options.passphrase !== undefined) throw notImplemented("options.passphrase");
    this.authorities = texts(options.ca);
    this.certificate = texts(options.cert).join("\n") || null;
    this.key = texts(options.key).join("\n") || null;
    this.context = this;
  }
}

function createSecureContext(options) {
  return new SecureContext(options);
}

function protocolNames(list) {
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return list.map(String);
  const names = [];
  const bytes = new Uint8Array(list.buffer ?? list, list.byteOffset ?? 0, list.byteLength);
  for (let at = 0; at < bytes.length; at += bytes[at] + 1) {
    names.push(core.decode(bytes.slice(at + 1, at + 1 + bytes[at])));
  }
  return names;
}

// A handle whose owner is a TLSSocket.
class SecureTCP extends TCP {
  established() {
    return this[ownerSymbol]._shakeHands(this);
  }

  broken(code, text) {
    const error = new Error(text);
    error.code = code === "TlsError" ? codeOf(text) : code;
    if (error.code === "ECONNRESET" || error.code === "Error") {
      error.message = "Client network socket disconnected before secure TLS connection was established";
      error.code = "ECONNRESET";
    }
    this[ownerSymbol].destroy(error);
  }
}

// OpenSSL's names of what rustls says.
function codeOf(text) {
  if (/UnknownIssuer|CaUsedAsEndEntity/.test(text)) return "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
  if (/NotValidForName|not valid for name/i.test(text)) return "ERR_TLS_CERT_ALTNAME_INVALID";
  if (/expired/i.test(text)) return "CERT_HAS_EXPIRED";
  if (/NotValidYet|not valid yet/i.test(text)) return "CERT_NOT_YET_VALID";
  return "ERR_SSL_PROTOCOL_ERROR";
}

class TLSSocket extends Socket {
  constructor(socket, options = {}) {
    for (const name of REFUSED) if (options[name]) throw notImplemented(`options.${name}`);
    if (options.checkServerIdentity !== undefined) {
      validateFunction(options.checkServerIdentity, "options.checkServerIdentity");
    }
    if (socket && !(socket instanceof Socket)) throw notImplemented("options.socket of a stream that is no net.Socket");
    super({
      allowHalfOpen: socket ? socket.allowHalfOpen : options.allowHalfOpen, signal: options.signal,
      highWaterMark: options.highWaterMark, onread: socket ? undefined : options.onread, manualStart: true,
    });
    this._tlsOptions = options;
    this._context = options.secureContext ?? new SecureContext(options);
    this.encrypted = true;
    this.authorized = false;
    this.authorizationError = null;
    this.secureConnecting = true;
    this.alpnProtocol = false;
    this.servername = options.servername ?? null;
    this.once("connect", () => {
      this.secureConnecting = false;
      this.authorized = options.rejectUnauthorized !== false;
      this.emit("secure");
      this.emit("secureConnect");
    });
    if (socket) this.#over(socket);
  }

  // Goes on where another socket is.
  #over(socket) {
    this._parentWrap = socket;
    this.connecting = true;
    socket.once("close", () => this.destroy());
    this.once("close", () => socket.destroy());
    if (socket.connecting || !socket._handle) socket.once("connect", () => this.#take(socket));
    else this.#take(socket);
  }

  async #take(socket) {
    const handle = new SecureTCP();
    handle.take(socket._handle);
    socket.pause();
    socket._handle = null;
    this[kReinitializeHandle](handle);
    this._host ??= socket._host;
    try {
      await this._shakeHands(handle);
    } catch (error) {
      const { code, text } = reason(error);
      if (!this.destroyed) handle.broken(code, text);
      return;
    }
    if (this.destroyed) return;
    this.connecting = false;
    this.emit("connect");
    if (!this.isPaused()) this.read(0);
  }

  // Every handle that it gets is of the same kind.
  [kReinitializeHandle](handle) {
    super[kReinitializeHandle](handle instanceof SecureTCP ? handle : new SecureTCP());
  }

  connect(...args) {
    const normalized = _normalizeArgs(args);
    const options = normalized[0];
    if (options.path) throw notImplemented("options.path");
    if (!this._handle) this[kReinitializeHandle](new SecureTCP());
    this._peerHost = options.host ?? "localhost";
    return super.connect(normalized);
  }

  async _shakeHands(handle) {
    const { ALPNProtocols, rejectUnauthorized } = this._tlsOptions;
    const { authorities, certificate, key } = this._context;
    const protocol = await handle.secure({
      name: this.servername || this._tlsOptions.host || this._peerHost || this._host || "localhost",
      authorities, certificate, key,
      isUnchecked: rejectUnauthorized === false,
      protocols: protocolNames(ALPNProtocols),
    });
    this.alpnProtocol = protocol === "" ? false : protocol;
  }

  setServername(name) {
    validateString(name, "name");
    this.servername = name;
  }

  setSession() {}

  disableRenegotiation() {}

  renegotiate() {
    return false;
  }

  setMaxSendFragment() {
    return false;
  }
}

for (const name of [
  "getCipher", "getSharedSigalgs", "getEphemeralKeyInfo", "getFinished", "getPeerFinished", "getProtocol", "getSession",
  "getTLSTicket", "isSessionReused",
]) {
  TLSSocket.prototype[name] = () => null;
}
for (const name of [
  "exportKeyingMaterial", "getCertificate", "getPeerCertificate", "getPeerX509Certificate", "getX509Certificate",
  "setKeyCert",
]) {
  TLSSocket.prototype[name] = () => {
    throw new Error(`TLSSocket.${name} is not implemented`);
  };
}

// [port,] [host,] [options,] [callback]
function connect(...args) {
  const [given, callback] = _normalizeArgs(args);
  const more = args.slice(1).find((arg) => typeof arg === "object" && arg !== null);
  const options = { ...given, ...more };
  if (options.servername === undefined && options.host !== undefined && !isIP(options.host)) {
    options.servername = options.host;
  }
  const socket = new TLSSocket(options.socket, options);
  if (callback) socket.once("secureConnect", callback);
  if (!options.socket) {
    if (options.timeout) socket.setTimeout(options.timeout);
    const { servername: _, ...where } = options;
    socket.connect(where);
  }
  return socket;
}

// Whether a certificate, as getPeerCertificate() describes it in Node.js, is of the host.
function checkServerIdentity(hostname, certificate) {
  const host = `${hostname}`.replace(/\.$/, "").toLowerCase();
  const names = (certificate?.subjectaltname ?? "").split(", ");
  const kind = isIP(host) ? "IP Address:" : "DNS:";
  const known = names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length).toLowerCase());
  if (known.some((name) => isOf(host, name))) return undefined;
  const why = known.length === 0
    ? "Cert does not contain a DNS name"
    : `Host: ${hostname}. is not in the cert's altnames: ${certificate.subjectaltname}`;
  const error = new Error(`Hostname/IP does not match certificate's altnames: ${why}`);
  return Object.assign(error, {
    code: "ERR_TLS_CERT_ALTNAME_INVALID", reason: why, host: hostname, cert: certificate,
  });
}

function isOf(host, name) {
  if (!name.startsWith("*.")) return host === name;
  const dot = host.indexOf(".");
  return dot > 0 && host.slice(dot + 1) === name.slice(2);
}

const own = { checkServerIdentity, connect, createSecureContext, SecureContext, TLSSocket };
return { ...tls, ...own, default: { ...tls.default, ...own } };
})();
