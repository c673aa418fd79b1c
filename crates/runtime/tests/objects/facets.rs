//! Facets that leave memory, with their object and without it, and come back.

use serde_json::{Value, json};

use super::support::{App, PATIENCE, Store};
use super::{NO_REST, all_have_left, ask};

const CLASSES: &str = r#"
let parts = 0;
let asked = 0;
export class Part {
  made = ++parts;
  async count() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return [count, asked, `${this.ctx.id}`, this.ctx.props];
  }
  async fetch(request) {
    if (!request.url.endsWith("/socket")) return Response.json(await this.count());
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["tag"]);
    return new Response(null, { status: 101, webSocket: client });
  }
  async webSocketMessage(socket, text) {
    socket.send(JSON.stringify([this.made, text, ...await this.count(), this.ctx.getWebSockets("tag").length]));
  }
}
export class Thing {
  async fetch(request) {
    const part = this.ctx.facets.get("part", async () => {
      asked++;
      return { class: this.ctx.exports.Part({ props: { p: 1 } }), id: "its own" };
    });
    return await part.fetch(request);
  }
}
"#;

async fn app(store: &Store) -> App {
    // What is counted is counted in each.
    store.app(CLASSES, 1).await
}

#[tokio::test]
async fn it_leaves_with_its_object_and_is_asked_for_again() {
    let store = Store::with_rest(NO_REST);
    let app = app(&store).await;
    for asked in 1..=3 {
        let counted = ask(&app, "/a/count").await;
        assert_eq!(counted, json!([asked, asked, "its own", { "p": 1 }]));
        all_have_left(&store).await;
    }
}

#[tokio::test]
async fn it_sleeps_beside_its_socket_and_keeps_its_object_where_it_is() {
    let store = Store::with_rest(NO_REST);
    let app = app(&store).await;
    let mut socket = app.socket("/a/socket").await;
    let mut count = 0;
    let made_again = async {
        loop {
            let heard: Value = serde_json::from_str(&socket.ask("hello").await).expect("JSON");
            count += 1;
            let expected = json!(["hello", count, 1, "its own", { "p": 1 }, 1]);
            assert_eq!(
                heard.as_array().expect("a list")[1..],
                expected.as_array().expect("a list")[..]
            );
            if heard[0] != 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, made_again)
        .await
        .expect("it sleeps");
    assert_eq!(store.host.resident(), 1);
    // Its object finds it as it is.
    assert_eq!(
        ask(&app, "/a/count").await,
        json!([count + 1, 1, "its own", { "p": 1 }])
    );
    drop(socket);
    all_have_left(&store).await;
    assert_eq!(
        ask(&app, "/a/count").await,
        json!([count + 2, 2, "its own", { "p": 1 }])
    );
}
