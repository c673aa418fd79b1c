// The app that has a port. It keeps nothing itself: accounts are another app's, reached by service bindings.

import { WorkerEntrypoint } from "cloudflare:workers";

// One of the app's own entrypoints, for calls by `ctx.exports`: every call finds what it was given in `ctx.props`.
export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return this.ctx.props.language === "de" ? `Guten Tag, ${name}!` : `Hello, ${name}!`;
  }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, page, name = "ada"] = url.pathname.split("/");
    switch (page) {
      // The request goes on as it is, and the answer comes back: bodies stream.
      case "accounts":
        return env.ACCOUNTS.fetch(request);
      // A method; its error comes here with its class and message.
      case "balance":
        try {
          return Response.json({ name, balance: await env.ACCOUNTS.balance(name) });
        } catch (error) {
          return new Response(`${error}\n`, { status: 404 });
        }
      // An object that lives over there as long as it is used here, and a function that is called back.
      case "pay": {
        const seen = [];
        using account = await env.ACCOUNTS.open(name);
        await account.onChange((balance) => {
          seen.push(balance);
        });
        await account.deposit(10);
        await account.withdraw(3);
        return Response.json(seen);
      }
      // A Durable Object of the other app.
      case "credit":
        return Response.json(await env.CREDITS.getByName(name).add(5));
      case "audit":
        return Response.json(await env.AUDIT.entries());
      case "greet": {
        const language = url.searchParams.get("language") ?? "en";
        return new Response(`${await ctx.exports.Greeter({ props: { language } }).greet(name)}\n`);
      }
    }
    return new Response("try /balance/ada, /pay/ada, /credit/ada, /audit, /greet/ada?language=de\n", { status: 404 });
  },
};
