//! The cells of a store: one, or, of a big store, several among which the keys are spread by a hash.
//!
//! How many there are is settled when the store is made and written down in the first cell, before
//! anything is put into another one. The hash is FNV-1a with 64 bits over the key's UTF-8, modulo
//! the number of cells; it is part of what is stored. The first cell is `kv/<name>`, number n is
//! `kvslice/<n>/<name>`.

use cellhouse_cell::{Cell, CellName, Cells, Stats, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::Error;
use crate::changes;
use crate::store::SCHEMA;

/// Most cells of one store.
pub const MAX_SLICES: u32 = 256;

/// The first cell knows how many there are: no row means one.
const FIRST_SCHEMA: &[&str] = &[
    SCHEMA[0],
    "CREATE TABLE slices (count INTEGER NOT NULL) STRICT",
    changes::SCHEMA,
];

/// The cells of a store, each with the entries of its keys.
pub(crate) struct Slices {
    cells: Vec<Cell>,
}

impl Slices {
    /// Opens the store of that name, or makes it with `wanted` cells. One that is there keeps its
    /// number.
    pub(crate) fn open(cells: &Cells, name: &str, wanted: u32) -> Result<Slices, Error> {
        if !(1..=MAX_SLICES).contains(&wanted) {
            let problem = format!("a store has 1 to {MAX_SLICES} slices, not {wanted}");
            return Err(Error::storage(problem));
        }
        let first = cells.cell(&CellName::new("kv", name)?, FIRST_SCHEMA)?;
        let count = match wanted {
            // A new store with one cell writes nothing before somebody puts something into it.
            1 => first.read(settled)?.0.unwrap_or(1),
            _ => first.write(|transaction| settle(transaction, wanted))?.0,
        };
        let more = (1..count).map(|slice| {
            let name = CellName::new("kvslice", &format!("{slice}/{name}"))?;
            Ok(cells.cell(&name, SCHEMA)?)
        });
        let cells = std::iter::once(Ok(first)).chain(more);
        Ok(Slices {
            cells: cells.collect::<Result<_, Error>>()?,
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.cells.len()
    }

    /// All cells, in the order of their numbers.
    pub(crate) fn all(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of a key.
    pub(crate) fn of(&self, key: &str) -> &Cell {
        &self.cells[self.number_of(key)]
    }

    /// The number of the cell of a key.
    pub(crate) fn number_of(&self, key: &str) -> usize {
        let count = self.cells.len() as u64;
        usize::try_from(hash(key) % count).expect("it is less than the number of cells")
    }

    /// Looks at all cells at one moment: `f` gets their connections in the order of their numbers.
    /// The ticket stands for everything that it could see.
    pub(crate) fn read_all<T>(
        &self,
        f: impl FnOnce(&[&Connection]) -> rusqlite::Result<T>,
    ) -> Result<(T, Ticket), Error> {
        let mut tickets = Vec::with_capacity(self.cells.len());
        let value = read_from(&self.cells, Vec::new(), &mut tickets, Box::new(f))?;
        Ok((value, newest(tickets)))
    }

    /// The ticket for everything that is in the store now.
    pub(crate) fn ticket(&self) -> Ticket {
        newest(self.cells.iter().map(Cell::ticket))
    }

    pub(crate) fn stats(&self) -> Stats {
        let stats = self.cells.iter().map(Cell::stats);
        stats
            .reduce(|mut sum, cell| {
                sum.commits += cell.commits;
                sum
            })
            .expect("a store has a cell")
    }
}

type Look<'f, T> = Box<dyn FnOnce(&[&Connection]) -> rusqlite::Result<T> + 'f>;

/// Uses the cells one within the other, always in the same order, so that two callers cannot wait
/// for each other.
fn read_from<T>(
    cells: &[Cell],
    connections: Vec<&Connection>,
    tickets: &mut Vec<Ticket>,
    f: Look<'_, T>,
) -> Result<T, cellhouse_cell::Error> {
    let (first, rest) = cells.split_first().expect("a store has a cell");
    let mut below = None;
    let read = first.read(|connection| {
        let mut connections = connections;
        connections.push(connection);
        if rest.is_empty() {
            return f(&connections).map(Some);
        }
        below = Some(read_from(rest, connections, tickets, f));
        Ok(None)
    });
    let (value, ticket) = read?;
    tickets.push(ticket);
    match value {
        Some(value) => Ok(value),
        None => below.expect("the closure gives a value or goes on"),
    }
}

/// Commits of one data directory become durable in their order, so the newest ticket stands for the
/// others too; but not for one that has failed.
fn newest(tickets: impl IntoIterator<Item = Ticket>) -> Ticket {
    let newer = |a: Ticket, b: Ticket| match (a.failure(), b.failure()) {
        (Some(_), _) => a,
        (None, Some(_)) => b,
        _ if a.commit() >= b.commit() => a,
        _ => b,
    };
    let newest = tickets.into_iter().reduce(newer);
    newest.expect("a store has a cell")
}

/// The number of cells that was settled.
fn settled(connection: &Connection) -> rusqlite::Result<Option<u32>> {
    connection
        .query_row("SELECT count FROM slices", [], |row| row.get(0))
        .optional()
}

/// Settles the number of cells, unless it is: a store with entries and without a number has one.
fn settle(transaction: &Transaction<'_>, wanted: u32) -> Result<u32, Error> {
    if let Some(count) = settled(transaction)? {
        return Ok(count);
    }
    let used = "SELECT EXISTS (SELECT 1 FROM entries)";
    let used: bool = transaction.query_row(used, [], |row| row.get(0))?;
    let count = if used { 1 } else { wanted };
    transaction.execute("INSERT INTO slices VALUES (?1)", [count])?;
    Ok(count)
}

/// FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
