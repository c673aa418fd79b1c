import { GraphQLError, buildSchema, graphql, introspectionFromSchema, parse, print, validate } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { equal, program } from "./check";

const schema = createSchema<{ user: string | null }>({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! }
    type Item implements Node { id: ID!, size(unit: Unit = CM): Float, next: Item }
    enum Unit { CM INCH }
    input ItemInput { id: ID!, size: Float }
    type Query { hello(name: String = "world"): String!, items(first: Int): [Item!]!, node(id: ID!): Node, me: String, wrong: Int, secret: Int }
    type Mutation { add(item: ItemInput!): Item! }
    type Subscription { count(to: Int!): Int! }
  `,
  resolvers: {
    Query: {
      hello: (_, { name }) => `hello ${name}`,
      items: (_, { first }) => [1, 2, 3].slice(0, first).map((id) => ({ id, size: id * 2.54 })),
      node: (_, { id }) => ({ id, size: 1 }),
      me: (_source, _arguments, context) => context.user,
      wrong: () => { throw new GraphQLError("not now", { extensions: { code: "LATER" } }); },
      secret: () => { throw new Error("the password is x"); },
    },
    Node: { __resolveType: () => "Item" },
    Item: { size: ({ size }: any, { unit }) => unit === "INCH" ? size / 2.54 : size, next: ({ id }: any) => id < 3 ? { id: id + 1 } : null },
    Mutation: { add: (_, { item }) => item },
    Subscription: {
      count: { async *subscribe(_, { to }) { for (let count = 1; count <= to; count++) yield { count }; } },
    },
  },
});
const yoga = createYoga<any, any>({ schema, logging: false, context: ({ request }) => ({ user: request.headers.get("x-user") }) });
const post = (query: string, variables = {}, headers = {}) =>
  yoga.fetch("https://yoga.test/graphql", {
    method: "POST", body: JSON.stringify({ query, variables }),
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
  });
const ask = async (query: string, variables = {}, headers = {}): Promise<any> => (await post(query, variables, headers)).json();

export default program({
  async "queries, variables, fragments"() {
    const query = "query ($n: String!, $f: Int) { hello(name: $n) items(first: $f) { ...F next { ...F } } } fragment F on Item { id size(unit: INCH) }";
    const { data } = await ask(query, { n: "ada", f: 1 });
    equal(data, { hello: "hello ada", items: [{ id: "1", size: 1, next: { id: "2", size: null } }] });
    equal((await ask("{ node(id: 7) { __typename id ... on Item { size } } }")).data, { node: { __typename: "Item", id: "7", size: 1 } });
  },
  async "mutations"() {
    equal(await ask("mutation { add(item: { id: 5, size: 1.5 }) { id size } }"), { data: { add: { id: "5", size: 1.5 } } });
  },
  async "errors, masked"() {
    const { errors, data } = await ask("{ wrong secret }");
    equal(data, { wrong: null, secret: null });
    equal(errors.map((error: any) => [error.message, error.extensions.code]), [["not now", "LATER"], ["Unexpected error.", "INTERNAL_SERVER_ERROR"]]);
  },
  async "invalid"() {
    equal((await ask("{ hello(")).errors[0].message, "Syntax Error: Expected Name, found <EOF>.");
    equal((await ask("{ other }")).errors[0].message, 'Cannot query field "other" on type "Query".');
    equal((await ask("query ($n: Int!) { items(first: $n) { id } }", { n: "x" })).errors[0].message.includes("Int cannot represent"), true);
  },
  async "context, GET"() {
    equal((await ask("{ me }", {}, { "x-user": "bob" })).data, { me: "bob" });
    const response = await yoga.fetch(`https://yoga.test/graphql?query=${encodeURIComponent("{ hello }")}`, { headers: { accept: "application/json" } });
    equal(await response.json(), { data: { hello: "hello world" } });
  },
  async "subscriptions"() {
    const response = await post("subscription { count(to: 2) }", {}, { accept: "text/event-stream" });
    equal(response.headers.get("content-type"), "text/event-stream");
    const text = await response.text();
    equal([text.includes('{"data":{"count":2}}'), text.includes("event: complete")], [true, true]);
  },
  async "GraphiQL"() {
    const page = await yoga.fetch("https://yoga.test/graphql", { headers: { accept: "text/html" } });
    equal([page.status, page.headers.get("content-type"), (await page.text()).includes("GraphiQL")], [200, "text/html", true]);
  },
  async "graphql alone"() {
    const small = buildSchema("type Query { a: Int }");
    equal((await graphql({ schema: small, source: "{ a }", rootValue: { a: 3 } })).data, { a: 3 });
    equal(print(parse("{a,b(c:[1,2])}")), "{\n  a\n  b(c: [1, 2])\n}");
    equal([validate(small, parse("{ b }")).length, introspectionFromSchema(small).__schema.queryType.name], [1, "Query"]);
  },
});
