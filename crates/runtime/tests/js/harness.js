// Runs the cases of one file inside an app. A case throws, or it passes. The answer to GET / is one line
// for each failure, and the number of cases.

const cases = [];
const test = (name, run) => cases.push([name, run]);

function show(value) {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "string" || typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]}]`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer[${[...new Uint8Array(value)]}]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (Array.isArray(value)) return `[${Array.from(value, (one) => show(one)).join(", ")}]`;
  return `{${Object.keys(value).sort().map((key) => `${key}: ${show(value[key])}`).join(", ")}}`;
}

function equal(actual, expected) {
  const [a, b] = [show(actual), show(expected)];
  if (a !== b) throw new Error(`${a}, expected ${b}`);
}

const ok = (value) => equal(!!value, true);

// The call throws, or its promise is rejected, with this name and, where given, this message.
async function throws(call, name, message = undefined) {
  let value;
  try {
    value = await call();
  } catch (error) {
    equal(error?.name, name);
    if (message !== undefined) equal(error.message, message);
    return error;
  }
  throw new Error(`no error but ${show(value)}, expected ${name}`);
}

const bytes = (text) => new TextEncoder().encode(text);
const text = (data) => new TextDecoder().decode(data);
const hex = (data) => new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength).toHex();
const wait = (time = 0) => new Promise((resolve) => setTimeout(resolve, time));

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function runCases(env, ctx) {
  const failures = [];
  for (const [name, run] of cases) {
    const limit = wait(20_000).then(() => {
      throw new Error("did not end");
    });
    try {
      await Promise.race([run(env, ctx), limit]);
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : show(error)}`);
    }
  }
  return [...failures, `${cases.length - failures.length} of ${cases.length} pass`].join("\n");
}

export default {
  async fetch(_request, env, ctx) {
    return new Response(await runCases(env, ctx));
  },
};

