import { createSSRApp } from "vue";
import { renderToWebStream } from "vue/server-renderer";
import { page, visits } from "./shared.js";
import Page from "./Page.vue";

export default {
  async fetch(_request, env) {
    const visit = await visits(env);
    const html = await new Response(renderToWebStream(createSSRApp(Page, { visit }))).text();
    return page(visit, html);
  },
};
