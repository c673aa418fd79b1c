import { and, avg, count, desc, eq, gt, like, relations, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { equal, fails, program } from "./check";

const users = sqliteTable("users", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull().unique(),
  settings: text("settings", { mode: "json" }).$type<{ theme: string }>(),
  active: integer("active", { mode: "boolean" }).notNull().default(true),
  joined: integer("joined", { mode: "timestamp" }),
});
const posts = sqliteTable("posts", {
  id: integer("id").primaryKey(),
  author: integer("author").notNull().references(() => users.id),
  title: text("title").notNull(),
  score: real("score").default(0),
});
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.author], references: [users.id] }),
}));
const schema = { users, posts, usersRelations, postsRelations };

async function database(env: any) {
  const db = drizzle(env.DB, { schema });
  await env.DB.batch([
    env.DB.prepare("DROP TABLE IF EXISTS posts"),
    env.DB.prepare("DROP TABLE IF EXISTS users"),
    env.DB.prepare("CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, settings TEXT, active INTEGER NOT NULL DEFAULT 1, joined INTEGER)"),
    env.DB.prepare("CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users(id), title TEXT NOT NULL, score REAL DEFAULT 0)"),
  ]);
  await db.insert(users).values([
    { name: "ada", settings: { theme: "dark" }, joined: new Date(1000) },
    { name: "bob", active: false },
  ]);
  await db.insert(posts).values([
    { id: 1, author: 1, title: "first", score: 2.5 },
    { id: 2, author: 1, title: "second", score: 1.5 },
    { id: 3, author: 2, title: "third" },
  ]);
  return db;
}

export default program({
  async "select, where, order, limit"(env) {
    const db = await database(env);
    const found = await db.select({ title: posts.title }).from(posts)
      .where(and(gt(posts.score, 1), like(posts.title, "%s%"))).orderBy(desc(posts.id)).limit(1);
    equal(found, [{ title: "second" }]);
    const ada = await db.select().from(users).where(eq(users.name, "ada")).get();
    equal([ada!.settings, ada!.active, ada!.joined!.getTime()], [{ theme: "dark" }, true, 1000]);
  },
  async "joins, aggregates, subqueries"(env) {
    const db = await database(env);
    const rows = await db.select({ name: users.name, posts: count(posts.id), score: avg(posts.score) })
      .from(users).leftJoin(posts, eq(posts.author, users.id)).groupBy(users.id).orderBy(users.id);
    equal(rows, [{ name: "ada", posts: 2, score: "2" }, { name: "bob", posts: 1, score: "0" }]);
    const best = db.select({ best: sql<number>`max(${posts.score})`.as("best") }).from(posts).as("best");
    equal(await db.select().from(best), [{ best: 2.5 }]);
  },
  async "insert, update, delete, returning, upsert"(env) {
    const db = await database(env);
    const [{ id }] = await db.insert(users).values({ name: "eve" }).returning({ id: users.id });
    equal(await db.update(users).set({ active: false }).where(eq(users.id, id)).returning({ active: users.active }), [{ active: false }]);
    await db.insert(users).values({ name: "eve" }).onConflictDoUpdate({ target: users.name, set: { active: true } });
    equal(await db.$count(users), 3);
    equal((await db.delete(users).where(eq(users.name, "eve")).returning()).length, 1);
    await fails(() => db.insert(users).values({ name: "ada" }), "insert into");
  },
  async "relational queries"(env) {
    const db = await database(env);
    const found = await db.query.users.findMany({ columns: { name: true }, with: { posts: { columns: { title: true } } }, orderBy: users.id });
    equal(found[0], { name: "ada", posts: [{ title: "first" }, { title: "second" }] });
    const post = await db.query.posts.findFirst({ where: eq(posts.id, 3), with: { author: true } });
    equal(post!.author.name, "bob");
  },
  async "batch, prepared, raw SQL"(env) {
    const db = await database(env);
    const [inserted, all] = await db.batch([
      db.insert(users).values({ name: "eve" }).returning({ id: users.id }),
      db.select({ name: users.name }).from(users).orderBy(users.id),
    ]);
    equal([inserted.length, all.map((user) => user.name)], [1, ["ada", "bob", "eve"]]);
    const byName = db.select().from(users).where(eq(users.name, sql.placeholder("name"))).prepare();
    equal((await byName.get({ name: "bob" }))!.id, 2);
    equal(await db.all(sql`select count(*) as n from posts`), [{ n: 3 }]);
    void primaryKey;
  },
});
