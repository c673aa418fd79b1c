//! What cannot start says so in one clear message and exits with 2.

use crate::support::{Exit, Project};

const FINE: &str = "export default { fetch: () => new Response('fine') };\n";

/// Exit code 2, every one of these words, and nothing that only a developer of Cellhouse reads.
#[track_caller]
fn refused(exit: &Exit, words: &[&str]) {
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    let all = format!("{}{}", exit.stdout, exit.stderr);
    for word in words {
        assert!(all.contains(word), "{word:?} is missing in {exit:#?}");
    }
    for noise in ["panicked", "RUST_BACKTRACE", "stack backtrace", ".rs:"] {
        assert!(!all.contains(noise), "{noise:?} in {exit:#?}");
    }
    assert!(exit.stderr.lines().count() <= 12, "{exit:#?}");
}

#[tokio::test]
async fn a_taken_port() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let project = Project::ploy("", FINE);
    let exit = project.command(&["dev", ".", "--port", &port]).run().await;
    refused(&exit, &[&port, "in use"]);
}

#[tokio::test]
async fn a_missing_entry() {
    let project = Project::empty().with("ploy.yaml", "kind: dynamic\n");
    let exit = project.command(&["dev", "--port", "0"]).run().await;
    refused(&exit, &["src/index.ts"]);

    let project = Project::empty().with("ploy.yaml", "kind: dynamic\nmain: app.ts\n");
    let exit = project.command(&["dev", "--port", "0"]).run().await;
    refused(&exit, &["app.ts"]);
}

#[tokio::test]
async fn a_folder_without_a_config() {
    let project = Project::empty().with("src/index.ts", FINE);
    let exit = project.command(&["dev", "--port", "0"]).run().await;
    refused(&exit, &["ploy.yaml", "wrangler"]);
}

#[tokio::test]
async fn a_folder_that_is_not_there() {
    let project = Project::empty();
    let exit = project
        .command(&["dev", "nowhere", "--port", "0"])
        .run()
        .await;
    refused(&exit, &["nowhere"]);
}

#[tokio::test]
async fn a_bad_config_shows_its_line() {
    let cases = [
        (
            "kind: dynamic\nstate: [STATE]\n",
            &["ploy.yaml", "2:", "state: [STATE]"][..],
        ),
        (
            "kind: dynamic\nstate:\n  state-1: default\n",
            &["ploy.yaml", "3:", "state-1"],
        ),
        (
            "kind: dynamic\nstate:\n  A: one\ncache:\n  A: two\n",
            &["ploy.yaml", "5 |", "A"],
        ),
        ("kind: sometimes\n", &["ploy.yaml", "1:", "sometimes"]),
        ("kind: [\n", &["ploy.yaml"]),
    ];
    for (config, words) in cases {
        let project = Project::empty()
            .with("ploy.yaml", config)
            .with("src/index.ts", FINE);
        refused(&project.command(&["dev", "--port", "0"]).run().await, words);
    }
}

#[tokio::test]
async fn an_unknown_key_only_warns_and_names_the_nearest() {
    let project = Project::ploy("stat:\n  STATE: default\n", FINE);
    let app = project.dev().start().await;
    app.get("/").await.expect(200);
    let said = format!("{:?}{}", app.events().after(0), app.stderr());
    assert!(said.contains("stat") && said.contains("state"), "{said}");
}

#[tokio::test]
async fn a_config_by_another_name() {
    let project = Project::empty()
        .with("other.yaml", "kind: dynamic\nmain: worker.ts\n")
        .with("worker.ts", FINE);
    let app = project
        .dev()
        .arguments(&["--config", "other.yaml"])
        .start()
        .await;
    assert_eq!(app.get("/").await.expect(200).text(), "fine");
}

#[tokio::test]
async fn the_command_of_the_documents_runs_without_a_package_manager() {
    let project = Project::ploy(
        "build: pnpm build\nout: dist\nstate:\n  STATE: default\n",
        FINE,
    );
    let app = project
        .dev()
        .variable("PATH", "/usr/bin:/bin")
        .start()
        .await;
    assert_eq!(app.get("/").await.expect(200).text(), "fine");
}

#[tokio::test]
async fn wrong_arguments() {
    let project = Project::ploy("", FINE);
    for (arguments, word) in [
        (&["dev", "--port", "70000"][..], "70000"),
        (&["dev", "--prot", "1"], "--port"),
        (&["devv"], "devv"),
    ] {
        refused(&project.command(arguments).run().await, &[word]);
    }
}

#[tokio::test]
async fn version() {
    let exit = Project::empty().command(&["--version"]).run().await;
    assert_eq!(exit.code, Some(0));
    assert_eq!(
        exit.stdout.trim(),
        concat!("cellhouse ", env!("CARGO_PKG_VERSION"))
    );
}
