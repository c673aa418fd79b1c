//! Hot reload: an edit shows in the next answers, and no request is refused or fails meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::support::{App, Client, Project, full};

fn version(number: usize) -> String {
    format!(
        r#"
        import {{ greet }} from "./greet";
        export default {{
            async fetch(request) {{
                if (new URL(request.url).pathname === "/slow") await scheduler.wait(700);
                return new Response(greet("version {number}"));
            }},
        }} satisfies Ploy;
        "#
    )
}

fn greeting(word: &str) -> String {
    format!("export const greet = (name: string): string => `{word} ${{name}}`;\n")
}

fn project() -> Project {
    Project::ploy("", &version(0)).with("src/greet.ts", &greeting("hello"))
}

/// Makes the edit and waits until the server says that it runs the new code.
async fn edit(app: &App, project: &Project, file: &str, text: &str) {
    let mark = app.events().mark();
    project.write(file, text);
    let reloaded = app.events().next(mark, "reloaded").await;
    assert!(reloaded.expect("it goes on")["ms"].is_number());
}

#[tokio::test]
async fn an_edit_shows_in_the_next_answer() {
    let project = project();
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.text(), "hello version 0");
    edit(&app, &project, "src/index.ts", &version(1)).await;
    assert_eq!(app.get("/").await.text(), "hello version 1");
    edit(&app, &project, "src/greet.ts", &greeting("good evening")).await;
    assert_eq!(app.get("/").await.text(), "good evening version 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_during_five_reloads() {
    let project = project();
    let app = project.dev().start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|_| tokio::spawn(hammer(app.client().clone(), Arc::clone(&stop))))
        .collect();
    for number in 1..=5 {
        edit(&app, &project, "src/index.ts", &version(number)).await;
        assert_eq!(app.get("/").await.text(), format!("hello version {number}"));
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        let answers = client.await.expect("the client ends");
        assert!(!answers.is_empty());
    }
}

/// Asks without a pause, alternately on an open and on a new connection, and checks each answer.
async fn hammer(client: Client, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let fresh = Client::new(&format!("http://{}", client.address()));
        for client in [&client, &fresh] {
            let reply = client.send("GET", "/", "").await.expect(200);
            let text = reply.text().to_string();
            assert!(
                (0..=5).any(|number| text == format!("hello version {number}")),
                "{text}"
            );
            answers.push(text);
        }
    }
    answers
}

#[tokio::test]
async fn a_request_in_flight_ends_with_the_code_it_began_with() {
    let project = project();
    let app = project.dev().start().await;
    app.get("/").await.expect(200);
    let (client, mark) = (app.client().clone(), app.events().mark());
    let slow = tokio::spawn(async move { client.send("GET", "/slow", "").await });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    project.write("src/index.ts", &version(1));
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    let slow = slow.await.expect("the client ends").expect(200);
    assert_eq!(slow.text(), "hello version 0");
}

#[tokio::test]
async fn a_build_error_leaves_the_old_code_running() {
    let project = project();
    let app = project.dev().start().await;
    let mark = app.events().mark();
    project.write(
        "src/greet.ts",
        "export const greet = (name: string => name;\n",
    );
    let error = app.events().next(mark, "error").await.expect("it goes on");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("src/greet.ts"), "{message}");
    assert_eq!(app.get("/").await.expect(200).text(), "hello version 0");

    edit(&app, &project, "src/greet.ts", &greeting("welcome back")).await;
    assert_eq!(app.get("/").await.text(), "welcome back version 0");
}

#[tokio::test]
async fn an_error_while_the_module_loads_leaves_the_old_code_running() {
    let project = project();
    let app = project.dev().start().await;
    let mark = app.events().mark();
    project.write(
        "src/greet.ts",
        "throw new Error('not today');\nexport const greet = String;\n",
    );
    let error = app.events().next(mark, "error").await.expect("it goes on");
    assert!(
        error["message"]
            .as_str()
            .expect("a message")
            .contains("not today"),
        "{error}"
    );
    assert_eq!(app.get("/").await.expect(200).text(), "hello version 0");
}

#[tokio::test]
async fn a_new_file_that_was_missing_mends_the_build() {
    let project = project();
    let app = project.dev().start().await;
    let mark = app.events().mark();
    let importing = version(1).replace("./greet", "./salute");
    project.write("src/index.ts", &importing);
    app.events().next(mark, "error").await.expect("it goes on");
    edit(&app, &project, "src/salute.ts", &greeting("ahoy")).await;
    assert_eq!(app.get("/").await.text(), "ahoy version 1");
}

#[tokio::test]
async fn a_changed_config_gives_the_app_a_new_binding() {
    let project = Project::ploy(
        "",
        r#"
        export default {
            async fetch(request: Request, env: Record<string, unknown>) {
                return Response.json(Object.keys(env).filter((name) => name === "STATE"));
            },
        };
        "#,
    );
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.json(), json!([]));
    edit(
        &app,
        &project,
        "ploy.yaml",
        "kind: dynamic\nstate:\n  STATE: default\n",
    )
    .await;
    assert_eq!(app.get("/").await.json(), json!(["STATE"]));
}

#[tokio::test]
async fn a_broken_config_leaves_the_old_one_in_force() {
    let project = project();
    let app = project.dev().start().await;
    let mark = app.events().mark();
    project.write("ploy.yaml", "kind: dynamic\nstate: [STATE]\n");
    let error = app.events().next(mark, "error").await.expect("it goes on");
    assert!(
        error["message"]
            .as_str()
            .expect("a message")
            .contains("ploy.yaml"),
        "{error}"
    );
    app.get("/").await.expect(200);
}

#[tokio::test]
async fn state_stays_open_across_reloads() {
    let source = |number: usize| {
        format!(
            r#"
            export default {{
                async fetch(request, env) {{
                    await env.STATE.update("counters", {{ $inc: {{ n: 1 }} }});
                    return Response.json([{number}, await env.STATE.get("counters", "json")]);
                }},
            }} satisfies Ploy;
            "#
        )
    };
    let project = Project::ploy("state:\n  STATE: default\n", &source(1));
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.json(), json!([1, { "n": 1 }]));
    edit(&app, &project, "src/index.ts", &source(2)).await;
    assert_eq!(app.get("/").await.json(), json!([2, { "n": 2 }]));
}

#[tokio::test]
async fn without_watching_nothing_reloads() {
    let project = project();
    let app = project.dev().arguments(&["--no-watch"]).start().await;
    project.write("src/index.ts", &version(1));
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let request = app
        .client()
        .request("GET", "/")
        .body(full(""))
        .expect("a request");
    assert_eq!(app.client().call(request).await.text(), "hello version 0");
    assert!(app.events().all(0, "reloaded").is_empty());
}
