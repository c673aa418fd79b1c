// The inside of a request that came in: what Deno's inner requests have, with everything that most
// handlers never ask for left on the prototype or made when it is read. It refers to nothing that refers
// back to it, so that it is gone with its request and not at the next collection.

(function () {
const { core } = __bootstrap;
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");
const { headerList } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");

class IncomingRequest {
  // `headers`: name and value of each, all separated by NUL.
  // `event`: the number of the event that it is.
  constructor(url, headers, event) {
    this.address = url;
    this.joined = headers;
    this.event = event;
  }

  get headerList() {
    const list = headerList(this.joined);
    this.headerList = list;
    return list;
  }

  set headerList(list) {
    Object.defineProperty(this, "headerList", {
      value: list, writable: true, enumerable: true, configurable: true,
    });
  }

  url() {
    return this.address;
  }

  currentUrl() {
    return this.address;
  }

  get urlList() {
    return [() => this.address];
  }

  get urlListProcessed() {
    return [this.address];
  }

  // `request.cf`, called when it is first read: what is known without Cloudflare's edge. It has no TLS and
  // no place.
  cf() {
    const accepted = this.headerList.find(([name]) => name === "accept-encoding");
    return {
      httpProtocol: this.protocol,
      clientAcceptEncoding: accepted?.[1] ?? "",
      tlsVersion: "",
      tlsCipher: "",
      requestPriority: "",
      colo: "LOCAL",
    };
  }
}
Object.assign(IncomingRequest.prototype, {
  method: "GET",
  body: null,
  protocol: "HTTP/1.1",
  incoming: true,
  redirectMode: "manual",
  redirectCount: 0,
  clientRid: null,
  blobUrlEntry: null,
});

keepShapes(new IncomingRequest("", "", 0));

return { IncomingRequest };
})();
