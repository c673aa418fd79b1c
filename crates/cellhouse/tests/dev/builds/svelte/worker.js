import { render } from "svelte/server";
import { page, visits } from "./shared.js";
import App from "./App.svelte";

export default {
  async fetch(_request, env) {
    const visit = await visits(env);
    const { head, body } = await render(App, { props: { visit } });
    return page(visit, body, head);
  },
};
