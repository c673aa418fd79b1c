// What ends an instance, what its callers are told, and what the next one finds.

const anew = async (stub, h, end) => {
  await stub.put("stored", "it");
  const before = await stub.instance();
  const ended = await h.attempt(end);
  return [ended, (await h.object().instance()) === before, await h.object().get("stored")];
};

export default {
  "abort": (_env, h) => anew(h.object(), h, () => h.object().abort()),
  "abort with a text": (_env, h) => anew(h.object(), h, () => h.object().abort("a reason")),
  "an abort that is caught": (_env, h) => anew(h.object(), h, () => h.object().abortCaught("caught")),
  "an abort that is caught, in fetch": (_env, h) => anew(h.object(), h, async () => await (await h.object().fetch("http://object/abort-caught")).text()),
  "a block that fails": (_env, h) => anew(h.object(), h, () => h.object().block()),
  "an error in a method": (_env, h) => anew(h.object(), h, () => h.object().fail("RangeError")),
  "an error in fetch": (_env, h) => anew(h.object(), h, () => h.object().fetch("http://object/throw")),
  "others who wait when it is aborted": {
    async outside(_env, h) {
      const stub = h.object();
      await stub.instance();
      const waits = h.attempt(() => stub.run("lifecycle: others who wait when it is aborted", "wait"));
      await h.sleep(5);
      const ended = await h.attempt(() => stub.abort("all of them"));
      return [await waits, ended];
    },
    steps: { wait: () => scheduler.wait(1000) },
  },
  "writes just before an abort": {
    async outside(_env, h) {
      const stub = h.object();
      const ended = await h.attempt(() => stub.run("lifecycle: writes just before an abort", "write"));
      return [ended, await h.object().get("a"), await h.object().get("b")];
    },
    steps: {
      async write({ ctx }) {
        await ctx.storage.put("a", 1);
        await ctx.storage.sync();
        ctx.storage.put("b", 2);
        ctx.abort("before it is confirmed");
      },
    },
  },
  "a constructor that throws": async (_env, h) => {
    await h.object().put("constructor", "throws");
    await h.attempt(() => h.object().abort());
    const all = await Promise.all([1, 2, 3].map((number) => h.attempt(() => h.object().echo(number))));
    return [all, await h.attempt(() => h.object().fetch("http://object/echo"))];
  },
  "a constructor that fails later": async (_env, h) => {
    await h.object().put("constructor", "throws later");
    await h.attempt(() => h.object().abort());
    return await Promise.all([1, 2, 3].map((number) => h.attempt(() => h.object().echo(number))));
  },
  "a stub after a reset": async (_env, h) => {
    const stub = h.object();
    await stub.echo(1);
    await h.attempt(() => stub.abort("once"));
    return [await h.attempt(() => stub.echo(2)), await h.attempt(() => stub.echo(3)), await h.object().echo(4)];
  },
  "a WebSocket when it is aborted": async (_env, h) => {
    const response = await h.object().fetch("http://object/hibernate", { headers: { Upgrade: "websocket" } });
    const { webSocket } = response;
    const ended = new Promise((resolve) => webSocket.addEventListener("close", ({ code, wasClean }) => resolve([code, wasClean])));
    webSocket.accept();
    await h.attempt(() => h.object().abort("no sockets"));
    return await Promise.race([ended, h.sleep(200).then(() => "still open")]);
  },
};
