// What cases need: they throw what is wrong.

type Any = any;

export function equal(found: unknown, expected: unknown, what = "value") {
	const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
	if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

export async function thrown(work: () => unknown, text: string, code?: string): Promise<Any> {
	try {
		await work();
	} catch (error: Any) {
		if (!error.message.includes(text)) throw new Error(`"${error.message}" does not say "${text}"`);
		if (error.code !== code) throw new Error(`the code is ${error.code} instead of ${code}`);
		return error;
	}
	throw new Error(`nothing was thrown: "${text}"`);
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
