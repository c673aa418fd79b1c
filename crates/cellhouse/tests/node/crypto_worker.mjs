// Answers the tasks of crypto_tasks.mjs that it is sent.

import { run } from "./crypto_tasks.mjs";

export default {
  fetch: async (request) => Response.json(await Promise.all((await request.json()).map(run))),
};
