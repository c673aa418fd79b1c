//! `cloudflare:sockets` beside miniflare from npm: the same Worker talks to the same servers in both, which are
//! Node.js's own. Values, errors, and what is settled when, must be the same.

#[path = "dev/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::Project;

const SOCKETS: &str = include_str!("sockets_differential/worker.js");
const MODULES: &str = include_str!("sockets_differential/modules.js");
const CLIENTS: &str = include_str!("sockets_differential/clients.js");
const CONFIG: &str = r#"
name = "sockets"
main = "worker.js"
compatibility_date = "2026-07-01"
compatibility_flags = ["nodejs_compat"]
"#;
/// Both trust the servers' authority because of it.
const AUTHORITIES: &str = "NODE_EXTRA_CA_CERTS";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sockets_differential")
}

/// The servers end with their input.
fn servers() -> (Child, String) {
    let mut servers = Command::new("node")
        .arg(folder().join("servers.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let mut ports = String::new();
    let output = servers.stdout.take().expect("piped");
    BufReader::new(output)
        .read_line(&mut ports)
        .expect("the servers' ports");
    (servers, ports)
}

fn of_miniflare(project: &Project) -> Value {
    let options = json!({ "scriptPath": "worker.js", "compatibilityDate": "2026-07-01", "compatibilityFlags": ["nodejs_compat"] });
    project.write("miniflare.json", &options.to_string());
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let output = Command::new("node")
        .arg(node.join("miniflare_answers.mjs"))
        .arg(project.path().join("miniflare.json"))
        .arg("/")
        .env(AUTHORITIES, folder().join("authority.pem"))
        // Modules are named from here.
        .current_dir(project.path())
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // What a Worker prints is before it.
    let said = String::from_utf8_lossy(&output.stdout);
    let answers = said.lines().last().expect("a line of answers");
    let bodies: Vec<String> = serde_json::from_str(answers).expect("an array");
    serde_json::from_str(&bodies[0]).unwrap_or_else(|error| panic!("{error}: {bodies:?}"))
}

/// Answers whose texts have names of C++ classes in them, or of workerd's own errors.
fn cleaned(answer: &Value) -> Value {
    let text = answer
        .to_string()
        .replace("N7workerd3api13SocketAddressE", "SocketAddress")
        .replace("N7workerd3api13SocketOptionsE", "SocketOptions")
        .replace("Error: jsg.Error: ", "Error: ");
    serde_json::from_str(&text).expect("still JSON")
}

/// What a case gives here, if that is meant to differ.
fn meant(name: &str) -> Option<Value> {
    Some(match name {
        // As in Node.js.
        "net: echo" => {
            let events = ["connect", "ready", "finish", "end", "close"];
            json!(["hello", events, 5, 5, true])
        }
        "net: BlockList" => {
            let rules = [
                "Subnet: IPv6 2001:db8::/32",
                "Range: IPv4 10.0.0.1-10.0.0.10",
                "Address: IPv4 1.2.3.4",
            ];
            let order = "The argument 'start' must come before end. Received '2.0.0.0'";
            json!([
                [true, false, true, false, true, false, true, false],
                rules,
                "Error ERR_INVALID_ADDRESS: Invalid socket address",
                format!("TypeError ERR_INVALID_ARG_VALUE: {order}"),
            ])
        }
        "net: SocketAddress" => {
            let invalid = "Error ERR_INVALID_ADDRESS: Invalid socket address";
            json!(["::1", 80, "ipv6", 0, invalid])
        }
        "net: destroy" => json!([["error WHY", "close"], true]),
        "tls: over a socket" => json!(["ok", "secret"]),
        "http: callback and events" => json!([true, ["data", "end", "close"]]),
        "own: http: nobody listens" => json!("ECONNREFUSED"),
        "own: http: the server hangs up" => json!("ECONNRESET"),
        "own: http: a broken answer" => json!(["ECONNRESET", false]),
        "own: http: destroyed" => json!(["error ECONNRESET", "close"]),
        "server: answers" => {
            json!([201, "Created", ["POST", "/a?b", "in", "body"], "1"])
        }
        "server: without a body" => json!([204, "No Content", ""]),
        "dns: shapes" => {
            json!([
                "function",
                "function",
                "function",
                true,
                "ENOTFOUND",
                "verbatim"
            ])
        }
        _ => return None,
    })
}

async fn compare(worker: &str) {
    let (mut servers, ports) = servers();
    let worker = worker.replace("\"ports of servers.mjs\"", ports.trim());
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", &worker);
    let app = project
        .dev()
        .variable(AUTHORITIES, folder().join("authority.pem"))
        .start()
        .await;
    let ours = app.get("/ours").await.expect(200).json();
    let theirs = of_miniflare(&project);
    drop(servers.stdin.take());
    servers.wait().expect("the servers end");
    let mut theirs = theirs.as_object().expect("an object").clone();
    for name in ours.as_object().expect("an object").keys() {
        theirs.entry(name.clone()).or_insert(Value::Null);
    }
    assert!(theirs.len() > 20, "{theirs:?}");
    let mut wrong = String::new();
    for (name, theirs) in &theirs {
        let theirs = cleaned(theirs);
        let meant = meant(name);
        let right = meant.as_ref().unwrap_or(&theirs);
        if &ours[name] != right {
            wrong += &format!("{name}:\n  ours      {}\n  should be {right}\n", ours[name]);
        } else if meant.is_some() && ours[name] == theirs {
            wrong += &format!("{name} is no difference any more\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn sockets_do_as_miniflare_does() {
    compare(SOCKETS).await;
}

#[tokio::test]
async fn modules_of_node_do_as_miniflare_does() {
    compare(MODULES).await;
}

/// What the same Worker gives where it runs as a module of Node.js itself.
fn of_node(project: &Project) -> Value {
    let run = "const it = await import(process.argv[1]); \
               console.log(await (await it.default.fetch()).text());";
    let output = Command::new("node")
        .args(["--input-type=module", "-e", run])
        .arg(project.path().join("worker.mjs"))
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// What a case of `clients.js` gives here, if not what it gives in Node.js: OpenSSL has words of its own for why.
fn meant_of_clients(name: &str) -> Option<Value> {
    Some(match name {
        "ca: another" => json!("error UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        "cert: none" => json!("error ECONNRESET"),
        "ALPN: none in common" => json!("error ERR_SSL_PROTOCOL_ERROR"),
        _ => return None,
    })
}

#[tokio::test]
async fn clients_use_certificates_and_name_servers_of_their_own() {
    let (mut servers, ports) = servers();
    let read = |name: &str| std::fs::read_to_string(folder().join(name)).expect("a file");
    let certificates = json!({
        "authority": read("authority.pem"), "certificate": read("trusted.pem"), "key": read("trusted.key"),
    });
    let worker = CLIENTS
        .replace("\"ports of servers.mjs\"", ports.trim())
        .replace("\"certificates of the test\"", &certificates.to_string());
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", &worker)
        .with("worker.mjs", &worker);
    // The machine's authorities do not vouch for the servers.
    let app = project.dev().start().await;
    let ours = app.get("/").await.expect(200).json();
    let theirs = of_node(&project);
    drop(servers.stdin.take());
    servers.wait().expect("the servers end");
    let theirs = theirs.as_object().expect("an object");
    assert!(theirs.len() > 30, "{theirs:?}");
    let mut wrong = String::new();
    for (name, theirs) in theirs {
        let right = meant_of_clients(name).unwrap_or_else(|| theirs.clone());
        if ours[name] != right {
            wrong += &format!("{name}:\n  ours      {}\n  should be {right}\n", ours[name]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
