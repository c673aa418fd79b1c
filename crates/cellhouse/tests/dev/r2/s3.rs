//! The S3 API with the clients that people use: boto3, aws-cli, rclone.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::{FILES, files, pattern, project};
use crate::support::{App, Project, eventually};

const PATIENCE: Duration = Duration::from_secs(120);

/// An app with the S3 API, and its keys as the environment of a client.
struct S3 {
    project: Project,
    app: App,
    endpoint: String,
    keys: Vec<(&'static str, String)>,
}

async fn key(project: &Project, arguments: &[&str]) -> (String, String) {
    let command = project
        .command(&["r2", "keys", "create", "--json"])
        .arguments(arguments);
    let exit = command.run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let made: Value = serde_json::from_str(&exit.stdout).expect("JSON");
    let text = |name: &str| made[name].as_str().expect("a string").to_owned();
    (text("accessKeyId"), text("secretAccessKey"))
}

async fn start() -> S3 {
    let project = project(FILES);
    let app = project.dev().arguments(&["--s3-port", "0"]).start().await;
    let mut endpoint = String::new();
    eventually("the S3 API says where it is", async || {
        let said = app
            .events()
            .after(0)
            .into_iter()
            .map(|event| event.to_string());
        let found = said.into_iter().find_map(|line| {
            let (_, rest) = line.split_once("S3 API at ")?;
            Some(rest.split([',', ' ', '"']).next()?.to_owned())
        });
        endpoint = found.unwrap_or_default();
        !endpoint.is_empty()
    })
    .await;
    let (id, secret) = key(&project, &[]).await;
    let (read_id, read_secret) = key(&project, &["--bucket", "things", "--read-only"]).await;
    let keys = vec![
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_DEFAULT_REGION", "auto".to_owned()),
        ("READ_ID", read_id),
        ("READ_SECRET", read_secret),
    ];
    S3 {
        project,
        app,
        endpoint,
        keys,
    }
}

impl S3 {
    /// Runs a client to its end: what it printed.
    async fn run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .current_dir(self.project.path())
            .envs(
                self.keys
                    .iter()
                    .map(|(name, value)| (*name, value.as_str())),
            )
            .env("HOME", self.project.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // rclone and a setting for TLS, which is not used here, do not go together.
            .env_remove("AWS_CA_BUNDLE")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .expect("the client never ended");
        let output = output
            .unwrap_or_else(|error| panic!("{program}: {error}; run ./test, which installs it"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => Err(said + &String::from_utf8_lossy(&output.stderr)),
        }
    }

    async fn aws(&self, arguments: &[&str]) -> Result<String, String> {
        let endpoint = ["--endpoint-url", &self.endpoint];
        self.run("aws", &[&endpoint, arguments].concat()).await
    }

    async fn rclone(&self, arguments: &[&str]) -> Result<String, String> {
        let remote = format!(
            "[r2]\ntype = s3\nprovider = Cloudflare\nenv_auth = true\nendpoint = {}\nregion = auto\n",
            self.endpoint
        );
        self.project.write("rclone.conf", &remote);
        self.run(
            "rclone",
            &[&["--config", "rclone.conf"], arguments].concat(),
        )
        .await
    }
}

/// A Python that has boto3.
fn python() -> &'static str {
    let has = |python: &&str| {
        let check = std::process::Command::new(python)
            .args(["-c", "import boto3"])
            .stderr(Stdio::null())
            .status();
        check.is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"]
        .into_iter()
        .find(|python| has(python));
    found.expect("no Python has boto3: run ./test, which installs it")
}

#[tokio::test]
async fn boto3() {
    let s3 = start().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dev/r2/s3_clients.py");
    let arguments = [
        script.to_str().expect("a plain path"),
        &s3.endpoint,
        "things",
    ];
    let said = s3.run(python(), &arguments).await;
    assert_eq!(said.as_deref(), Ok("ok\n"), "{}", said.clone().unwrap_err());
    // What S3 has put a Worker gets.
    assert_eq!(s3.app.get("/source").await.expect(200).text(), "0123456789");
}

#[tokio::test]
async fn it_listens_for_this_machine_alone_unless_it_is_told_otherwise() {
    let project = project(FILES);
    let said = async |arguments: &[&str]| {
        let app = project.dev().arguments(arguments).start().await;
        let mut said = String::new();
        eventually("the S3 API says where it is", async || {
            let events = app.events().after(0);
            let lines = events.into_iter().map(|event| event.to_string());
            said = lines.filter(|line| line.contains("S3 API at")).collect();
            !said.is_empty()
        })
        .await;
        app.stop(libc::SIGTERM).await;
        said
    };
    let alone = said(&["--host", "0.0.0.0", "--s3-port", "0"]).await;
    assert!(alone.contains("S3 API at http://127.0.0.1:"), "{alone}");
    let open = said(&["--s3-host", "0.0.0.0", "--s3-port", "0"]).await;
    assert!(open.contains("S3 API at http://0.0.0.0:"), "{open}");
    let wrong = project.command(&["dev", "--s3-port", "0", "--s3-host", "nowhere"]);
    let wrong = wrong.run().await;
    assert_eq!(wrong.code, Some(2), "{wrong:#?}");
    assert!(
        wrong.stderr.contains("--s3-host nowhere: not an address"),
        "{wrong:#?}"
    );
}

#[tokio::test]
async fn aws_cli() {
    let s3 = start().await;
    let large = pattern(9 << 20);
    std::fs::write(s3.project.path().join("large"), &large).expect("write a file");
    s3.aws(&[
        "s3",
        "cp",
        "large",
        "s3://things/dir/large",
        "--only-show-errors",
    ])
    .await
    .expect("put");
    assert!(s3.app.get("/dir/large").await.expect(200).body == large);
    s3.aws(&[
        "s3",
        "cp",
        "s3://things/dir/large",
        "s3://things/copy",
        "--only-show-errors",
    ])
    .await
    .expect("copy");
    s3.aws(&["s3", "cp", "s3://things/copy", "back", "--only-show-errors"])
        .await
        .expect("get");
    assert!(std::fs::read(s3.project.path().join("back")).expect("read it") == large);
    let listed = s3
        .aws(&["s3", "ls", "s3://things", "--recursive"])
        .await
        .expect("list");
    assert_eq!(listed.lines().count(), 2);
    let url = s3
        .aws(&["s3", "presign", "s3://things/copy"])
        .await
        .expect("presign");
    let path = url
        .trim()
        .strip_prefix(s3.endpoint.as_str())
        .expect("a URL of ours")
        .to_owned();
    let client = crate::support::Client::new(&s3.endpoint);
    assert!(client.send("GET", &path, "").await.expect(200).body == large);
    let forged = path.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601");
    let refused = client.send("GET", &forged, "").await.expect(403);
    assert!(
        refused.text().contains("SignatureDoesNotMatch"),
        "{}",
        refused.text()
    );
    s3.aws(&[
        "s3",
        "rm",
        "s3://things",
        "--recursive",
        "--only-show-errors",
    ])
    .await
    .expect("remove");
    s3.app.get("/copy").await.expect(404);
    eventually("the bodies are gone", async || {
        files(&s3.project).is_empty()
    })
    .await;
}

#[tokio::test]
async fn rclone() {
    let s3 = start().await;
    for (name, size) in [
        ("tree/a", 10),
        ("tree/b/c d", 100_000),
        ("tree/b/ü", 7 << 20),
    ] {
        let path = s3.project.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("make it");
        std::fs::write(path, pattern(size)).expect("write it");
    }
    let sync = [
        "sync",
        "tree",
        "r2:things/tree",
        "--s3-upload-cutoff",
        "6M",
        "--s3-chunk-size",
        "5M",
    ];
    s3.rclone(&sync).await.expect("sync");
    s3.rclone(&["check", "tree", "r2:things/tree", "--download"])
        .await
        .expect("what is there is what was sent");
    let listed = s3.rclone(&["lsf", "-R", "r2:things"]).await.expect("list");
    let mut listed: Vec<_> = listed.lines().collect();
    listed.sort();
    assert_eq!(
        listed,
        ["tree/", "tree/a", "tree/b/", "tree/b/c d", "tree/b/ü"]
    );
    s3.rclone(&["moveto", "r2:things/tree/a", "r2:things/moved"])
        .await
        .expect("move");
    s3.rclone(&["copyto", "r2:things/moved", "back"])
        .await
        .expect("read");
    assert!(std::fs::read(s3.project.path().join("back")).expect("read it") == pattern(10));
    s3.rclone(&["purge", "r2:things/tree"])
        .await
        .expect("remove all");
    s3.app.get("/tree/a").await.expect(404);
}

#[tokio::test]
async fn requests_without_a_good_signature_store_nothing() {
    let s3 = start().await;
    let client = crate::support::Client::new(&s3.endpoint);
    let anonymous = client.send("PUT", "/things/a", "x").await.expect(403);
    assert!(anonymous.text().contains("AccessDenied"));
    let version_2 = client
        .request("PUT", "/things/a")
        .header("authorization", "AWS nobody:c2lnbmF0dXJl");
    let version_2 = client
        .call(
            version_2
                .body(crate::support::full("x"))
                .expect("a request"),
        )
        .await;
    assert!(version_2.status.is_client_error(), "{version_2:?}");
    // Of an hour that is long over.
    let old = "AWS4-HMAC-SHA256 Credential=k/20200101/auto/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
    let skewed = client
        .request("PUT", "/things/a")
        .header("authorization", old);
    let skewed = skewed
        .header("x-amz-date", "20200101T000000Z")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let skewed = client
        .call(skewed.body(crate::support::full("x")).expect("a request"))
        .await
        .expect(403);
    assert!(
        skewed.text().contains("RequestTimeTooSkewed"),
        "{}",
        skewed.text()
    );
    s3.app.get("/a").await.expect(404);
}
