//! Point-in-time recovery as an object's code sees it: what is refused, with which words, and that the
//! next instance goes back before it runs.

use std::time::Duration;

use serde_json::json;

use super::{LONG_REST, NO_REST, all_have_left, ask};
use crate::support::{App, Store};

/// An object that runs the step whose number is in the path, with what the query says, and tells what came
/// of it. A step is the body of a function.
fn thing(steps: &[&str]) -> String {
    let step = |body: &&str| format!("async (storage, state, bookmark) => {{ {body} }},");
    let steps: String = steps.iter().map(step).collect();
    format!(
        r#"
        const steps = [{steps}];
        export class Thing {{
          async fetch(request) {{
            const {{ pathname, search }} = new URL(request.url);
            const step = steps[pathname.split("/").at(-1)];
            try {{
              return Response.json((await step(this.state.storage, this.state, search.slice(1))) ?? null);
            }} catch (error) {{
              return Response.json(`${{error}}`);
            }}
          }}
        }}
        "#
    )
}

async fn text(app: &App, path: &str) -> String {
    let told = ask(app, path).await;
    told.as_str().expect("a text").to_owned()
}

const LOOK: &str =
    "return [await storage.get('k'), storage.sql.exec('SELECT * FROM t').toArray().length]";
const GET: &str = "return storage.get('k')";
const RESTORE: &str = "return storage.onNextSessionRestoreBookmark(bookmark)";

#[tokio::test]
async fn what_is_no_good_is_refused_with_a_reason_and_the_object_goes_on() {
    let wrong = |method: &str, kind: &str| {
        format!(
            "TypeError: Failed to execute '{method}' on 'DurableObjectStorage': parameter 1 is not \
             of type '{kind}'."
        )
    };
    let no_date = wrong("getBookmarkForTime", "date");
    let no_text = wrong("onNextSessionRestoreBookmark", "string");
    let invalid = "TypeError: The value cannot be converted because it is not a valid Date.";
    let unknown =
        r#"Error: the bookmark "x" cannot be used: it is not a bookmark that was given here"#;
    let cases = [
        ("getBookmarkForTime()", no_date.as_str()),
        ("getBookmarkForTime('now')", &no_date),
        ("getBookmarkForTime(NaN)", invalid),
        ("getBookmarkForTime(new Date(NaN))", invalid),
        (
            "getBookmarkForTime(Date.now() - 3600e3)",
            "Error: Requested time is before this database existed.",
        ),
        ("getBookmarkForTime(Date.now() + 3600e3)", "in the future"),
        ("getBookmarkForTime(0)", "is no longer kept"),
        ("onNextSessionRestoreBookmark()", &no_text),
        ("onNextSessionRestoreBookmark(Symbol())", &no_text),
        ("onNextSessionRestoreBookmark('x')", unknown),
        (
            "onNextSessionRestoreBookmark(bookmark)",
            "it is of another database",
        ),
        (
            "transaction(() => storage.getCurrentBookmark())",
            "Error: Cannot call getCurrentBookmark() within a transaction",
        ),
    ];
    let calls = cases.map(|(call, _)| format!("return storage.{call}"));
    let fill = "await storage.put('k', 1); return storage.getCurrentBookmark()";
    let never = "return storage.getBookmarkForTime(Date.now())";
    let mut steps = vec![fill, never, GET];
    steps.extend(calls.iter().map(String::as_str));
    let store = Store::with_rest(LONG_REST);
    let app = store.app(&thing(&steps), 1).await;
    let history = text(&app, "/never/1").await;
    assert_eq!(history, "Error: This database has no history.");
    let foreign = text(&app, "/other/0").await;
    text(&app, "/a/0").await;
    for (index, (call, expected)) in cases.iter().enumerate() {
        let told = text(&app, &format!("/a/{}?{foreign}", index + 3)).await;
        let whole = expected.contains("Error: ");
        assert!(
            told == *expected || !whole && told.starts_with("Error: ") && told.ends_with(expected),
            "{call}: {told}"
        );
    }
    assert_eq!(ask(&app, "/a/2").await, 1);
}

#[tokio::test]
async fn bookmarks_are_texts_that_sort_and_times_are_numbers_or_dates() {
    let step = r"
        const texts = [await storage.getCurrentBookmark()];
        for (const value of ['one', 'two', 'three']) {
          await storage.put('k', value);
          texts.push(await storage.getCurrentBookmark());
        }
        const undo = await storage.onNextSessionRestoreBookmark(texts[1]);
        return [texts.join() === [...texts].sort().join(), new Set(texts).size, texts[3] <= undo,
                typeof undo, await storage.get('k')];
    ";
    // The time stands still in an event.
    let later = r"
        const now = Date.now();
        const times = [await storage.getBookmarkForTime(now), await storage.getBookmarkForTime(new Date(now))];
        return times.map((time) => time === times[0] && typeof time);
    ";
    let store = Store::with_rest(LONG_REST);
    let app = store.app(&thing(&[step, later]), 1).await;
    let told = ask(&app, "/a/0").await;
    assert_eq!(told, json!([true, 4, true, "string", "three"]));
    // The present is exact from the millisecond after the last change on.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(&app, "/a/1").await, json!(["string", "string"]));
}

/// What was not awaited before is in the bookmark.
#[tokio::test]
async fn the_next_instance_goes_back_before_it_runs() {
    let change = r"
        storage.put('k', 'one');
        storage.sql.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
        const one = storage.getCurrentBookmark();
        storage.put('k', 'two');
        storage.sql.exec('DROP TABLE t');
        return storage.onNextSessionRestoreBookmark(await one);
    ";
    let abort = "storage.put('k', 'three'); state.abort()";
    let store = Store::with_rest(LONG_REST);
    let app = store
        .app(&thing(&[change, abort, LOOK, GET, RESTORE]), 1)
        .await;
    let undo = text(&app, "/a/0").await;
    let not_yet = text(&app, "/a/2").await;
    assert!(not_yet.contains("no such table"), "{not_yet}");
    // What is not committed is undone by the abort; what was asked for is not.
    drop(app.get("/a/1").await);
    assert_eq!(ask(&app, "/a/2").await, json!(["one", 1]));
    text(&app, &format!("/a/4?{undo}")).await;
    drop(app.get("/a/1").await);
    assert_eq!(ask(&app, "/a/3").await, "two");
}

#[tokio::test]
async fn an_object_that_left_memory_goes_back_when_it_returns() {
    let change = r"
        storage.put('k', 'one');
        const one = await storage.getCurrentBookmark();
        await storage.put('k', 'two');
        return storage.onNextSessionRestoreBookmark(one);
    ";
    let put = "await storage.put('k', 'new')";
    let store = Store::with_rest(NO_REST);
    let app = store.app(&thing(&[change, GET, put]), 2).await;
    ask(&app, "/a/0").await;
    all_have_left(&store).await;
    assert_eq!(ask(&app, "/a/1").await, "one");
    ask(&app, "/a/2").await;
    all_have_left(&store).await;
    assert_eq!(ask(&app, "/a/1").await, "new", "it goes back once");
}
