//! Bringing an earlier state of a cell back.

use cellhouse_shard::{Extra, Ticket};
use rusqlite::Connection;

use super::Bookmark;
use super::find::{self, Found};
use crate::open::Open;
use crate::page::Page;
use crate::slot::Slot;
use crate::{Cell, Error, Options};

impl Cell {
    /// Makes the cell what it was at the bookmark, in one commit, with what `f` wants to change at
    /// the same moment. `f` sees the database as it will be, in the schema that it had then, which
    /// may be none, and only reads. Afterwards the cell has the newest schema.
    ///
    /// Gives the bookmark of the state that it replaced, with which it can be undone. Waits for
    /// whoever uses the cell; queries that are open end, handles and sessions go on with the cell as
    /// it then is. An error leaves it as it is. More than half of
    /// [`Options::transaction_bytes`](crate::Options::transaction_bytes) cannot be brought back.
    pub fn restore<E: From<Error>>(
        &self,
        bookmark: &Bookmark,
        f: impl FnOnce(&Connection) -> Result<Vec<Extra>, E>,
    ) -> Result<(Bookmark, Ticket), E> {
        let options = &self.cells.options;
        self.with(|open, slot| {
            let found = find::find(open, slot.key, bookmark)?;
            let (epoch, transaction) = open.image.lock().end_epoch();
            let undo = Bookmark::new(slot.key, epoch, transaction);
            match found {
                Found::Now => {
                    let extra = f(open.connection())?;
                    if !extra.is_empty() {
                        open.image.lock().hand_in_alone(extra)?;
                    }
                }
                Found::Before(number, epoch, snapshot) => {
                    let most = options.transaction_bytes;
                    let pages = snapshot.pages_before(slot.key, number, epoch.pages, most);
                    let pages = pages.map_err(Error::from)?;
                    let pages = read(slot, pages)?;
                    commit(open, slot, options, pages, epoch.pages, f)?;
                }
            }
            Ok((undo, slot.latest.ticket()))
        })
    }

    /// [`Cell::restore`] for a cell about which nothing else in the store has to be known.
    pub fn restore_now(&self, bookmark: &Bookmark) -> Result<(Bookmark, Ticket), Error> {
        self.restore(bookmark, |_| Ok(Vec::new()))
    }
}

fn read(slot: &Slot, pages: Vec<(u32, bytes::Bytes)>) -> Result<Vec<(u32, Page)>, Error> {
    let pages = pages.into_iter().map(|(number, bytes)| {
        let page = Page::from_stored(bytes).ok_or_else(|| Error::Damaged {
            cell: slot.name.to_string().into(),
            problem: format!("an earlier page {number} in the store is not a page"),
        })?;
        Ok((number, page))
    });
    pages.collect()
}

fn commit<E: From<Error>>(
    open: &mut Open,
    slot: &Slot,
    options: &Options,
    pages: Vec<(u32, Page)>,
    size: u32,
    f: impl FnOnce(&Connection) -> Result<Vec<Extra>, E>,
) -> Result<(), E> {
    // What SQLite has in its cache is of the present.
    open.disconnect();
    open.image.lock().stage(pages, size)?;
    let staged = look(open, slot, options, f);
    open.disconnect();
    let mut image = open.image.lock();
    let committed = staged.and_then(|extra| image.commit_staged(extra).map_err(E::from));
    if let Err(error) = committed {
        image.unstage();
        drop(image);
        slot.connect(open, options)?;
        return Err(error);
    }
    drop(image);
    // Their schema may be of a state that comes again under the same number.
    slot.readers.clear();
    Ok(slot.migrate(open, options)?)
}

fn look<E: From<Error>>(
    open: &mut Open,
    slot: &Slot,
    options: &Options,
    f: impl FnOnce(&Connection) -> Result<Vec<Extra>, E>,
) -> Result<Vec<Extra>, E> {
    slot.connect(open, options)?;
    f(open.connection())
}
