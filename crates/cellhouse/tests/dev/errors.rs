//! What a user sees when code throws: the client a 500 that can be read, the terminal one
//! stack trace in the lines of the user's own file.

use crate::support::{App, Project, full};

/// The throw is in line 10 of a file that TypeScript makes longer than what runs.
const THROWS: &str = r#"interface Visitor {
    name: string;
    age?: number;
}

type Check = (visitor: Visitor) => void;

const check: Check = (visitor: Visitor): void => {
    const age: number | undefined = visitor.age;
    if (age === undefined) throw new RangeError("nobody is ageless");
};

export default {
    async fetch(request: Request): Promise<Response> {
        const { pathname } = new URL(request.url);
        if (pathname === "/log") {
            console.log("a word", { and: "an object" });
            console.error("an error");
        }
        if (pathname === "/throw") check({ name: "Ada" });
        if (pathname === "/string") throw "just text";
        if (pathname === "/nothing") return undefined as unknown as Response;
        if (pathname === "/rejected") void Promise.reject(new Error("nobody caught me"));
        return new Response("fine");
    },
};
"#;

async fn get(app: &App, path: &str, accept: &str) -> crate::support::Reply {
    let request = app
        .client()
        .request("GET", path)
        .header("accept", accept)
        .body(full(""))
        .expect("a request");
    app.client().call(request).await
}

#[tokio::test]
async fn a_browser_gets_a_readable_page() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    let page = get(&app, "/throw", "text/html,application/xhtml+xml,*/*;q=0.8")
        .await
        .expect(500);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{page:?}"
    );
    assert!(page.text().contains("nobody is ageless"), "{page:?}");
    assert!(page.text().contains("src/index.ts:10"), "{page:?}");
}

#[tokio::test]
async fn a_program_gets_json() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    for accept in ["application/json", "*/*"] {
        let reply = get(&app, "/throw", accept).await.expect(500);
        assert!(
            reply.header("content-type").starts_with("application/json"),
            "{reply:?}"
        );
        let json = reply.json().to_string();
        assert!(json.contains("nobody is ageless"), "{json}");
        assert!(json.contains("src/index.ts:10"), "{json}");
    }
}

#[tokio::test]
async fn the_page_shows_no_markup_of_the_message() {
    let source = r#"export default { fetch() { throw new Error("<script>alert(1)</script>"); } };"#;
    let project = Project::ploy("", source);
    let app = project.dev().start().await;
    let page = get(&app, "/", "text/html").await.expect(500);
    assert!(!page.text().contains("<script>alert"), "{page:?}");
}

#[tokio::test]
async fn the_terminal_shows_one_stack_in_the_users_lines() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    let mark = app.events().mark();
    app.get("/throw").await.expect(500);
    let error = app.events().next(mark, "error").await.expect("it goes on");
    assert!(
        error["message"]
            .as_str()
            .expect("a message")
            .contains("nobody is ageless")
    );
    let stack = error["stack"].as_str().expect("a stack");
    assert!(stack.contains("src/index.ts:10"), "{stack}");
    assert!(stack.contains("src/index.ts:20"), "{stack}");

    app.get("/").await.expect(200);
    app.events()
        .find(mark, |event| event["path"] == "/")
        .await
        .expect("it goes on");
    assert_eq!(app.events().all(mark, "error").len(), 1);
}

#[tokio::test]
async fn other_ways_to_fail_answer_500_too() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    let mark = app.events().mark();
    app.get("/string").await.expect(500);
    app.get("/nothing").await.expect(500);
    assert_eq!(app.get("/").await.expect(200).text(), "fine");
    app.events()
        .find(mark, |event| event["path"] == "/")
        .await
        .expect("it goes on");
    assert_eq!(app.events().all(mark, "error").len(), 2);
}

#[tokio::test]
async fn a_rejection_that_nobody_catches_is_shown_and_harms_nothing() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    let mark = app.events().mark();
    app.get("/rejected").await.expect(200);
    let shown = app
        .events()
        .find(mark, |event| event.to_string().contains("nobody caught me"))
        .await;
    assert!(shown.is_some());
    app.get("/").await.expect(200);
}

#[tokio::test]
async fn requests_and_console_lines_are_logged() {
    let project = Project::ploy("", THROWS);
    let app = project.dev().start().await;
    let mark = app.events().mark();
    app.get("/log").await.expect(200);
    let request = app
        .events()
        .next(mark, "request")
        .await
        .expect("it goes on");
    assert_eq!(request["method"], "GET");
    assert_eq!(request["path"], "/log");
    assert_eq!(request["status"], 200);
    assert!(request["ms"].is_number(), "{request}");

    let console = app.events().all(mark, "console");
    assert_eq!(console.len(), 2, "{console:?}");
    assert_eq!(console[0]["level"], "log");
    let message = console[0]["message"].as_str().expect("a message");
    assert!(
        message.contains("a word") && message.contains("an object"),
        "{message}"
    );
    assert_eq!(console[1]["level"], "error");
}
