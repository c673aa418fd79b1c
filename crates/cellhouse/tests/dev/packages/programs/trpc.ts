import { initTRPC, TRPCError, tracked } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { z } from "zod";
import { equal, program } from "./check";

const t = initTRPC.context<{ user: string | null }>().create({
  errorFormatter: ({ shape, error }) => ({ ...shape, data: { code: shape.data.code, zod: error.cause instanceof z.ZodError } }),
});
const signedIn = t.procedure.use(({ ctx, next }) => {
  if (ctx.user === null) throw new TRPCError({ code: "UNAUTHORIZED", message: "who?" });
  return next({ ctx: { user: ctx.user } });
});
const router = t.router({
  hello: t.procedure.input(z.object({ name: z.string() })).query(({ input }) => `hello ${input.name}`),
  add: t.procedure.input(z.number()).mutation(({ input }) => input + 1),
  me: signedIn.query(({ ctx }) => ctx.user),
  letters: t.procedure.query(async function* () {
    yield "a";
    yield "b";
  }),
  ticks: t.procedure.subscription(async function* () {
    for (let tick = 0; tick < 2; tick++) yield tracked(String(tick), { tick });
  }),
});
const seen: string[] = [];
const call = (path: string, init: RequestInit = {}) =>
  fetchRequestHandler({
    endpoint: "/trpc", router, req: new Request(`https://trpc.test/trpc/${path}`, init),
    createContext: ({ req }) => ({ user: req.headers.get("x-user") }),
    onError: ({ path, error }) => void seen.push(`${path} ${error.code}`),
  });
const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify(value))}`;

export default program({
  async "queries, mutations"() {
    equal(await (await call(`hello${input({ name: "ada" })}`)).json(), { result: { data: "hello ada" } });
    const added = await call("add", { method: "POST", body: "4", headers: { "content-type": "application/json" } });
    equal(await added.json(), { result: { data: 5 } });
  },
  async "input errors"() {
    const response = await call(`hello${input({})}`);
    const { error }: any = await response.json();
    equal([response.status, error.code, error.data], [400, -32600, { code: "BAD_REQUEST", zod: true }]);
  },
  async "middleware, onError"() {
    equal((await call("me")).status, 401);
    equal(await (await call("me", { headers: { "x-user": "ada" } })).json(), { result: { data: "ada" } });
    equal([(await call("none")).status, (await call("add")).status], [404, 405]);
    equal(seen.slice(-3), ["me UNAUTHORIZED", "none NOT_FOUND", "add METHOD_NOT_SUPPORTED"]);
  },
  async "batches"() {
    const response = await call(`hello,me?batch=1&input=${encodeURIComponent('{"0":{"name":"x"}}')}`);
    equal(response.status, 207);
    equal(((await response.json()) as any[]).map((one) => Object.keys(one)[0]), ["result", "error"]);
  },
  async "streams"() {
    const response = await call("hello,letters?batch=1&input=" + encodeURIComponent('{"0":{"name":"x"}}'), { headers: { "trpc-accept": "application/jsonl" } });
    const text = await response.text();
    equal([text.includes('"hello x"'), text.includes('"a"'), text.includes('"b"')], [true, true, true]);
  },
  async "subscriptions"() {
    const response = await call("ticks");
    equal(response.headers.get("content-type"), "text/event-stream");
    const text = await response.text();
    equal(text.includes('data: {"tick":1}\nid: 1'), true, text);
  },
  async "callers"() {
    const caller = t.createCallerFactory(router)({ user: "bob" });
    equal([await caller.me(), await caller.add(1)], ["bob", 2]);
  },
});
