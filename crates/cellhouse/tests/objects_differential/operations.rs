//! One operation of a program, as the JSON that `worker/program.js` runs: `["put", "a", 1]`. Few keys, tables and values,
//! so that they meet; some are wrong on purpose.

use serde_json::{Map, Value, json};

use crate::random::Random;

const KEYS: [&str; 9] = ["a", "b", "c", "aa", "ab", "b/1", "é", "\u{10000}", ""];
const TABLES: [&str; 3] = ["t", "u", "nowhere"];
const PREFIXES: [&str; 5] = ["", "a", "b", "é", "z"];

pub fn operation(random: &mut Random) -> Value {
    match random.weighted(&[12, 8, 6, 1, 1, 3, 2]) {
        0 => stored(random),
        1 => stored_now(random),
        2 => sql(random),
        3 => json!(["deleteAll"]),
        4 => json!(["sync"]),
        5 => {
            let inner = operations(random, inner);
            json!([
                "transaction",
                inner,
                random.pick(&["commit", "throw", "rollback"])
            ])
        }
        _ => {
            let inner = operations(random, now);
            json!(["transactionSync", inner, random.pick(&["commit", "throw"])])
        }
    }
}

fn operations(random: &mut Random, one: fn(&mut Random) -> Value) -> Vec<Value> {
    (0..random.below(6)).map(|_| one(random)).collect()
}

/// What a transaction has.
fn inner(random: &mut Random) -> Value {
    match random.weighted(&[6, 3, 3, 1]) {
        0 => stored(random),
        1 => stored_now(random),
        2 => sql(random),
        _ => {
            let inner = operations(random, now);
            json!(["transactionSync", inner, random.pick(&["commit", "throw"])])
        }
    }
}

/// What is done when it returns.
fn now(random: &mut Random) -> Value {
    match random.below(2) {
        0 => stored_now(random),
        _ => sql(random),
    }
}

fn stored(random: &mut Random) -> Value {
    match random.weighted(&[6, 2, 6, 2, 3, 1, 4, 2, 1, 1]) {
        0 => json!(["get", key(random)]),
        1 => json!(["get", keys(random)]),
        2 => json!(["put", key(random), value(random, 2)]),
        3 => {
            let entries = (0..random.below(4)).map(|_| (key(random), value(random, 1)));
            json!(["put", entries.collect::<Map<String, Value>>()])
        }
        4 => json!(["delete", key(random)]),
        5 => json!(["delete", keys(random)]),
        6 => json!(["list", options(random)]),
        7 => json!(["getAlarm"]),
        8 => json!([
            "setAlarm",
            4_000_000_000_000_u64 + random.below(1000) as u64
        ]),
        _ => json!(["deleteAlarm"]),
    }
}

fn stored_now(random: &mut Random) -> Value {
    match random.weighted(&[4, 5, 2, 3]) {
        0 => json!(["kv.get", key(random)]),
        1 => json!(["kv.put", key(random), value(random, 2)]),
        2 => json!(["kv.delete", key(random)]),
        _ => json!(["kv.list", options(random)]),
    }
}

fn key(random: &mut Random) -> String {
    random.pick(&KEYS).to_owned()
}

fn keys(random: &mut Random) -> Vec<String> {
    (0..random.below(4)).map(|_| key(random)).collect()
}

fn options(random: &mut Random) -> Value {
    let mut options = Map::new();
    for name in ["start", "startAfter", "end"] {
        if random.once_in(5) {
            options.insert(name.to_owned(), json!(key(random)));
        }
    }
    if random.once_in(3) {
        options.insert("prefix".to_owned(), json!(random.pick(&PREFIXES)));
    }
    if random.once_in(3) {
        options.insert("reverse".to_owned(), json!(random.once_in(2)));
    }
    if random.once_in(4) {
        options.insert("limit".to_owned(), json!(random.below(4)));
    }
    Value::Object(options)
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.once_in(2)),
        2 => json!(random.below(100)),
        3 => json!(random.below(1000) as f64 / 8.0 - 60.0),
        4 => json!("x".repeat(random.below(300))),
        5 => json!(random.pick(&["", "é", "日本\u{1f389}", "a\0b", "12"])),
        6 => (0..random.below(4))
            .map(|_| value(random, depth - 1))
            .collect(),
        _ => {
            let parts = (0..random.below(3)).map(|_| (key(random), value(random, depth - 1)));
            Value::Object(parts.collect())
        }
    }
}

