// The app with static files that services_further_cases.mjs calls.

import { WorkerEntrypoint } from "cloudflare:workers";

export class Named extends WorkerEntrypoint {
  fetch(request) {
    return new Response(`named ${new URL(request.url).pathname}`);
  }
}

export default class extends WorkerEntrypoint {
  async fetch(request) {
    return new Response(`script ${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
  }
  hello(value) {
    return value + 1;
  }
  scheduled(controller) {
    if (controller.cron === "x") controller.noRetry();
  }
}
