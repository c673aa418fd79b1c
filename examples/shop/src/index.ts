// A shop: hono, zod, drizzle and jose from npm; D1, KV, R2, the Cache API, a queue, objects, assets and a cron line.
import { drizzle } from "drizzle-orm/d1";
import { desc, eq } from "drizzle-orm";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { confirm, type OrderMessage, OutOfStock, place, report } from "./orders";
import { type Item, orders, products } from "./schema";
import { session, type Visitor } from "./session";

export { Stock } from "./stock";

const LINE = z.object({ product: z.int().positive(), count: z.int().min(-99).max(99) });
const CART_SECONDS = 7 * 86_400;

const app = new Hono<Visitor>();
app.use(secureHeaders());
app.use("/api/*", session);

/** The products, from the cache for a minute. */
app.get("/api/products", async (c) => {
	const key = new URL("/api/products", c.req.url);
	const cached = await caches.default.match(key);
	if (cached !== undefined) return new Response(cached.body, cached);
	const found = await drizzle(c.env.DB).select().from(products).orderBy(products.id);
	const fresh = Response.json(found, { headers: { "cache-control": "public, max-age=60" } });
	c.executionCtx.waitUntil(caches.default.put(key, fresh.clone()));
	return fresh;
});

app.get("/api/products/:id/stock", async (c) => c.json({ left: await c.env.STOCK.getByName(c.req.param("id")).left() }));

const cartOf = async (env: Env, customer: string): Promise<Item[]> => {
	const counts = (await env.CARTS.get<Record<string, number>>(customer, "json")) ?? {};
	const items = Object.entries(counts).map(([product, count]) => ({ product: Number(product.slice(1)), count }));
	return items.filter(({ count }) => count > 0);
};

app.get("/api/cart", async (c) => c.json(await cartOf(c.env, c.get("customer"))));

app.post("/api/cart", async (c) => {
	const line = LINE.safeParse(await c.req.json().catch(() => undefined));
	if (!line.success) return c.json({ error: z.prettifyError(line.error) }, 400);
	const customer = c.get("customer");
	const carts = c.env.CARTS;
	if ((await carts.get(customer)) === null) await carts.put(customer, "{}", { expirationTtl: CART_SECONDS });
	await carts.update(customer, { $inc: { [`p${line.data.product}`]: line.data.count } });
	return c.json(await cartOf(c.env, customer));
});

app.post("/api/orders", async (c) => {
	const customer = c.get("customer");
	const items = await cartOf(c.env, customer);
	if (items.length === 0) return c.json({ error: "the cart is empty" }, 409);
	try {
		const placed = await place(c.env, customer, items);
		await c.env.CARTS.delete(customer);
		return c.json(placed, 201);
	} catch (error) {
		if (error instanceof OutOfStock) return c.json({ error: error.message }, 409);
		throw error;
	}
});

app.get("/api/orders", async (c) => {
	const db = drizzle(c.env.DB);
	const mine = db.select().from(orders).where(eq(orders.customer, c.get("customer"))).orderBy(desc(orders.created));
	return c.json(await mine.limit(20));
});

app.get("/api/orders/:id/receipt", async (c) => {
	const receipt = await c.env.FILES.get(`receipts/${c.req.param("id")}.txt`);
	return receipt === null ? c.notFound() : c.body(receipt.body, 200, { "content-type": "text/plain" });
});

app.put("/images/:name", async (c) => {
	await c.env.FILES.put(`images/${c.req.param("name")}`, c.req.raw.body, { httpMetadata: c.req.raw.headers });
	return c.text("stored", 201);
});

app.get("/images/:name", async (c) => {
	const image = await c.env.FILES.get(`images/${c.req.param("name")}`);
	if (image === null) {
		const placeholder = await c.env.ASSETS.fetch(new URL("/placeholder.svg", c.req.url));
		// A response that was fetched keeps its headers; the middleware adds some to its copy.
		return new Response(placeholder.body, placeholder);
	}
	const headers = new Headers({ etag: image.httpEtag });
	image.writeHttpMetadata(headers);
	return new Response(image.body, { headers });
});

export default {
	fetch: app.fetch,

	async queue(batch, env) {
		for (const message of batch.messages) {
			try {
				await confirm(env, message.body);
				message.ack();
			} catch (error) {
				console.error(`order ${message.body.order}, attempt ${message.attempts}: ${(error as Error).message}`);
				message.retry({ delaySeconds: 1 });
			}
		}
	},

	async scheduled(controller, env) {
		console.log(`wrote ${await report(env, controller.scheduledTime)}`);
	},
} satisfies ExportedHandler<Env, OrderMessage>;
