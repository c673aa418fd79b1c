import { AutoRouter, Router, cors, createResponse, error, json, status, text, withContent, withCookies, withParams } from "itty-router";
import { equal, program } from "./check";

const get = (path: string, init?: RequestInit) => new Request(`http://localhost${path}`, init);

export default program({
  async "AutoRouter"() {
    const router = AutoRouter({ base: "/api" });
    router
      .get("/hello/:name", ({ name }: any) => `hello ${name}`)
      .get("/json", () => ({ a: 1 }))
      .get("/broken", () => {
        throw new Error("broken");
      });
    equal(await (await router.fetch(get("/api/hello/ada"))).text(), '"hello ada"');
    equal(await (await router.fetch(get("/api/json"))).json(), { a: 1 });
    equal((await router.fetch(get("/api/broken"))).status, 500);
    equal(await (await router.fetch(get("/api/none"))).json(), { status: 404, error: "Not Found" });
  },
  async "Router, withParams, withContent, withCookies"() {
    const router: any = Router({ before: [withParams, withCookies], finally: [json] });
    router
      .post("/items/:id?", withContent, ({ id, content }: any) => ({ id, content }))
      .get("/cookie", ({ cookies }: any) => cookies)
      .all("*", () => error(404));
    const posted = await router.fetch(get("/items/7", { method: "POST", body: '{"b":2}', headers: { "content-type": "application/json" } }));
    equal(await posted.json(), { id: "7", content: { b: 2 } });
    equal(await (await router.fetch(get("/cookie", { headers: { cookie: "a=1; b=2" } }))).json(), { a: "1", b: "2" });
    equal((await router.fetch(get("/nowhere"))).status, 404);
  },
  async "cors"() {
    const { preflight, corsify } = cors({ origin: "https://a.example" });
    const router: any = Router({ before: [preflight], finally: [corsify] });
    router.get("/", () => text("x"));
    const asked = await router.fetch(get("/", { method: "OPTIONS", headers: { origin: "https://a.example" } }));
    equal(asked.status, 204);
    const answer = await router.fetch(get("/"));
    equal(answer.headers.get("access-control-allow-origin"), "https://a.example");
  },
  async "text, status, createResponse"() {
    equal((await status(204)).status, 204);
    const xml = createResponse("application/xml");
    equal((xml("<a/>") as Response).headers.get("content-type"), "application/xml");
  },
});
