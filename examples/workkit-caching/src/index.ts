// Answers of a slow API, kept for five minutes with `@workkit/kv`.

import { kv } from "@workkit/kv";

interface Forecast {
	city: string;
	degrees: number;
	asked: number;
}

/** How often the API was really asked. */
let asked = 0;

async function fetchFromApi(city: string): Promise<Forecast> {
	asked += 1;
	return { city, degrees: city.length, asked };
}

export default {
	async fetch(request, env) {
		const cache = kv<Forecast>(env.CACHE_KV, {
			prefix: "api:",
			defaultTtl: 300,
			defaultCacheTtl: 60,
		});

		async function getWithCache(city: string): Promise<Forecast> {
			const cached = await cache.get(city);
			if (cached) return cached;

			const forecast = await fetchFromApi(city);
			await cache.put(city, forecast);
			return forecast;
		}

		const city = new URL(request.url).pathname.slice(1) || "paris";
		return Response.json(await getWithCache(city));
	},
} satisfies ExportedHandler<Env>;
