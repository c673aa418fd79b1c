//! WebSockets: `examples/websocket-echo`, close codes, and the sizes and kinds of messages.

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{App, Project, WebSocket};

const CLOSES: &str = r#"
let seen: unknown = null;

export default {
    async fetch(request: Request): Promise<Response> {
        if (request.headers.get("Upgrade") !== "websocket") return Response.json(seen);
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("close", ({ code, reason, wasClean }) => { seen = { code, reason, wasClean }; });
        return new Response(null, { status: 101, webSocket: client });
    },
};
"#;

async fn echo() -> (Project, App) {
    let project = Project::example("websocket-echo");
    let app = project.dev().start().await;
    (project, app)
}

#[tokio::test]
async fn text_and_bytes_come_back() {
    let (_project, app) = echo().await;
    let mut socket = WebSocket::connect(app.client(), "/").await;
    let long = "long ".repeat(40_000);
    for message in [
        Message::text("hello"),
        Message::text(""),
        Message::text("Grüße ✓"),
        Message::binary(vec![0, 1, 2, 255]),
        Message::text(long),
        Message::binary(vec![9; 1 << 20]),
    ] {
        socket.send(message.clone()).await;
        assert_eq!(socket.receive().await, message);
    }
}

#[tokio::test]
async fn a_ping_is_answered() {
    let (_project, app) = echo().await;
    let mut socket = WebSocket::connect(app.client(), "/").await;
    socket.send(Message::Ping("are you there".into())).await;
    assert_eq!(
        socket.receive().await,
        Message::Pong("are you there".into())
    );
}

#[tokio::test]
async fn the_server_closes_with_its_code() {
    let (_project, app) = echo().await;
    let mut socket = WebSocket::connect(app.client(), "/").await;
    socket.send(Message::text("bye")).await;
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "goodbye".into(),
    };
    assert_eq!(socket.receive().await, Message::Close(Some(frame)));
}

#[tokio::test]
async fn the_app_sees_the_code_of_the_client() {
    let project = Project::ploy("", CLOSES);
    let app = project.dev().arguments(&["--isolates", "1"]).start().await;
    let mut socket = WebSocket::connect(app.client(), "/").await;
    let frame = CloseFrame {
        code: CloseCode::Library(4001),
        reason: "had enough".into(),
    };
    socket.send(Message::Close(Some(frame.clone()))).await;
    assert_eq!(socket.receive().await, Message::Close(Some(frame)));
    let expected = serde_json::json!({ "code": 4001, "reason": "had enough", "wasClean": true });
    crate::support::eventually("the close event", async || {
        app.get("/").await.json() == expected
    })
    .await;
}

#[tokio::test]
async fn many_sockets_at_once() {
    let (_project, app) = echo().await;
    let mut sockets = Vec::new();
    for _ in 0..100 {
        sockets.push(WebSocket::connect(app.client(), "/").await);
    }
    for (number, socket) in sockets.iter_mut().enumerate() {
        socket.send(Message::text(number.to_string())).await;
    }
    for (number, socket) in sockets.iter_mut().enumerate() {
        assert_eq!(socket.receive().await, Message::text(number.to_string()));
    }
}

#[tokio::test]
async fn without_an_upgrade_the_example_says_so() {
    let (_project, app) = echo().await;
    app.get("/").await.expect(426);
}
