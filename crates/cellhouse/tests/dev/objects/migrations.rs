//! Migrations of classes, and bindings that cannot be.

use serde_json::json;

use crate::support::{Exit, Project, Terminal};

/// A counter under this name, bound as THINGS.
fn project() -> Project {
    Project::empty().with("src/index.ts", &source("Old"))
}

fn source(class: &str) -> String {
    format!(
        r#"
        export class {class} {{
            async fetch() {{
                const count = ((await this.state.storage.get("count")) ?? 0) + 1;
                await this.state.storage.put("count", count);
                return Response.json(count);
            }}
        }}
        export default {{
            async fetch(request, env) {{
                return env.THINGS?.getByName("one").fetch(request) ?? new Response("unbound");
            }},
        }};
        "#
    )
}

fn config(class: Option<&str>, migrations: &[&str]) -> String {
    let mut text =
        "name = \"app\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-07-01\"\n".to_owned();
    if let Some(class) = class {
        text += &format!(
            "[durable_objects]\nbindings = [{{ name = \"THINGS\", class_name = \"{class}\" }}]\n"
        );
    }
    for (number, migration) in migrations.iter().enumerate() {
        text += &format!("[[migrations]]\ntag = \"v{number}\"\n{migration}\n");
    }
    text
}

const CREATED: &str = "new_sqlite_classes = [\"Old\"]";
const RENAMED: &str = "renamed_classes = [{ from = \"Old\", to = \"New\" }]";
const DELETED: &str = "deleted_classes = [\"Old\"]";

/// What the object counts after a start with this config.
async fn count(project: &Project, arguments: &[&str]) -> serde_json::Value {
    let app = project.dev().arguments(arguments).start().await;
    let count = app.get("/").await.expect(200).json();
    app.kill().await;
    count
}

async fn refused(project: &Project) -> String {
    let arguments = ["dev", ".", "--port", "0"];
    let exit: Exit = project.command(&arguments).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    exit.stderr
}

#[tokio::test]
async fn a_renamed_class_keeps_its_objects() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[CREATED]));
    assert_eq!(count(&project, &[]).await, json!(1));
    project.write("src/index.ts", &source("New"));
    project.write("wrangler.toml", &config(Some("New"), &[CREATED, RENAMED]));
    assert_eq!(count(&project, &[]).await, json!(2));
    assert_eq!(count(&project, &[]).await, json!(3), "it is renamed once");
}

/// A new class of the old name would have none of the objects.
#[tokio::test]
async fn a_binding_must_name_the_new_class() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[CREATED]));
    assert_eq!(count(&project, &[]).await, json!(1));
    project.write("wrangler.toml", &config(Some("Old"), &[CREATED, RENAMED]));
    let said = refused(&project).await;
    assert!(
        said.contains("binding `THINGS` names the class `Old`, which migration `v1` renamed")
            && said.contains("name the class `New`")
            && said.contains("bindings = [{ name = \"THINGS\""),
        "{said}"
    );
    project.write("src/index.ts", &source("New"));
    project.write("wrangler.toml", &config(Some("New"), &[CREATED, RENAMED]));
    assert_eq!(count(&project, &[]).await, json!(2), "nothing was changed");
}

#[tokio::test]
async fn a_class_is_deleted_only_when_told_so_twice() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[CREATED]));
    assert_eq!(count(&project, &[]).await, json!(1));

    let kept = config(Some("Old"), &[CREATED]);
    project.write("wrangler.toml", &config(None, &[CREATED, DELETED]));
    let said = refused(&project).await;
    assert!(
        said.contains("deletes Old") && said.contains("--delete-classes"),
        "{said}"
    );
    project.write("wrangler.toml", &kept);
    assert_eq!(count(&project, &[]).await, json!(2), "nothing was changed");

    project.write("wrangler.toml", &config(None, &[CREATED, DELETED]));
    let app = project.dev().arguments(&["--delete-classes"]).start().await;
    assert_eq!(app.get("/").await.text(), "unbound");
    app.kill().await;
    // A class of that name is a new one.
    project.write(
        "wrangler.toml",
        &config(Some("Old"), &[CREATED, DELETED, CREATED]),
    );
    assert_eq!(count(&project, &[]).await, json!(1));
}

#[tokio::test]
async fn who_sits_at_a_terminal_is_asked() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[CREATED]));
    assert_eq!(count(&project, &[]).await, json!(1));
    project.write("wrangler.toml", &config(None, &[CREATED, DELETED]));
    for no in ["n\n", "\n", "what?\n"] {
        let mut terminal = Terminal::run(&project, &["dev", ".", "--port", "0"]);
        terminal.wait_for("deletes Old").await;
        terminal.wait_for("Go on? [y/N]").await;
        terminal.write(no).await;
        terminal.wait_for("nothing was changed").await;
        assert_eq!(terminal.ended().await, Some(2), "{no:?}");
    }
    let mut terminal = Terminal::run(&project, &["dev", ".", "--port", "0"]);
    terminal.wait_for("Go on? [y/N]").await;
    terminal.write("y\n").await;
    terminal.wait_for("http://").await;
    terminal.kill().await;
    project.write(
        "wrangler.toml",
        &config(Some("Old"), &[CREATED, DELETED, CREATED]),
    );
    assert_eq!(count(&project, &[]).await, json!(1), "it was really gone");
}

#[tokio::test]
async fn in_dev_a_bound_class_needs_no_migration() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[]));
    assert_eq!(count(&project, &[]).await, json!(1));
    assert_eq!(count(&project, &[]).await, json!(2));
}

#[tokio::test]
async fn a_class_that_is_not_exported_is_named() {
    let project = project().with("wrangler.toml", &config(Some("Missing"), &[]));
    let said = refused(&project).await;
    assert!(
        said.contains("\"Missing\"") && said.contains("export class Missing"),
        "{said}"
    );
}

#[tokio::test]
async fn migrations_that_cannot_be_are_explained() {
    for (migrations, expected) in [
        (&[RENAMED][..], "class \"Old\" cannot be renamed"),
        (&[DELETED], "class \"Old\" cannot be deleted"),
        (&[CREATED, CREATED], "class \"Old\" exists already"),
    ] {
        let project = project().with("wrangler.toml", &config(None, migrations));
        let said = refused(&project).await;
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn a_bad_edit_of_the_config_leaves_the_app_running() {
    let project = project().with("wrangler.toml", &config(Some("Old"), &[CREATED]));
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.json(), json!(1));
    let mark = app.events().mark();
    project.write("wrangler.toml", &config(Some("Old"), &[CREATED, CREATED]));
    let problem = app.events().next(mark, "error");
    assert!(problem.await.is_some());
    assert_eq!(app.get("/").await.json(), json!(2));
}
