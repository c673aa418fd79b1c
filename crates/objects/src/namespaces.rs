//! The classes of an app and the migrations that were applied to it, in a cell of their own.

use cellhouse_cell::{Cell, CellName, Cells, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::migrations::State;
use crate::{Class, Error, Migration, Namespace, Objects, Plan, Step};

const SCHEMA: &[&str] = &["
    CREATE TABLE classes (name TEXT PRIMARY KEY, unique_key TEXT NOT NULL, sqlite INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;
    CREATE TABLE tags (number INTEGER PRIMARY KEY, tag TEXT NOT NULL UNIQUE) STRICT;
    -- Every unique key that was ever given away, and whether its objects are being deleted.
    CREATE TABLE keys (unique_key TEXT PRIMARY KEY, deleting INTEGER NOT NULL DEFAULT 0)
        STRICT, WITHOUT ROWID;
"];

/// The classes of one app. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Namespaces {
    app: String,
    cell: Cell,
}

impl Namespaces {
    /// Those of this app; none if it is new.
    pub fn open(cells: &Cells, app: &str) -> Result<Namespaces, Error> {
        let name = CellName::new("objectclasses", app)?;
        Ok(Namespaces {
            app: app.to_owned(),
            cell: cells.cell(&name, SCHEMA)?,
        })
    }

    /// The classes by name, and the ticket of what was read.
    pub fn classes(&self) -> Result<(Vec<Class>, Ticket), Error> {
        Ok(self.cell.read(read_classes)?)
    }

    /// The namespace of a class; `None` if there is no such class.
    pub fn namespace(&self, class: &str) -> Result<Option<Namespace>, Error> {
        let find = |connection: &Connection| {
            let sql = "SELECT unique_key FROM classes WHERE name = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement
                .query_row([class], |row| row.get::<_, String>(0))
                .optional()
        };
        let (key, _) = self.cell.read(find)?;
        Ok(key.map(|key| Namespace::new(&key)))
    }

    /// What has to be done so that all of `migrations` are applied and all classes in `bound`
    /// exist: see [`Plan`]. With `automatic` a class that no migration makes is made all the same.
    /// Changes nothing; what is impossible is refused.
    pub fn plan(
        &self,
        migrations: &[Migration],
        bound: &[&str],
        automatic: bool,
    ) -> Result<Plan, Error> {
        let (state, _) = self.cell.read(|connection| self.read_state(connection))?;
        state.plan(migrations, bound, automatic)
    }

    /// Carries out a plan, all of it or nothing. The objects of classes that it deletes cannot be
    /// reached from then on; [`Namespaces::finish_deletions`] removes them.
    pub fn apply(&self, plan: &Plan) -> Result<Ticket, Error> {
        let apply = |transaction: &Transaction<'_>| -> Result<(), Error> {
            plan.steps
                .iter()
                .try_for_each(|step| take(transaction, step))?;
            for tag in &plan.tags {
                transaction.execute("INSERT INTO tags (tag) VALUES (?1)", [tag])?;
            }
            Ok(())
        };
        Ok(self.cell.write(apply)?.1)
    }

    /// Removes all objects of classes that were deleted: how many there were. To be called after
    /// [`Namespaces::apply`], and when the app starts, in case that was cut off.
    pub fn finish_deletions(&self, objects: &Objects) -> Result<u64, Error> {
        objects.remove_garbage()?;
        let list = |connection: &Connection| {
            let mut statement = connection.prepare("SELECT unique_key FROM keys WHERE deleting")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        let (keys, _): (Vec<String>, _) = self.cell.read(list)?;
        let mut count = 0;
        for key in keys {
            count += objects.delete_namespace(&Namespace::new(&key))?;
            let done = |transaction: &Transaction<'_>| -> Result<(), Error> {
                let sql = "UPDATE keys SET deleting = 0 WHERE unique_key = ?1";
                transaction.execute(sql, [&key])?;
                Ok(())
            };
            self.cell.write(done)?;
        }
        Ok(count)
    }

    fn read_state(&self, connection: &Connection) -> rusqlite::Result<State> {
        let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
            let mut statement = connection.prepare(sql)?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        let classes = read_classes(connection)?.into_iter();
        Ok(State {
            app: self.app.clone(),
            classes: classes.map(|class| (class.name.clone(), class)).collect(),
            tags: list("SELECT tag FROM tags ORDER BY number")?,
            used: list("SELECT unique_key FROM keys")?.into_iter().collect(),
        })
    }
}

fn read_classes(connection: &Connection) -> rusqlite::Result<Vec<Class>> {
    let sql = "SELECT name, unique_key, sqlite FROM classes ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let class = |row: &rusqlite::Row<'_>| {
        Ok(Class {
            name: row.get(0)?,
            unique_key: row.get(1)?,
            sqlite: row.get(2)?,
        })
    };
    statement.query_map([], class)?.collect()
}

fn take(transaction: &Transaction<'_>, step: &Step) -> Result<(), Error> {
    match step {
        Step::Create(class) => {
            transaction.execute(
                "INSERT INTO classes VALUES (?1, ?2, ?3)",
                (&class.name, &class.unique_key, class.sqlite),
            )?;
            transaction.execute(
                "INSERT INTO keys (unique_key) VALUES (?1)",
                [&class.unique_key],
            )?;
        }
        Step::Rename { from, to } => {
            let sql = "UPDATE classes SET name = ?2 WHERE name = ?1";
            transaction.execute(sql, [from, to])?;
        }
        Step::Delete(class) => {
            transaction.execute("DELETE FROM classes WHERE name = ?1", [&class.name])?;
            let sql = "UPDATE keys SET deleting = 1 WHERE unique_key = ?1";
            transaction.execute(sql, [&class.unique_key])?;
        }
    }
    Ok(())
}
