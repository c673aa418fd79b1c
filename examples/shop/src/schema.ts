// The tables, as drizzle sees them. `migrations/` makes them.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export interface Item {
	product: number;
	count: number;
}

export const products = sqliteTable("products", {
	id: integer().primaryKey(),
	name: text().notNull(),
	cents: integer().notNull(),
});

export const orders = sqliteTable("orders", {
	id: text().primaryKey(),
	customer: text().notNull(),
	items: text({ mode: "json" }).$type<Item[]>().notNull(),
	cents: integer().notNull(),
	state: text({ enum: ["received", "confirmed"] }).notNull().default("received"),
	created: integer({ mode: "timestamp_ms" }).notNull(),
});
