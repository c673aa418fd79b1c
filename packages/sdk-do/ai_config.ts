// Which endpoint `ai` asks, with which key and models, and how long it waits: from the call, from
// `ai.configure()`, or from variables of the app: AI_BASE_URL, AI_API_KEY, AI_MODEL, AI_EMBEDDING_MODEL,
// AI_TIMEOUT_MS, or OPENAI_API_KEY and OPENAI_BASE_URL.

import { type Length, millisecondsOf } from "./durations";
import { AiError, shown } from "./errors";
import { variable } from "./settings";

export interface AiConfig {
	/** Such as "http://localhost:11434/v1". */
	baseUrl?: string;
	apiKey?: string;
	model?: string;
	embeddingModel?: string;
	/** Milliseconds or a length; a minute unless said otherwise. */
	timeout?: Length;
}

export interface Configuration {
	/** Without a slash at its end. */
	url: string;
	apiKey: string | undefined;
	/** In milliseconds. */
	timeout: number;
	/** The name of a model; an error if none is configured. */
	model(which: "model" | "embeddingModel"): string;
}

const OPENAI = "https://api.openai.com/v1";
const TIMEOUT = 60_000;
const VARIABLES = { model: "AI_MODEL", embeddingModel: "AI_EMBEDDING_MODEL" };
const NAMES = ["baseUrl", "apiKey", "model", "embeddingModel", "timeout"];

let given: AiConfig = {};

/** Goes before the environment. Once more, it changes what it names. */
export function configure(config: AiConfig): void {
	if (config === null || typeof config !== "object") throw new TypeError(`ai.configure(): options are an object; this is ${shown(config)}`);
	for (const name of Object.keys(config)) {
		if (!NAMES.includes(name)) throw new TypeError(`ai.configure(): there is no option ${shown(name)}: ${NAMES.join(", ")}`);
	}
	if (config.baseUrl !== undefined) checkUrl(config.baseUrl, "ai.configure(): baseUrl");
	if (config.timeout !== undefined) millisecondsOf(config.timeout, "ai.configure(): timeout");
	given = { ...given, ...config };
}

function checkUrl(text: unknown, what: string): string {
	const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
	if (url && /^https?:$/.test(url.protocol)) return (text as string).replace(/\/+$/, "");
	throw new TypeError(`${what} is a URL such as "http://localhost:11434/v1"; this is ${shown(text)}`);
}

export function configurationOf(call: { model?: string; timeout?: Length }): Configuration {
	const url = given.baseUrl ?? variable("AI_BASE_URL") ?? variable("OPENAI_BASE_URL") ?? (variable("OPENAI_API_KEY") && OPENAI);
	if (!url) {
		throw new AiError(
			"AI_NOT_CONFIGURED",
			'ai: no endpoint is configured: set the variables AI_BASE_URL (such as "http://localhost:11434/v1"), AI_API_KEY and AI_MODEL, or call ai.configure({ baseUrl, apiKey, model })',
		);
	}
	const timeout = call.timeout ?? given.timeout ?? Number(variable("AI_TIMEOUT_MS") ?? TIMEOUT);
	return {
		url: checkUrl(url, "ai: AI_BASE_URL"),
		apiKey: given.apiKey ?? variable("AI_API_KEY") ?? variable("OPENAI_API_KEY"),
		timeout: millisecondsOf(timeout, "ai: the timeout"),
		model: (which) => {
			const model = call.model ?? given[which] ?? variable(VARIABLES[which]);
			if (model) return model;
			throw new AiError("AI_NOT_CONFIGURED", `ai: no model is configured: set the variable ${VARIABLES[which]}, call ai.configure({ ${which} }), or give { model }`);
		},
	};
}
