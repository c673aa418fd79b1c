//! Cron triggers in real processes: each due time once, also after kill -9; wrong lines.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

const CODE: &str = r#"
export default {
    async fetch(request, env) {
        return Response.json((await env.STATE.get("fired", "json")) ?? { times: [] });
    },
    async scheduled(controller, env, ctx) {
        controller.noRetry();
        if (controller.cron.startsWith("*/2 ")) throw new Error(`at ${controller.scheduledTime}`);
        await env.STATE.update("fired", { $push: { times: controller.scheduledTime } });
    },
} satisfies Ploy;
"#;

fn project(crons: &str) -> Project {
    Project::ploy(&format!("state:\n  STATE: default\ncron:\n{crons}"), CODE)
}

async fn fired(app: &App) -> Vec<u64> {
    let fired = app.get("/").await.json()["times"].clone();
    let times = fired.as_array().expect("a list").iter();
    times.map(|time| time.as_u64().expect("a time")).collect()
}

async fn at_least(app: &App, count: usize) -> Vec<u64> {
    let mut times = Vec::new();
    eventually("it fires", async || {
        times = fired(app).await;
        times.len() >= count
    })
    .await;
    times
}

#[tokio::test]
async fn each_second_once_and_after_kill_9_never_twice() {
    let project = project("  EVERY: \"* * * * * *\"\n");
    let mut app = project.dev().start().await;
    let mut count = 2;
    for _ in 0..3 {
        let times = at_least(&app, count).await;
        count = times.len() + 2;
        app.kill().await;
        app = project.dev().start().await;
    }
    let times = at_least(&app, count).await;
    let once: BTreeSet<_> = times.iter().collect();
    assert_eq!(once.len(), times.len(), "{times:?}");
    assert!(times.iter().all(|time| time % 1000 == 0), "{times:?}");
}

#[tokio::test]
async fn a_handler_that_throws_is_told_of_and_the_others_go_on() {
    let project = project("  BAD: \"*/2 * * * * *\"\n  GOOD: \"* * * * * *\"\n");
    let app = project.dev().start().await;
    let told = app
        .events()
        .find(0, |event| event.to_string().contains("Error: at "));
    assert!(told.await.is_some());
    at_least(&app, 2).await;
}

#[tokio::test]
async fn cloudflares_controller_has_what_it_should() {
    let code = r#"
    export default {
        async fetch() { return new Response(""); },
        async scheduled(controller, env, ctx) {
            const { cron, scheduledTime, type, noRetry } = controller;
            ctx.waitUntil(Promise.resolve());
            console.log(JSON.stringify({ cron, scheduledTime, type, noRetry: typeof noRetry }));
        },
    };"#;
    let config = "main = \"a.js\"\n[triggers]\ncrons = [\"0 17 * * sun\"]\n";
    let project = Project::empty()
        .with("wrangler.toml", config)
        .with("a.js", code);
    let app = project.dev().start().await;
    let path = "/cdn-cgi/handler/scheduled?cron=0+17+*+*+sun&time=1700000000000";
    assert_eq!(app.get(path).await.expect(200).text(), "ok");
    let told = app.events().next(0, "console").await.expect("it prints");
    let told: Value = serde_json::from_str(told["message"].as_str().expect("text")).expect("JSON");
    let expected = json!({
        "cron": "0 17 * * sun", "scheduledTime": 1_700_000_000_000_u64, "type": "scheduled", "noRetry": "function",
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_wrong_line_is_underlined_and_a_missing_handler_is_said() {
    let wrong = project("  BAD: \"61 * * * *\"\n").dev().run().await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("61"), "{}", wrong.stderr);
    let project = project("  EVERY: \"* * * * * *\"\n");
    project.write(
        "src/index.ts",
        &CODE.replace("async scheduled(", "async other("),
    );
    let app = project.dev().start().await;
    let said = "the app exports no scheduled() handler";
    let note = app.events().find(0, |event| {
        event["event"] == "note"
            && event["message"]
                .as_str()
                .is_some_and(|text| text.contains(said))
    });
    assert!(note.await.is_some());
}
