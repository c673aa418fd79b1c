// Server-sent events of a response, as far as `ai` needs them: the data of each.

/** The data of one event after the other. `waited` waits for the next piece of the body, as long as it may. */
export async function* eventsOf(response: Response, waited: <T>(next: Promise<T>) => Promise<T>): AsyncGenerator<string> {
	const reader = response.body!.getReader();
	const decoder = new TextDecoder();
	let text = "";
	let data: string[] = [];
	for (;;) {
		const { done, value } = await waited(reader.read());
		text += done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true });
		const lines = text.split(/\r\n|\n|\r(?!$)/);
		text = lines.pop()!;
		for (const line of lines) {
			if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
			if (line !== "" || data.length === 0) continue;
			yield data.join("\n");
			data = [];
		}
		if (done) return;
	}
}
