// Ids and namespaces.

export default {
  "of a name": (env) => {
    const [a, b] = [env.THINGS.idFromName("a"), env.THINGS.idFromName("b")];
    const again = env.THINGS.idFromName("a");
    return [a.name, /^[0-9a-f]{64}$/.test(`${a}`), a.equals(again), a.equals(b), `${a}` === `${again}`, a === again];
  },
  "of odd names": (env) => ["", "é", "a\u0000b", "x".repeat(5000)].map((name) => env.THINGS.idFromName(name).name.length),
  "of names that are none": (env, h) => [5, null, true, {}].map((name) => h.attemptNow(() => env.THINGS.idFromName(name).name)),
  "of no name": (env, h) => h.attemptNow(() => env.THINGS.idFromName()),
  "that are unique": (env) => {
    const [a, b] = [env.THINGS.newUniqueId(), env.THINGS.newUniqueId()];
    return [a.name, a.equals(b), `${a}`.length, "name" in a];
  },
  "of a text": (env) => {
    const named = env.THINGS.idFromName("a");
    const back = env.THINGS.idFromString(`${named}`);
    return [back.name, back.equals(named), named.equals(back), `${env.THINGS.idFromString(`${named}`.toUpperCase())}` === `${named}`];
  },
  "of wrong texts": (env, h) => ["", "abc", "z".repeat(64), "0".repeat(63), "0".repeat(65), "0".repeat(64), `${env.OTHERS.idFromName("a")}`, " ".repeat(64), undefined, 5]
    .map((text) => h.attemptNow(() => `${env.THINGS.idFromString(text)}`.length)),
  "of another namespace": (env, h) => [
    h.attemptNow(() => env.THINGS.idFromName("a").equals(env.OTHERS.idFromName("a"))), `${env.THINGS.idFromName("a")}` === `${env.OTHERS.idFromName("a")}`,
  ],
  "that are none": (env, h) => [
    h.attemptNow(() => env.THINGS.get("text")), h.attemptNow(() => env.THINGS.get()), h.attemptNow(() => env.THINGS.get({})),
    h.attemptNow(() => env.THINGS.idFromName("a").equals("a")),
  ],
  "of stubs": (env) => {
    const named = env.THINGS.getByName("a");
    const unique = env.THINGS.get(env.THINGS.newUniqueId());
    return [named.name, named.id.name, unique.name, `${named.id}` === `${env.THINGS.idFromName("a")}`, named.id.equals(env.THINGS.idFromName("a"))];
  },
  "inside": async (env, h) => {
    const id = env.THINGS.idFromName(`ids: inside`);
    return [await env.THINGS.get(id).idOf(), await env.THINGS.get(env.THINGS.newUniqueId()).idOf(), await h.object("2").idOf()];
  },
  "options are accepted": (env, h) => [
    h.attemptNow(() => typeof env.THINGS.get(env.THINGS.idFromName("a"), { locationHint: "weur" })),
    h.attemptNow(() => typeof env.THINGS.getByName("a", { locationHint: "enam" })), h.attemptNow(() => typeof env.THINGS.getByName("a", {})),
  ],
  "as JSON": (env) => [JSON.stringify({ id: env.THINGS.idFromName("a") }).length > 10, Object.keys(env.THINGS.idFromName("a"))],
  "methods of a namespace": (env) => ["idFromName", "idFromString", "newUniqueId", "get", "getByName", "jurisdiction", "getExisting"].map((name) => [name, typeof env.THINGS[name]]),
  "getByName without a name": (env, h) => h.attemptNow(() => env.THINGS.getByName()),
};
