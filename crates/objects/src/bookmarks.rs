//! Point-in-time recovery: bookmarks of an object, and going to one when the object next starts.
//!
//! What was asked for is a key of the store's index until then, so that it survives the process, and is
//! no part of any state that can be gone to. Restoring takes it away and rewrites the object's other
//! keys from what it finds in the restored database, at one moment.

use std::time::{Duration, SystemTime};

use cellhouse_cell::{Bookmark, Extra};
use rusqlite::{Connection, OptionalExtension as _};

use crate::alarm::Alarm;
use crate::objects::Inner;
use crate::schema::{ALARM, NAME};
use crate::storage::read_name;
use crate::{Error, Storage, index};

/// The last moment of JavaScript's `Date`, in milliseconds since 1970.
const LAST_DATE: f64 = 8.64e15;

const NOT_A_DATE: &str = "The value cannot be converted because it is not a valid Date.";

/// Cloudflare's: of its service where it has history, and of its local runtime, which has none.
const BEFORE_FIRST: &str = "Requested time is before this database existed.";
const NOTHING_YET: &str = "This database has no history.";
const SWITCHED_OFF: &str =
    "This Durable Object's storage back-end does not implement point-in-time recovery.";

/// What the indexes of the store have to know of a state.
struct Known {
    name: Option<Option<String>>,
    alarm: Option<Alarm>,
}

impl Storage {
    /// Stands for everything that was written so far, which it flushes. Not in an explicit
    /// transaction. To be let out when [`Storage::ticket`] is durable.
    pub fn current_bookmark(&mut self) -> Result<String, Error> {
        self.flush_for("getCurrentBookmark()")?;
        let bookmark = self.cell().bookmark().map_err(refused)?.0;
        Ok(bookmark.to_string())
    }

    /// Stands for the object as it was at `time`, in milliseconds since 1970, or a few seconds
    /// before that.
    pub fn bookmark_for_time(&mut self, time: f64) -> Result<String, Error> {
        if !time.is_finite() || time.abs() > LAST_DATE {
            return Err(Error::type_error(NOT_A_DATE));
        }
        self.flush_for("getBookmarkForTime()")?;
        let since = Duration::from_secs_f64(time.max(0.0) / 1_000.0);
        let bookmark = self.cell().bookmark_at(SystemTime::UNIX_EPOCH + since);
        Ok(bookmark.map_err(refused)?.0.to_string())
    }

    /// The object goes to this bookmark when it next starts: see [`Storage::restore_if_asked`]. The last call
    /// counts. What was written so far is flushed, and what is asked for is durable with
    /// [`Storage::ticket`]. Gives the bookmark of the moment before that, with which it can be
    /// undone.
    pub fn restore_on_next_start(&mut self, bookmark: &str) -> Result<String, Error> {
        let target = Bookmark::parse(bookmark).map_err(refused)?;
        self.flush_for("onNextSessionRestoreBookmark()")?;
        self.cell().check_bookmark(&target).map_err(refused)?;
        let undo = self.cell().bookmark_before_restore().map_err(refused)?.0;
        self.commit_key(index::restore(&self.address, Some(bookmark)))?;
        self.objects.restores.add(&self.address);
        Ok(undo.to_string())
    }

    /// To be called when an instance of the object starts, before its code runs and before anything
    /// is written: goes to the bookmark that was asked for, if one was. Whether it did. A bookmark
    /// that it cannot go to any more is forgotten and logged, and the object goes on as it is.
    pub fn restore_if_asked(&mut self) -> Result<bool, Error> {
        self.check()?;
        let Inner {
            cells, restores, ..
        } = &*self.objects;
        if !restores.may_wait(cells, &self.address)? {
            return Ok(false);
        }
        let Some(bookmark) = self.asked_for()? else {
            // Not before that is durable: what is not may come back.
            let gone = || Ok(self.ticket().is_durable() && self.asked_for()?.is_none());
            self.objects.restores.forget_if(&self.address, gone)?;
            return Ok(false);
        };
        let gone = match Bookmark::parse(&bookmark) {
            Ok(bookmark) => self.go_to(&bookmark),
            Err(error) => Err(Failed::Cell(error)),
        };
        match gone {
            Ok(()) => Ok(true),
            Err(Failed::Cell(error)) if is_impossible(&error) => {
                tracing::error!("object {} is not restored: {error}", self.address);
                self.forget_restore()?;
                Ok(false)
            }
            Err(Failed::Cell(error)) => Err(self.fail(error.into())),
            Err(Failed::Object(error)) => Err(self.fail(error)),
        }
    }

