//! WebSockets that an app opens to another server.

mod support;

use support::{App, get, handler, origin};

/// Shared by the handlers below: `open(socket)` and `next(socket, type)`.
const HELPERS: &str = r#"
const next = (socket, type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
const open = (socket) => new Promise((resolve, reject) => {
  socket.onopen = () => resolve(socket);
  socket.onerror = ({ message }) => reject(new Error(message));
});
const closed = async (socket) => { const { code, reason, wasClean } = await next(socket, "close"); return [code, reason, wasClean]; };
"#;

/// A handler that finds the other server's address as `origin`, such as `127.0.0.1:4000`.
async fn app(body: &str) -> App {
    let origin = origin().await;
    handler(&format!("const origin = \"{origin}\";\n{HELPERS}\n{body}")).await
}

#[tokio::test]
async fn the_constructor_connects() {
    let app = app(
        r#"
        const socket = new WebSocket(`ws://${origin}/ws`, ["chat", "v2"]);
        const states = [socket.readyState];
        let early;
        try { socket.send("x"); } catch (error) { early = error.name; }
        await open(socket);
        states.push(socket.readyState);
        socket.send("hi");
        const { data } = await next(socket, "message");
        socket.send(Uint8Array.of(1, 2));
        socket.binaryType = "arraybuffer";
        const bytes = [...new Uint8Array((await next(socket, "message")).data)];
        const end = closed(socket);
        socket.close(1000, "done");
        states.push(socket.readyState);
        const close = await end;
        states.push(socket.readyState);
        return Response.json({ data, bytes, close, states, early, protocol: socket.protocol, url: socket.url === `ws://${origin}/ws` });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"data":"o:hi","bytes":[1,2],"close":[1000,"done",true],"states":[0,1,2,3],"early":"InvalidStateError","protocol":"chat","url":true}"#
    );
}

#[tokio::test]
async fn fetch_connects_with_an_upgrade_header() {
    let app = app(
        r#"
        const response = await fetch(`http://${origin}/ws`, { headers: { Upgrade: "websocket" } });
        const socket = response.webSocket;
        let early;
        try { socket.send("x"); } catch (error) { early = error.name; }
        socket.accept();
        socket.send("up");
        const { data } = await next(socket, "message");
        const end = closed(socket);
        socket.send("close-me");
        return Response.json({ status: response.status, header: response.headers.get("x-origin"), body: response.body, data, early, close: await end });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"status":101,"header":"yes","body":null,"data":"o:up","early":"TypeError","close":[4003,"origin bye",true]}"#
    );
}

#[tokio::test]
async fn headers_of_a_request_go_along() {
    let app = app(
        r#"
        const headers = { Upgrade: "websocket", "X-Mine": "m", Cookie: "a=b", "Sec-WebSocket-Key": "forged", Host: "elsewhere" };
        const { webSocket } = await fetch(`http://${origin}/headers`, { headers });
        webSocket.accept();
        const { data } = await next(webSocket, "message");
        webSocket.close();
        const host = data.match(/^host: (.*)$/m)[1];
        return Response.json({ host: host === origin, names: data.split("\n").map((line) => line.split(":")[0]), forged: data.includes("forged") });
        "#,
    )
    .await;
    let answer: serde_json::Value = serde_json::from_str(&app.text("/").await).unwrap();
    assert_eq!(answer["host"], true);
    assert_eq!(answer["forged"], false);
    let names = [
        "connection",
        "cookie",
        "host",
        "sec-websocket-key",
        "sec-websocket-version",
        "upgrade",
        "x-mine",
    ];
    assert_eq!(answer["names"], serde_json::json!(names));
}

