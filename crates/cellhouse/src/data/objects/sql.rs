//! SQL on the database of an object, in one transaction, which takes its turn with those of the object. The
//! rules are those of `storage.sql`: what is Cellhouse's own cannot be reached.

use cellhouse_objects::{Row, Storage, Value};

use super::watch::{LIMIT, Watch};
use super::{Cell, Refusal, Reply, Work};

/// Rows that are read at a time.
const CHUNK: usize = 1_000;
/// What all rows of an answer may take, about. While they are read the object waits, so they are kept here
/// and not sent one by one to somebody who may read slowly.
const MAX_BYTES: usize = 64 << 20;
/// Of a value besides its text.
const VALUE_BYTES: usize = 32;

pub(super) fn run(work: &mut Work<'_, '_>, object: &str, text: &str) -> Result<(), Refusal> {
    let listed = work.find(object)?;
    let mut storage = work.open(&listed)?;
    let watch = match work.asker.stream {
        Some(stream) => {
            let watch = Watch::start(stream);
            Some(watch.map_err(|error| Refusal::Failed(error.to_string()))?)
        }
        None => None,
    };
    // A storage that is dropped undoes what was not flushed.
    let level = storage.transaction()?;
    if let Some(watch) = &watch
        && !watch.begin(storage.cell())
    {
        return Err(Refusal::Gone);
    }
    let answered = answer(&mut storage, text);
    if let Some(watch) = &watch
        && !watch.end()
    {
        return Err(Refusal::Wrong(format!(
            "the SQL took longer than {} s, for which the running app had to wait, and was stopped; nothing \
             was changed. Ask for less, or stop the app: then it may take as long as it wants",
            LIMIT.as_secs()
        )));
    }
    let reply = answered?;
    storage.commit(level)?;
    storage.flush()?;
    drop((storage, watch));
    work.tell(reply)
}

fn answer(storage: &mut Storage, text: &str) -> Result<Reply, Refusal> {
    let before = changes(storage)?;
    let mut cursor = storage.sql(text, &[])?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    loop {
        let chunk = storage.rows(&mut cursor, CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        for row in chunk {
            let row: Vec<Cell> = row.into_iter().map(Into::into).collect();
            bytes += row.iter().map(Cell::bytes).sum::<usize>();
            rows.push(row);
        }
        if bytes > MAX_BYTES {
            return Err(Refusal::Wrong(format!(
                "the rows take more than {} MB, and nothing was changed; ask for fewer with LIMIT",
                MAX_BYTES >> 20
            )));
        }
    }
    Ok(Reply::Rows {
        columns: cursor.columns().to_vec(),
        rows,
        written: changes(storage)? - before,
    })
}

/// Rows that were written since the database was opened.
fn changes(storage: &mut Storage) -> Result<u64, Refusal> {
    let mut cursor = storage.sql("SELECT total_changes()", &[])?;
    let rows: Vec<Row> = storage.rows(&mut cursor, 1)?;
    storage.close_cursor(&mut cursor);
    match rows.first().map(|row| &row[..]) {
        Some([Value::Integer(count)]) => Ok(count.unsigned_abs()),
        _ => Ok(0),
    }
}

impl Cell {
    fn bytes(&self) -> usize {
        VALUE_BYTES
            + match self {
                Cell::Text(text) | Cell::Blob(text) => text.len(),
                _ => 0,
            }
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Integer(number) => Cell::Integer(number),
            Value::Real(number) => Cell::Real(format!("{number:?}")),
            Value::Text(text) => Cell::Text(text),
            Value::Blob(bytes) => Cell::Blob(hex(&bytes)),
        }
    }
}

impl From<cellhouse_d1::Value> for Cell {
    fn from(value: cellhouse_d1::Value) -> Cell {
        use cellhouse_d1::Value;
        match value {
            Value::Null => Cell::Null,
            Value::Integer(number) => Cell::Integer(number),
            Value::Real(number) => Cell::Real(format!("{number:?}")),
            Value::Text(text) => Cell::Text(text),
            Value::Blob(bytes) => Cell::Blob(hex(&bytes)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(pair).collect()
}
