// Prints the members of Cloudflare's types, as JSON: node workers_types.mjs. Products and their types, in the order
// of COMPAT.md, are in workers_types.json; a class gives its own members and those of what it extends there.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "@babel/parser";

const file = createRequire(import.meta.url).resolve("@cloudflare/workers-types/index.d.ts");
// `allowUndeclaredExports`: the file exports names of modules that it only declares.
const options = { sourceType: "module", allowUndeclaredExports: true, plugins: [["typescript", { dts: true }]] };
const { program } = parse(readFileSync(file, "utf8"), options);
const products = JSON.parse(readFileSync(new URL("workers_types.json", import.meta.url), "utf8"));

/** Names of what one declaration lists, without computed ones and constructors. */
function names({ body }) {
  const members = body.body.filter((member) => member.key?.type === "Identifier" && !member.computed);
  return members.map((member) => member.key.name).filter((name) => name !== "constructor");
}

/** The members of what a list of statements declares, by its name. */
function declarations(statements) {
  const declared = new Map();
  for (const statement of statements) {
    const declaration = statement.declaration ?? statement;
    if (!["ClassDeclaration", "TSInterfaceDeclaration"].includes(declaration.type)) continue;
    const name = declaration.id.name;
    declared.set(name, [...(declared.get(name) ?? []), ...names(declaration)]);
  }
  return declared;
}

// What only the module "cloudflare:workers" exports, too; names of the global scope come first.
const modules = program.body.map((statement) => statement.declaration ?? statement);
const ofModule = modules.find(({ id }) => id?.name === "CloudflareWorkersModule");
const declared = new Map([...declarations(ofModule.body.body), ...declarations(program.body)]);

const listed = Object.entries(products).map(([product, types]) => [
  product,
  types.map((type) => {
    if (!declared.has(type)) throw new Error(`@cloudflare/workers-types has no ${type}`);
    return [type, [...new Set(declared.get(type))]];
  }),
]);
console.log(JSON.stringify(listed));
