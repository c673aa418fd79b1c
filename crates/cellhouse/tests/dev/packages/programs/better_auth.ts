import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { admin, bearer, organization, username } from "better-auth/plugins";
import { equal, program } from "./check";

const URL_OF = "http://localhost:3000";
let auth: any;
let cookies = "";

async function call(path: string, body?: unknown, headers: Record<string, string> = { cookie: cookies }): Promise<[number, any]> {
  const response: Response = await auth.handler(new Request(`${URL_OF}/api/auth${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", origin: URL_OF, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  }));
  const set = response.headers.getSetCookie();
  if (set.length > 0) cookies = set.map((cookie) => cookie.split(";")[0]).join("; ");
  return [response.status, JSON.parse(await response.text() || "null")];
}

const ADA = { email: "ada@x.test", password: "correct horse" };

export default program({
  async "migrations in D1"(env) {
    const options: any = {
      database: env.DB, baseURL: URL_OF, secret: "0123456789abcdef0123456789abcdef",
      emailAndPassword: { enabled: true }, rateLimit: { enabled: false }, telemetry: { enabled: false },
      plugins: [admin(), bearer(), organization(), username()],
    };
    const { runMigrations } = await getMigrations(options);
    await runMigrations();
    equal((await getMigrations(options)).toBeCreated, []);
    auth = betterAuth(options);
  },
  async "sign up"(env) {
    const [status, { user }] = await call("/sign-up/email", { ...ADA, name: "Ada", username: "ada_l" }, {});
    equal([status, user.email, user.username, user.role], [200, ADA.email, "ada_l", "user"]);
    const [again, { code }] = await call("/sign-up/email", { ...ADA, name: "Ada" }, {});
    equal([again, code], [422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"]);
    equal((await env.DB.prepare('SELECT count(*) AS n FROM "user"').first()).n, 1);
  },
  async "sessions, cookies"() {
    const [status, { user, session }] = await call("/get-session");
    equal([status, user.name, session.userId === user.id], [200, "Ada", true]);
    equal((await call("/get-session", undefined, {}))[1], null);
    equal((await auth.api.getSession({ headers: new Headers({ cookie: cookies }) })).user.name, "Ada");
  },
  async "sign in, wrong passwords"() {
    equal((await call("/sign-in/email", { ...ADA, password: "wrong horse" }, {}))[0], 401);
    equal((await call("/sign-in/username", { username: "ada_l", password: ADA.password }, {}))[0], 200);
  },
  async "bearer"() {
    const [, { token }] = await call("/sign-in/email", ADA, {});
    equal((await call("/get-session", undefined, { authorization: `Bearer ${token}` }))[1].user.name, "Ada");
  },
  async "update, organizations"() {
    equal((await call("/update-user", { name: "Ada L." }))[0], 200);
    const [status, made] = await call("/organization/create", { name: "Engines", slug: "engines" });
    equal([status, made.members[0].role], [200, "owner"]);
    equal((await call("/organization/list"))[1].length, 1);
    equal((await call("/admin/list-users?limit=1"))[0], 403);
  },
  async "sign out, other origins"() {
    equal((await call("/sign-out", {}, { cookie: cookies, origin: "https://evil.test" }))[0], 403);
    equal((await call("/sign-out", {}))[0], 200);
    equal((await call("/get-session"))[1], null);
  },
});
