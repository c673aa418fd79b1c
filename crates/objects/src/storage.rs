//! The storage of one object: its cell, the transaction in which its writes gather, and how that
//! ends. What can be stored is in `kv.rs`, `sql/`, `alarm.rs`.

use std::sync::Arc;

use cellhouse_cell::{Extra, Queries, QueryId, Session, Ticket};
use rusqlite::OptionalExtension as _;

use crate::alarm::{Alarm, RunningAlarm};
use crate::facets::{Facet, FacetPath, Row};
use crate::objects::Inner;
use crate::schema::NAME;
use crate::transaction::Level;
use crate::{Address, Error, ObjectId, index};

/// The storage of an object, for the one thread that runs its code at the moment.
///
/// The first write opens a transaction, in which all that follows takes place until
/// [`Storage::flush`] commits it. While it is open, other users of the cell wait. Dropping the
/// storage undoes what was not flushed.
///
/// After an error of the kind [`ErrorKind::Storage`](crate::ErrorKind::Storage) every call fails
/// with it: writes that the object believes in may be gone. The way on is a new storage and a new
/// instance of the object.
pub struct Storage {
    pub(crate) session: Session,
    pub(crate) address: Address,
    pub(crate) objects: Arc<Inner>,
    pub(crate) name: Option<Arc<str>>,
    /// Which facet it is, if it is one.
    pub(crate) facet: Option<Facet>,
    /// The open transaction deletes the facets too.
    pub(crate) wiped: bool,
    failed: Option<Error>,
    /// Of the last flush, while it may still be lost.
    pub(crate) last: Option<Ticket>,
    /// Open levels of explicit transactions, from the outermost.
    pub(crate) levels: Vec<Level>,
    pub(crate) last_level: u64,
    /// Whether the store knows the object, as of the last commit.
    pub(crate) known: bool,
    /// Whether the open transaction is known to have the row that says so.
    pub(crate) marked: bool,
    /// The alarm before the open transaction changed it, if it did.
    pub(crate) alarm_before: Option<Option<Alarm>>,
    pub(crate) running: Option<RunningAlarm>,
    /// When the index has an alarm that is not there.
    pub(crate) stale_alarm: Option<i64>,
    /// Queries that have rows to give.
    pub(crate) cursors: Vec<QueryId>,
    /// Whether much of the database is free.
    pub(crate) shrink: bool,
}

impl Storage {
    pub(crate) fn open(
        objects: Arc<Inner>,
        address: Address,
        id: &ObjectId,
    ) -> Result<Storage, Error> {
        Storage::open_as(objects, address, id.name().cloned(), None)
    }

    pub(crate) fn open_facet(
        objects: Arc<Inner>,
        address: Address,
        facet: Facet,
    ) -> Result<Storage, Error> {
        Storage::open_as(objects, address, None, Some(facet))
    }

    fn open_as(
        objects: Arc<Inner>,
        address: Address,
        name: Option<Arc<str>>,
        facet: Option<Facet>,
    ) -> Result<Storage, Error> {
        let session = objects.cell(&address)?.session();
        let mut storage = Storage {
            session,
            address,
            objects,
            name,
            facet,
            wiped: false,
            failed: None,
            last: None,
            levels: Vec::new(),
            last_level: 0,
            known: false,
            marked: false,
            alarm_before: None,
            running: None,
            stale_alarm: None,
            cursors: Vec::new(),
            shrink: false,
        };
        storage.known = storage.read(read_name)?.is_some();
        storage.adopt_name()?;
        Ok(storage)
    }

    /// Where the object is.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The name of the object, if it was made by name and that is known: from the id that it was
    /// opened with, or from its first write.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// Whether the object has ever written something that was flushed, or called
    /// [`Storage::create`], and was not deleted since.
    pub fn exists(&self) -> bool {
        self.known
    }

    /// Makes the object known in the store, as its first write does, without writing anything else.
    pub fn create(&mut self) -> Result<(), Error> {
        self.write(|_| Ok(()))
    }

