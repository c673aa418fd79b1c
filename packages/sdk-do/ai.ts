// `ai`: texts and vectors from any endpoint with OpenAI's interface. Which one is said by `ai.configure()` or
// the environment; without either, each call says what is missing.

import { configurationOf, configure, type AiConfig } from "./ai_config";
import { ask, within } from "./ai_request";
import { type Length } from "./durations";
import { AiError, shown } from "./errors";
import { eventsOf } from "./sse";

export interface GenerateOptions {
	/** What the model should know: goes before the prompt, as JSON unless it is a string. */
	context?: unknown;
	model?: string;
	/** A JSON Schema, or `{ field: "what it is" }`: the answer is an object then. */
	schema?: Record<string, any>;
	/** The text in pieces as they arrive. */
	stream?: boolean;
	system?: string;
	temperature?: number;
	maxTokens?: number;
	/** How long to wait for the answer, or for the next piece of it: milliseconds or a length. */
	timeout?: Length;
	signal?: AbortSignal;
}

interface Answer {
	choices?: { message?: { content?: string | null }; delta?: { content?: string | null } }[];
}

function bodyOf(prompt: unknown, options: GenerateOptions, model: string): Record<string, unknown> {
	if (typeof prompt !== "string" || prompt === "") throw new TypeError(`ai.generate(): a prompt is a string that is not empty; this is ${shown(prompt)}`);
	const { context, system, schema } = options;
	const messages: { role: string; content: string }[] = [];
	if (system !== undefined) messages.push({ role: "system", content: system });
	if (context !== undefined) {
		const text = typeof context === "string" ? context : JSON.stringify(context);
		messages.push({ role: "system", content: `Context:\n${text}` });
	}
	messages.push({ role: "user", content: prompt });
	return {
		model,
		messages,
		temperature: options.temperature,
		max_tokens: options.maxTokens,
		response_format: schema && { type: "json_schema", json_schema: { name: "answer", schema: jsonSchema(schema) } },
		stream: options.stream || undefined,
	};
}

function jsonSchema(schema: Record<string, any>): Record<string, any> {
	const isSchema = ["type", "properties", "$ref", "anyOf", "oneOf", "allOf"].some((word) => word in schema);
	const allTexts = Object.values(schema).every((value) => typeof value === "string");
	if (isSchema && !(allTexts && !("type" in schema))) return schema;
	const properties = Object.entries(schema).map(([name, description]) => [name, { type: "string", description: String(description) }]);
	return { type: "object", properties: Object.fromEntries(properties), required: Object.keys(schema), additionalProperties: false };
}

/** A text; an object, if a schema asks for one; with `stream` the pieces of the text. */
async function generate(prompt: string, options: GenerateOptions = {}): Promise<any> {
	const config = configurationOf(options);
	if (options.stream && options.schema) throw new TypeError("ai.generate(): stream gives text, and schema an object: one of them");
	const request = await ask(config, "/chat/completions", bodyOf(prompt, options, config.model("model")), options.signal);
	if (options.stream) return pieces(request.response, request, config.timeout);
	const answer: Answer = await request.json();
	const text = answer.choices?.[0]?.message?.content;
	if (typeof text !== "string") throw new AiError("AI_BAD_ANSWER", `ai: ${config.url} answered without a text`);
	return options.schema ? parsed(text, config.url) : text;
}

function parsed(text: string, url: string): unknown {
	try {
		return JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ""));
	} catch (error) {
		throw new AiError("AI_BAD_ANSWER", `ai: ${url} was asked for JSON and answered ${shown(text)}`, { cause: error });
	}
}

async function* pieces(response: Response, request: { stop(): void }, timeout: number): AsyncGenerator<string> {
	try {
		for await (const data of eventsOf(response, (next) => within(next, timeout, response.url))) {
			if (data === "[DONE]") return;
			const answer = parsed(data, response.url) as Answer & { error?: { message?: string } };
			if (answer.error) throw new AiError("AI_BAD_ANSWER", `ai: ${answer.error.message ?? "the endpoint failed"}`);
			const text = answer.choices?.[0]?.delta?.content;
			if (text) yield text;
		}
	} finally {
		request.stop();
	}
}

async function embed(input: string | string[], options: Pick<GenerateOptions, "model" | "timeout" | "signal"> = {}): Promise<any> {
	const texts = Array.isArray(input) ? input : [input];
	if (texts.length === 0 || !texts.every((text) => typeof text === "string" && text !== "")) {
		throw new TypeError(`ai.embed(): a text or an array of texts that are not empty; this is ${shown(input)}`);
	}
	const config = configurationOf(options);
	const request = await ask(config, "/embeddings", { model: config.model("embeddingModel"), input: texts }, options.signal);
	const { data }: { data?: { index?: number; embedding: number[] }[] } = await request.json();
	if (!Array.isArray(data) || data.length !== texts.length) {
		throw new AiError("AI_BAD_ANSWER", `ai: ${config.url} answered with ${data?.length ?? "no"} vectors for ${texts.length} texts`);
	}
	const vectors = data.map((one, at) => ({ at: one.index ?? at, vector: one.embedding })).sort((a, b) => a.at - b.at);
	return Array.isArray(input) ? vectors.map(({ vector }) => vector) : vectors[0]!.vector;
}

export const ai = {
	configure: (config: AiConfig): void => configure(config),
	generate,
	/** As generate(), always a text. */
	generateText: (prompt: string, options: Omit<GenerateOptions, "schema" | "stream"> = {}): Promise<string> =>
		generate(prompt, { ...options, schema: undefined, stream: false } as GenerateOptions),
	/** The text in pieces as they arrive. */
	stream: (prompt: string, options: Omit<GenerateOptions, "schema" | "stream"> = {}): Promise<AsyncIterable<string>> =>
		generate(prompt, { ...options, stream: true }),
	/** The vector of a text, or those of several. */
	embed,
};
