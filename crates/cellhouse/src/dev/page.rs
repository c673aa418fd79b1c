//! What a client gets in place of a response that an app failed to make: a page for people, JSON for
//! programs. For development only: it shows the app's own stack.

use cellhouse_exchange::{Body, Response};
use cellhouse_runtime::{Failure, FailureKind};
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;

/// A page if `accept` asks for HTML, else JSON. `stack` is in positions of the user's own files.
pub(super) fn of_failure(failure: &Failure, stack: &str, accept: &str) -> Response {
    if accept.contains("text/html") {
        response("text/html;charset=UTF-8", html(failure, stack))
    } else {
        let error = json!({
            "error": {"kind": name(failure.kind), "message": failure.message, "stack": stack},
        });
        response("application/json", format!("{error}\n"))
    }
}

fn response(content_type: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response {
        status: 500,
        status_text: None,
        headers,
        body: Body::from(body),
        web_socket: None,
    }
}

fn name(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Exception => "exception",
        FailureKind::CpuLimit => "cpu-limit",
        FailureKind::MemoryLimit => "memory-limit",
        FailureKind::Hung => "hung",
        FailureKind::Storage => "storage",
        FailureKind::Stopped => "stopped",
        FailureKind::Overloaded => "overloaded",
        FailureKind::Updated => "updated",
        _ => "failure",
    }
}

fn title(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Exception => "The Worker threw an exception",
        FailureKind::CpuLimit => "The Worker used too much CPU time",
        FailureKind::MemoryLimit => "The Worker used too much memory",
        FailureKind::Hung => "The Worker would never have answered",
        FailureKind::Storage => "A write could not be made durable",
        _ => "The Worker was stopped",
    }
}

fn html(failure: &Failure, stack: &str) -> String {
    let (title, message) = (title(failure.kind), escape(&failure.message));
    let stack = match stack.is_empty() {
        true => String::new(),
        false => format!("<pre>{}</pre>\n", escape(stack)),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n<main>\n<h1>{title}</h1>\n<p class=\"message\">{message}</p>\n\
         {stack}<p>The terminal that runs <code>cellhouse dev</code> shows the same. \
         Save a change to try again.</p>\n</main>\n</html>\n"
    )
}

const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\n\
main { max-width: 60rem; margin: 4rem auto; padding: 0 1.5rem; }\n\
h1 { font-size: 1.25rem; }\n\
.message { font: 1.1rem/1.5 ui-monospace, monospace; color: light-dark(#b00020, #ff8a80); overflow-wrap: anywhere; }\n\
pre { padding: 1rem; overflow-x: auto; border: 1px solid; border-radius: .5rem; }\n";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(response: Response) -> String {
        match response.body {
            Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
            other => panic!("{other:?}"),
        }
    }

    fn failure() -> Failure {
        Failure::exception("TypeError: <b> & \"c\"", "")
    }

    #[test]
    fn a_browser_gets_a_page_without_markup_of_the_message() {
        let page = body(of_failure(
            &failure(),
            "at x (src/index.ts:1:2)",
            "text/html,*/*",
        ));
        assert!(
            page.contains("TypeError: &lt;b&gt; &amp; &quot;c&quot;"),
            "{page}"
        );
        assert!(page.contains("src/index.ts:1:2"));
    }

    #[test]
    fn a_program_gets_json() {
        let text = body(of_failure(&failure(), "", "*/*"));
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["error"]["kind"], "exception");
        assert_eq!(value["error"]["message"], "TypeError: <b> & \"c\"");
    }
}
