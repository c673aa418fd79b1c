import { renderToReadableStream } from "react-dom/server";
import { page, visits } from "./shared.js";
import { App } from "./app.jsx";

export default {
  async fetch(_request, env) {
    const visit = await visits(env);
    const stream = await renderToReadableStream(<App visit={visit} />);
    await stream.allReady;
    return page(visit, await new Response(stream).text());
  },
};
