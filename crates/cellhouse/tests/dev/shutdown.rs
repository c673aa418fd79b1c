//! SIGTERM and Ctrl-C: no new connection, what runs is finished, exit code 0.

use tokio::net::TcpStream;

use crate::support::{Project, eventually};

const SLOW: &str = r#"
export default {
    async fetch(request: Request, env: unknown, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
        if (new URL(request.url).pathname === "/later") {
            ctx.waitUntil(scheduler.wait(800).then(() => console.log("the late work is done")));
            return new Response("soon");
        }
        console.log("the slow request began");
        await scheduler.wait(1000);
        return new Response("finished");
    },
};
"#;

#[tokio::test]
async fn what_runs_is_finished() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let project = Project::ploy("", SLOW);
        let app = project.dev().start().await;
        let client = app.client().clone();
        let slow = tokio::spawn(async move { client.send("GET", "/", "").await });
        app.events()
            .next(0, "console")
            .await
            .expect("the request arrived");
        let address = app.client().address().to_string();

        app.signal(signal);
        eventually("new connections are refused", async || {
            TcpStream::connect(&address).await.is_err()
        })
        .await;
        assert_eq!(
            slow.await.expect("the client ends").expect(200).text(),
            "finished"
        );
        assert_eq!(app.ended().await.code, Some(0));
    }
}

#[tokio::test]
async fn work_after_the_answer_is_finished_too() {
    let project = Project::ploy("", SLOW);
    let app = project.dev().start().await;
    app.get("/later").await.expect(200);
    let events = app.events().clone();
    let exit = app.stop(libc::SIGTERM).await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    let late = events.find(0, |event| {
        event.to_string().contains("the late work is done")
    });
    assert!(late.await.is_some());
}

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let project = Project::ploy("", SLOW);
    let app = project.dev().start().await;
    let idle = TcpStream::connect(app.client().address())
        .await
        .expect("connect");
    app.get("/later").await.expect(200);
    assert_eq!(app.stop(libc::SIGTERM).await.code, Some(0));
    drop(idle);
}