/// `["sql", how its rows are read, [text, bindings...]]`.
fn sql(random: &mut Random) -> Value {
    let table = random.pick(&TABLES);
    let (all, one, none) = ("all", "one", "ignore");
    let number = random.below(8);
    let (how, text, bindings) = match random.below(22) {
        0 | 1 => (
            none,
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, a TEXT, b REAL, c)"
            ),
            0,
        ),
        2 => (
            none,
            format!(
                "CREATE TABLE {table} (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b NOT NULL, c CHECK (c <> 3))"
            ),
            0,
        ),
        3..=6 => (
            none,
            format!("INSERT INTO {table} (a, b, c) VALUES (?, ?, ?)"),
            3,
        ),
        7 => (
            none,
            format!("INSERT OR REPLACE INTO {table} (id, a, b, c) VALUES ({number}, ?, ?, ?)"),
            3,
        ),
        8 => (
            all,
            format!("INSERT INTO {table} (id, a, b) VALUES ({number}, ?1, ?2) RETURNING id, b"),
            2,
        ),
        9 => (
            none,
            format!("UPDATE {table} SET a = ?, b = b + 1 WHERE id < {number}"),
            1,
        ),
        10 => (
            all,
            format!("DELETE FROM {table} WHERE id = {number} RETURNING *"),
            0,
        ),
        11 => (none, format!("DELETE FROM {table} WHERE b > ?"), 1),
        12 => (all, format!("SELECT * FROM {table} ORDER BY id"), 0),
        13 => (
            "raw",
            format!(
                "SELECT id, a AS text, b || c AS both FROM {table} WHERE c IS NOT ? ORDER BY id DESC"
            ),
            1,
        ),
        14 => (
            one,
            format!(
                "SELECT count(*) AS n, sum(b) AS s, max(a) AS m, group_concat(typeof(c)) AS t FROM {table}"
            ),
            0,
        ),
        15 => (
            one,
            "SELECT ? AS a, typeof(?) AS b, ? + 1 AS c, quote(?) AS d".to_owned(),
            4,
        ),
        16 => (
            "next",
            format!("SELECT a FROM {table} ORDER BY id LIMIT 1"),
            0,
        ),
        17 => (
            none,
            format!("CREATE UNIQUE INDEX IF NOT EXISTS i_{table} ON {table} (c)"),
            0,
        ),
        18 => (
            none,
            format!("ALTER TABLE {table} ADD COLUMN d{number} DEFAULT {number}"),
            0,
        ),
        19 => (none, format!("DROP TABLE {table}"), 0),
        20 => (
            all,
            format!("INSERT INTO {table} (b) VALUES ({number}); SELECT ? AS v, changes() AS n"),
            1,
        ),
        _ => (all, random.pick(&WRONG).to_owned(), 0),
    };
    // Sometimes one too many. Only where no table is named: a statement that is kept is not prepared anew to find
    // first that its table has changed.
    let extra = text.starts_with("SELECT ?") && random.once_in(3);
    let bindings = bindings + usize::from(extra);
    let mut call = vec![json!(text)];
    call.extend((0..bindings).map(|_| value(random, 0)));
    json!(["sql", how, call])
}

const WRONG: [&str; 7] = [
    "SELEC 1",
    "SELECT * FROM t JOIN u",
    "BEGIN",
    "SELECT nothing FROM t",
    "INSERT INTO t VALUES (1)",
    "SELECT ?; SELECT 1",
    "",
];
