//! Prisma's client as `prisma generate` makes it for Workers, unchanged: its queries are compiled by
//! WebAssembly, and run on D1 through Prisma's adapter.

use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::json;

use crate::support::Project;

/// With Node.js's modules, as Prisma asks for.
const CONFIG: &str = r#"
name = "app"
main = "src/index.ts"
compatibility_date = "2026-07-01"
compatibility_flags = ["nodejs_compat"]

[[d1_databases]]
binding = "DB"
database_name = "main"
database_id = "main-id"
"#;

const SCHEMA: &str = r#"
datasource db {
  provider = "sqlite"
}

generator client {
  provider = "prisma-client"
  output   = "../src/generated"
  runtime  = "cloudflare"
}

model User {
  id      Int      @id @default(autoincrement())
  name    String
  email   String   @unique
  created DateTime @default(now())
  posts   Post[]
}

model Post {
  id        Int     @id @default(autoincrement())
  title     String
  published Boolean @default(false)
  score     Float   @default(0)
  data      Bytes?
  big       BigInt  @default(0)
  authorId  Int
  author    User    @relation(fields: [authorId], references: [id])
}
"#;

const WORKER: &str = r#"
import { PrismaD1 } from "@prisma/adapter-d1";
import { PrismaClient } from "./generated/client";

const TABLES = `CREATE TABLE "User" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL, created DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)
CREATE UNIQUE INDEX "User_email_key" ON "User" (email)
CREATE TABLE "Post" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, published BOOLEAN NOT NULL DEFAULT false, score REAL NOT NULL DEFAULT 0, data BLOB, big BIGINT NOT NULL DEFAULT 0, authorId INTEGER NOT NULL REFERENCES "User" (id))`;

export default { async fetch(request, env) {
    await env.DB.exec(TABLES);
    const prisma = new PrismaClient({ adapter: new PrismaD1(env.DB) });
    const ada = await prisma.user.create({
        data: {
            name: "Ada", email: "ada@example.com",
            posts: { create: [{ title: "one", score: 1.5, big: 2n ** 40n }, { title: "two", published: true, data: new Uint8Array([1, 2]) }] },
        },
        include: { posts: true },
    });
    await prisma.user.createMany({ data: [{ name: "Ben", email: "ben@example.com" }, { name: "Cy", email: "cy@example.com" }] });
    const found = await prisma.user.findMany({
        where: { OR: [{ name: { contains: "e" } }, { posts: { some: { published: true } } }] },
        orderBy: { name: "desc" }, select: { name: true, _count: { select: { posts: true } } },
    });
    const changed = await prisma.post.updateMany({ where: { authorId: ada.id }, data: { score: { increment: 2 } } });
    const sums = await prisma.post.aggregate({ _sum: { score: true }, _max: { big: true }, _count: true });
    const groups = await prisma.post.groupBy({ by: ["published"], _count: true, orderBy: { published: "asc" } });
    const raw = await prisma.$queryRaw`SELECT count(*) AS n FROM User WHERE name > ${"B"}`;
    const twice = await prisma.user.create({ data: { name: "A", email: "ada@example.com" } }).catch((error) => error.code);
    const missing = await prisma.user.findUniqueOrThrow({ where: { id: 99 } }).catch((error) => error.code);
    const wrong = await prisma.user.findMany({ where: { nope: 1 } }).catch((error) => error.name);
    const batch = await prisma.$transaction([prisma.user.count(), prisma.post.deleteMany({ where: { published: true } })]);
    for (let i = 0; i < 20; i++) await prisma.user.findFirst({ where: { id: i }, include: { posts: true } });
    const posts = ada.posts.map((post) => [post.title, post.score, String(post.big), post.data && [...post.data], post.published]);
    return Response.json([ada.name, ada.created instanceof Date, posts, found, changed, sums._sum, String(sums._max.big),
        sums._count, groups, Number(raw[0].n), twice, missing, wrong, batch]);
} };
"#;

/// Runs `prisma generate`, which asks for an engine that it does not use then and is not in npm.
fn generated() -> Project {
    let modules = crate::types::node_modules();
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("prisma/schema.prisma", SCHEMA)
        .with("src/index.ts", WORKER);
    symlink(&modules, project.path().join("node_modules")).expect("a link");
    let made = Command::new("node")
        .arg(modules.join("prisma/build/index.js"))
        .args(["generate", "--schema", "prisma/schema.prisma"])
        .env("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true")
        .env("CHECKPOINT_DISABLE", "1")
        .current_dir(project.path())
        .output()
        .expect("node runs");
    assert!(
        made.status.success(),
        "{}{}",
        String::from_utf8_lossy(&made.stdout),
        String::from_utf8_lossy(&made.stderr)
    );
    project
}

#[tokio::test]
async fn the_client_of_prisma_runs_unchanged() {
    let app = generated().dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([
            "Ada",
            true,
            [
                ["one", 1.5, "1099511627776", null, false],
                ["two", 0, "0", [1, 2], true]
            ],
            [
                { "name": "Ben", "_count": { "posts": 0 } },
                { "name": "Ada", "_count": { "posts": 2 } }
            ],
            { "count": 2 },
            { "score": 5.5 },
            "1099511627776",
            2,
            [{ "_count": 1, "published": false }, { "_count": 1, "published": true }],
            2,
            "P2002",
            "P2025",
            "PrismaClientValidationError",
            [3, { "count": 1 }]
        ])
    );
}
