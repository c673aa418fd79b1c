// `$`: names as values. `$.Order.created` is the same value each time, prints as "Order.created", and can
// be compared, kept in maps, and written as JSON. What `$.Something()` does is in `calls.ts`.

/** A name: `$` and everything below it. */
export type Path = ((...parameters: any[]) => any) & { readonly [segment: string]: any };

const segments = new WeakMap<object, readonly string[]>();
const known = new Map<string, WeakRef<Path>>();
const forgotten = new FinalizationRegistry<string>((text) => {
	if (known.get(text)?.deref() === undefined) known.delete(text);
});

let call = (path: readonly string[], _parameters: unknown[]): unknown => {
	throw new TypeError(`$.${path.join(".")}() is nothing that can be called`);
};

/** Says what calling a path does. */
export function setCall(handler: typeof call): void {
	call = handler;
}

/** The segments of a path; undefined for everything else. */
export function segmentsOf(value: unknown): readonly string[] | undefined {
	return typeof value === "function" ? segments.get(value) : undefined;
}

function member(path: readonly string[], name: string | symbol): unknown {
	const text = path.join(".") || "$";
	if (name === Symbol.toPrimitive || name === "toString" || name === "valueOf" || name === "toJSON") return () => text;
	if (name === Symbol.toStringTag) return "Path";
	// It is no promise, for those who await it.
	if (typeof name === "symbol" || name === "then") return undefined;
	return pathOf([...path, name]);
}

function make(path: readonly string[]): Path {
	const refuse = () => {
		throw new TypeError("a path cannot be changed");
	};
	const proxy = new Proxy((() => {}) as unknown as Path, {
		get: (_target, name) => member(path, name),
		apply: (_target, _this, parameters) => call(path, parameters),
		has: () => true,
		ownKeys: () => [],
		getOwnPropertyDescriptor: () => undefined,
		set: refuse,
		defineProperty: refuse,
		deleteProperty: refuse,
	});
	segments.set(proxy, path);
	return proxy;
}

function pathOf(path: readonly string[]): Path {
	// No segment can stand for several: the separator is no part of a name.
	const text = JSON.stringify(path);
	const found = known.get(text)?.deref();
	if (found) return found;
	const made = make(path);
	known.set(text, new WeakRef(made));
	forgotten.register(made, text);
	return made;
}

export const $: Path = make([]);
