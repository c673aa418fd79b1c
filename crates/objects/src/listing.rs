//! The objects that a store knows: listing them, deleting one, deleting all of a namespace.

use cellhouse_cell::{CellName, Shard, Ticket};

use crate::schema::PAGE_BYTES;
use crate::{Address, Error, FacetPath, Namespace, ObjectId, Objects, index};

/// Objects of a page of results, at most.
const MAX_PAGE: usize = 1_000;

/// What is known of an object without waking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, with its name if that is known.
    pub id: ObjectId,
    /// Size of its database in bytes.
    pub bytes: u64,
    /// The time that its alarm is set for, in milliseconds since 1970.
    pub alarm: Option<i64>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Listed>,
    /// Where the next part begins; `None`: this is the last one.
    pub cursor: Option<Vec<u8>>,
}

impl Objects {
    /// The objects of a namespace that exist, at most `limit` (1 to 1,000) from `cursor` on. With a
    /// prefix those whose name begins so, by name; without, all of them, in no special order.
    pub fn list(
        &self,
        namespace: &Namespace,
        prefix: Option<&str>,
        cursor: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, Error> {
        let limit = limit.clamp(1, MAX_PAGE);
        let shard = self.inner.cells.shard()?;
        let tag = namespace.tag();
        let keyspace = if prefix.is_some() {
            index::NAMES
        } else {
            index::OBJECTS
        };
        let start = index::name_start(tag, prefix.unwrap_or_default());
        let from = cursor.unwrap_or(&start).max(&start[..]);
        let rows = shard.extras(keyspace, from, limit + 1);
        let mut rows = rows.map_err(cellhouse_cell::Error::from)?;
        rows.retain(|(key, _)| key.starts_with(&start));
        let cursor = (rows.len() > limit).then(|| rows.remove(limit).0.to_vec());
        let mut objects = Vec::with_capacity(rows.len());
        for (key, value) in rows {
            let address = match prefix {
                Some(prefix) if !value.starts_with(prefix.as_bytes()) => continue,
                Some(_) => index::id_of_name_key(&key).map(|id| Address::new(tag, id)),
                None => Address::from_bytes(&key),
            };
            objects.extend(address.and_then(|at| listed(&shard, &at).transpose()));
        }
        let objects = objects.into_iter().collect::<Result<_, _>>()?;
        Ok(Page { objects, cursor })
    }

    /// What is known of one object; `None` when it does not exist.
    pub fn find(&self, namespace: &Namespace, id: &ObjectId) -> Result<Option<Listed>, Error> {
        listed(&self.inner.cells.shard()?, &namespace.address(id))
    }

    /// Deletes an object with all that it stored: whether it existed. Whoever runs it must have
    /// ended that.
    pub fn delete(&self, namespace: &Namespace, id: &ObjectId) -> Result<(bool, Ticket), Error> {
        let mut storage = self.storage(namespace, id)?;
        let facets = self
            .inner
            .facets_at(&storage.address(), &FacetPath::default(), false)?;
        let existed = storage.exists() || !facets.is_empty();
        let name = storage.address().cell_name()?;
        if existed {
            storage.delete_all()?;
            storage.flush()?;
        }
        storage.forget_restore()?;
        drop(storage);
        let ticket = self.inner.cells.remove(&name)?;
        Ok((existed, ticket))
    }

    /// Deletes all objects of a namespace: how many there were. Takes as long as it takes; when it
    /// is cut off, calling it again does the rest.
    pub fn delete_namespace(&self, namespace: &Namespace) -> Result<u64, Error> {
        let mut count = 0;
        loop {
            let page = self.list(namespace, None, None, MAX_PAGE)?;
            for object in &page.objects {
                self.delete(namespace, &object.id)?;
                count += 1;
            }
            if page.objects.is_empty() {
                // One that has nothing but facets is not in the list if its own first writes were undone.
                let Some(object) = self.one_with_facets(namespace)? else {
                    return Ok(count);
                };
                self.delete(namespace, &ObjectId::new(object.id(), None))?;
                count += 1;
            }
        }
    }
}

fn listed(shard: &Shard, address: &Address) -> Result<Option<Listed>, Error> {
    let row = shard.extra(index::OBJECTS, address.bytes());
    let row = row.map_err(cellhouse_cell::Error::from)?;
    let Some((name, alarm)) = row.as_deref().and_then(index::of_object) else {
        return Ok(None);
    };
    let cell: CellName = address.cell_name()?;
    let meta = shard.meta(cell.key(), &cell.to_string());
    let pages = meta
        .map_err(cellhouse_cell::Error::from)?
        .map_or(0, |meta| meta.pages);
    Ok(Some(Listed {
        id: ObjectId::new(address.id(), name.map(Into::into)),
        bytes: u64::from(pages) * PAGE_BYTES,
        alarm,
    }))
}
