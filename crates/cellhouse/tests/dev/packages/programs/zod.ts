import { z } from "zod";
import * as mini from "zod/mini";
import { equal, fails, program } from "./check";

const User = z.object({
  name: z.string().min(2),
  email: z.email(),
  age: z.coerce.number().int().positive().optional(),
  tags: z.array(z.string()).default([]),
  role: z.enum(["admin", "user"]),
});

export default program({
  "objects"() {
    const user = User.parse({ name: "Ada", email: "ada@example.org", age: "36", role: "admin", more: 1 });
    equal(user, { name: "Ada", email: "ada@example.org", age: 36, tags: [], role: "admin" });
    const found = User.safeParse({ name: "A", email: "no", role: "root" });
    equal(found.error!.issues.map((issue) => [issue.path.join("."), issue.code]), [
      ["name", "too_small"], ["email", "invalid_format"], ["role", "invalid_value"],
    ]);
  },
  "unions, records, tuples, recursion"() {
    const Shape = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("circle"), radius: z.number() }),
      z.object({ kind: z.literal("square"), side: z.number() }),
    ]);
    equal(Shape.parse({ kind: "square", side: 2 }), { kind: "square", side: 2 });
    equal(z.record(z.string(), z.tuple([z.number(), z.string()])).parse({ a: [1, "x"] }), { a: [1, "x"] });
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree);
      },
    });
    equal(Tree.parse({ name: "a", children: [{ name: "b", children: [] }] }).children[0].name, "b");
  },
  async "transform, refine, async"() {
    const Even = z.number().refine((n) => n % 2 === 0, "odd").transform((n) => n / 2);
    equal(Even.parse(8), 4);
    const Known = z.string().refine(async (name) => name === "ada", "unknown");
    equal(await Known.parseAsync("ada"), "ada");
    await fails(() => Known.parseAsync("bob"), "unknown");
    equal(z.codec(z.iso.date(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString().slice(0, 10) }).decode("2026-01-02").getTime(), 1767312000000);
  },
  "formats, errors, JSON Schema"() {
    equal(z.uuid().safeParse("no").success, false);
    equal(z.iso.datetime().safeParse("2026-01-02T03:04:05Z").success, true);
    const { error } = User.safeParse({});
    equal(Object.keys(z.flattenError(error!).fieldErrors), ["name", "email", "role"]);
    equal(z.prettifyError(error!).split("\n").length > 2, true);
    equal(z.toJSONSchema(z.object({ a: z.number().optional() })).properties, { a: { type: "number" } });
  },
  "zod/mini"() {
    const schema = mini.object({ a: mini.optional(mini.string().check(mini.maxLength(3))) });
    equal(schema.parse({ a: "abc" }), { a: "abc" });
    equal(mini.safeParse(schema, { a: "abcd" }).success, false);
  },
});
