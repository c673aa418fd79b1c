//! Facets: parts of an object with a storage of their own, which live and go with it. Each is a cell with a number
//! made up for it; an index of the store, by the object and the names that lead to the facet, has the numbers.
//!
//! What is deleted leaves the index in one commit, which also notes the cells as garbage; then these are removed.
//! A crash in between leaves notes, for [`Objects::remove_garbage`].

use bytes::Bytes;
use cellhouse_cell::{Extra, Shard, Ticket};
use sha2::{Digest, Sha256};

use crate::address::TAG;
use crate::id::LENGTH;
use crate::objects::Inner;
use crate::{Address, Error, Namespace, Objects, Storage, index};

/// Rows of an index that are read at a time.
const AT_ONCE: usize = 1_000;

/// The longest name of a facet, in bytes of UTF-8; Cloudflare's.
pub const MAX_FACET_NAME: usize = 256;
/// How deep facets may be, the object itself counted; Cloudflare's.
pub const MAX_FACET_DEPTH: usize = 4;

/// Which facet of an object: the names that lead to it. The object itself has an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FacetPath(Vec<u8>);

impl FacetPath {
    /// The facet of that name of this one. Fails for a name that is too long or empty, and where it would be too
    /// deep.
    pub fn child(&self, name: &str) -> Result<FacetPath, Error> {
        check_name(name)?;
        if self.depth() + 1 >= MAX_FACET_DEPTH {
            return Err(Error::refused(format!(
                "Facet nesting depth limit exceeded. The maximum depth including the root Durable \
                 Object is {MAX_FACET_DEPTH}."
            )));
        }
        let length = u16::try_from(name.len()).expect("names are short");
        let parts = [&self.0[..], &length.to_be_bytes(), name.as_bytes()];
        Ok(FacetPath(parts.concat()))
    }

    /// Stands for the facet of the object at `root`, whatever cell it is: for who keeps things of facets by address.
    /// No storage is there.
    pub fn place(&self, root: &Address) -> Address {
        let mut hash = Sha256::new();
        hash.update(root.bytes());
        hash.update(&self.0);
        Address::new(
            derived("places of facets of ", root),
            hash.finalize().into(),
        )
    }

    fn depth(&self) -> usize {
        let mut rest = &self.0[..];
        let mut depth = 0;
        while let Some((length, after)) = rest.split_first_chunk() {
            rest = &after[usize::from(u16::from_be_bytes(*length))..];
            depth += 1;
        }
        depth
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.len() > MAX_FACET_NAME {
        let text = format!("Facet name is too long (max {MAX_FACET_NAME} characters).");
        return Err(Error::type_error(text));
    }
    match name {
        "" => Err(Error::type_error("Facet name cannot be empty.")),
        _ => Ok(()),
    }
}

/// Where a storage is among the facets of its object.
#[derive(Clone)]
pub(crate) struct Facet {
    /// The object.
    pub(crate) root: Address,
    pub(crate) path: FacetPath,
}

impl Facet {
    fn key(&self) -> Bytes {
        [&self.root.bytes()[..], &self.path.0].concat().into()
    }

    /// The change that makes the facet known, as the cell at `address`, or unknown.
    pub(crate) fn row(&self, address: Option<&Address>) -> Extra {
        Extra {
            keyspace: index::FACETS,
            key: self.key(),
            value: address.map(|address| Bytes::copy_from_slice(&address.id())),
        }
    }
}

impl Objects {
    /// The storage of a facet of the object at `root`; one that is not there is empty. Whoever runs the object is
    /// the only one who may use it.
    pub fn facet(&self, root: &Address, path: &FacetPath) -> Result<Storage, Error> {
        let facet = Facet {
            root: *root,
            path: path.clone(),
        };
        let known = self.shard()?.extra(index::FACETS, &facet.key());
        let number = known.map_err(cellhouse_cell::Error::from)?;
        let number = match number.as_deref().and_then(|n| n.try_into().ok()) {
            Some(number) => number,
            None => self.new_number()?,
        };
        let address = Address::new(tag(root), number);
        Storage::open_facet(self.inner.clone(), address, facet)
    }

    /// Deletes a facet with all of its own facets; one that is not there too. Nobody may use them any more, and what
    /// was written before is flushed. `None`: there was nothing.
    pub fn delete_facet(&self, root: &Address, path: &FacetPath) -> Result<Option<Ticket>, Error> {
        let rows = self.inner.facets_at(root, path, true)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let changes: Vec<Extra> = rows.iter().flat_map(Row::deletion).collect();
        let shard = self.shard()?;
        let ticket = shard.change(changes).map_err(cellhouse_cell::Error::from)?;
        self.inner.remove(&rows)?;
        Ok(Some(ticket))
    }

    /// Puts a copy of a facet and of all of its own facets in the place of another one, of which all is deleted.
    /// Nobody may use that any more, and what was written before is flushed.
    pub fn clone_facet(
        &self,
        root: &Address,
        from: &FacetPath,
        to: &FacetPath,
    ) -> Result<Option<Ticket>, Error> {
        if from == to {
            return Ok(None);
        }
        let gone = self.inner.facets_at(root, to, true)?;
        let mut copies = Vec::new();
        for row in self.inner.facets_at(root, from, true)? {
            let below = &row.facet.path.0[from.0.len()..];
            let facet = Facet {
                root: *root,
                path: FacetPath([&to.0[..], below].concat()),
            };
            let address = Address::new(tag(root), self.new_number()?);
            copies.push((row.address, Row { facet, address }));
        }
        // Until all of them are whole they are garbage.
        let shard = self.shard()?;
        let notes = copies.iter().map(|(_, copy)| copy.note(true));
        let noted = shard.change(notes.collect());
        noted.map_err(cellhouse_cell::Error::from)?;
        for (from, copy) in &copies {
            let (from, to) = (from.cell_name()?, copy.address.cell_name()?);
            self.inner.cells.copy(&from, &to)?;
        }
        let changes = gone.iter().flat_map(Row::deletion);
        let made =
            |(_, copy): &(Address, Row)| [copy.facet.row(Some(&copy.address)), copy.note(false)];
        let changes = changes.chain(copies.iter().flat_map(made));
        let ticket = shard.change(changes.collect());
        let ticket = ticket.map_err(cellhouse_cell::Error::from)?;
        self.inner.remove(&gone)?;
        Ok(Some(ticket))
    }

