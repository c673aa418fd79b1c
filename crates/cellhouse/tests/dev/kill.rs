//! kill -9 on the real binary under load, again and again on the same data. Clients put, update,
//! delete and read, and write down what every answer means (`kill/record.rs`); after each restart the
//! data must fit that. Between kills there are polite ends, starts that are killed too, and once the
//! local images of large cells are deleted.
//!
//! `CELLHOUSE_KILLS` sets how many kills there are, `CELLHOUSE_SEED` repeats the choices of a run.

mod record;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{App, Client, Project, full};
use record::{CLIENTS, Record};

/// Does to one key what the method says.
const APP: &str = r#"
export default {
    async fetch(request, env) {
        const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
        if (request.method === "GET") return Response.json(await env.STATE.get(key));
        if (request.method === "PUT") await env.STATE.put(key, await request.text());
        if (request.method === "POST") await env.STATE.update(key, await request.json());
        if (request.method === "DELETE") await env.STATE.delete(key);
        return new Response(null, { status: 204 });
    },
} satisfies Ploy;
"#;

/// How many keys each client writes to again and again.
const KEYS: usize = 6;

/// Values that make the cell a large one, which has a local image: 200 of 56 KiB.
const BALLAST: usize = 200;
const BALLAST_BYTES: usize = 56 << 10;

/// How many of the older keys are looked at after each restart; all of them are at the end.
const SAMPLE: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_under_load_loses_nothing_that_was_told() {
    let kills = number("CELLHOUSE_KILLS").unwrap_or(8);
    let seed = number("CELLHOUSE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("CELLHOUSE_KILLS={kills} CELLHOUSE_SEED={seed}");
    let mut run = Run::new(seed).await;
    let (mut killed, mut round) = (0, 0);
    while killed < kills {
        round += 1;
        let politely = round % 5 == 4;
        killed += u64::from(!politely);
        run.round(round, politely).await;
    }
    run.finish().await;
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a number")),
    )
}

/// Numbers that a seed repeats (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The data of one run, and what must be in it.
struct Run {
    project: Project,
    random: Random,
    record: Arc<Record>,
    /// Keys that nobody writes to any more.
    settled: BTreeMap<String, Value>,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let project = Project::ploy("state:\n  STATE: default\n", APP);
        let app = project.dev().start().await;
        let mut settled = BTreeMap::new();
        for number in 0..BALLAST {
            let (key, value) = (format!("old-{number}"), format!("{number:<BALLAST_BYTES$}"));
            app.put(&format!("/{key}"), value.clone()).await.expect(204);
            settled.insert(key, Value::String(value));
        }
        app.kill().await;
        let keys = (0..CLIENTS).flat_map(|client| (0..KEYS).map(move |key| own_key(client, key)));
        Self {
            project,
            random: Random(seed),
            record: Arc::new(Record::new(keys)),
            settled,
        }
    }

    /// A start, a check of what the round before left, and load until the end.
    async fn round(&mut self, round: usize, politely: bool) {
        if self.random.below(4) == 0 {
            self.killed_start().await;
        }
        let app = self.project.dev().start().await;
        self.check(&app, SAMPLE).await;
        let answered = self.load(app, round, politely).await;
        println!("round {round}: {answered} requests were answered");
        if round % 8 == 2 {
            let images = self.project.path().join(".cellhouse/images");
            fs::remove_dir_all(&images).expect("a large cell has an image");
        }
    }

    /// A process that is killed while it starts.
    async fn killed_start(&mut self) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cellhouse"))
            .arg("dev")
            .arg(self.project.path())
            .args(["--port", "0", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        tokio::time::sleep(Duration::from_micros(self.random.below(400_000))).await;
        child.kill().await.expect("kill it");
    }

    /// Lets all clients work until the process is gone, and says how many answers they got.
    async fn load(&mut self, app: App, round: usize, politely: bool) -> usize {
        let enough = 20 + self.random.below(1500) as usize;
        let load = Arc::new(Load::new(self.record.clone(), round, enough));
        load.record.begin_round(&load.log());
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let random = Random(self.random.below(u64::MAX));
            clients.spawn(work(app.client().clone(), number, load.clone(), random));
        }
        tokio::select! {
            () = load.reached.notified() => {}
            Some(ended) = clients.join_next() => panic!("a client ended: {ended:?}"),
        }
        // Not always right after an answer.
        tokio::time::sleep(Duration::from_micros(self.random.below(4000))).await;
        load.ending.store(true, Ordering::SeqCst);
        match politely {
            true => assert_eq!(app.stop(libc::SIGTERM).await.code, Some(0)),
            false => app.kill().await,
        }
        while let Some(client) = clients.join_next().await {
            client.expect("no client saw anything wrong");
        }
        load.answered.load(Ordering::SeqCst)
    }

    /// Compares the data with the record, which from then on holds what was found.
    async fn check(&mut self, app: &App, sample: usize) {
        for key in self.record.keys() {
            let found = read(app, &key).await;
            if self.record.settle(&key, &found) {
                self.settled.insert(key, found);
            }
        }
        for key in self.record.tallies() {
            let found = read(app, &key).await;
            if self.record.settle_tally(&key, &found) {
                self.settled.insert(key, found);
            }
        }
        let older: Vec<_> = self.settled.iter().collect();
        let all = sample >= older.len();
        for index in 0..sample.min(older.len()) {
            let chosen = match all {
                true => index,
                false => self.random.below(older.len() as u64) as usize,
            };
            let (key, expected) = older[chosen];
            assert!(read(app, key).await == *expected, "{key} has changed");
        }
    }

    /// Looks at everything once more, and at the pages of the cells.
    async fn finish(mut self) {
        let app = self.project.dev().start().await;
        self.check(&app, usize::MAX).await;
        let told = self.project.command(&["doctor", "--json"]).run().await;
        let told: Value = serde_json::from_str(&told.stdout).expect("one line of JSON");
        assert_eq!(told["with_problems"], 0, "{told}");
        app.kill().await;
    }
}

