//! What is large, far away or configured by a variable: an event of 1 MB, a WebSocket for an object that lives in
//! another isolate, the user's name.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Project, WebSocket, eventually};

const LARGE: &str = "
    import { on, send, state } from 'sdk.do';
    export class Seen { sizes = []; async add(n) { this.sizes.push(n); await state.save(this); } all() { return this.sizes; } }
    on($.Blob.stored, async (event) => (await state.get(Seen, 'all')).add([event.text.length, event.what.text === event.text]));
    export default { async fetch(request) {
        const length = Number(new URL(request.url).pathname.slice(1));
        if (request.method === 'POST') {
            const sent = await send($.Blob.stored, { text: 'x'.repeat(length) }).catch((error) => error.message);
            return Response.json(sent);
        }
        return Response.json(await (await state.get(Seen, 'all')).all());
    } };";

#[tokio::test]
async fn an_event_of_a_megabyte_arrives_also_after_a_crash() {
    let project = Project::ploy("", LARGE);
    let app = project.dev().start().await;
    app.post("/1048576").await.expect(200);
    let refused = app.post("/1600000").await.expect(200).json();
    let refused = refused.as_str().expect("a text");
    assert!(
        refused.contains("at most 1500000 bytes of JSON; this has 1600011"),
        "{refused}"
    );
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it is handled", async || {
        let seen = app.get("/").await.expect(200).json();
        // Once more if the crash was in the middle of it.
        let all = seen.as_array().expect("a list");
        !all.is_empty() && all.iter().all(|one| *one == json!([1_048_576, true]))
    })
    .await;
}

/// The room is made in an isolate that is kept busy, so that there is a second one, which has never made a room.
const ROOM: &str = "
    import { state } from 'sdk.do';
    let lives = false;
    let leave;
    const left = new Promise((resolve) => (leave = resolve));
    export class Room {
        clients = [];
        constructor() { lives = true; }
        async stay() { await left; }
        leave() { leave(); }
        connect(socket) {
            socket.accept();
            this.clients.push(socket);
            socket.addEventListener('message', ({ data }) => this.clients.forEach((client) => client.send('room: ' + data)));
            socket.addEventListener('close', () => { this.clients = this.clients.filter((client) => client !== socket); });
        }
        count() { return this.clients.length; }
    }
    export default { async fetch(request) {
        const room = await state.get(Room, 'one');
        switch (new URL(request.url).pathname) {
            case '/stay': await room.stay(); return new Response();
            case '/leave': await room.leave(); return new Response();
            case '/count': return Response.json(await room.count());
            case '/here': return Response.json(lives);
        }
        const [client, server] = Object.values(new WebSocketPair());
        await room.connect(server);
        server.send(lives ? 'here' : 'elsewhere');
        return new Response(null, { status: 101, webSocket: client });
    } };";

#[tokio::test]
async fn a_socket_reaches_an_object_of_another_isolate() {
    let project = Project::ploy("", ROOM);
    let app = project.dev().arguments(&["--isolates", "2"]).start().await;
    assert_eq!(app.get("/count").await.expect(200).json(), 0);
    let mut stays = Vec::new();
    for _ in 0..4 {
        let client = app.client().clone();
        stays.push(tokio::spawn(async move {
            client.send("GET", "/stay", "").await
        }));
    }
    eventually("there is a second isolate", async || {
        app.get("/here").await.expect(200).json() == json!(false)
    })
    .await;
    // Few requests go to the isolate that is busy.
    let mut socket = WebSocket::connect(app.client(), "/").await;
    assert_eq!(socket.receive().await, Message::text("elsewhere"));
    socket.send(Message::text("hello")).await;
    assert_eq!(socket.receive().await, Message::text("room: hello"));
    assert_eq!(app.get("/count").await.expect(200).json(), 1);
    socket.close(1000, "done").await;
    eventually("the room sees it close", async || {
        app.get("/count").await.expect(200).json() == 0
    })
    .await;
    app.get("/leave").await.expect(200);
    for stay in stays {
        stay.await.expect("it ends").expect(200);
    }
}

#[tokio::test]
async fn the_user_is_a_variable() {
    let source = "import { user } from 'sdk.do'; export default { fetch: () => Response.json(user.current) };";
    for (variables, id) in [("", "anonymous"), ("USER_ID=u-7\n", "u-7")] {
        let project = Project::ploy("", source).with(".env", variables);
        let app = project.dev().start().await;
        let expected = json!({ "$id": id, "$type": "User" });
        assert_eq!(app.get("/").await.expect(200).json(), expected);
    }
}
