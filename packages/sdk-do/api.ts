// `api.fetch`: fetch with JSON, a query, and a limit on the time it takes. `user`: who the app works for.

import { type Length, millisecondsOf } from "./durations";
import { variable } from "./settings";

export interface ApiOptions extends RequestInit {
	/** A body that is sent as JSON, by POST unless said otherwise. */
	json?: unknown;
	/** Added to the URL. */
	query?: Record<string, string | number | boolean | undefined>;
	/** Milliseconds or a length; 30 s unless said otherwise. */
	timeout?: Length;
}

const TIMEOUT = 30_000;

async function request(input: string | URL | Request, options: ApiOptions = {}): Promise<Response> {
	const { json, query, timeout = TIMEOUT, ...init } = options;
	const signal = AbortSignal.timeout(millisecondsOf(timeout, "api.fetch(): timeout"));
	init.signal = init.signal ? AbortSignal.any([init.signal, signal]) : signal;
	if (json !== undefined) {
		init.method ??= "POST";
		init.body = JSON.stringify(json);
		const headers = new Headers(init.headers);
		if (!headers.has("content-type")) headers.set("content-type", "application/json");
		init.headers = headers;
	}
	return fetch(query ? withQuery(input, query) : input, init);
}

function withQuery(input: string | URL | Request, query: NonNullable<ApiOptions["query"]>): URL {
	const url = new URL(input instanceof Request ? input.url : input);
	for (const [name, value] of Object.entries(query)) {
		if (value !== undefined) url.searchParams.set(name, String(value));
	}
	return url;
}

export const api = { fetch: request };

export const user = {
	/** Its `$id` is the variable USER_ID of the app, or "anonymous". */
	get current(): { $id: string; $type: "User" } {
		return { $id: variable("USER_ID") ?? "anonymous", $type: "User" };
	},
};