    /// The ticket for everything that is committed: what reads saw that is not of the object's own
    /// open transaction. What was read must not leave the process before it is durable.
    pub fn ticket(&self) -> Ticket {
        self.session.cell().ticket()
    }

    /// The object's cell. A clone of it in another thread can stop SQL that runs for too long:
    /// [`Cell::interrupt`](cellhouse_cell::Cell::interrupt). Reading from it while this storage has
    /// a transaction open waits for its end, on the same thread for ever.
    pub fn cell(&self) -> &cellhouse_cell::Cell {
        self.session.cell()
    }

    /// Commits the writes since the last flush. `None`: there is nothing to commit, or an explicit
    /// transaction is open, which has to end first. Called at the end of each turn of the object's
    /// code, and before anything that it does outside.
    pub fn flush(&mut self) -> Result<Option<Ticket>, Error> {
        self.check()?;
        if !self.levels.is_empty() {
            return Ok(None);
        }
        let stale = self.stale_alarm()?;
        if !self.session.is_open() && stale.is_none() {
            return Ok(None);
        }
        let known = self.marked || self.read(read_name)?.is_some();
        let (before, alarm) = match self.alarm_before.take() {
            None if known == self.known => (None, None),
            before => {
                let alarm = self.read(Alarm::read)?;
                (before.unwrap_or(alarm), alarm)
            }
        };
        let mut extra = self.index_changes(known, before, alarm);
        let gone = match std::mem::take(&mut self.wiped) {
            true => self.facets_below()?,
            false => Vec::new(),
        };
        extra.extend(gone.iter().flat_map(Row::deletion));
        if !self.known && known {
            extra.extend(self.object_of_facet()?);
        }
        self.session
            .attach(stale.map(|due| index::alarm(due, &self.address, false)));
        self.session.attach(extra);
        let ticket = match self.session.commit() {
            Ok(ticket) => ticket,
            Err(error) => return Err(self.fail(error.into())),
        };
        self.last = Some(ticket.clone());
        self.known = known;
        self.objects.remove(&gone)?;
        self.marked = false;
        if stale.is_some() {
            self.objects.alarms.changed(&self.address, stale, None);
        }
        if before != alarm {
            let (old, new) = (before.map(|a| a.due), alarm.map(|a| a.due));
            self.objects.alarms.changed(&self.address, old, new);
        }
        if std::mem::take(&mut self.shrink) {
            self.give_back_space();
        }
        Ok(Some(ticket))
    }

    /// The facets of the object or facet, all of them.
    fn facets_below(&self) -> Result<Vec<Row>, Error> {
        let object = FacetPath::default();
        let (root, path) = match &self.facet {
            Some(facet) => (&facet.root, &facet.path),
            None => (&self.address, &object),
        };
        self.objects.facets_at(root, path, false)
    }

    /// The change that makes the object of a facet known, if it is not.
    fn object_of_facet(&self) -> Result<Option<Extra>, Error> {
        let Some(Facet { root, .. }) = &self.facet else {
            return Ok(None);
        };
        let shard = self.objects.cells.shard()?;
        let known = shard.extra(index::OBJECTS, root.bytes());
        let known = known.map_err(cellhouse_cell::Error::from)?;
        Ok(known.is_none().then(|| index::object(root, None, None)))
    }

    /// When the index has an alarm that the object still has not.
    fn stale_alarm(&mut self) -> Result<Option<i64>, Error> {
        let Some(due) = self.stale_alarm.take() else {
            return Ok(None);
        };
        // In a transaction, so that nobody sets it meanwhile.
        if let Err(error) = self.session.begin() {
            return Err(self.fail(error.into()));
        }
        let alarm = self.read(Alarm::read)?;
        Ok(Some(due).filter(|due| alarm.is_none_or(|alarm| alarm.due != *due)))
    }

