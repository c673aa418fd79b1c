//! Code from strings: while an app is loaded, if its compatibility date or flags say so, and never later. Compilers of
//! schemas and templates (ajv, ejs) live on it.

use serde_json::json;

use crate::support::{App, Project};

const SOURCE: &str = r#"
const made = [];
const attempt = (run) => {
    try { made.push(String(run())); } catch (error) { made.push(error.name); }
};
attempt(() => new Function("a", "b", "return a + b")(1, 2));
attempt(() => Function("return 5")());
attempt(() => (0, eval)("1 + 1"));
attempt(() => new Function("a", "return a"));
class Made extends Function {}
attempt(() => new Made("return 3") instanceof Made);
attempt(() => (function* () {}).constructor("yield 1")().next().value);
attempt(() => new Function("("));
const atStart = made.splice(0);
const kept = made.length === 0 && (() => { try { return new Function("x", "return x * 2"); } catch { return String; } })();
const waits = await (async () => { try { return await (async () => {}).constructor("return 9")(); } catch { return 0; } })();

export default {
    fetch() {
        attempt(() => new Function("return 1"));
        attempt(() => (0, eval)("1"));
        attempt(() => eval("1"));
        attempt(() => new Made("1"));
        return Response.json({ atStart, kept: kept(4), waits, later: made.splice(0) });
    },
};
"#;

async fn start(settings: &str) -> (Project, App) {
    let config = format!("name = \"app\"\nmain = \"index.js\"\n{settings}\n");
    let project = Project::empty()
        .with("wrangler.toml", &config)
        .with("index.js", SOURCE);
    let app = project.dev().start().await;
    (project, app)
}

const AT_START: [&str; 7] = ["EvalError"; 7];
const NEVER: [&str; 4] = ["EvalError"; 4];

#[tokio::test]
async fn code_from_strings_is_made_while_the_app_is_loaded() {
    let (_project, app) = start("compatibility_date = \"2026-07-01\"").await;
    let shown = "function anonymous(a\n) {\nreturn a\n}";
    let expected = json!({
        "atStart": ["3", "5", "2", shown, "true", "1", "SyntaxError"],
        "kept": 8,
        "waits": 9,
        "later": NEVER,
    });
    for _ in 0..2 {
        assert_eq!(app.get("/").await.expect(200).json(), expected);
    }
}

#[tokio::test]
async fn neither_by_date_nor_by_flag() {
    for settings in [
        "compatibility_date = \"2025-05-31\"",
        "compatibility_date = \"2026-07-01\"\ncompatibility_flags = [\"disallow_eval_during_startup\"]",
    ] {
        let (_project, app) = start(settings).await;
        let told = app.get("/").await.expect(200).json();
        assert_eq!(told["atStart"], json!(AT_START), "{settings}");
        assert_eq!(told["later"], json!(NEVER));
    }
}
