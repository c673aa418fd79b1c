//! Memory over many requests. A process of its own, because the system counts memory by process.

mod support;

use std::time::Duration;

use cellhouse_runtime::Limits;
use support::{App, Settings, resident_bytes, start};

async fn many(app: &App, count: usize) {
    for number in 0..count {
        let path = format!("/{number}?q=a");
        assert!(app.text(&path).await.starts_with("{\"q\":\"a\""));
    }
}

/// Requests with bodies of JSON, timers, headers and errors leave nothing behind.
#[tokio::test]
async fn memory_stays_flat() {
    let code = r#"export default { async fetch(request, env, ctx) {
        const url = new URL(request.url);
        ctx.waitUntil(scheduler.wait(1).then(() => crypto.randomUUID()));
        const later = setTimeout(() => {}, 60_000);
        try { JSON.parse("{"); } catch {}
        const response = Response.json({ q: url.searchParams.get("q"), h: [...request.headers] });
        clearTimeout(later);
        return response;
    } };"#;
    let settings = Settings {
        limits: Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 64 << 20,
        },
        ..Settings::default()
    };
    let app = start(code, settings).await.expect("the app starts");
    many(&app, 10_000).await;
    let before = resident_bytes();
    many(&app, 40_000).await;
    let after = resident_bytes();
    assert!(
        after < before + (16 << 20),
        "{} to {} MiB",
        before >> 20,
        after >> 20
    );
}
