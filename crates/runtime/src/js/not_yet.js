// Classes of Workers that this version does not have: they are there, and using them says so.

(function () {

class HTMLRewriter {
  constructor() {
    throw new Error("This version of Cellhouse does not have HTMLRewriter yet.");
  }
}

Object.defineProperty(HTMLRewriter.prototype, Symbol.toStringTag, {
  value: "HTMLRewriter", configurable: true,
});

return { HTMLRewriter };
})();
