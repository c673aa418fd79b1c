// What several events of one object do at once, and the Worker that asks: `/<question>` answers with steps, `/`
// with all questions.
import { Steps } from "./steps.js";
export { Other, Steps } from "./steps.js";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const json = (value) => Response.json(value);

let number = 0;

// What waited comes in as it came, and that is a matter of milliseconds.
async function sorted(stub) {
  const steps = await (await stub.fetch("http://x/said")).json();
  const end = steps.indexOf("after the section") + 1;
  return [...steps.slice(0, end), ...steps.slice(end).sort()];
}

async function beside(stub, names) {
  const section = stub.fetch("http://x/section");
  await sleep(40);
  await Promise.all(names.map((name) => stub.fetch("http://x/mark", { headers: { name } })));
  await section;
}

const QUESTIONS = {
  async besides(stub) {
    await beside(stub, ["a", "b", "c"]);
  },
  async timerOfOther(stub) {
    const waits = stub.fetch("http://x/waitThenLog", { headers: { name: "other" } });
    await sleep(5);
    await Promise.all([waits, beside(stub, ["a"])]);
    return sorted(stub);
  },
  async fetchOfOther(stub) {
    const waits = stub.fetch("http://x/fetchThenLog", { headers: { name: "other" } });
    await sleep(5);
    await Promise.all([waits, beside(stub, ["a"])]);
    return sorted(stub);
  },
  async callOfOther(stub) {
    const waits = stub.fetch("http://x/callThenLog", { headers: { name: "other" } });
    await sleep(5);
    await Promise.all([waits, beside(stub, ["a"])]);
    return sorted(stub);
  },
  async bodyOfOther(stub) {
    const { readable, writable } = new FixedLengthStream(20);
    const writer = writable.getWriter();
    writer.write(new Uint8Array(10));
    const waits = stub.fetch("http://x/readThenLog", { headers: { name: "other" }, method: "POST", body: readable });
    await sleep(10);
    const rest = sleep(30).then(() => writer.write(new Uint8Array(10))).then(() => writer.close());
    await Promise.all([waits, beside(stub, ["a"]), rest]);
    return sorted(stub);
  },
  async rpcBeside(stub) {
    const section = stub.fetch("http://x/section");
    await sleep(40);
    const said = stub.said();
    await stub.fetch("http://x/mark", { headers: { name: "a" } });
    await section;
    return (await said).slice(0, 3);
  },
};
for (const how of ["none", "timer", "fetch", "call", "body", "crypto", "hmac", "blob", "list", "transaction"]) {
  QUESTIONS[`count-${how}`] = async (stub) => {
    const body = how === "body" ? "x".repeat(100) : undefined;
    const one = () => stub.fetch("http://x/increment", { method: "POST", headers: { how }, body }).then((r) => r.text());
    await Promise.all(Array.from({ length: 10 }, one));
    return (await stub.fetch("http://x/count")).json();
  };
  // After a section: all wait, and come in one after the other.
  QUESTIONS[`count-after-${how}`] = async (stub) => {
    const section = stub.fetch("http://x/section");
    const body = how === "body" ? "x".repeat(100) : undefined;
    const one = () => stub.fetch("http://x/increment", { method: "POST", headers: { how }, body }).then((r) => r.text());
    await Promise.all(Array.from({ length: 10 }, one));
    await section;
    return (await stub.fetch("http://x/count")).json();
  };
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.pathname.slice(1);
    if (name === "") {
      const own = Object.getOwnPropertyNames(Steps.prototype);
      const outer = ["constructor", "log", "pause", "fetch", "mark", "said", "waitThenLog", "fetchThenLog", "callThenLog", "readThenLog", "section", "increment", "count", "alarm"];
      return json([...own.filter((one) => !outer.includes(one)), ...Object.keys(QUESTIONS)]);
    }
    const stub = env.STEPS.getByName(`${name} ${++number} ${url.search}`);
    const ask = QUESTIONS[name];
    if (ask === undefined) return stub.fetch(request);
    const said = await ask(stub);
    return said === undefined ? stub.fetch("http://x/said") : json(said);
  },
};
