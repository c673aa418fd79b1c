//! Programs from npm that talk over sockets, and servers written for Node.js, each with what it is made for: pg and
//! postgres with PostgreSQL, ioredis with Redis, nodemailer with a mail server, follow-redirects with a web server.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::installed;
use crate::support::{App, Redis, eventually};

/// Servers of `tests/node/servers.mjs`, which end with their input.
struct Servers {
    _child: Child,
    ports: Value,
}

impl Servers {
    async fn start(names: &[&str]) -> Self {
        let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
        let mut child = Command::new("node")
            .arg("servers.mjs")
            .args(names)
            .current_dir(node)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output)
            .read_line(&mut line)
            .await
            .expect("the ports");
        let ports = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Servers {
            _child: child,
            ports,
        }
    }
}

const DATABASES: &str = r#"
import pg from "pg";
import postgres from "postgres";

const at = { host: "localhost", port: PORTS.postgres, user: "postgres", password: "any", database: "postgres" };

async function withPg() {
    const client = new pg.Client(at);
    await client.connect();
    await client.query("CREATE TABLE IF NOT EXISTS things (id serial PRIMARY KEY, name text, data jsonb)");
    await client.query("BEGIN");
    await client.query("INSERT INTO things (name, data) VALUES ($1, $2)", ["größer", { a: [1] }]);
    await client.query("COMMIT");
    const { rows } = await client.query("SELECT name, data FROM things");
    const failed = await client.query("SELECT * FROM nothing").catch((error) => [error.code, error.message]);
    const { rows: [{ length }] } = await client.query("SELECT length($1::text)", ["x".repeat(100_000)]);
    await client.end();
    return { rows, failed, length };
}

async function withPostgres() {
    const sql = postgres({ ...at, max: 1, fetch_types: false });
    const rows = await sql`SELECT ${"a"} || name AS name FROM things`;
    const sum = await sql.begin((sql) => sql`SELECT sum(n)::int AS sum FROM generate_series(1, ${10}) AS n`);
    const failed = await sql`SELECT * FROM nothing`.catch((error) => error.code);
    await sql.end();
    return { rows: [...rows], sum: sum[0].sum, failed };
}

export default {
    async fetch() {
        return Response.json({ pg: await withPg(), postgres: await withPostgres() });
    },
};
"#;

async fn start(source: &str, ports: &Value) -> (crate::support::Project, App) {
    let project = installed("", &source.replace("PORTS", &ports.to_string()));
    let authority = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sockets_differential");
    let app = project
        .dev()
        .variable("NODE_EXTRA_CA_CERTS", authority.join("authority.pem"))
        .start()
        .await;
    (project, app)
}