    /// Removes what deleted facets have left when the process ended just then. To be called when nobody uses the
    /// objects yet; costs one read of the store.
    pub fn remove_garbage(&self) -> Result<(), Error> {
        let shard = self.shard()?;
        loop {
            let rows = shard.extras(index::FACET_GARBAGE, &[], AT_ONCE);
            let rows = rows.map_err(cellhouse_cell::Error::from)?;
            if rows.is_empty() {
                return Ok(());
            }
            let known = rows.iter().filter_map(|(key, _)| Address::from_bytes(key));
            self.inner.remove_cells(&known.collect::<Vec<_>>())?;
            let changes = rows.into_iter().map(|(key, _)| Extra {
                keyspace: index::FACET_GARBAGE,
                key,
                value: None,
            });
            let changed = shard.change(changes.collect());
            changed.map_err(cellhouse_cell::Error::from)?;
        }
    }

    /// The object with facets that a namespace has left, if there is one.
    pub(crate) fn one_with_facets(&self, namespace: &Namespace) -> Result<Option<Address>, Error> {
        let tag = namespace.tag();
        let rows = self.shard()?.extras(index::FACETS, &tag, 1);
        let rows = rows.map_err(cellhouse_cell::Error::from)?;
        let found = rows.first().filter(|(key, _)| key.starts_with(&tag));
        Ok(found.and_then(|(key, _)| Address::from_bytes(key.get(..Address::LENGTH)?)))
    }

    fn shard(&self) -> Result<Shard, Error> {
        Ok(self.inner.cells.shard()?)
    }

    fn new_number(&self) -> Result<[u8; LENGTH], Error> {
        let mut number = [0; LENGTH];
        let filled = self.inner.entropy.fill(&mut number);
        filled.map_err(|e| Error::storage(format!("cannot make up a number: {e}")))?;
        Ok(number)
    }
}

/// A row of the index.
pub(crate) struct Row {
    facet: Facet,
    address: Address,
}

impl Row {
    /// The changes after which the facet is not there.
    pub(crate) fn deletion(&self) -> [Extra; 2] {
        [self.facet.row(None), self.note(true)]
    }

    /// The change that makes its cell garbage, or none.
    fn note(&self, is_garbage: bool) -> Extra {
        Extra {
            keyspace: index::FACET_GARBAGE,
            key: Bytes::copy_from_slice(self.address.bytes()),
            value: is_garbage.then(Bytes::new),
        }
    }
}

impl Inner {
    /// The facets that are below one, or the object itself; `and_it`: with it.
    pub(crate) fn facets_at(
        &self,
        root: &Address,
        path: &FacetPath,
        and_it: bool,
    ) -> Result<Vec<Row>, Error> {
        let shard = self.cells.shard()?;
        let prefix: Vec<u8> = [&root.bytes()[..], &path.0].concat();
        let mut found = Vec::new();
        let mut from = prefix.clone();
        loop {
            let rows = shard.extras(index::FACETS, &from, AT_ONCE);
            let rows = rows.map_err(cellhouse_cell::Error::from)?;
            let is_last = rows.len() < AT_ONCE;
            for (key, value) in rows {
                if !key.starts_with(&prefix) {
                    return Ok(found);
                }
                from = [&key[..], &[0]].concat();
                let number: Result<[u8; LENGTH], _> = (&value[..]).try_into();
                if let Ok(number) = number
                    && (and_it || key.len() > prefix.len())
                {
                    let path = FacetPath(key[Address::LENGTH..].to_vec());
                    let facet = Facet { root: *root, path };
                    let address = Address::new(tag(root), number);
                    found.push(Row { facet, address });
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }

    /// Removes the cells of facets that the index does not have any more, and the notes of that.
    pub(crate) fn remove(&self, rows: &[Row]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let cells: Vec<Address> = rows.iter().map(|row| row.address).collect();
        self.remove_cells(&cells)?;
        let notes = rows.iter().map(|row| row.note(false));
        let changed = self.cells.shard()?.change(notes.collect());
        changed.map_err(cellhouse_cell::Error::from)?;
        Ok(())
    }

    fn remove_cells(&self, cells: &[Address]) -> Result<(), Error> {
        for address in cells {
            self.cells.remove(&address.cell_name()?)?;
        }
        Ok(())
    }
}

/// Stands for the facets of a namespace, in the addresses of their cells: none is one of an object.
fn tag(root: &Address) -> [u8; TAG] {
    derived("facets of ", root)
}

fn derived(what: &str, root: &Address) -> [u8; TAG] {
    let mut hash = Sha256::new();
    hash.update(what);
    hash.update(root.namespace());
    let mut tag = [0; TAG];
    tag.copy_from_slice(&hash.finalize()[..TAG]);
    tag
}
