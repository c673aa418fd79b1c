import Ajv from "ajv";
import { equal, fails, program } from "./check";

// As on workerd, schemas are compiled while the app is loaded.
const ajv = new Ajv({ allErrors: true, coerceTypes: true, discriminator: true, loadSchema: async (uri) => ({ type: "string", minLength: 1, $comment: uri }) });
ajv.addFormat("lower", /^[a-z]+$/);
ajv.addKeyword({ keyword: "even", validate: (on: boolean, value: number) => !on || value % 2 === 0 });
ajv.addSchema({ $id: "tags", type: "array", items: { type: "string", maxLength: 3 }, uniqueItems: true });

interface User { name: string; age: number; tags?: string[]; next?: User }
const user = ajv.compile<User>({
  $id: "user",
  type: "object",
  properties: {
    name: { type: "string", format: "lower", minLength: 2 },
    age: { type: "integer", minimum: 0, even: true },
    tags: { $ref: "tags" },
    next: { $ref: "#" },
  },
  required: ["name", "age"],
  additionalProperties: false,
});
const shape = ajv.compile({
  type: "object",
  discriminator: { propertyName: "kind" },
  required: ["kind"],
  oneOf: [
    { properties: { kind: { const: "circle" }, radius: { type: "number", exclusiveMinimum: 0 } }, required: ["radius"] },
    { properties: { kind: { const: "square" }, side: { type: "number" } }, required: ["side"] },
  ],
});
const remote = ajv.compileAsync({ $async: true, type: "object", properties: { id: { $ref: "https://schemas.test/id" } } });

export default program({
  "compile, $ref, formats"() {
    equal(user({ name: "ada", age: 36, tags: ["a", "b"], next: { name: "bob", age: 2 } }), true);
    equal([user({ name: "A", age: 1, other: 1, tags: ["long", "long"] }), user.errors!.length], [false, 7]);
    equal(ajv.errorsText(user.errors!.slice(0, 1)), "data must NOT have additional properties");
  },
  "keywords, coercion"() {
    const given: any = { name: "ada", age: "4" };
    equal([user(given), given.age], [true, 4]);
    equal(user({ name: "ada", age: 3 }), false);
    equal(user.errors![0].message, 'must pass "even" keyword validation');
  },
  "oneOf"() {
    equal([shape({ kind: "circle", radius: 1 }), shape({ kind: "circle" }), shape({ kind: "x" })], [true, false, false]);
  },
  async "asynchronous schemas"() {
    const check = await remote;
    equal(await check({ id: "x" }), { id: "x" });
    await fails(() => check({ id: "" }), "validation failed");
  },
  async "compile while running"() {
    await fails(() => new Ajv().compile({ type: "number" })(1), "Code generation from strings disallowed");
  },
});
