//! Explicit transactions: `transaction()`, `transactionSync()`, and those within them. Each is a
//! savepoint in the transaction that gathers the object's writes, so the outermost one too is
//! durable only after the next flush.

use cellhouse_cell::Queries;

use crate::{Error, Storage};

/// Stands for an explicit transaction of one storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u64);

impl Storage {
    /// Begins a transaction within the one that is open. [`Storage::commit`] or
    /// [`Storage::rollback`] ends it.
    pub fn transaction(&mut self) -> Result<Level, Error> {
        self.begin()?;
        self.run("SAVEPOINT _cf_transaction")?;
        self.last_level += 1;
        let level = Level(self.last_level);
        self.levels.push(level);
        Ok(level)
    }

    /// Keeps what a transaction wrote. Those within it must have ended.
    pub fn commit(&mut self, level: Level) -> Result<(), Error> {
        self.check_innermost(level, "commit")?;
        self.run("RELEASE _cf_transaction")?;
        self.levels.pop();
        Ok(())
    }

    /// Undoes what a transaction wrote. Those within it must have ended.
    pub fn rollback(&mut self, level: Level) -> Result<(), Error> {
        self.check_innermost(level, "roll back")?;
        self.run("ROLLBACK TO _cf_transaction")?;
        self.run("RELEASE _cf_transaction")?;
        self.levels.pop();
        // What said that the object is known may be undone too.
        self.marked = false;
        Ok(())
    }

    /// How many explicit transactions are open, one within the other.
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    fn check_innermost(&mut self, level: Level, action: &str) -> Result<(), Error> {
        self.check()?;
        match self.levels.iter().position(|open| *open == level) {
            Some(place) if place + 1 == self.levels.len() => Ok(()),
            Some(_) => Err(Error::refused(format!(
                "Cannot {action} an outer transaction while a nested transaction is still running."
            ))),
            None => Err(Error::refused(format!(
                "Cannot {action} a transaction that has already ended."
            ))),
        }
    }

    /// Runs one of the statements above. That they fail means that the transaction is gone.
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.read(|queries: &mut Queries<'_>| {
            queries.prepare_cached(sql)?.execute([])?;
            Ok(())
        })
    }
}
