// What the Workers of all frameworks do alike.

export async function visits(env) {
  const visit = Number((await env.KV.get("visits")) ?? 0) + 1;
  await env.KV.put("visits", String(visit));
  return visit;
}

export function page(visit, html, head = "") {
  const client = `<script>window.visit = ${visit}</script><script type="module" src="/client.js"></script>`;
  const text = `<!doctype html><html><head>${head}${client}</head><body><div id="app">${html}</div></body></html>`;
  return new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });
}