#[tokio::test]
async fn postgresql_is_asked_by_pg_and_postgres() {
    let servers = Servers::start(&["postgres"]).await;
    let (_project, app) = start(DATABASES, &servers.ports).await;
    let missing = "relation \"nothing\" does not exist";
    let expected = json!({
        "pg": {
            "rows": [{ "name": "größer", "data": { "a": [1] } }],
            "failed": ["42P01", missing], "length": 100_000,
        },
        "postgres": { "rows": [{ "name": "agrößer" }], "sum": 55, "failed": "42P01" },
    });
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

const HYPERDRIVE: &str = r#"
import pg from "pg";

export default {
    async fetch(request, env) {
        const client = new pg.Client({ connectionString: env.DATABASE.connectionString });
        await client.connect();
        const { rows } = await client.query("SELECT 1 + 1 AS two");
        await client.end();
        const socket = env.DATABASE.connect();
        const { remoteAddress } = await socket.opened;
        await socket.close();
        return Response.json({ rows, to: remoteAddress === `localhost:${env.DATABASE.port}` });
    },
};
"#;

#[tokio::test]
async fn postgresql_is_reached_by_hyperdrive() {
    let servers = Servers::start(&["postgres"]).await;
    let port = &servers.ports["postgres"];
    let config = format!(
        "name = \"app\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n\
         compatibility_flags = [\"nodejs_compat\"]\n[[hyperdrive]]\nbinding = \"DATABASE\"\nid = \"1\"\n\
         localConnectionString = \"postgres://postgres:any@localhost:{port}/postgres\"\n"
    );
    let project = crate::support::Project::empty()
        .with("wrangler.toml", &config)
        .with("index.js", HYPERDRIVE);
    let modules = crate::types::node_modules();
    std::os::unix::fs::symlink(modules, project.path().join("node_modules")).expect("a link");
    let app = project.dev().start().await;
    let expected = json!({ "rows": [{ "two": 2 }], "to": true });
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

const REDIS: &str = r#"
import Redis from "ioredis";

export default {
    async fetch() {
        const redis = new Redis({ port: PORTS.redis, host: "localhost", lazyConnect: true });
        await redis.connect();
        const set = await redis.set("größer", "å".repeat(50_000), "EX", 60);
        const [got, ttl] = await Promise.all([redis.get("größer"), redis.ttl("größer")]);
        const piped = await redis.pipeline().incr("n").incr("n").exec();
        const failed = await redis.incr("größer").catch((error) => error.message);
        const other = redis.duplicate();
        const heard = new Promise((resolve) => other.on("message", (...message) => resolve(message)));
        await other.subscribe("news");
        await redis.publish("news", "hello");
        const seen = { set, length: got.length, ttl: ttl > 0, piped, failed, heard: await heard };
        await Promise.all([redis.quit(), other.quit()]);
        return Response.json(seen);
    },
};
"#;

#[tokio::test]
async fn redis_is_asked_by_ioredis() {
    let redis = Redis::start().await;
    let (_project, app) = start(REDIS, &json!({ "redis": redis.port() })).await;
    let expected = json!({
        "set": "OK", "length": 50_000, "ttl": true, "piped": [[null, 1], [null, 2]],
        "failed": "ERR value is not an integer or out of range", "heard": ["news", "hello"],
    });
    assert_eq!(app.get("/").await.expect(200).json(), expected);
    let ended = async || redis.ask("CLIENT LIST").await.matches("addr=").count() <= 1;
    eventually("the connections are closed", ended).await;
}

const MAIL: &str = r#"
import nodemailer from "nodemailer";
import followRedirects from "follow-redirects";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export default {
    async fetch() {
        const mailer = nodemailer.createTransport({
            host: "localhost", port: PORTS.smtp, requireTLS: true, auth: { user: "user", pass: "word" },
        });
        const { response } = await mailer.sendMail({
            from: "a@example.com", to: "b@example.com", subject: "Größe", text: "hello",
        });
        const mails = await fetch(`http://localhost:${PORTS.mails}/`).then((answer) => answer.json());
        const [answer] = await once(followRedirects.http.get(`http://localhost:${PORTS.http}/moved`), "response");
        return Response.json({
            accepted: response.startsWith("250"), count: mails.length, has: mails[0].includes("hello"),
            redirected: [answer.statusCode, await text(answer), answer.responseUrl.endsWith("/here")],
        });
    },
};
"#;

#[tokio::test]
async fn mail_is_sent_by_nodemailer_and_redirects_are_followed() {
    let servers = Servers::start(&["smtp", "mails", "http"]).await;
    let (_project, app) = start(MAIL, &servers.ports).await;
    let expected = json!({
        "accepted": true, "count": 1, "has": true, "redirected": [200, "GET /here", true],
    });
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

const EXPRESS: &str = r#"
import express from "express";
import { httpServerHandler } from "cloudflare:node";

const app = express();
app.use(express.json());
app.get("/users/:id", (request, response) => {
    response.set("x-from", "express").json({ id: request.params.id, query: request.query, ip: request.ip });
});
app.post("/sum", (request, response) => response.status(201).json({ sum: request.body.reduce((a, b) => a + b, 0) }));
app.get("/parts", (_request, response) => {
    response.type("text").write("one,");
    setTimeout(() => response.end("two"), 5);
});
app.get("/broken", () => {
    throw new Error("a handler of express threw");
});
app.get("/away", (_request, response) => response.redirect("/users/1"));
app.listen(3000);

export default httpServerHandler({ port: 3000 });
"#;

#[tokio::test]
async fn express_runs_as_a_worker() {
    let (_project, app) = start(EXPRESS, &json!({})).await;
    let reply = app.get("/users/7?a=b").await.expect(200);
    assert_eq!(reply.header("x-from"), "express");
    let expected = json!({ "id": "7", "query": { "a": "b" }, "ip": "127.0.0.1" });
    assert_eq!(reply.json(), expected);
    let sum = app
        .client()
        .request("POST", "/sum")
        .header("content-type", "application/json");
    let sum = sum.body(crate::support::full("[1, 2, 3]")).expect("valid");
    let sum = app.client().call(sum).await.expect(201);
    assert_eq!(sum.json(), json!({ "sum": 6 }));
    assert_eq!(app.get("/parts").await.expect(200).text(), "one,two");
    let broken = app.get("/broken").await.expect(500);
    assert!(broken.text().contains("a handler of express threw"));
    assert!(
        app.get("/none")
            .await
            .expect(404)
            .text()
            .contains("Cannot GET /none")
    );
    assert_eq!(
        app.get("/away").await.expect(302).header("location"),
        "/users/1"
    );
}