    /// How the indexes of the store change with the commit.
    pub(crate) fn index_changes(
        &self,
        known: bool,
        before: Option<Alarm>,
        after: Option<Alarm>,
    ) -> Vec<Extra> {
        let mut extra = Vec::new();
        if let Some(facet) = &self.facet {
            if known != self.known {
                extra.push(facet.row(known.then_some(&self.address)));
            }
            return extra;
        }
        if before != after {
            extra.extend(before.map(|alarm| index::alarm(alarm.due, &self.address, false)));
            extra.extend(after.map(|alarm| index::alarm(alarm.due, &self.address, true)));
        }
        let name = self.name.as_deref();
        match (self.known, known) {
            (true, false) => extra.extend(index::forget(&self.address, name)),
            // It may be known for its facets.
            (false, false) if self.wiped => extra.extend(index::forget(&self.address, name)),
            (_, true) if before != after || !self.known => {
                let alarm = after.map(|alarm| alarm.scheduled);
                extra.push(index::object(&self.address, name, alarm));
            }
            _ => {}
        }
        if known && !self.known {
            extra.extend(name.map(|name| index::name(&self.address, name)));
        }
        extra
    }

    /// Fails if the storage has failed, or what it flushed is lost.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        if let Some(last) = &self.last {
            if last.is_durable() {
                self.last = None;
            } else if let Some(error) = last.failure() {
                return Err(self.fail(cellhouse_cell::Error::from(error).into()));
            }
        }
        match &self.failed {
            None => Ok(()),
            Some(error) => Err(error.clone()),
        }
    }

    /// From now on everything fails with this.
    pub(crate) fn fail(&mut self, error: Error) -> Error {
        self.failed.get_or_insert(error).clone()
    }

    /// Runs `f` on the database as it is.
    pub(crate) fn read<T>(
        &mut self,
        f: impl FnOnce(&mut Queries<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.check()?;
        let open = self.session.is_open();
        let result = self.session.with(f);
        if open && !self.session.is_open() {
            return Err(self.undone(result.err()));
        }
        match result {
            Ok((value, _)) => Ok(value),
            Err(error) if error.kind() == crate::ErrorKind::Storage => Err(self.fail(error)),
            Err(error) => Err(error),
        }
    }

    /// Runs `f` in the transaction, which it opens if need be.
    pub(crate) fn write<T>(
        &mut self,
        f: impl FnOnce(&mut Queries<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.begin()?;
        self.read(f)
    }

    /// Opens the transaction, and makes the object known with it.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        self.check()?;
        let fresh = !self.session.is_open();
        if let Err(error) = self.session.begin() {
            return Err(self.fail(error.into()));
        }
        if self.marked {
            return Ok(());
        }
        let name = self.name.clone();
        let new = self.read(|queries| {
            let sql = "INSERT INTO _cf_METADATA VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let mut statement = queries.prepare_cached(sql)?;
            Ok(statement.execute((NAME, name.as_deref()))? == 1)
        })?;
        self.marked = true;
        // Another storage of the object may have made or deleted it since the last flush.
        if fresh && new == self.known {
            self.known = !new;
            self.adopt_name()?;
        }
        Ok(())
    }

    /// The name that the object was made known by, if this storage knows none.
    pub(crate) fn adopt_name(&mut self) -> Result<(), Error> {
        if let Some(Some(name)) = self.read(read_name)? {
            self.name.get_or_insert(name.into());
        }
        Ok(())
    }

    /// The transaction is gone: SQLite rolled all of it back by itself.
    fn undone(&mut self, cause: Option<Error>) -> Error {
        let cause = cause.map_or_else(String::new, |error| format!(": {error}"));
        self.fail(Error::storage(format!(
            "the writes since the last flush were rolled back{cause}"
        )))
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let cursors = std::mem::take(&mut self.cursors);
        if cursors.is_empty() {
            return;
        }
        // When the cell cannot be used, they are gone already.
        let _ = self.session.with(|queries| -> Result<(), Error> {
            cursors.into_iter().for_each(|id| queries.close(id));
            Ok(())
        });
    }
}

/// The name of the object if the store knows it.
pub(crate) fn read_name(queries: &mut Queries<'_>) -> Result<Option<Option<String>>, Error> {
    let sql = "SELECT value FROM _cf_METADATA WHERE key = ?1";
    let mut statement = queries.prepare_cached(sql)?;
    Ok(statement.query_row([NAME], |row| row.get(0)).optional()?)
}
