// Options of R2's calls, checked as Cloudflare's runtime does, as JSON for Rust; an empty string for none.

(function () {
const { core } = __bootstrap;
const { Headers } = core.loadExtScript("ext:cellhouse_runtime/headers.js");

// ---- values

function wrongField(field, type, wanted) {
  return new TypeError(
    `Incorrect type for the '${field}' field on '${type}': the provided value is not of type '${wanted}'.`,
  );
}

// A string, or undefined.
function fieldText(value, field, type) {
  if (value === undefined || typeof value === "string") return value;
  throw wrongField(field, type, "string");
}

function fieldDate(value, field, type) {
  if (value === undefined) return undefined;
  if (value instanceof Date || typeof value === "number") return Number(value);
  throw wrongField(field, type, "date");
}

// An int as the runtime takes it: what is no number is 0.
function integer(value) {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? number : 0;
}

function isObject(value) {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

// ---- conditions

const wrongComma = (what) =>
  new Error(`Comma was expected to separate etags. Encountered a ${what}`);

// [kind, value] of each etag of If-Match or If-None-Match.
function etagsOfHeader(header) {
  const etags = [];
  let rest = header;
  let comma = false;
  for (;;) {
    rest = rest.replace(/^[ \t]+/, "");
    let kind = "strong";
    switch (rest[0]) {
      case ",":
        rest = rest.slice(1);
        comma = false;
        continue;
      case "*":
        if (comma) throw wrongComma("wildcard character '*' instead.");
        return [["any", ""]];
      case "W":
        if (comma) {
          throw wrongComma(
            "weak quotation character 'W' instead. This would otherwise indicate the start of a new weak etag.",
          );
        }
        if (!rest.startsWith('W/"')) {
          throw new Error("Weak etags must start with W/ and their value must be quoted");
        }
        rest = rest.slice(2);
        kind = "weak";
        break;
      case '"':
        if (comma) {
          throw wrongComma(
            "double quote character '\"' instead. This would otherwise indicate the start of a new strong etag.",
          );
        }
        break;
      default:
        return etags;
    }
    const end = rest.indexOf('"', 1);
    if (end < 0) throw new Error("Unclosed double quote for Etag");
    etags.push([kind, rest.slice(1, end)]);
    rest = rest.slice(end + 1);
    comma = true;
  }
}

function conditionsOfHeaders(headers) {
  const etags = (name) => {
    const header = headers.get(name);
    if (header === null) return undefined;
    const found = etagsOfHeader(header);
    if (found.length === 0) throw new Error(`Invalid ETag in ${name} header`);
    return found;
  };
  const date = (name) => {
    const header = headers.get(name);
    return header === null ? undefined : Date.parse(header);
  };
  return {
    etagMatches: etags("if-match"),
    etagDoesNotMatch: etags("if-none-match"),
    uploadedAfter: date("if-modified-since"),
    uploadedBefore: date("if-unmodified-since"),
    secondsGranularity: true,
  };
}

function etagOfOption(options, field) {
  const value = fieldText(options[field], field, "Conditional");
  if (value === undefined) return undefined;
  if (value.startsWith('"') && value.endsWith('"')) {
    throw new TypeError(`Conditional ETag should not be wrapped in quotes (${value}).`);
  }
  return [value === "*" ? ["any", ""] : ["strong", value]];
}

function conditions(onlyIf, type) {
  if (onlyIf === undefined) return undefined;
  if (!isObject(onlyIf)) throw wrongField("onlyIf", type, "Conditional or Headers");
  if (onlyIf instanceof Headers) return conditionsOfHeaders(onlyIf);
  return {
    etagMatches: etagOfOption(onlyIf, "etagMatches"),
    etagDoesNotMatch: etagOfOption(onlyIf, "etagDoesNotMatch"),
    uploadedBefore: fieldDate(onlyIf.uploadedBefore, "uploadedBefore", "Conditional"),
    uploadedAfter: fieldDate(onlyIf.uploadedAfter, "uploadedAfter", "Conditional"),
    secondsGranularity: Boolean(onlyIf.secondsGranularity),
  };
}

// ---- ranges

function rangeNumber(value, name, range) {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number >= 0)) {
    throw new RangeError(`Invalid ${range}. ${name} (${number}) must be greater than or equal to 0.`);
  }
  if (!Number.isInteger(number)) {
    throw new RangeError(`Invalid range. ${name} (${number}) must be an integer, not floating point.`);
  }
  return number;
}

function rangeOf(range) {
  if (range === undefined) return undefined;
  if (!isObject(range)) throw wrongField("range", "GetOptions", "Range or Headers");
  if (range instanceof Headers) {
    const header = range.get("range");
    return header === null ? undefined : { header };
  }
  const offset = rangeNumber(range.offset, "Starting offset", "range");
  const length = rangeNumber(range.length, "Length", "range");
  if (range.suffix === undefined) {
    return offset === undefined && length === undefined ? undefined : { offset, length };
  }
  if (offset !== undefined) throw new TypeError("Suffix is incompatible with offset.");
  if (length !== undefined) throw new TypeError("Suffix is incompatible with length.");
  return { suffix: rangeNumber(range.suffix, "Suffix", "suffix") };
}

// ---- metadata

const HTTP_FIELDS = {
  contentType: "content-type",
  contentLanguage: "content-language",
  contentDisposition: "content-disposition",
  contentEncoding: "content-encoding",
  cacheControl: "cache-control",
};

function httpMetadata(metadata, type) {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw wrongField("httpMetadata", type, "HttpMetadata or Headers");
  const result = {};
  const headers = metadata instanceof Headers ? metadata : undefined;
  for (const field in HTTP_FIELDS) {
    const value = headers === undefined ? metadata[field] : headers.get(HTTP_FIELDS[field]) ?? undefined;
    if (value !== undefined) result[field] = `${value}`;
  }
  const expires = headers?.get("expires");
  const expiry = headers === undefined
    ? fieldDate(metadata.cacheExpiry, "cacheExpiry", "HttpMetadata")
    : expires === null ? undefined : Date.parse(expires);
  if (expiry !== undefined && !Number.isNaN(expiry)) result.cacheExpiry = expiry;
  return result;
}

function customMetadata(metadata, type) {
  if (metadata === undefined) return [];
  if (!isObject(metadata)) throw wrongField("customMetadata", type, "object");
  return Object.entries(metadata).map(([name, value]) => [name, `${value}`]);
}

// ---- checksums

const CHECKSUMS = [
  ["md5", "MD5", 16], ["sha1", "SHA-1", 20], ["sha256", "SHA-256", 32], ["sha384", "SHA-384", 48],
  ["sha512", "SHA-512", 64],
];

function digestBytes(value, field, name, size) {
  if (typeof value === "string") {
    if (value.length !== 2 * size) {
      throw new TypeError(`${name} is ${2 * size} hex characters, not ${value.length}`);
    }
    if (!/^[0-9a-fA-F]*$/.test(value)) throw new TypeError(`Provided ${name} wasn't a valid hex string`);
    return value.match(/../g).map((digits) => parseInt(digits, 16));
  }
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : core.isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined;
  if (bytes === undefined) throw wrongField(field, "PutOptions", "ArrayBuffer or ArrayBufferView or string");
  if (bytes.byteLength !== size) throw new TypeError(`${name} is ${size} bytes, not ${bytes.byteLength}`);
  return [...bytes];
}

function checksum(options) {
  let found;
  for (const [field, name, size] of CHECKSUMS) {
    const value = options[field];
    if (value === undefined) continue;
    if (found !== undefined) throw new TypeError("You cannot specify multiple hashing algorithms.");
    found = [field, digestBytes(value, field, name, size)];
  }
  return found;
}

// ---- whole options

// A key of the customer's to encrypt with: checked, and then refused.
function refuseEncryption(options, action) {
  const key = options.ssecKey;
  if (key === undefined) return;
  if (typeof key === "string" && !/^[0-9a-f]+$/.test(key)) throw new Error("SSE-C Key has invalid format");
  if ((typeof key === "string" ? key.length / 2 : key?.byteLength) !== 32) {
    throw new Error("SSE-C Key must be 32 bytes in length");
  }
  throw new Error(`${action}: Cellhouse does not encrypt objects with keys of your own (ssecKey).`);
}

function checkOptions(options, method) {
  if (options === undefined || options === null) return false;
  if (isObject(options)) return true;
  throw new TypeError(`Failed to execute '${method}': the options are not of type 'object'.`);
}

function getOptions(options) {
  if (!checkOptions(options, "get")) return "";
  refuseEncryption(options, "get");
  return JSON.stringify({ onlyIf: conditions(options.onlyIf, "GetOptions"), range: rangeOf(options.range) });
}

function putOptions(options) {
  if (!checkOptions(options, "put")) return "";
  const onlyIf = conditions(options.onlyIf, "PutOptions");
  return writeMetadata(options, "put", "PutOptions", { onlyIf, checksum: checksum(options) });
}

function metadataOptions(options, action) {
  if (!checkOptions(options, action)) return "";
  return writeMetadata(options, action, "MultipartOptions", {});
}

function writeMetadata(options, action, type, others) {
  refuseEncryption(options, action);
  const { storageClass } = options;
  return JSON.stringify({
    ...others,
    customMetadata: customMetadata(options.customMetadata, type),
    httpMetadata: httpMetadata(options.httpMetadata, type),
    storageClass: storageClass === undefined ? undefined : `${storageClass}`,
  });
}

// Whether a list is to have HTTP metadata and custom metadata.
function includes(include) {
  if (include === undefined) return [false, false];
  if (!Array.isArray(include)) throw wrongField("include", "ListOptions", "Array");
  for (const one of include) {
    if (one !== "httpMetadata" && one !== "customMetadata") {
      throw new RangeError(`Unsupported include value ${one}`);
    }
  }
  return [include.includes("httpMetadata"), include.includes("customMetadata")];
}

return { fieldText, getOptions, includes, integer, metadataOptions, putOptions };
})();
