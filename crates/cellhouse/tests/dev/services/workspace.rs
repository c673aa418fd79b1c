//! `ploy-workspace.yaml`: the apps below it, each on a port of its own, with the data of all.

use serde_json::Value;

use crate::support::{App, Client, Project};

fn workspace() -> Project {
    let app = |name: &str| {
        format!(
            "export default {{ async fetch(request, env) {{
                if (request.method === 'PUT') await env.STATE.put('by', '{name}');
                return new Response(`{name} ${{await env.STATE.get('by')}}`);
            }} }};"
        )
    };
    Project::empty()
        .with(
            "ploy-workspace.yaml",
            "exclude:\n  - old/**\nports:\n  worker:\n    from: 9000\n",
        )
        .with(
            "apps/a/ploy.yaml",
            "name: a\nkind: worker\nmain: index.js\nstate:\n  STATE: shared\n",
        )
        .with("apps/a/index.js", &app("a"))
        .with(
            "apps/b/ploy.yaml",
            "name: b\nkind: worker\nmain: index.js\nstate:\n  STATE: shared\n",
        )
        .with("apps/b/index.js", &app("b"))
        .with("old/ploy.yaml", "this: [is not a config")
        .with("node_modules/x/ploy.yaml", "nor: [is this")
}

async fn client(app: &App, name: &str) -> Client {
    let ready = |event: &Value| event["event"] == "ready" && event["app"] == name;
    let ready = app.events().find(0, ready).await.expect("it is ready");
    Client::new(ready["url"].as_str().expect("a url"))
}

#[tokio::test]
async fn every_app_has_a_port_and_state_is_shared() {
    let project = workspace();
    let app = project.dev().start().await;
    let (a, b) = (client(&app, "a").await, client(&app, "b").await);
    assert_eq!(a.send("PUT", "/", "").await.text(), "a a");
    assert_eq!(b.send("GET", "/", "").await.text(), "b a");
    assert_eq!(b.send("PUT", "/", "").await.text(), "b b");
    assert_eq!(a.send("GET", "/", "").await.text(), "a b");
    assert!(
        project.has(".cellhouse/store"),
        "the data is the workspace's"
    );
}

#[tokio::test]
async fn an_app_of_it_is_reloaded_alone() {
    let project = workspace();
    let app = project.dev().start().await;
    let (a, b) = (client(&app, "a").await, client(&app, "b").await);
    let mark = app.events().mark();
    project.write(
        "apps/b/index.js",
        "export default { fetch: () => new Response('new') };",
    );
    let reloaded = app
        .events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    assert_eq!(reloaded["app"], "b");
    assert_eq!(b.send("GET", "/", "").await.text(), "new");
    assert_eq!(a.send("GET", "/", "").await.text(), "a null");
}

#[tokio::test]
async fn some_of_them_can_be_chosen() {
    let project = workspace();
    let app = project.dev().arguments(&["--project", "b"]).start().await;
    assert_eq!(app.get("/").await.text(), "b null");
    let exit = project.dev().arguments(&["--project", "c"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    assert!(
        exit.stderr.contains("the apps here are a, b"),
        "{}",
        exit.stderr
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_file_is_underlined() {
    let project = workspace();
    project.write(
        "ploy-workspace.yaml",
        "exclude: old\nports:\n  worker:\n    from: 99999\n",
    );
    let exit = project.dev().run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    for part in ["`exclude` must be a list of texts", "ports.worker.from"] {
        assert!(exit.stderr.contains(part), "{part}: {}", exit.stderr);
    }
}
