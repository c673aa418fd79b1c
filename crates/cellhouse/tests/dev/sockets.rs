//! Sockets that an app opens: when they end, how many there may be, and what a silent peer costs.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{App, Project};

const CONFIG: &str = r#"
name = "app"
main = "index.js"
compatibility_date = "2026-07-01"
durable_objects.bindings = [{ name = "KEEPER", class_name = "Keeper" }]
migrations = [{ tag = "v1", new_sqlite_classes = ["Keeper"] }]
"#;

/// An app, and what it connects to: `PORT` in its source is the port of that.
async fn start(source: &str) -> (Project, App, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let source = source.replace("PORT", &port.to_string());
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("index.js", &source);
    let app = project.dev().start().await;
    (project, app, listener)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().await.expect("a connection").0
}

const KEEPER: &str = "
    import { connect } from 'cloudflare:sockets';
    import { DurableObject } from 'cloudflare:workers';
    export class Keeper extends DurableObject {
        async fetch(request) {
            const path = new URL(request.url).pathname;
            if (path === '/open') {
                this.socket = connect('127.0.0.1:PORT');
                await this.socket.opened;
            } else if (path === '/ask') {
                await this.socket.writable.getWriter().write(new TextEncoder().encode('ask'));
                const { value } = await this.socket.readable.getReader().read();
                return new Response(value);
            } else {
                this.ctx.abort();
            }
            return new Response('done');
        }
    }
    const last = [];
    export default { async fetch(request, env, ctx) {
        const path = new URL(request.url).pathname;
        if (path.startsWith('/object')) {
            return env.KEEPER.getByName('one').fetch(`http://object/${path.slice(8)}`);
        }
        if (path === '/late') {
            const writer = last[0].writable.getWriter();
            return new Response(await writer.write(new Uint8Array(1)).then(String, (error) => error.message));
        }
        const socket = connect('127.0.0.1:PORT');
        last.push(socket);
        await socket.opened;
        if (path === '/waits') {
            ctx.waitUntil(socket.readable.getReader().read().then(() => socket.close()));
        }
        return new Response('answered');
    } };";

#[tokio::test]
async fn a_socket_ends_with_its_event() {
    let (_project, app, listener) = start(KEEPER).await;
    let (reply, mut peer) = tokio::join!(app.get("/"), accept(&listener));
    assert_eq!(reply.expect(200).text(), "answered");
    assert_eq!(peer.read(&mut [0; 8]).await.expect("the end"), 0);
    let said = app.get("/late").await.expect(200).text().to_owned();
    assert!(
        said.starts_with("Cannot perform I/O on behalf of a different request"),
        "{said}"
    );
}

#[tokio::test]
async fn what_waits_for_it_keeps_it_open() {
    let (_project, app, listener) = start(KEEPER).await;
    let (reply, mut peer) = tokio::join!(app.get("/waits"), accept(&listener));
    assert_eq!(reply.expect(200).text(), "answered");
    peer.write_all(b"now").await.expect("it is open");
    assert_eq!(peer.read(&mut [0; 8]).await.expect("the end"), 0);
}

#[tokio::test]
async fn an_object_keeps_its_sockets_until_it_is_reset() {
    let (_project, app, listener) = start(KEEPER).await;
    let (reply, mut peer) = tokio::join!(app.get("/object/open"), accept(&listener));
    reply.expect(200);
    let answer = async {
        let mut asked = [0; 3];
        peer.read_exact(&mut asked).await.expect("a question");
        peer.write_all(b"told").await.expect("it is open");
    };
    let (reply, ()) = tokio::join!(app.get("/object/ask"), answer);
    assert_eq!(reply.expect(200).text(), "told");
    app.get("/object/abort").await;
    assert_eq!(peer.read(&mut [0; 8]).await.expect("the end"), 0);
}

const MANY: &str = "
    import { connect } from 'cloudflare:sockets';
    export class Keeper {}
    export default { async fetch(request) {
        const sockets = [];
        let refused;
        try {
            for (;;) {
                sockets.push(connect('127.0.0.1:PORT'));
                await sockets.at(-1).opened;
            }
        } catch (error) {
            refused = error.message;
        }
        const { length } = sockets;
        await sockets[0].close();
        const again = connect('127.0.0.1:PORT');
        await again.opened;
        return Response.json({ length, refused });
    } };";

#[tokio::test]
async fn there_is_a_limit_and_events_give_back_what_they_had() {
    let (_project, app, listener) = start(MANY).await;
    let accepting = tokio::spawn(async move {
        loop {
            drop(accept(&listener).await);
        }
    });
    let limit = "1000 sockets are open already, which is the limit: close() those that are not needed any more";
    let expected = json!({ "length": 1000, "refused": limit });
    for _ in 0..2 {
        assert_eq!(app.get("/").await.expect(200).json(), expected);
    }
    accepting.abort();
}

const SILENT: &str = "
    import { connect } from 'cloudflare:sockets';
    export class Keeper {}
    export default { async fetch(request) {
        if (new URL(request.url).pathname === '/other') return new Response('other');
        const socket = connect('127.0.0.1:PORT');
        await socket.readable.getReader().read();
        return new Response('never');
    } };";

#[tokio::test]
async fn a_silent_peer_costs_others_nothing() {
    let (_project, app, listener) = start(SILENT).await;
    let waiting = app.get("/");
    tokio::pin!(waiting);
    let mut peer = tokio::select! {
        _ = &mut waiting => panic!("nothing was sent"),
        peer = accept(&listener) => peer,
    };
    tokio::select! {
        _ = &mut waiting => panic!("nothing was sent"),
        reply = app.get("/other") => assert_eq!(reply.expect(200).text(), "other"),
    }
    peer.write_all(b"x").await.expect("it is open");
    assert_eq!(waiting.await.expect(200).text(), "never");
    assert_eq!(peer.read(&mut [0; 8]).await.expect("the end"), 0);
}

#[tokio::test]
async fn nothing_is_opened_outside_of_events() {
    let source = "
        import { connect } from 'cloudflare:sockets';
        export class Keeper {}
        let said;
        try { connect('127.0.0.1:PORT') } catch (error) { said = `${error.name}: ${error.message}` }
        export default { fetch: () => new Response(said) };";
    let (_project, app, _listener) = start(source).await;
    let said = app.get("/").await.expect(200).text().to_owned();
    assert!(
        said.starts_with("Error: Disallowed operation called within global scope."),
        "{said}"
    );
}
