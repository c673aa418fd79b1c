// FormData as Workers have it: a Blob's file name is the field's name, and line breaks in values are
// sent as they are.

(function () {
const { core } = __bootstrap;
const exports = core.loadExtScript("ext:deno_fetch/21_formdata.js");
const { FormData, FormDataPrototype } = exports;
const { Blob, BlobPrototype, FilePrototype } = core.loadExtScript("ext:deno_web/09_file.js");

const isPrototypeOf = Object.prototype.isPrototypeOf;
const isFile = (value) => isPrototypeOf.call(FilePrototype, value);
const isBlob = (value) => isPrototypeOf.call(BlobPrototype, value);

for (const name of ["append", "set"]) {
  const original = FormDataPrototype[name];
  const property = Object.getOwnPropertyDescriptor(FormDataPrototype, name);
  const { method } = {
    method(...args) {
      const [field, value, fileName] = args;
      if (args.length >= 2 && fileName === undefined && isBlob(value) && !isFile(value)) {
        return original.call(this, field, value, `${field}`);
      }
      return original.apply(this, args);
    },
  };
  Object.defineProperty(method, "name", { value: name, configurable: true });
  Object.defineProperty(method, "length", { value: 2, configurable: true });
  Object.defineProperty(FormDataPrototype, name, { ...property, value: method });
}

const ESCAPES = { "\n": "%0A", "\r": "%0D", '"': "%22" };
const escape = (text) => text.replace(/[\n\r"]/g, (char) => ESCAPES[char]);

function boundary() {
  const random = new Uint8Array(16);
  core.loadExtScript("ext:deno_crypto/00_crypto.js").crypto.getRandomValues(random);
  return random.toHex();
}

// The body of a multipart/form-data message. Deno's body code calls this.
exports.formDataToBlob = function formDataToBlob(formData) {
  const line = boundary();
  const chunks = [];
  for (const [name, value] of FormData.prototype.entries.call(formData)) {
    const start = `--${line}\r\nContent-Disposition: form-data; name="${escape(name)}"`;
    if (typeof value === "string") {
      chunks.push(`${start}\r\n\r\n${value}\r\n`);
    } else {
      const type = value.type || "application/octet-stream";
      chunks.push(`${start}; filename="${escape(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, "\r\n");
    }
  }
  chunks.push(`--${line}--`);
  return new Blob(chunks, { type: `multipart/form-data; boundary=${line}` });
};

return { FormData };
})();
