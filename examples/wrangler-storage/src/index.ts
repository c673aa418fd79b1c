// An auction house with each kind of state where it belongs: texts in KV, the catalog in D1, the bidding in a
// Durable Object, pictures in R2.

import { DurableObject } from "cloudflare:workers";

interface Bid {
	by: string;
	amount: number;
}

// Strict accuracy: one object for each lot, so two bids of one moment are told one after the other.
export class Bidding extends DurableObject<Env> {
	async bid(by: string, amount: number): Promise<{ accepted: boolean; highest: Bid }> {
		const highest = await this.ctx.storage.get<Bid>("highest");
		if (highest !== undefined && amount <= highest.amount) return { accepted: false, highest };
		await this.ctx.storage.put<Bid>("highest", { by, amount });
		return { accepted: true, highest: { by, amount } };
	}
}

// Fast reads of what seldom changes: KV.
async function texts(request: Request, env: Env, language: string): Promise<Response> {
	if (request.method === "PUT") {
		await env.TEXTS.put(`greeting:${language}`, await request.text());
		return new Response(null, { status: 204 });
	}
	const greeting = await env.TEXTS.get(`greeting:${language}`, { cacheTtl: 60 });
	return new Response(greeting ?? "Welcome");
}

// Structured data, queries and joins: D1.
async function lots(request: Request, env: Env, name: string): Promise<Response> {
	await env.CATALOG.exec(
		"CREATE TABLE IF NOT EXISTS lots (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, start INTEGER NOT NULL)",
	);
	if (request.method === "PUT") {
		const { start }: { start: number } = await request.json();
		await env.CATALOG.prepare("INSERT INTO lots (name, start) VALUES (?, ?)").bind(name, start).run();
		return new Response(null, { status: 204 });
	}
	const most = Number(new URL(request.url).searchParams.get("most") ?? 1e9);
	const found = env.CATALOG.prepare("SELECT name, start FROM lots WHERE start <= ? ORDER BY start").bind(most);
	return Response.json((await found.all()).results);
}

async function bids(request: Request, env: Env, lot: string): Promise<Response> {
	const { by, amount }: Bid = await request.json();
	const told = await env.BIDDING.getByName(lot).bid(by, amount);
	return Response.json(told, { status: told.accepted ? 201 : 409 });
}

// Large files, streamed both ways: R2.
async function pictures(request: Request, env: Env, lot: string): Promise<Response> {
	if (request.method === "PUT") {
		await env.PICTURES.put(lot, request.body, { httpMetadata: request.headers });
		return new Response(null, { status: 204 });
	}
	const picture = await env.PICTURES.get(lot);
	if (picture === null) return new Response("no picture", { status: 404 });
	const headers = new Headers();
	picture.writeHttpMetadata(headers);
	return new Response(picture.body, { headers });
}

const AREAS = { texts, lots, bids, pictures };

export default {
	async fetch(request, env): Promise<Response> {
		const [, area, name = ""] = new URL(request.url).pathname.split("/");
		const answer = AREAS[area as keyof typeof AREAS];
		if (answer === undefined) return new Response("texts, lots, bids or pictures", { status: 404 });
		return await answer(request, env, decodeURIComponent(name));
	},
} satisfies ExportedHandler<Env>;
