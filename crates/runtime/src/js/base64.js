// atob() and btoa() with Cloudflare's messages.

(function () {
const { core } = __bootstrap;
const deno = core.loadExtScript("ext:deno_web/05_base64.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const MESSAGES = {
  atob: "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric " +
    "ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are allowed.)",
  btoa: "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.",
};

function withMessage(name) {
  const { [name]: original } = deno;
  const method = {
    [name](data) {
      if (arguments.length === 0) return original();
      try {
        return original(data);
      } catch (error) {
        if (error?.name !== "InvalidCharacterError") throw error;
        throw new DOMException(MESSAGES[name], "InvalidCharacterError");
      }
    },
  }[name];
  return method;
}

return { atob: withMessage("atob"), btoa: withMessage("btoa") };
})();
