//! Variables: `.env`, `.dev.vars`, `vars` of wrangler.toml, named environments, and their reload.

use serde_json::json;

use crate::support::Project;

const SHOW: &str = r#"
export default {
    async fetch(request, env) {
        return Response.json({ GREETING: env.vars.GREETING, QUOTED: env.vars.QUOTED, LINES: env.vars.LINES });
    },
} satisfies Ploy;
"#;

const WRANGLER: &str = r#"
name = "greeter"
main = "src/index.ts"
compatibility_date = "2026-07-01"

[vars]
GREETING = "from vars"
OTHER = "other"

[env.staging.vars]
GREETING = "from staging"
"#;

const SHOW_WRANGLER: &str = r#"
import { env as imported } from "cloudflare:workers";
export default {
    async fetch(request: Request, env: Record<string, string>) {
        return Response.json({ GREETING: env.GREETING, OTHER: env.OTHER, same: env.GREETING === imported.GREETING });
    },
};
"#;

#[tokio::test]
async fn dotenv_rules() {
    let env =
        "# a comment\nexport GREETING=hello # said daily\nQUOTED='a # b'\nLINES=\"one\ntwo\"\n";
    let project = Project::ploy("", SHOW).with(".env", env);
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.json(),
        json!({ "GREETING": "hello", "QUOTED": "a # b", "LINES": "one\ntwo" })
    );
}

#[tokio::test]
async fn without_an_env_file_vars_is_empty_and_not_missing() {
    let project = Project::ploy("", SHOW);
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).json(), json!({}));
}

#[tokio::test]
async fn a_changed_env_file_reloads() {
    let project = Project::ploy("", SHOW).with(".env", "GREETING=hello\n");
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.json()["GREETING"], "hello");
    let mark = app.events().mark();
    project.write(".env", "GREETING=goodbye\n");
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    assert_eq!(app.get("/").await.json()["GREETING"], "goodbye");
}

#[tokio::test]
async fn an_env_file_that_comes_later_is_seen() {
    let project = Project::ploy("", SHOW);
    let app = project.dev().start().await;
    let mark = app.events().mark();
    project.write(".env", "GREETING=at last\n");
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    assert_eq!(app.get("/").await.json()["GREETING"], "at last");
}

#[tokio::test]
async fn dev_vars_win_over_vars() {
    let project = Project::empty()
        .with("wrangler.toml", WRANGLER)
        .with("src/index.ts", SHOW_WRANGLER)
        .with(".dev.vars", "GREETING=\"from .dev.vars\"\n");
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.json(),
        json!({ "GREETING": "from .dev.vars", "OTHER": "other", "same": true })
    );
}

#[tokio::test]
async fn a_named_environment_has_its_own_vars() {
    let project = Project::empty()
        .with("wrangler.toml", WRANGLER)
        .with("src/index.ts", SHOW_WRANGLER);
    let app = project.dev().arguments(&["--env", "staging"]).start().await;
    assert_eq!(app.get("/").await.json()["GREETING"], "from staging");
}
