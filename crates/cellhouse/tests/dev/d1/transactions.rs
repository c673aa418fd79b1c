//! Interactive transactions from a Worker, and with the packages that people use: drizzle-orm, Kysely and
//! Prisma's adapter, as they come from npm.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::worker;
use crate::support::Project;

#[tokio::test]
async fn a_transaction_is_committed_rolled_back_or_over() {
    let project = worker(
        r#"
        await env.DB.exec("CREATE TABLE t (n)");
        const count = () => env.DB.prepare("SELECT count(*) AS n FROM t").first("n");
        const out = [];
        out.push(await env.DB.transaction(async (tx) => {
            await tx.exec("INSERT INTO t VALUES (1)");
            return [await tx.prepare("SELECT count(*) AS n FROM t").first("n"), await count()];
        }), await count());
        out.push(await caught(() => env.DB.transaction(async (tx) => {
            await tx.prepare("DELETE FROM t").run();
            throw new RangeError("back");
        })), await count());
        let kept;
        out.push(await caught(() => env.DB.transaction(async (tx) => (kept = tx).transaction(async () => 1))));
        out.push(await caught(() => kept.prepare("SELECT 1").run()));
        out.push(await caught(() => env.DB.transaction(async (tx) => {
            await tx.exec("INSERT INTO t VALUES (2)");
            await env.DB.exec("INSERT INTO t VALUES (3)");
        }, { timeout: 1000 })), await count());
        out.push(await caught(() => env.DB.transaction(() => 1, { timeout: 0 })), await caught(() => env.DB.transaction(1)));
        return Response.json(out);"#,
    );
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([
            [1, 0],
            1,
            "RangeError: back",
            1,
            "Error: D1_ERROR: a transaction within a transaction is not supported",
            "Error: D1_ERROR: the transaction has ended",
            "Error: D1_ERROR: the transaction was rolled back: it was open for more than 1000 ms",
            2,
            "RangeError: D1 transaction(): timeout must be a number of milliseconds from 1 to 30000.",
            "TypeError: D1 transaction(): the first argument must be a function.",
        ])
    );
}

#[tokio::test]
async fn transactions_that_read_and_then_write_are_exact() {
    let project = worker(
        r#"
        await env.DB.exec("CREATE TABLE IF NOT EXISTS t (n)");
        await env.DB.prepare("INSERT INTO t SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM t)").run();
        await Promise.all(Array.from({ length: 20 }, () => env.DB.transaction(async (tx) => {
            const n = await tx.prepare("SELECT n FROM t").first("n");
            await new Promise((done) => setTimeout(done, 1));
            await tx.prepare("UPDATE t SET n = ?").bind(n + 1).run();
        })));
        return Response.json(await env.DB.prepare("SELECT n FROM t").first("n"));"#,
    );
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).json(), 20);
    assert_eq!(app.get("/").await.expect(200).json(), 40);
}

/// A Worker in which the packages of the tests are installed.
fn with_packages(source: &str) -> Project {
    let project = worker("").with("src/index.ts", source);
    let modules = crate::types::node_modules();
    symlink(modules, project.path().join("node_modules")).expect("a link");
    project
}

const DRIZZLE: &str = r#"
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const users = sqliteTable("users", {
    id: integer("id").primaryKey(),
    name: text("name").notNull(),
    at: integer("at", { mode: "timestamp" }),
});

