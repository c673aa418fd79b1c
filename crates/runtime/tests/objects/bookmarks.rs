//! Point-in-time recovery as an object's code sees it: what is refused, with which words, and that the
//! next instance goes back before it runs.

use serde_json::{Value, json};

use super::{LONG_REST, NO_REST, all_have_left, ask};
use crate::support::Store;

/// Runs what is asked for in its storage, and tells what came of it.
const THING: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  async fetch(request) {
    const { storage } = this.state;
    const url = new URL(request.url);
    const text = decodeURIComponent(url.search.slice(1));
    const run = new Function("storage", "state", `return (async () => { ${text} })()`);
    try {
      return Response.json((await run(storage, this.state)) ?? null);
    } catch (error) {
      return Response.json(`${error}`);
    }
  }
}
"#;

async fn run(app: &crate::support::App, name: &str, code: &str) -> Value {
    ask(app, &format!("/{name}?{}", encoded(code))).await
}

fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => (byte as char).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[tokio::test]
async fn what_is_no_good_is_refused_with_a_reason_and_the_object_goes_on() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(THING, 1).await;
    let never = run(
        &app,
        "never",
        "return storage.getBookmarkForTime(Date.now())",
    );
    assert_eq!(never.await, "Error: This database has no history.");
    let foreign = run(
        &app,
        "other",
        "await storage.put('k', 1); return storage.getCurrentBookmark()",
    )
    .await;
    run(&app, "a", "await storage.put('k', 1)").await;
    let not = |method: &str, kind: &str| {
        format!(
            "TypeError: Failed to execute '{method}' on 'DurableObjectStorage': parameter 1 is not \
             of type '{kind}'."
        )
    };
    let no_date = not("getBookmarkForTime", "date");
    let no_text = not("onNextSessionRestoreBookmark", "string");
    let invalid = "TypeError: The value cannot be converted because it is not a valid Date.";
    let before = "Error: Requested time is before this database existed.";
    let unknown =
        r#"Error: the bookmark "x" cannot be used: it is not a bookmark that was given here"#;
    let cases = [
        ("storage.getBookmarkForTime()", no_date.as_str()),
        ("storage.getBookmarkForTime('now')", &no_date),
        ("storage.getBookmarkForTime(NaN)", invalid),
        ("storage.getBookmarkForTime(new Date(NaN))", invalid),
        ("storage.getBookmarkForTime(Date.now() - 3600e3)", before),
        ("storage.onNextSessionRestoreBookmark()", &no_text),
        ("storage.onNextSessionRestoreBookmark(Symbol())", &no_text),
        ("storage.onNextSessionRestoreBookmark('x')", unknown),
        (
            "storage.transaction(() => storage.getCurrentBookmark())",
            "Error: Cannot call getCurrentBookmark() within a transaction",
        ),
    ];
    for (call, expected) in cases {
        let told = run(&app, "a", &format!("return {call}")).await;
        assert_eq!(told, expected, "{call}");
    }
    let endings = [
        (
            "storage.getBookmarkForTime(Date.now() + 3600e3)".to_owned(),
            "it lies in the future",
        ),
        (
            "storage.getBookmarkForTime(0)".to_owned(),
            "what it stands for is no longer kept",
        ),
        (
            format!("storage.onNextSessionRestoreBookmark({foreign})"),
            "it is of another database",
        ),
    ];
    for (call, end) in endings {
        let told = run(&app, "a", &format!("return {call}")).await;
        let told = told.as_str().expect("a text");
        assert!(
            told.starts_with("Error: ") && told.ends_with(end),
            "{call}: {told}"
        );
    }
    assert_eq!(run(&app, "a", "return storage.get('k')").await, 1);
}

#[tokio::test]
async fn bookmarks_are_texts_that_sort_and_times_are_numbers_or_dates() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(THING, 1).await;
    let code = r"
        const texts = [await storage.getCurrentBookmark()];
        for (const value of ['one', 'two', 'three']) {
          await storage.put('k', value);
          texts.push(await storage.getCurrentBookmark());
        }
        const now = Date.now();
        const times = [await storage.getBookmarkForTime(now), await storage.getBookmarkForTime(new Date(now))];
        const undo = await storage.onNextSessionRestoreBookmark(texts[1]);
        return [texts.join() === [...texts].sort().join(), new Set(texts).size, texts[3] <= undo,
                times[0] === times[1], typeof undo, await storage.get('k')];
    ";
    let told = run(&app, "a", code).await;
    assert_eq!(told, json!([true, 4, true, true, "string", "three"]));
}

/// By `ctx.abort()`, and by leaving memory; what was not awaited before is in the bookmark.
#[tokio::test]
async fn the_next_instance_goes_back_before_it_runs() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(THING, 1).await;
    let code = r"
        storage.put('k', 'one');
        storage.sql.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
        const one = storage.getCurrentBookmark();
        storage.put('k', 'two');
        storage.sql.exec('DROP TABLE t');
        return storage.onNextSessionRestoreBookmark(await one);
    ";
    let undo = run(&app, "a", code).await;
    let look =
        "return [await storage.get('k'), storage.sql.exec('SELECT * FROM t').toArray().length]";
    let two = run(&app, "a", look).await;
    assert!(
        two.as_str()
            .is_some_and(|error| error.contains("no such table"))
    );
    // What is not committed is undone by the abort; what was asked for is not.
    let aborted = run(&app, "a", "storage.put('k', 'three'); state.abort()").await;
    assert_eq!(
        aborted,
        "Error: Application called abort() to reset Durable Object."
    );
    assert_eq!(run(&app, "a", look).await, json!(["one", 1]));
    let again = format!("return storage.onNextSessionRestoreBookmark({undo})");
    run(&app, "a", &again).await;
    run(&app, "a", "state.abort()").await;
    assert_eq!(run(&app, "a", "return storage.get('k')").await, "two");
}

#[tokio::test]
async fn an_object_that_left_memory_goes_back_when_it_returns() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(THING, 2).await;
    let code = r"
        storage.put('k', 'one');
        const one = await storage.getCurrentBookmark();
        await storage.put('k', 'two');
        return storage.onNextSessionRestoreBookmark(one);
    ";
    run(&app, "a", code).await;
    all_have_left(&store).await;
    assert_eq!(run(&app, "a", "return storage.get('k')").await, "one");
    all_have_left(&store).await;
    let kept = run(
        &app,
        "a",
        "await storage.put('k', 'new'); return storage.get('k')",
    )
    .await;
    assert_eq!(kept, "new");
    all_have_left(&store).await;
    assert_eq!(
        run(&app, "a", "return storage.get('k')").await,
        "new",
        "only once"
    );
}
