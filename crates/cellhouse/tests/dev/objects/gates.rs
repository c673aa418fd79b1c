//! The input gate: what may come into an object while a section of its code runs, and in which order. The
//! answers are workerd's (2026-07-30, through miniflare), recorded from the same program.

use serde_json::{Map, Value};

use crate::support::Project;

const CONFIG: &str = r#"
name = "gates"
main = "questions.js"
compatibility_date = "2026-07-01"
[[durable_objects.bindings]]
name = "STEPS"
class_name = "Steps"
[[durable_objects.bindings]]
name = "OTHER"
class_name = "Other"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Steps", "Other"]
"#;

const RECORDED: &str = include_str!("gates/workerd.json");

#[tokio::test]
async fn sections_hold_off_what_workerd_holds_off() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("steps.js", include_str!("gates/steps.js"))
        .with("questions.js", include_str!("gates/questions.js"));
    let app = project.dev().start().await;
    let recorded: Map<String, Value> = serde_json::from_str(RECORDED).expect("JSON");
    let questions = app.get("/").await.expect(200).json();
    let questions: Vec<&str> = questions
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(questions.len(), recorded.len(), "{questions:?}");
    let mut wrong = Vec::new();
    for question in questions {
        let steps = app.get(&format!("/{question}")).await.expect(200).json();
        if Some(&steps) != recorded.get(question) {
            wrong.push(format!(
                "{question}: {steps}\n  workerd: {:?}",
                recorded.get(question)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
