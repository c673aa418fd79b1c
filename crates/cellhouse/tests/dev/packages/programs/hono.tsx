/** @jsxImportSource hono/jsx */
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import { cache } from "hono/cache";
import { compress } from "hono/compress";
import { getCookie, getSignedCookie, setCookie, setSignedCookie } from "hono/cookie";
import { contextStorage, getContext } from "hono/context-storage";
import { cors } from "hono/cors";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { html } from "hono/html";
import { jwt, sign } from "hono/jwt";
import { languageDetector } from "hono/language";
import { logger } from "hono/logger";
import { methodOverride } from "hono/method-override";
import { poweredBy } from "hono/powered-by";
import { prettyJSON } from "hono/pretty-json";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { timeout } from "hono/timeout";
import { endTime, startTime, timing } from "hono/timing";
import { trimTrailingSlash } from "hono/trailing-slash";
import { validator } from "hono/validator";
import { jsxRenderer } from "hono/jsx-renderer";
import { raw } from "hono/html";
import { testClient } from "hono/testing";
import { equal, program } from "./check";

const Page = ({ title, children }: { title: string; children?: any }) => (
  <html>
    <head>
      <title>{title}</title>
    </head>
    <body>{children}</body>
  </html>
);

export default program({
  async "routing"() {
    const app = new Hono().basePath("/api");
    app.get("/users/:id{[0-9]+}", (c) => c.json({ id: c.req.param("id"), sort: c.req.query("sort") }));
    app.get("/files/*", (c) => c.text(c.req.path));
    app.notFound((c) => c.text("nowhere", 404));
    app.onError((error, c) => c.text(error.message, 500));
    app.get("/broken", () => {
      throw new Error("broken");
    });
    equal(await (await app.request("/api/users/42?sort=up")).json(), { id: "42", sort: "up" });
    equal(await (await app.request("/api/files/a/b")).text(), "/api/files/a/b");
    equal((await app.request("/api/users/x")).status, 404);
    const broken = await app.request("/api/broken");
    equal([broken.status, await broken.text()], [500, "broken"]);
  },
  async "basic-auth"() {
    const app = new Hono();
    app.use(basicAuth({ username: "ada", password: "secret" }));
    app.get("/", (c) => c.text("in"));
    equal((await app.request("/")).status, 401);
    const headers = { authorization: `Basic ${btoa("ada:secret")}` };
    equal(await (await app.request("/", { headers })).text(), "in");
  },
  async "bearer-auth"() {
    const app = new Hono();
    app.use(bearerAuth({ token: "token" }));
    app.get("/", (c) => c.text("in"));
    equal((await app.request("/", { headers: { authorization: "Bearer wrong" } })).status, 401);
    equal((await app.request("/", { headers: { authorization: "Bearer token" } })).status, 200);
  },
  async "body-limit"() {
    const app = new Hono();
    app.post("/", bodyLimit({ maxSize: 4 }), async (c) => c.text(await c.req.text()));
    equal((await app.request("/", { method: "POST", body: "1234" })).status, 200);
    equal((await app.request("/", { method: "POST", body: "12345" })).status, 413);
  },
  async "cache"(_env, ctx) {
    const app = new Hono();
    let calls = 0;
    app.get("*", cache({ cacheName: "hono", cacheControl: "max-age=60" }));
    app.get("/", (c) => c.text(`${++calls}`));
    const url = `http://localhost/?${crypto.randomUUID()}`;
    const waits: Promise<unknown>[] = [];
    const context = { waitUntil: (one: Promise<unknown>) => waits.push(one), passThroughOnException() {}, props: {} };
    equal(await (await app.request(url, {}, {}, context as any)).text(), "1");
    await Promise.all(waits);
    equal(await (await app.request(url, {}, {}, context as any)).text(), "1");
  },
  async "compress"() {
    const app = new Hono();
    app.use(compress());
    app.get("/", (c) => c.text("long ".repeat(1000)));
    const response = await app.request("/", { headers: { "accept-encoding": "gzip" } });
    equal(response.headers.get("content-encoding"), "gzip");
    const plain = response.body!.pipeThrough(new DecompressionStream("gzip"));
    equal((await new Response(plain).text()).length, 5000);
  },
  async "context-storage"() {
    const app = new Hono();
    app.use(contextStorage());
    const late = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return getContext().req.path;
    };
    app.get("/*", async (c) => c.text(await late()));
    const paths = await Promise.all(["/a", "/b"].map(async (path) => (await app.request(path)).text()));
    equal(paths, ["/a", "/b"]);
  },
  async "cookie"() {
    const app = new Hono();
    app.get("/set", async (c) => {
      setCookie(c, "plain", "a b", { httpOnly: true, path: "/" });
      await setSignedCookie(c, "signed", "value", "secret");
      return c.text("set");
    });
    app.get("/get", async (c) => c.json([getCookie(c, "plain"), await getSignedCookie(c, "secret", "signed")]));
    const set = await app.request("/set");
    const cookies = set.headers.getSetCookie();
    equal(cookies[0], "plain=a%20b; Path=/; HttpOnly");
    const cookie = cookies.map((one) => one.split(";")[0]).join("; ");
    equal(await (await app.request("/get", { headers: { cookie } })).json(), ["a b", "value"]);
  },
  async "cors"() {
    const app = new Hono();
    app.use(cors({ origin: "https://a.example", credentials: true, maxAge: 5 }));
    app.get("/", (c) => c.text("x"));
    const headers = { origin: "https://a.example", "access-control-request-method": "PUT" };
    const asked = await app.request("/", { method: "OPTIONS", headers });
    equal([asked.status, asked.headers.get("access-control-max-age")], [204, "5"]);
    equal((await app.request("/", { headers })).headers.get("access-control-allow-origin"), "https://a.example");
  },
  async "csrf"() {
    const app = new Hono();
    app.use(csrf({ origin: "http://localhost" }));
    app.post("/", (c) => c.text("in"));
    const post = (origin: string) =>
      app.request("http://localhost/", {
        method: "POST",
        headers: { origin, "content-type": "application/x-www-form-urlencoded" },
        body: "a=1",
      });
    equal((await post("http://evil.example")).status, 403);
    equal((await post("http://localhost")).status, 200);
  },
  async "etag"() {
    const app = new Hono();
    app.use(etag());
    app.get("/", (c) => c.text("same"));
    const tag = (await app.request("/")).headers.get("etag")!;
    equal(tag.startsWith('"'), true);
    equal((await app.request("/", { headers: { "if-none-match": tag } })).status, 304);
  },
  async "html"() {
    const app = new Hono();
    app.get("/", (c) => c.html(html`<p title="${'"'}">${"<b>"} ${raw("<i>x</i>")}</p>`));
    equal(await (await app.request("/")).text(), '<p title="&quot;">&lt;b&gt; <i>x</i></p>');
  },
  async "jsx"() {
    const app = new Hono();
    app.get("/", (c) => c.html(<Page title="T"><p class="a">{1 + 1}</p></Page>));
    const text = await (await app.request("/")).text();
    equal(text, '<html><head><title>T</title></head><body><p class="a">2</p></body></html>');
  },
  async "jsx-renderer"() {
    const app = new Hono();
    app.use(jsxRenderer(({ children }) => <main>{children}</main>));
    app.get("/", (c) => c.render(<b>bold</b>));
    equal(await (await app.request("/")).text(), "<!DOCTYPE html><main><b>bold</b></main>");
  },
  async "jwt"() {
    const app = new Hono();
    app.use(jwt({ secret: "secret", alg: "HS256" }));
    app.get("/", (c) => c.json(c.get("jwtPayload" as never)));
    const token = await sign({ sub: "ada" }, "secret", "HS256");
    equal((await app.request("/")).status, 401);
    const answer = await app.request("/", { headers: { authorization: `Bearer ${token}` } });
    equal(await answer.json(), { sub: "ada" });
  },
  async "language"() {
    const app = new Hono();
    app.use(languageDetector({ supportedLanguages: ["en", "de"], fallbackLanguage: "en" }));
    app.get("/", (c) => c.text(c.get("language" as never)));
    equal(await (await app.request("/", { headers: { "accept-language": "de-AT,en;q=0.5" } })).text(), "de");
  },
  async "logger"() {
    const app = new Hono();
    const lines: string[] = [];
    app.use(logger((line) => lines.push(line)));
    app.get("/", (c) => c.text("x"));
    await app.request("/");
    equal(lines[0], "<-- GET /");
    equal(lines.length, 2);
  },
  async "method-override, trailing-slash"() {
    const app = new Hono({ strict: true });
    app.use(methodOverride({ app }), trimTrailingSlash());
    app.delete("/posts", (c) => c.text("deleted"));
    app.get("/posts", (c) => c.text("posts"));
    const body = new FormData();
    body.append("_method", "DELETE");
    equal(await (await app.request("/posts", { method: "POST", body })).text(), "deleted");
    equal((await app.request("/posts/")).status, 301);
  },
  async "powered-by, pretty-json, request-id"() {
    const app = new Hono();
    app.use(poweredBy(), prettyJSON(), requestId());
    app.get("/", (c) => c.json({ id: c.get("requestId").length }));
    const answer = await app.request("/?pretty");
    equal([answer.headers.get("x-powered-by"), await answer.text()], ["Hono", '{\n  "id": 36\n}']);
  },
  async "secure-headers"() {
    const app = new Hono();
    app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"] } }));
    app.get("/", (c) => c.text("x"));
    const { headers } = await app.request("/");
    equal(headers.get("content-security-policy"), "default-src 'self'");
    equal(headers.get("x-content-type-options"), "nosniff");
  },
  async "streaming, SSE"() {
    const app = new Hono();
    app.get("/text", (c) => streamText(c, async (out) => {
      for (const part of ["a", "b", "c"]) {
        await out.write(part);
        await out.sleep(1);
      }
    }));
    app.get("/bytes", (c) => stream(c, async (out) => {
      await out.pipe(new Response("piped").body!);
    }));
    app.get("/sse", (c) => streamSSE(c, async (out) => {
      await out.writeSSE({ event: "tick", id: "1", data: "x\ny" });
    }));
    equal(await (await app.request("/text")).text(), "abc");
    equal(await (await app.request("/bytes")).text(), "piped");
    equal(await (await app.request("/sse")).text(), "event: tick\ndata: x\ndata: y\nid: 1\n\n");
  },
  async "timeout"() {
    const app = new Hono();
    app.use(timeout(5));
    app.get("/", async (c) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return c.text("late");
    });
    equal((await app.request("/")).status, 504);
  },
  async "timing"() {
    const app = new Hono();
    app.use(timing());
    app.get("/", (c) => {
      startTime(c, "db", "Database");
      endTime(c, "db");
      return c.text("x");
    });
    const said = (await app.request("/")).headers.get("server-timing")!;
    equal(/db;dur=\d+(\.\d+)?;desc="Database"/.test(said), true, said);
  },
  async "validator, testing"() {
    const app = new Hono().post(
      "/posts",
      validator("json", (value, c) => (typeof value.title === "string" ? value : c.text("no title", 400))),
      (c) => c.json({ title: c.req.valid("json").title as string }, 201),
    );
    const client: any = testClient(app as any);
    const good = await client.posts.$post({ json: { title: "x" } });
    equal([good.status, await good.json()], [201, { title: "x" }]);
    equal((await client.posts.$post({ json: {} })).status, 400);
  },
});