    /// Takes back what [`Storage::restore_on_next_start`] asked for, if it did.
    pub(crate) fn forget_restore(&mut self) -> Result<(), Error> {
        match self.asked_for()? {
            Some(_) => self.commit_key(index::restore(&self.address, None)),
            None => Ok(()),
        }
    }

    fn asked_for(&self) -> Result<Option<String>, Error> {
        let shard = self.objects.cells.shard().map_err(Error::from)?;
        let value = shard.extra(index::RESTORES, self.address.bytes());
        let value = value.map_err(cellhouse_cell::Error::from)?;
        Ok(value.map(|text| String::from_utf8_lossy(&text).into_owned()))
    }

    fn commit_key(&mut self, key: Extra) -> Result<(), Error> {
        self.session.attach([key]);
        match self.session.commit() {
            Ok(ticket) => {
                self.last = Some(ticket);
                Ok(())
            }
            Err(error) => Err(self.fail(error.into())),
        }
    }

    fn flush_for(&mut self, call: &str) -> Result<(), Error> {
        if self.depth() > 0 {
            return Err(Error::refused(format!(
                "Cannot call {call} within a transaction"
            )));
        }
        self.flush().map(drop)
    }

    fn go_to(&mut self, bookmark: &Bookmark) -> Result<(), Failed> {
        let before = self.read(|queries| {
            Ok(Known {
                name: read_name(queries)?,
                alarm: Alarm::read(queries)?,
            })
        })?;
        let mut after = None;
        let cell = self.cell().clone();
        let restored = cell.restore(bookmark, |database| {
            let known = Known::of(database)?;
            let mut extra = self.index_changes(known.name.is_some(), before.alarm, known.alarm);
            extra.push(index::restore(&self.address, None));
            after = Some(known);
            Ok::<_, Failed>(extra)
        })?;
        self.last = Some(restored.1);
        let after = after.expect("a restore looks at what it restores");
        self.known = after.name.is_some();
        self.adopt_name()?;
        let due = |alarm: Option<Alarm>| alarm.map(|alarm| alarm.due);
        let (old, new) = (due(before.alarm), due(after.alarm));
        self.objects.alarms.changed(&self.address, old, new);
        Ok(())
    }
}

impl Known {
    /// Of a database that may be from before the first write.
    fn of(database: &Connection) -> Result<Known, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_cf_METADATA')";
        if !database.query_row(sql, [], |row| row.get::<_, bool>(0))? {
            return Ok(Known {
                name: None,
                alarm: None,
            });
        }
        let sql = "SELECT value FROM _cf_METADATA WHERE key = ?1";
        let name = database.query_row(sql, [NAME], |row| row.get(0));
        let alarm = database.query_row(sql, [ALARM], |row| row.get::<_, Vec<u8>>(0));
        Ok(Known {
            name: name.optional()?,
            alarm: Alarm::of_row(alarm.optional()?)?,
        })
    }
}

/// Why the object did not go to a bookmark.
enum Failed {
    Cell(cellhouse_cell::Error),
    Object(Error),
}

impl From<cellhouse_cell::Error> for Failed {
    fn from(error: cellhouse_cell::Error) -> Failed {
        Failed::Cell(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Object(error)
    }
}

/// Whether trying again would not help.
fn is_impossible(error: &cellhouse_cell::Error) -> bool {
    use cellhouse_cell::Error::{Bookmark, TooLarge};
    matches!(error, Bookmark { .. } | TooLarge { .. })
}

/// What is wrong with a bookmark is no failure of the storage.
fn refused(error: cellhouse_cell::Error) -> Error {
    use cellhouse_cell::BookmarkProblem::{BeforeFirst, NothingYet, SwitchedOff};
    let cellhouse_cell::Error::Bookmark { problem, .. } = &error else {
        return error.into();
    };
    match problem {
        BeforeFirst => Error::refused(BEFORE_FIRST),
        NothingYet => Error::refused(NOTHING_YET),
        SwitchedOff => Error::refused(SWITCHED_OFF),
        _ => Error::refused(error.to_string()),
    }
}
