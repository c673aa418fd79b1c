//! R2: the binding in a Worker, beside miniflare's, through kill -9, by the command line, and by S3 with the
//! clients that people use.

mod backup;
mod cli;
mod durability;
mod miniflare;
mod s3;
mod streams;

use crate::support::{App, Project};

const CONFIG: &str = r#"
name = "buckets"
main = "worker.js"
compatibility_date = "2026-07-01"

[[r2_buckets]]
binding = "BUCKET"
bucket_name = "things"
"#;

fn project(worker: &str) -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", worker)
}

/// A Worker that stores and gives what it is sent.
const FILES: &str = r#"
export default {
	async fetch(request, env) {
		const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
		if (request.method === "PUT") {
			const object = await env.BUCKET.put(key, request.body);
			return Response.json({ size: object.size, etag: object.etag });
		}
		if (request.method === "DELETE") {
			await env.BUCKET.delete(key);
			return new Response(null, { status: 204 });
		}
		const object = await env.BUCKET.get(key, { range: request.headers });
		return object === null ? new Response("none", { status: 404 }) : new Response(object.body);
	},
};
"#;

/// Bytes that differ from place to place.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + (i >> 8)) as u8).collect()
}

/// Files of bodies in the data of an app, whole ones and drafts.
fn files(project: &Project) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![project.path().join(".cellhouse/r2")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found
}

async fn start(worker: &str) -> (Project, App) {
    let project = project(worker);
    let app = project.dev().start().await;
    (project, app)
}