async fn read(app: &App, key: &str) -> Value {
    app.get(&format!("/{key}")).await.expect(200).json()
}

fn own_key(client: usize, key: usize) -> String {
    format!("own-{client}-{key}")
}

/// What the clients of one round share.
struct Load {
    record: Arc<Record>,
    round: usize,
    answered: AtomicUsize,
    /// So many answers are enough.
    enough: usize,
    reached: Notify,
    /// From now on requests may fail.
    ending: AtomicBool,
}

impl Load {
    fn new(record: Arc<Record>, round: usize, enough: usize) -> Self {
        Self {
            record,
            round,
            answered: AtomicUsize::new(0),
            enough,
            reached: Notify::new(),
            ending: AtomicBool::new(false),
        }
    }

    /// The key under which this round's updates leave their names.
    fn log(&self) -> String {
        format!("log-{}", self.round)
    }
}

/// One client: one request after the other until one is not answered.
async fn work(client: Client, number: usize, load: Arc<Load>, random: Random) {
    let mut worker = Worker {
        client,
        number,
        load: load.clone(),
        random,
        requests: 0,
    };
    loop {
        if let Err(error) = worker.act().await {
            assert!(load.ending.load(Ordering::SeqCst), "{error}");
            return;
        }
        if load.answered.fetch_add(1, Ordering::SeqCst) + 1 == load.enough {
            load.reached.notify_one();
        }
    }
}

struct Worker {
    client: Client,
    number: usize,
    load: Arc<Load>,
    random: Random,
    requests: usize,
}

impl Worker {
    async fn act(&mut self) -> Result<(), String> {
        self.requests += 1;
        let key = own_key(self.number, self.random.below(KEYS as u64) as usize);
        match self.random.below(20) {
            0..6 => self.write(key, true).await,
            6..9 => self.write(key, false).await,
            9..11 => {
                let name = format!("new-{}-{}-{}", self.load.round, self.number, self.requests);
                self.write(name, true).await
            }
            11..15 => self.add().await,
            15..19 => self.read().await,
            _ => self.read_tally().await,
        }
    }

    /// Puts or deletes a key that nobody else writes to.
    async fn write(&mut self, key: String, put: bool) -> Result<(), String> {
        let value = put.then(|| {
            let length = match self.random.below(12) {
                0 => self.random.below(60_000),
                _ => self.random.below(600),
            };
            let padding = "x".repeat(length as usize);
            format!("{}/{}/{padding}", self.load.round, self.requests)
        });
        let state = value.clone().map_or(Value::Null, Value::String);
        let version = self.load.record.write(&key, state);
        match value {
            Some(value) => self.call("PUT", &key, value, 204).await?,
            None => self.call("DELETE", &key, String::new(), 204).await?,
        };
        self.load.record.written(&key, version);
        Ok(())
    }

    /// Updates several fields of a value that everybody updates.
    async fn add(&mut self) -> Result<(), String> {
        let (all, log) = (record::ALL.to_owned(), self.load.log());
        let (key, logged) = match self.random.below(2) {
            0 => (all, false),
            _ => (log, true),
        };
        let own = format!("of{}", self.number);
        let count = self.load.record.add(&key, self.number);
        let mut update = json!({ "$inc": { "count": 1, own: 1 } });
        if logged {
            let name = json!([self.number, count]);
            update["$push"] = json!({ "log": name });
            update["$set"] = json!({ "last": name });
        }
        self.call("POST", &key, update.to_string(), 204).await?;
        self.load.record.added(&key, self.number);
        Ok(())
    }

    /// Reads what any client wrote.
    async fn read(&mut self) -> Result<(), String> {
        let client = self.random.below(CLIENTS as u64) as usize;
        let key = own_key(client, self.random.below(KEYS as u64) as usize);
        let before = self.load.record.least(&key);
        let found = self.call("GET", &key, String::new(), 200).await?;
        self.load.record.seen(&key, before, &found);
        Ok(())
    }

    async fn read_tally(&mut self) -> Result<(), String> {
        let key = match self.random.below(2) {
            0 => record::ALL.to_owned(),
            _ => self.load.log(),
        };
        let before = self.load.record.least_counts(&key);
        let found = self.call("GET", &key, String::new(), 200).await?;
        self.load.record.counted(&key, before, &found);
        Ok(())
    }

    async fn call(
        &self,
        method: &str,
        key: &str,
        body: String,
        status: u16,
    ) -> Result<Value, String> {
        let request = self.client.request(method, &format!("/{key}"));
        let request = request.body(full(body)).expect("a request");
        let reply = self.client.try_call(request).await?;
        if reply.status.as_u16() != status {
            return Err(format!("{method} {key}: {reply:?}"));
        }
        Ok(match reply.body.is_empty() {
            true => Value::Null,
            false => reply.json(),
        })
    }
}
