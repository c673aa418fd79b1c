import { Elysia, t } from "elysia";
import { CloudflareAdapter } from "elysia/adapter/cloudflare-worker";
import { equal, program } from "./check";

// Compiled while the app is loaded, as its documentation has it for Workers.
const app = new Elysia({ adapter: CloudflareAdapter })
  .decorate("version", 3)
  .derive(({ headers }) => ({ user: headers["x-user"] ?? null }))
  .onError(({ code, status }) => code === "VALIDATION" ? status(422, { code }) : code === "NOT_FOUND" ? "nothing" : "mistake")
  .get("/", () => "hello")
  .get("/users/:id", ({ params, query, version, user }) => ({ ...params, ...query, version, user }), {
    params: t.Object({ id: t.Numeric() }),
    query: t.Object({ deep: t.Optional(t.BooleanString()) }),
  })
  .post("/items", ({ body, set }) => {
    set.status = 201;
    set.headers["x-size"] = String(body.tags.length);
    return body;
  }, { body: t.Object({ name: t.String({ minLength: 2 }), tags: t.Array(t.String(), { default: [] }) }) })
  .get("/throws", () => {
    throw new Error("mistake");
  })
  .get("/cookie", ({ cookie: { seen } }) => {
    seen.value = String(Number(seen.value ?? 0) + 1);
    return seen.value;
  })
  .get("/stream", function* () {
    yield "one ";
    yield "two";
  })
  .group("/in", (group) => group.guard({ beforeHandle: ({ user, status }) => user === null ? status(401) : undefined }, (guarded) =>
    guarded.get("/side", ({ user }) => `in as ${user}`)))
  .compile();

const call = (path: string, init?: RequestInit) => app.fetch(new Request(`https://elysia.test${path}`, init)) as Promise<Response>;
const post = (body: unknown) => call("/items", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

export default program({
  async "routes, parameters"() {
    equal(await (await call("/")).text(), "hello");
    const user = await call("/users/5?deep=true", { headers: { "x-user": "ada" } });
    equal(await user.json(), { id: 5, deep: true, version: 3, user: "ada" });
    equal([(await call("/none")).status, await (await call("/none")).text()], [404, "nothing"]);
  },
  async "validation"() {
    const response = await post({ name: "box", tags: ["a"] });
    equal([response.status, response.headers.get("x-size"), await response.json()], [201, "1", { name: "box", tags: ["a"] }]);
    equal([(await post({ name: "x" })).status, (await call("/users/x")).status], [422, 422]);
  },
  async "errors"() {
    const response = await call("/throws");
    equal([response.status, await response.text()], [500, "mistake"]);
  },
  async "cookies"() {
    const response = await call("/cookie", { headers: { cookie: "seen=4" } });
    equal([await response.text(), response.headers.get("set-cookie")?.startsWith("seen=5")], ["5", true]);
  },
  async "guards, groups"() {
    equal((await call("/in/side")).status, 401);
    equal(await (await call("/in/side", { headers: { "x-user": "bob" } })).text(), "in as bob");
  },
  async "generators"() {
    const parts = [];
    for await (const part of (await call("/stream")).body as any) parts.push(part);
    equal(parts.join(""), "one two");
  },
});
