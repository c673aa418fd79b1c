// A Worker that runs in Cellhouse and in miniflare: calls of the Queue binding with all kinds of arguments, and
// messages whose consumer does what they say. What consumers see is in KV.

const text = (length) => "x".repeat(length);

const CALLS = {
  kind: (Q) => Object.prototype.toString.call(Q) + Q.constructor.name,
  undefined: (Q) => Q.send(undefined),
  nothing: (Q) => Q.send(),
  object: (Q) => Q.send({ a: 1 }),
  null: (Q) => Q.send(null),
  "a type in capitals": (Q) => Q.send("x", { contentType: "TEXT" }),
  "an unknown type": (Q) => Q.send("x", { contentType: "xml" }),
  "a number as text": (Q) => Q.send(1, { contentType: "text" }),
  "a string as bytes": (Q) => Q.send("x", { contentType: "bytes" }),
  "a buffer as bytes": (Q) => Q.send(new ArrayBuffer(2), { contentType: "bytes" }),
  "a view as bytes": (Q) => Q.send(new Uint16Array([1, 2]).subarray(1), { contentType: "bytes" }),
  "a map as v8": (Q) => Q.send(new Map([[1, new Date(5)]]), { contentType: "v8" }),
  "a function as v8": (Q) => Q.send(() => 1, { contentType: "v8" }).catch((error) => { throw new Error(error.name); }),
  "a delay with a fraction": (Q) => Q.send("x", { delaySeconds: 1.5 }),
  "a delay that is no number": (Q) => Q.send("x", { delaySeconds: "a" }),
  "half a day": (Q) => Q.send("x", { delaySeconds: 43201 }),
  "a day": (Q) => Q.send("x", { delaySeconds: 86400 }),
  "no delay": (Q) => Q.send("x", { delaySeconds: null }),
  "as large as it may be": (Q) => Q.send(text(128000), { contentType: "text" }),
  "too large": (Q) => Q.send(text(128001), { contentType: "text" }),
  "too large as JSON": (Q) => Q.send(text(128000)),
  "options that are a string": (Q) => Q.send("x", "json"),
  "options that are null": (Q) => Q.send("x", null),
  "an empty batch": (Q) => Q.sendBatch([]),
  "a batch that is a string": (Q) => Q.sendBatch("abc"),
  "a batch that is an object": (Q) => Q.sendBatch({}),
  "no batch": (Q) => Q.sendBatch(),
  "a batch of numbers": (Q) => Q.sendBatch([1]),
  "a batch without bodies": (Q) => Q.sendBatch([{}]),
  "a generator": (Q) => Q.sendBatch((function* () { yield { body: 1 }; yield { body: "2", contentType: "text" }; })()),
  "one wrong body": (Q) => Q.sendBatch([{ body: 1 }, { body: 2, contentType: "text" }]),
  "a batch with delays": (Q) => Q.sendBatch([{ body: 1 }, { body: 2, delaySeconds: 3600 }], { delaySeconds: 60 }),
  "too many": (Q) => Q.sendBatch(Array.from({ length: 101 }, (_, body) => ({ body }))),
  "as many as there may be": (Q) => Q.sendBatch(Array.from({ length: 100 }, (_, body) => ({ body }))),
  "one that is too large": (Q) => Q.sendBatch([{ body: text(128001), contentType: "text" }]),
  "too large together": (Q) => Q.sendBatch(Array.from({ length: 3 }, () => ({ body: text(127000), contentType: "text" }))),
};

async function calls({ UNHEARD }) {
  const answers = [];
  for (const [name, call] of Object.entries(CALLS)) {
    try {
      const answer = await call(UNHEARD);
      const metrics = answer?.metadata?.metrics;
      answers.push([name, metrics === undefined ? answer : Object.keys(metrics).filter((key) => key.startsWith("backlog"))]);
    } catch (error) {
      answers.push([name, `${error.constructor.name}: ${error.message}`]);
    }
  }
  return answers;
}

// ---- messages that say what is to be done with them

const RETRIES = 2;
// Not: to acknowledge and then throw, after which miniflare tries again what was acknowledged.
const WAYS = ["return", "ack", "throw", "retry", "retry then ack", "ackAll", "ackAll then retry", "retryAll", "retryAll then ack"];
const BODIES = [
  [{ n: [1, null] }, "json"], ["é\n", "text"], [new Uint8Array([0, 255]), "bytes"],
  [new Map([["a", new Set([1n])]]), "v8"], [null, "json"], ["", "text"],
];

function random(seed) {
  let state = seed * 2654435761 >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

const isFailure = (way) => !["return", "ack", "ackAll", "ackAll then retry"].includes(way);

// Each message: what is done at each attempt. Gives how often consumers will see one.
async function send({ Q }, seed) {
  const next = random(seed);
  let deliveries = 0;
  for (let n = 0; n < 8; n++) {
    const ways = Array.from({ length: RETRIES + 1 }, () => WAYS[next(WAYS.length)]);
    const done = ways.findIndex((way) => !isFailure(way));
    deliveries += done < 0 ? ways.length + 1 : done + 1;
    await Q.send({ seed, n, ways });
  }
  return deliveries;
}

async function seen({ KV }, seed, count) {
  for (let turns = 0; turns < 400; turns++) {
    const { keys } = await KV.list({ prefix: `${seed}:` });
    if (keys.length >= count) break;
    await scheduler.wait(50);
  }
  // What comes too often.
  await scheduler.wait(300);
  const { keys } = await KV.list({ prefix: `${seed}:` });
  return keys.map(({ name }) => name).sort();
}

function act(batch, message, way) {
  if (way.startsWith("ackAll")) batch.ackAll();
  if (way.startsWith("retryAll")) batch.retryAll();
  if (way.startsWith("ack") && !way.startsWith("ackAll")) message.ack();
  if (way.startsWith("retry") && !way.startsWith("retryAll")) message.retry();
  if (way.endsWith("then ack")) message.ack();
  if (way.endsWith("then retry")) message.retry();
  if (way.endsWith("throw")) throw new Error("as planned");
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const seed = Number(searchParams.get("seed"));
    if (pathname === "/calls") return Response.json(await calls(env));
    if (pathname === "/verdicts") return Response.json(await seen(env, seed, await send(env, seed)));
    await env.BODIES.sendBatch(BODIES.map(([body, contentType]) => ({ body, contentType })));
    return Response.json(await seen(env, "body", BODIES.length));
  },
  async queue(batch, env) {
    if (batch.queue === "unheard") return;
    const shape = [batch, batch.messages[0]].map((one) => Object.prototype.toString.call(one) + Object.keys(one).sort());
    for (const message of batch.messages) {
      const { id, timestamp, body, attempts } = message;
      if (batch.queue === "bodies") {
        const kind = Object.prototype.toString.call(body);
        const bytes = body instanceof ArrayBuffer ? [...new Uint8Array(body)] : "";
        const value = body instanceof Map ? [...body.get("a")].map((one) => typeof one) : JSON.stringify(body);
        await env.KV.put(`body:${kind}:${value}:${bytes}:${attempts}`, shape.join());
        continue;
      }
      const isFine = /^[0-9a-f]{32}$/.test(id) && timestamp instanceof Date && Math.abs(Date.now() - timestamp) < 60000;
      await env.KV.put(`${body.seed}:${body.n}:${batch.queue}:${attempts}:${isFine}:${shape.join()}`, "");
      if (batch.queue === "jobs") act(batch, message, body.ways[attempts - 1]);
    }
  },
};
