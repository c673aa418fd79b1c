//! New code, or a crash, while handlers, schedules and objects are at work: nothing is lost, nothing comes out
//! of order, and what newer code does not know it leaves alone.

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

/// Writes down what each version of the code did.
fn version(number: usize) -> String {
    format!(
        "
    import {{ every, on, send, state }} from 'sdk.do';
    const VERSION = {number};
    export class Line {{
        constructor(ctx) {{
            this.sql = ctx.storage.sql;
            this.sql.exec('CREATE TABLE IF NOT EXISTS line (n INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT, version INTEGER)');
        }}
        add(what) {{ this.sql.exec('INSERT INTO line (what, version) VALUES (?, ?)', String(what), VERSION); }}
        all() {{ return this.sql.exec('SELECT what, version FROM line ORDER BY n').toArray().map((row) => [row.what, row.version]); }}
    }}
    const line = (name) => state.get(Line, name);
    on($.Step.taken, async (event) => {{
        await new Promise((resolve) => setTimeout(resolve, 3));
        await (await line('steps')).add(event.n);
    }});
    every($.Seconds(1), async (run) => (await line('ticks')).add(run.scheduledTime.toISOString()), {{ name: 'tick' }});
    export default {{ async fetch(request) {{
        const path = new URL(request.url).pathname.slice(1);
        if (request.method === 'GET') return Response.json(path === 'pending' ? await on.pending() : await (await line(path)).all());
        await Promise.all(Array.from({{ length: Number(path) }}, (_, n) => send($.Step.taken, {{ id: 1, n }})));
        return Response.json(null);
    }} }};"
    )
}

async fn edit(app: &App, project: &Project, text: &str) {
    let mark = app.events().mark();
    project.write("src/index.ts", text);
    let reloaded = app.events().next(mark, "reloaded").await;
    reloaded.expect("it goes on");
}

async fn line(app: &App, name: &str) -> Vec<(String, usize)> {
    let line = app.get(&format!("/{name}")).await.expect(200).json();
    serde_json::from_value(line).expect("a line")
}

#[tokio::test]
async fn a_reload_during_delivery_loses_nothing_and_keeps_the_order() {
    const STEPS: usize = 400;
    let project = Project::ploy("", &version(1));
    let app = project.dev().start().await;
    app.post(&format!("/{STEPS}")).await.expect(200);
    for number in [2, 3] {
        eventually("some are handled", async || {
            line(&app, "steps").await.len() >= STEPS / 4 * (number - 1)
        })
        .await;
        edit(&app, &project, &version(number)).await;
    }
    eventually("all are handled", async || {
        app.get("/pending").await.expect(200).json() == json!(0)
    })
    .await;
    let steps = line(&app, "steps").await;
    let numbers: Vec<usize> = steps
        .iter()
        .map(|(what, _)| what.parse().expect("a number"))
        .collect();
    let expected: Vec<usize> = (0..STEPS).collect();
    assert_eq!(numbers, expected, "each once: nothing crashed");
    let versions: Vec<usize> = steps.iter().map(|(_, version)| *version).collect();
    assert!(versions.is_sorted(), "{versions:?}");
    assert_eq!(versions.last(), Some(&3), "{versions:?}");
}

#[tokio::test]
async fn a_schedule_goes_on_with_newer_code() {
    let project = Project::ploy("", &version(1));
    let app = project.dev().start().await;
    for number in [1, 2] {
        eventually("this version's schedule has run", async || {
            let ticks = line(&app, "ticks").await;
            ticks.iter().any(|(_, version)| *version == number)
        })
        .await;
        edit(&app, &project, &version(number + 1)).await;
    }
    let ticks = line(&app, "ticks").await;
    let times: Vec<&String> = ticks.iter().map(|(time, _)| time).collect();
    let mut once = times.clone();
    once.sort();
    once.dedup();
    assert_eq!(times, once, "each due time once, in order");
}

/// A field that was not there when the object was saved has its own value, one that newer code does not know stays.
#[tokio::test]
async fn saved_fields_meet_a_class_with_other_fields() {
    let class = |fields: &str| {
        format!(
            "
            import {{ state }} from 'sdk.do';
            export class Shape {{
                {fields}
                async set(values) {{ Object.assign(this, values); await state.save(this); }}
                show() {{ return {{ ...this }}; }}
            }}
            export default {{ async fetch(request) {{
                const shape = await state.get(Shape, 'one');
                if (request.method === 'POST') await shape.set({{ a: 'saved' }});
                return Response.json(await shape.show());
            }} }};"
        )
    };
    let project = Project::ploy("", &class("a = 1; b = 2;"));
    let app = project.dev().start().await;
    app.post("/").await.expect(200);
    edit(&app, &project, &class("a = 1; c = 3;")).await;
    let shown: Value = app.get("/").await.expect(200).json();
    assert_eq!(shown, json!({ "a": "saved", "b": 2, "c": 3 }));
}

const STUBBORN: &str = "
    import { on, send, state } from 'sdk.do';
    export class Seen { list = []; async add(n) { this.list.push(n); await state.save(this); } all() { return this.list; } }
    on($.Wall.hit, async (event) => {
        await (await state.get(Seen, 'all')).add(event.metadata.attempt);
        throw new Error('it hurts');
    }, { retries: 3, retryDelay: 100 });
    export default { async fetch(request) {
        if (request.method === 'POST') await send($.Wall.hit, {});
        return Response.json([await (await state.get(Seen, 'all')).all(), await on.dead.list()]);
    } };";

#[tokio::test]
async fn retries_go_on_after_a_crash() {
    let project = Project::ploy("", STUBBORN);
    let seen = async |app: &App| app.get("/").await.expect(200).json();
    let app = project.dev().start().await;
    app.post("/").await.expect(200);
    for attempt in [1, 2] {
        eventually("it was tried", async || {
            let attempts = seen(&app).await[0].clone();
            attempts.as_array().is_some_and(|all| all.len() >= attempt)
        })
        .await;
    }
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it is given up", async || {
        seen(&app).await[1][0]["attempts"] == json!(4)
    })
    .await;
    let attempts = seen(&app).await[0].clone();
    let mut attempts: Vec<usize> = serde_json::from_value(attempts).expect("numbers");
    assert!(attempts.is_sorted(), "{attempts:?}");
    attempts.dedup();
    assert_eq!(attempts, [1, 2, 3, 4]);
}
