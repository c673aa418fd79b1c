// What `Thing` does with WebSockets: `/hibernate?tag=` gives one to the runtime, `/listen` keeps it, and
// messages are commands.

const listen = (thing, socket) => {
  socket.addEventListener("message", ({ data }) => {
    thing.log.push(["message", data]);
    if (data === "close") return socket.close(4003, "asked for");
    if (data === "close without code") return socket.close();
    socket.send(typeof data === "string" ? `heard ${data}` : data);
  });
  socket.addEventListener("close", ({ code, reason, wasClean }) => thing.log.push(["close", code, reason, wasClean]));
};

async function fetch(thing, url, request) {
  const { ctx } = thing;
  switch (url.pathname) {
    case "/hibernate": {
      const [client, server] = Object.values(new WebSocketPair());
      const tags = url.searchParams.getAll("tag");
      ctx.acceptWebSocket(server, ...(tags.length > 0 ? [tags] : []));
      if (url.searchParams.has("keep")) server.serializeAttachment(url.searchParams.get("keep"));
      if (url.searchParams.has("greet")) server.send("welcome");
      return new Response(null, { status: 101, webSocket: client, headers: { "x-room": "one" } });
    }
    case "/listen": {
      const [client, server] = Object.values(new WebSocketPair());
      server.binaryType = "arraybuffer";
      server.accept();
      listen(thing, server);
      return new Response(null, { status: 101, webSocket: client });
    }
    case "/throw":
      throw new RangeError("fetch fails");
    case "/echo":
      return Response.json([request.method, request.url, request.headers.get("x-one"), await request.text()]);
    case "/nothing":
      return undefined;
    case "/status":
      return new Response("as asked", { status: Number(url.searchParams.get("of")), headers: { "x-status": "yes" } });
  }
  return new Response("no such path", { status: 404 });
}

async function message(thing, socket, data) {
  const { ctx } = thing;
  thing.log.push(["message", data]);
  if (typeof data !== "string") {
    socket.send(data);
    return;
  }
  const [verb, ...rest] = data.split(" ");
  switch (verb) {
    case "keep":
      socket.serializeAttachment({ text: rest.join(" "), map: new Map([[1, 2n]]) });
      return socket.send("kept");
    case "kept": {
      const kept = socket.deserializeAttachment();
      return socket.send(JSON.stringify([typeof kept, kept?.text ?? kept, `${kept?.map?.get(1)}`]));
    }
    case "tags":
      return socket.send(ctx.getTags(socket).join());
    case "all":
      for (const other of ctx.getWebSockets(rest[0])) other.send(`to ${ctx.getTags(other)}`);
      return;
    case "close":
      return socket.close(4001, "asked for");
    case "throw":
      throw new Error("the handler fails");
    case "large":
      try {
        socket.serializeAttachment("x".repeat(Number(rest[0])));
        return socket.send("it fits");
      } catch (error) {
        // Two encodings differ by a byte or so.
        return socket.send(`${error}`.replace(/was \d+/, "was so many"));
      }
    case "state":
      return socket.send(`${socket.readyState}`);
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, Number(rest[0])));
      thing.log.push(["done", data]);
      return socket.send(`slow ${rest[0]}`);
    case "store": {
      const count = ((await ctx.storage.get("count")) ?? 0) + 1;
      await ctx.storage.put("count", count);
      return socket.send(`${count}`);
    }
  }
  socket.send(`heard ${data}`);
}

async function close(thing, socket, code, reason, wasClean) {
  thing.log.push(["close", code, reason, wasClean, thing.ctx.getWebSockets().length]);
  await thing.ctx.storage.put("closed", [code, reason, wasClean]);
}

export const socketMethods = { fetch, message, close };
