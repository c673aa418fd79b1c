// Who the visitor is: a signed token in a cookie, made on the first visit.
import { getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { jwtVerify, SignJWT } from "jose";

export interface Visitor {
	Bindings: Env;
	Variables: { customer: string };
}

const COOKIE = "session";
const DAYS = 30;

const key = (env: Env) => new TextEncoder().encode(env.SESSION_SECRET);

async function customerOf(token: string | undefined, env: Env): Promise<string | undefined> {
	if (token === undefined) return undefined;
	try {
		const { payload } = await jwtVerify(token, key(env), { algorithms: ["HS256"] });
		return payload.sub;
	} catch {
		return undefined;
	}
}

export const session = createMiddleware<Visitor>(async (c, next) => {
	const known = await customerOf(getCookie(c, COOKIE), c.env);
	const customer = known ?? crypto.randomUUID();
	c.set("customer", customer);
	if (known === undefined) {
		const token = await new SignJWT({ sub: customer })
			.setProtectedHeader({ alg: "HS256" })
			.setIssuedAt()
			.setExpirationTime(`${DAYS}d`)
			.sign(key(c.env));
		setCookie(c, COOKIE, token, { httpOnly: true, sameSite: "Lax", path: "/", maxAge: DAYS * 86_400 });
	}
	await next();
});
