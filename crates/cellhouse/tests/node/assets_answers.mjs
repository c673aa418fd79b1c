// What miniflare answers with static files: node assets_answers.mjs CASES
// CASES is a JSON file: a list of { options, requests }, of which each is one miniflare. Prints a JSON array with an
// array of { status, headers, body } for each of them. Paths go out as they are.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { Miniflare } from "miniflare";

function answer(url, { method, path, headers }) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = url;
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => { body += chunk; });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = [];
for (const { options, requests } of cases) {
  const miniflare = new Miniflare(options);
  const url = await miniflare.ready;
  const told = [];
  for (const one of requests) told.push(await answer(url, one));
  answers.push(told);
  await miniflare.dispose();
}
console.log(JSON.stringify(answers));
