//! Configs that name what is not there.

use super::{SECOND, together, two};

const HELLO: &str = "export default { fetch() { return new Response('hello'); } };";

#[tokio::test]
async fn an_unknown_service_is_an_error_that_names_those_that_exist() {
    let unknown = "[[services]]\nbinding = \"THIRD\"\nservice = \"third\"\n";
    let exit = together(&two(unknown, HELLO, HELLO)).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    for part in [
        "there is no app `third` here",
        "first/wrangler.toml",
        "THIRD",
        "first, second",
    ] {
        assert!(exit.stderr.contains(part), "{part}: {}", exit.stderr);
    }
}

#[tokio::test]
async fn an_unknown_script_is_one_too() {
    let unknown = "[[durable_objects.bindings]]\nname = \"THINGS\"\nclass_name = \"Thing\"\nscript_name = \"third\"\n";
    let exit = together(&two(unknown, HELLO, HELLO)).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    assert!(
        exit.stderr.contains("there is no app `third` here"),
        "{}",
        exit.stderr
    );
}

#[tokio::test]
async fn an_unknown_entrypoint_is_an_error_that_names_those_that_exist() {
    let unknown = format!("{SECOND}entrypoint = \"Admin\"\n");
    let second = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export class User extends WorkerEntrypoint {}
        export default { fetch() { return new Response('hello'); } };";
    let exit = together(&two(&unknown, HELLO, second)).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    for part in [
        "the app `second` has no entrypoint `Admin`",
        "User",
        "first/wrangler.toml",
    ] {
        assert!(exit.stderr.contains(part), "{part}: {}", exit.stderr);
    }
}

#[tokio::test]
async fn an_app_alone_runs_and_says_at_the_call_what_is_missing() {
    let first = "export default { async fetch(request, env) {
        const calls = [() => env.SECOND.fetch('http://x/'), () => env.SECOND.add(1), () => env.THINGS.getByName('a')];
        const messages = [];
        for (const call of calls) {
            try { await call(); } catch (error) { messages.push(error.message); }
        }
        return Response.json(messages);
    } };";
    let script = "[[durable_objects.bindings]]\nname = \"THINGS\"\nclass_name = \"Thing\"\nscript_name = \"second\"\n";
    let project = two(&format!("{SECOND}{script}"), first, HELLO);
    let app = project
        .dev()
        .arguments(&["-c", "first/wrangler.toml"])
        .start()
        .await;
    let warning = app.events().next(0, "warning").await.expect("a warning");
    assert_eq!(warning["message"], "there is no app `second` here");
    let messages = app.get("/").await.expect(200).json();
    for message in messages.as_array().expect("a list") {
        let message = message.as_str().expect("a text");
        assert!(
            message.contains("second") && message.contains("start both together"),
            "{message}"
        );
    }
    assert_eq!(messages.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn two_apps_of_one_name_are_refused() {
    let project = two("", HELLO, HELLO);
    let config = project.read("first/wrangler.toml");
    project.write("second/wrangler.toml", &config);
    let exit = together(&project).run().await;
    assert_eq!(exit.code, Some(2), "{exit:?}");
    assert!(
        exit.stderr.contains("two of the apps are called `first`"),
        "{}",
        exit.stderr
    );
}
