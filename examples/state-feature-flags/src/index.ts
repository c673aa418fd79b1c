// A page whose colours hang on a feature flag that can be switched while it runs.

const COLOURS = { dark: "background: #111; color: #eee", light: "background: #fff; color: #111" };

async function isOn(env: PloyEnv, feature: string): Promise<boolean> {
	const value = await env.STATE.get(`feature:${feature}`);
	return value === "true";
}

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "GET /": {
				const mode = (await isOn(env, "dark-mode")) ? "dark" : "light";
				return new Response(`<body style="${COLOURS[mode]}">${mode} mode</body>\n`, {
					headers: { "content-type": "text/html" },
				});
			}
			case "POST /dark-mode/on": {
				await env.STATE.put("feature:dark-mode", "true");
				return new Response("dark mode is on\n");
			}
			case "POST /dark-mode/off": {
				await env.STATE.delete("feature:dark-mode");
				return new Response("dark mode is off\n");
			}
			default:
				return new Response("GET /, POST /dark-mode/on, POST /dark-mode/off\n", { status: 404 });
		}
	},
} satisfies Ploy;
