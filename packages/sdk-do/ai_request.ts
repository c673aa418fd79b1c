// A request to the endpoint of `ai`, with a limit on the time it takes and an error that names the cause.

import { type Configuration } from "./ai_config";
import { AiError, messageOf } from "./errors";

/** As much of an error's text as a message shows. */
const SHOWN = 300;

export interface Asked {
	response: Response;
	json(): Promise<any>;
	/** Ends it. */
	stop(): void;
}

/** Posts JSON. Throws AiError for everything but a 2xx. */
export async function ask(config: Configuration, path: string, body: unknown, signal?: AbortSignal): Promise<Asked> {
	const url = config.url + path;
	const controller = new AbortController();
	const stop = () => controller.abort(signal?.reason);
	signal?.addEventListener("abort", stop);
	if (signal?.aborted) stop();
	const headers: Record<string, string> = { "content-type": "application/json" };
	if (config.apiKey !== undefined) headers.authorization = `Bearer ${config.apiKey}`;
	const ended = () => {
		signal?.removeEventListener("abort", stop);
		controller.abort();
	};
	try {
		const sent = fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: controller.signal });
		const response = await within(sent, config.timeout, url).catch((error) => unreachable(url, error, signal));
		if (!response.ok) throw await refused(url, response, config.timeout);
		return { response, json: () => json(url, response, config.timeout), stop: ended };
	} catch (error) {
		ended();
		throw error;
	}
}

/** Waits for a promise, but not for longer than that. */
export async function within<T>(promise: Promise<T>, milliseconds: number, url: string): Promise<T> {
	let timer;
	const late = new Promise<never>((_, reject) => {
		const text = `ai: ${url} did not answer within ${milliseconds} ms`;
		timer = setTimeout(() => reject(new AiError("AI_TIMEOUT", text)), milliseconds);
	});
	// Should it fail after that, nobody is interested.
	promise.catch(() => {});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

function unreachable(url: string, error: unknown, signal?: AbortSignal): never {
	if (error instanceof AiError || signal?.aborted) throw error;
	throw new AiError("AI_UNREACHABLE", `ai: ${url} cannot be reached: ${messageOf(error)}`, { cause: error });
}

async function refused(url: string, response: Response, timeout: number): Promise<AiError> {
	const text = await within(response.text(), timeout, url).catch(() => "");
	const { status } = response;
	return new AiError("AI_HTTP_ERROR", `ai: ${url} answered ${status}: ${reason(text)}`, { status });
}

function reason(text: string): string {
	try {
		const { error } = JSON.parse(text);
		return String(error?.message ?? error ?? text).slice(0, SHOWN);
	} catch {
		return text.slice(0, SHOWN) || "nothing more";
	}
}

async function json(url: string, response: Response, timeout: number): Promise<any> {
	const text = await within(response.text(), timeout, url);
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new AiError("AI_BAD_ANSWER", `ai: ${url} answered with what is no JSON: ${text.slice(0, SHOWN)}`, { cause: error });
	}
}
