//! One object that lives in an isolate: its storage, what its code has open, and what keeps it here.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use cellhouse_cell::Ticket;
use cellhouse_exchange::AutoResponder;
use cellhouse_objects::{AlarmOutcome, Cursor, Error, Level, RunningAlarm, Storage};
use tokio::time::Instant;

use super::super::{Hibernating, ObjectHost, Target};
use super::{Kept, RESET, now};
use crate::isolate::Status;
use crate::ops::tcp::Connection;
use crate::sockets::{INTERNAL_ERROR, Outgoing};

/// One object that has an instance.
pub(crate) struct Slot {
    pub(crate) number: u32,
    pub(crate) target: Target,
    pub(super) kept: Rc<Kept>,
    pub(super) status: Arc<Status>,
    pub(super) host: ObjectHost,
    pub(super) storage: RefCell<Option<Storage>>,
    /// It is in the list of those to be committed.
    pub(super) dirty: Cell<bool>,
    /// What keeps it here: open events, and what its code waits for.
    pub(super) holds: Cell<u32>,
    pub(super) rests_since: Cell<Instant>,
    pub(super) gone: Cell<bool>,
    /// The alarm that ran when the instance was reset.
    pub(super) interrupted: Cell<Option<RunningAlarm>>,
    /// Transactions that its code has open.
    pub(super) levels: RefCell<Vec<Level>>,
    /// Queries that its code has not read to the end.
    pub(super) cursors: RefCell<HashMap<u32, Cursor>>,
    pub(super) last_cursor: Cell<u32>,
    /// Those that end with the instance.
    pub(super) open_sockets: RefCell<Vec<Weak<Outgoing>>>,
    pub(super) open_connections: RefCell<Vec<Weak<Connection>>>,
    /// Of a facet: what it keeps here as long as it is here.
    pub(super) parent: RefCell<Option<Rc<Slot>>>,
}

impl Slot {
    /// The storage, if the object may use it.
    pub(crate) fn storage<T>(
        &self,
        f: impl FnOnce(&mut Storage) -> Result<T, Error>,
    ) -> Result<T, Refused> {
        if self.gone.get() || self.status.is_condemned() {
            return Err(Refused::Reset);
        }
        let mut storage = self.storage.borrow_mut();
        let storage = match &mut *storage {
            Some(storage) => storage,
            closed => closed.insert(self.open()?),
        };
        f(storage).map_err(Refused::Error)
    }

    /// What becomes of an alarm whose handler has ended, also if that was because the instance is gone: then all else
    /// that it did not commit is undone.
    pub(crate) fn end_alarm(&self, outcome: AlarmOutcome) -> Result<Option<Ticket>, Refused> {
        let Some(running) = self.interrupted.take() else {
            return self
                .storage(|storage| storage.alarm_end(outcome))
                .map(|()| None);
        };
        // Others may run the object by now.
        if self.status.is_condemned() || self.status.is_abandoned() {
            return Err(Refused::Reset);
        }
        let mut storage = self.open()?;
        storage.resume_alarm(running);
        let ended = storage.alarm_end(outcome);
        ended.and_then(|()| storage.flush()).map_err(Refused::Error)
    }

    pub(super) fn open(&self) -> Result<Storage, Refused> {
        let Target { namespace, id, .. } = &self.target;
        let opened = match &self.target.facet {
            Some(facet) => self.host.objects().facet(&facet.root, &facet.path),
            None => self.host.objects().storage(namespace, id),
        };
        let mut storage = opened.map_err(Refused::Error)?;
        storage.restore_if_asked().map_err(Refused::Error)?;
        Ok(storage)
    }

    /// Before any of its code runs, also if that does not use the storage: its alarm comes back too. What
    /// fails here fails again, and is told, when the storage is used.
    pub(super) fn go_back_if_asked(&self) {
        let objects = self.host.objects();
        let is_facet = self.target.facet.is_some();
        if is_facet || objects.may_restore(&self.target.address).unwrap_or(true) {
            let _ = self.storage(|_| Ok(()));
        }
    }

    pub(crate) fn host(&self) -> &ObjectHost {
        &self.host
    }

    /// Its hibernating sockets.
    pub(crate) fn sockets(&self) -> &Hibernating {
        &self.kept.sockets
    }

    /// What answers for it on all of them.
    pub(crate) fn responder(&self) -> AutoResponder {
        self.kept.responder.clone()
    }

    /// How long an event of its sockets may take, in milliseconds; 0 is as long as it likes.
    pub(crate) fn event_timeout(&self) -> &Cell<u32> {
        &self.kept.event_timeout
    }

    /// Notes a transaction; gives how many were open.
    pub(crate) fn push_level(&self, level: Level) -> u32 {
        let mut levels = self.levels.borrow_mut();
        levels.push(level);
        levels.len() as u32 - 1
    }

    pub(crate) fn pop_level(&self) -> Option<Level> {
        self.levels.borrow_mut().pop()
    }

    pub(crate) fn keep_cursor(&self, cursor: Cursor) -> u32 {
        let number = self.last_cursor.get() + 1;
        self.last_cursor.set(number);
        self.put_cursor(number, cursor);
        number
    }

    pub(crate) fn put_cursor(&self, number: u32, cursor: Cursor) {
        self.cursors.borrow_mut().insert(number, cursor);
    }

    pub(crate) fn take_cursor(&self, number: u32) -> Option<Cursor> {
        self.cursors.borrow_mut().remove(&number)
    }

    /// The ticket of what is committed.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        let storage = self.storage.borrow();
        storage.as_ref().map(Storage::ticket)
    }

    /// Since when it has had nothing to do, if it has nothing to do.
    pub(crate) fn rests_since(&self) -> Instant {
        self.rests_since.get()
    }

    /// Something keeps the object here.
    pub(crate) fn hold(&self) {
        self.holds.set(self.holds.get() + 1);
    }

    /// A socket keeps the object here, which closes it when the instance is reset.
    pub(crate) fn hold_for_socket(&self, socket: &Rc<Outgoing>) {
        self.hold();
        let mut open = self.open_sockets.borrow_mut();
        open.retain(|socket| socket.strong_count() > 0);
        open.push(Rc::downgrade(socket));
    }

    /// The same of a connection to another server.
    pub(crate) fn hold_for_connection(&self, connection: &Rc<Connection>) {
        self.hold();
        let mut open = self.open_connections.borrow_mut();
        open.retain(|connection| connection.strong_count() > 0);
        open.push(Rc::downgrade(connection));
    }

    /// It does no more.
    pub(crate) fn release(&self) {
        let holds = self.holds.get().saturating_sub(1);
        self.holds.set(holds);
        if holds == 0 {
            self.rests_since.set(now());
        }
    }

    pub(super) fn leave(&self) {
        self.gone.set(true);
        let storage = self.storage.take();
        let running = storage.and_then(|storage| storage.running_alarm());
        self.interrupted.set(running);
        for socket in self.open_sockets.take().iter().filter_map(Weak::upgrade) {
            socket.close(Some(INTERNAL_ERROR), "the object was reset".to_owned());
        }
        for connection in self
            .open_connections
            .take()
            .iter()
            .filter_map(Weak::upgrade)
        {
            connection.end();
        }
        if let Some(parent) = self.parent.take() {
            parent.release();
        }
    }
}

/// Why a call of the storage was refused.
pub(crate) enum Refused {
    /// The object does not live here any more.
    Reset,
    Error(Error),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::Reset => f.write_str(RESET),
            Refused::Error(error) => error.fmt(f),
        }
    }
}
