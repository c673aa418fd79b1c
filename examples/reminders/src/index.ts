// Work for later: /reminders/NAME sets a reminder, /users/NAME/login starts a session that ends by itself.

export { Reminder } from "./reminder";
export { UserSession } from "./user-session";

export default {
	async fetch(request, env) {
		const [kind, name, action] = new URL(request.url).pathname.slice(1).split("/");
		if (kind === "reminders" && name) {
			return env.REMINDERS.getByName(name).fetch(request);
		}
		if (kind === "users" && name) {
			// One object for each user: sessions never wait for each other.
			const id = env.SESSIONS.idFromName(`user:${name}`);
			return env.SESSIONS.get(id).fetch(new Request(`https://object/${action ?? ""}`, request));
		}
		return new Response("try /reminders/NAME or /users/NAME/login\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