export default { async fetch(request, env) {
    await env.DB.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER)");
    const db = drizzle(env.DB, { schema: { users } });
    const added = await db.insert(users).values([{ name: "a", at: new Date(1000) }, { name: "b" }]).returning();
    const found = await db.query.users.findFirst({ where: eq(users.name, "b") });
    const [, [{ n }]] = await db.batch([db.insert(users).values({ name: "c" }), db.select({ n: sql<number>`count(*)` }).from(users)]);
    // A session is a connection of its own: BEGIN and COMMIT on it are of nobody else.
    const session = drizzle(env.DB.withSession());
    const nested = await session.transaction(async (tx) => {
        await tx.insert(users).values({ name: "outer" });
        await tx.transaction(async (inner) => {
            await inner.insert(users).values({ name: "inner" });
            throw new Error("only the inner one");
        }).catch(() => undefined);
        return "kept";
    });
    const undone = await session.transaction(async (tx) => {
        await tx.delete(users);
        tx.rollback();
    }).catch((error) => error.message);
    const within = await env.DB.transaction(async (tx) => {
        await drizzle(tx).update(users).set({ name: "B" }).where(eq(users.id, 2));
        return "kept";
    });
    const names = (await db.select().from(users).orderBy(users.id)).map((user) => user.name);
    return Response.json({ added: added.length, found: found.id, n, nested, undone, within, names });
} };
"#;

#[tokio::test]
async fn drizzle_orm_and_its_transactions() {
    let project = with_packages(DRIZZLE);
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!({
            "added": 2, "found": 2, "n": 3, "nested": "kept", "undone": "Rollback", "within": "kept",
            "names": ["a", "B", "c", "outer"],
        })
    );
}

const KYSELY: &str = r#"
import { Kysely, sql } from "kysely";
import { D1Dialect } from "kysely-d1";

export default { async fetch(request, env) {
    const db = new Kysely({ dialect: new D1Dialect({ database: env.DB }) });
    await db.schema.createTable("pet").addColumn("id", "integer", (c) => c.primaryKey()).addColumn("name", "text").execute();
    const inserted = await db.insertInto("pet").values([{ name: "cat" }, { name: "dog" }]).executeTakeFirst();
    const updated = await db.updateTable("pet").set({ name: "lynx" }).where("name", "=", "cat").executeTakeFirst();
    const kept = await env.DB.transaction(async (tx) => {
        const inside = new Kysely({ dialect: new D1Dialect({ database: tx }) });
        await inside.insertInto("pet").values({ name: "owl" }).execute();
        return "kept";
    });
    const { rows } = await sql`SELECT count(*) AS n FROM pet`.execute(db);
    const names = await db.selectFrom("pet").select("name").orderBy("id").execute();
    return Response.json([Number(inserted.insertId), Number(updated.numUpdatedRows), kept, rows, names.map((pet) => pet.name)]);
} };
"#;

#[tokio::test]
async fn kysely_with_its_d1_dialect() {
    let project = with_packages(KYSELY);
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([2, 1, "kept", [{ "n": 3 }], ["lynx", "dog", "owl"]])
    );
}

/// What Prisma's client makes its adapter do, by itself.
const PRISMA: &str = r#"
import { PrismaD1 } from "@prisma/adapter-d1";

export default { async fetch(request, env) {
    const adapter = await new PrismaD1(env.DB).connect();
    await adapter.executeScript("CREATE TABLE User (id INTEGER PRIMARY KEY, email TEXT UNIQUE, at DATETIME)");
    const text = { scalarType: "string", arity: "scalar" };
    const insert = (email) => ({ sql: "INSERT INTO User (email) VALUES (?) RETURNING id", args: [email], argTypes: [text] });
    const tx = await adapter.startTransaction();
    const added = await tx.queryRaw(insert("a@example.com"));
    await tx.commit();
    const unique = await adapter.queryRaw(insert("a@example.com")).catch((error) => error.cause);
    const changed = await adapter.executeRaw({ sql: "UPDATE User SET email = 'b'", args: [], argTypes: [] });
    const rows = await adapter.queryRaw({ sql: "SELECT id, email, at FROM User", args: [], argTypes: [] });
    return Response.json([added.rows, unique.kind, changed, rows.columnNames, rows.rows]);
} };
"#;

#[tokio::test]
async fn the_d1_adapter_of_prisma() {
    let project = with_packages(PRISMA);
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([
            [[1]],
            "UniqueConstraintViolation",
            1,
            ["id", "email", "at"],
            [[1, "b", null]]
        ])
    );
}
