// WebSockets that end in an object: hibernating ones, and those that it listens to itself.

import { inside } from "../inside.js";
import { openSocket } from "../helpers.js";

const ANSWERED = "sockets: what is answered by itself";

async function talk(h, path, messages, { count = messages.length, stub = h.object() } = {}) {
  const { socket, came } = await openSocket(stub, path);
  socket.binaryType = "arraybuffer";
  for (const message of messages) socket.send(message);
  return await came(count);
}

const closedLog = (stub, h) => h.until(async () => {
  const log = await stub.takeLog();
  return log.length > 0 ? log : undefined;
});

export default {
  "messages in order": (_env, h) => talk(h, "/hibernate", Array.from({ length: 30 }, (_, number) => `m${number}`)),
  "messages in order, one is slow": (_env, h) => talk(h, "/hibernate", ["slow 100", "quick"]),
  "bytes": (_env, h) => talk(h, "/hibernate", [Uint8Array.of(1, 2, 255), new ArrayBuffer(0), "text", ""]),
  "a message before the answer": (_env, h) => talk(h, "/hibernate?greet=1", ["one"], { count: 2 }),
  "attachments": (_env, h) => talk(h, "/hibernate?keep=first", ["kept", "keep second", "kept", "kept"]),
  "no attachment": (_env, h) => talk(h, "/hibernate", ["kept"]),
  "large attachments": (_env, h) => talk(h, "/hibernate", ["large 2000", "large 16000", "large 16384", "large 100000", "kept"].slice(0, 4)),
  "tags": (_env, h) => talk(h, "/hibernate?tag=b&tag=a&tag=b", ["tags"]),
  "no tags": (_env, h) => talk(h, "/hibernate", ["tags"]),
  "the state": (_env, h) => talk(h, "/hibernate", ["state"]),
  "to some of them": async (_env, h) => {
    const stub = h.object();
    const [a, b, c] = [await openSocket(stub, "/hibernate?tag=x&tag=a"), await openSocket(stub, "/hibernate?tag=x"), await openSocket(stub, "/hibernate")];
    a.socket.send("all x");
    const first = [await a.came(1), await b.came(1)];
    b.socket.send("all");
    const second = [(await a.came(2))[1], (await b.came(2))[1], await c.came(1)];
    c.socket.send("all nobody");
    c.socket.send("done");
    return [first, second, await c.came(2)];
  },
  "too many tags": (_env, h) => h.attempt(() => openSocket(h.object(), `/hibernate?${Array.from({ length: 11 }, (_, n) => `tag=${n}`).join("&")}`)),
  "a long tag": (_env, h) => h.attempt(() => openSocket(h.object(), `/hibernate?tag=${"t".repeat(257)}`)),
  "the client closes": async (_env, h) => {
    const stub = h.object();
    const results = [];
    for (const close of [[1000, "done"], [4321, "x".repeat(123)], [], [3000]]) {
      const { socket } = await openSocket(stub, "/hibernate");
      socket.close(...close);
      results.push(await closedLog(stub, h));
    }
    return results;
  },
  "the object closes": async (_env, h) => {
    const stub = h.object();
    const { socket, came } = await openSocket(stub, "/hibernate");
    socket.send("close");
    const events = await came(1);
    await h.sleep(20);
    return [events, socket.readyState, await stub.takeLog()];
  },
  "messages, then the end": async (_env, h) => {
    const stub = h.object();
    const { socket, came } = await openSocket(stub, "/hibernate");
    for (const text of ["one", "store", "store"]) socket.send(text);
    socket.close(1000, "after them");
    await h.until(() => stub.get("closed"));
    return [await came(3), await stub.takeLog()];
  },
  "a handler that fails": async (_env, h) => {
    const stub = h.object();
    const { socket, came } = await openSocket(stub, "/hibernate");
    socket.send("throw");
    socket.send("next");
    return [await came(1), await stub.takeLog()];
  },
  "what is answered by itself": {
    async outside(_env, h) {
      const stub = h.object();
      await stub.run(ANSWERED, "answer", "ping", "pong");
      const { socket, came } = await openSocket(stub, "/hibernate");
      // One after the other: what is answered by itself may overtake what is not.
      for (const [index, text] of ["ping", "pinG", "ping"].entries()) {
        socket.send(text);
        await came(index + 1);
      }
      return [await came(3), await stub.run(ANSWERED, "look"), await stub.takeLog()];
    },
    steps: {
      answer: ({ ctx }, ...pair) => ctx.setWebSocketAutoResponse(...(pair.length > 0 ? [new WebSocketRequestResponsePair(...pair)] : [])),
      look: ({ ctx }) => ctx.getWebSockets().map((socket) => ctx.getWebSocketAutoResponseTimestamp(socket) instanceof Date),
    },
  },
  "no longer answered by itself": async (_env, h) => {
    const stub = h.object();
    await stub.run(ANSWERED, "answer", "ping", "pong");
    const { socket, came } = await openSocket(stub, "/hibernate");
    socket.send("ping");
    await came(1);
    await stub.run(ANSWERED, "answer");
    socket.send("ping");
    return [await came(2), await stub.run(ANSWERED, "look")];
  },
  "listened to": async (_env, h) => [await talk(h, "/listen", ["one", Uint8Array.of(5), "two"]), await h.object().takeLog()],
  "listened to and closed by the object": async (_env, h) => {
    const ends = [await talk(h, "/listen", ["close"]), await talk(h, "/listen", ["close without code"])];
    const log = [];
    await h.until(async () => log.push(...(await h.object().takeLog())) >= 4);
    return [ends, log];
  },
  "listened to and closed by the client": async (_env, h) => {
    const stub = h.object();
    const { socket } = await openSocket(stub, "/listen");
    socket.close(4000, "bye");
    return await h.until(async () => (await stub.takeLog())[0]);
  },
  "no upgrade": async (_env, h) => {
    const response = await h.object().fetch("http://object/echo", { headers: { Upgrade: "websocket" } });
    return [response.status, response.webSocket];
  },
  "an upgrade": async (_env, h) => {
    const response = await h.object().fetch("http://object/hibernate", { headers: { Upgrade: "websocket" } });
    const { webSocket } = response;
    const state = webSocket.readyState;
    webSocket.accept();
    return [response.status, response.headers.get("x-room"), response.body, state, webSocket.readyState, Object.prototype.toString.call(webSocket)];
  },
  "bad use": async (_env, h) => {
    const { socket } = await openSocket(h.object(), "/hibernate");
    const close = (...how) => h.attemptNow(() => socket.close(...how));
    return [
      close(999), close(1005), close(1006), close(1015), close(5000), close(1000, "x".repeat(124)), close(undefined, "reason"),
      h.attemptNow(() => socket.accept()), close(1000), close(1000), h.attemptNow(() => socket.send("late")), socket.readyState,
    ];
  },
  "before accept": async (_env, h) => {
    const response = await h.object().fetch("http://object/hibernate", { headers: { Upgrade: "websocket" } });
    return [h.attemptNow(() => response.webSocket.send("early")), h.attemptNow(() => response.webSocket.close(1000))];
  },
  "pairs in an object": inside((ctx, h) => {
    const [one, two] = Object.values(new WebSocketPair());
    ctx.acceptWebSocket(one, ["t"]);
    const early = [ctx.getWebSockets().length, ctx.getTags(one), one.deserializeAttachment(), h.attemptNow(() => one.accept()), h.attemptNow(() => ctx.acceptWebSocket(one))];
    two.accept();
    return [...early, h.attemptNow(() => ctx.getTags(two)), h.attemptNow(() => ctx.acceptWebSocket(two)), h.attemptNow(() => ctx.acceptWebSocket()), h.attemptNow(() => ctx.acceptWebSocket("x"))];
  }),
  "auto-response values": inside((ctx, h) => {
    const pair = new WebSocketRequestResponsePair("a", "b");
    ctx.setWebSocketAutoResponse(pair);
    const kept = ctx.getWebSocketAutoResponse();
    ctx.setWebSocketAutoResponse();
    return [
      kept.request, kept.response, ctx.getWebSocketAutoResponse(), h.attemptNow(() => new WebSocketRequestResponsePair("a")),
      h.attemptNow(() => ctx.setWebSocketAutoResponse({ request: "a", response: "b" })),
      h.attemptNow(() => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x".repeat(3000), "y"))),
    ];
  }),
  "event timeouts": inside((ctx, h) => [
    ctx.getHibernatableWebSocketEventTimeout(), h.attemptNow(() => ctx.setHibernatableWebSocketEventTimeout(5000)),
    ctx.getHibernatableWebSocketEventTimeout(), h.attemptNow(() => ctx.setHibernatableWebSocketEventTimeout(-1)),
    h.attemptNow(() => ctx.setHibernatableWebSocketEventTimeout(604_800_001)), h.attemptNow(() => ctx.setHibernatableWebSocketEventTimeout()),
    ctx.getHibernatableWebSocketEventTimeout(),
  ]),
};
