// URLs as requests write them, without an object of which nobody sees anything else.

(function () {
const { core } = __bootstrap;
const { op_url_get_serialization, op_url_parse } = core.ops;

// What the op writes of the parts of a URL, which nobody reads.
const parts = new Uint32Array(8);

// Undefined where a Request has more to say: credentials, blobs, and what is no URL.
function plainUrl(text) {
  if (text.includes("@") || text.startsWith("blob:")) return undefined;
  switch (op_url_parse(text, parts)) {
    case 0:
      return text;
    case 1:
      return op_url_get_serialization();
  }
}

return { plainUrl };
})();
