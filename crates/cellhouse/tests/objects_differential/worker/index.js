// The Worker that both runtimes run: GET /names lists the cases, GET /run?case= runs one and answers what it
// gave, POST /program?name= hands an event of a generated program to its object. Knows nothing of what is right.

import { cases } from "./cases.js";
import { helpers } from "./helpers.js";
import { settle } from "./show.js";

export { Part } from "./facets.js";
export { Other, Thing } from "./objects.js";

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/names") return Response.json(Object.keys(cases));
    if (url.pathname === "/program") {
      const { operations, abort } = await request.json();
      const object = () => env.THINGS.getByName(url.searchParams.get("name"));
      const answer = await settle(() => object().program(operations));
      if (abort) await object().abort().catch(() => {});
      // Each result was shown already, where it came about.
      return Response.json(answer);
    }
    const name = url.searchParams.get("case");
    const { inside, outside } = cases[name];
    const h = helpers(name, env);
    if (outside !== undefined) return Response.json(await settle(() => outside(env, h)));
    const response = await h.object().fetch(`http://object/case?name=${encodeURIComponent(name)}`);
    return new Response(response.body);
  },
};