#[tokio::test]
async fn a_server_without_websocket_answers_as_it_likes() {
    let app = app(
        r#"
        const response = await fetch(`http://${origin}/plain`, { headers: { Upgrade: "websocket" } });
        const socket = new WebSocket(`ws://${origin}/plain`);
        const [error, close] = await Promise.all([next(socket, "error"), closed(socket)]);
        return Response.json({ status: response.status, webSocket: response.webSocket, why: response.headers.get("x-why"), text: await response.text(), error: error.message, close, state: socket.readyState });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"status":426,"webSocket":null,"why":"plain","text":"no sockets here","error":"Expected a WebSocket, the server answered with status 426.","close":[1006,"Failed to establish websocket connection",false],"state":3}"#
    );
}

#[tokio::test]
async fn nobody_listens() {
    let app = app(
        r#"
        const socket = new WebSocket("ws://127.0.0.1:1/");
        const [error, close] = await Promise.all([next(socket, "error"), closed(socket)]);
        const failed = await fetch("http://127.0.0.1:1/", { headers: { Upgrade: "websocket" } }).catch((e) => e.name);
        return Response.json({ error: error.message.startsWith("Failed to establish"), close, failed });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"error":true,"close":[1006,"Failed to establish websocket connection",false],"failed":"TypeError"}"#
    );
}

#[tokio::test]
async fn a_connection_that_is_being_opened_can_be_given_up() {
    let app = app(
        r#"
        const socket = new WebSocket(`ws://${origin}/silent`);
        const end = closed(socket);
        socket.close();
        const state = socket.readyState;
        const close = await end;
        const abort = AbortSignal.timeout(20);
        const aborted = await fetch(`http://${origin}/silent`, { headers: { Upgrade: "websocket" }, signal: abort }).catch((e) => e.name);
        return Response.json({ state, close, aborted });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"state":2,"close":[1006,"Failed to establish websocket connection",false],"aborted":"TimeoutError"}"#
    );
}

#[tokio::test]
async fn a_server_that_vanishes_is_an_abnormal_closure() {
    let app = app(r#"
        const socket = await open(new WebSocket(`ws://${origin}/ws`));
        const end = closed(socket);
        socket.send("vanish");
        return Response.json(await end);
        "#)
    .await;
    assert_eq!(
        app.text("/").await,
        r#"[1006,"WebSocket disconnected without sending Close frame.",false]"#
    );
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_with_1009() {
    let app = app(r#"
        const socket = await open(new WebSocket(`ws://${origin}/ws`));
        const end = closed(socket);
        socket.send("huge");
        return Response.json((await end)[0]);
        "#)
    .await;
    assert_eq!(app.text("/").await, "1009");
}

#[tokio::test]
async fn a_response_passes_the_socket_on() {
    let app = app(r#"
        const response = await fetch(`http://${origin}/ws`, { headers: { Upgrade: "websocket" } });
        if (new URL(request.url).pathname === "/as-is") return response;
        return new Response(null, { status: 101, webSocket: response.webSocket });
        "#)
    .await;
    for path in ["/as-is", "/again"] {
        let mut socket = app.socket(path).await;
        assert_eq!(socket.ask("through").await, "o:through");
        socket.say("close-me");
        assert_eq!(socket.closed().await, (Some(4003), "origin bye".to_owned()));
    }
    let response = app.fetch(get("/as-is")).await.unwrap();
    assert_eq!(response.headers["x-origin"], "yes");
}

#[tokio::test]
async fn arguments_of_the_constructor_are_checked() {
    let app = handler(
        r#"
        const attempt = (...args) => { try { new WebSocket(...args); return "accepted"; } catch (error) { return error.name; } };
        return Response.json([
          attempt(), attempt("not a url"), attempt("ftp://x/"), attempt("ws://x/#frag"), attempt("ws://x/#"),
          attempt("ws://x/", ["a", "a"]), attempt("ws://x/", "a b"), attempt("ws://x/", [""]),
        ]);
        "#,
    )
    .await;
    let syntax = "\"SyntaxError\"";
    let expected = format!("[\"TypeError\",{}]", [syntax; 7].join(","));
    assert_eq!(app.text("/").await, expected);
}
