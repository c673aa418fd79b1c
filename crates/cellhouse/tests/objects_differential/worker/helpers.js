// What every case is given: objects of its own, and ways to catch and to wait.

import { show } from "./show.js";

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function helpers(name, env) {
  return {
    // An object that no other case has.
    object: (suffix = "") => env.THINGS.getByName(`${name}${suffix}`),
    other: (suffix = "") => env.OTHERS.getByName(`${name}${suffix}`),
    // What a call gives or throws, also where it returns a promise.
    async attempt(call) {
      try {
        return await call();
      } catch (thrown) {
        return { thrown: show(thrown) };
      }
    },
    attemptNow(call) {
      try {
        const value = call();
        if (typeof value?.then !== "function") return value;
        value.then(() => {}, () => {});
        return { is: "a promise" };
      } catch (thrown) {
        return { thrown: show(thrown) };
      }
    },
    async until(check) {
      for (let tries = 0; tries < 1000; tries++) {
        const value = await check();
        if (value) return value;
        await sleep(10);
      }
      throw new Error("it never happened");
    },
    sleep,
  };
}

export async function openSocket(stub, path) {
  const response = await stub.fetch(`http://object${path}`, { headers: { Upgrade: "websocket" } });
  const socket = response.webSocket;
  if (socket === null) throw new Error(`no socket: ${response.status} ${await response.text()}`);
  const events = [];
  const waiting = [];
  const tell = (event) => {
    events.push(event);
    for (const check of [...waiting]) check();
  };
  socket.addEventListener("message", ({ data }) => tell(["message", data]));
  socket.addEventListener("close", ({ code, reason, wasClean }) => tell(["close", code, reason, wasClean]));
  socket.addEventListener("error", () => tell(["error"]));
  socket.accept();
  const came = (count) => new Promise((resolve) => {
    const check = () => events.length >= count && resolve(events.slice(0, count));
    waiting.push(check);
    check();
  });
  return { socket, events, came };
}
