//! Access keys of the S3 API: who may do what with which bucket. Signatures are made with the secret, so
//! it is stored as it is; whoever can read the data directory has it.

use rusqlite::{OptionalExtension as _, Row, Transaction};

use crate::bodies::random;
use crate::checksum::hex;
use crate::{Error, R2};

/// What a key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The only bucket, or all of them.
    pub bucket: Option<String>,
    /// Whether it may change anything.
    pub writes: bool,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For people.
    pub name: String,
    /// In milliseconds since 1970.
    pub created: i64,
    pub access: Access,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub key: AccessKey,
    /// 64 hexadecimal digits.
    pub secret: String,
}

impl R2 {
    /// Makes a key.
    pub fn create_key(&self, name: &str, access: Access) -> Result<NewKey, Error> {
        let entropy = &*self.inner.options.entropy;
        let made = NewKey {
            key: AccessKey {
                id: hex(&random::<16>(entropy)?),
                name: name.to_owned(),
                created: self.inner.now_ms(),
                access,
            },
            secret: hex(&random::<32>(entropy)?),
        };
        self.inner.registry.write(|transaction: &Transaction<'_>| {
            let NewKey { key, secret } = &made;
            let values = (
                &key.id,
                secret,
                &key.name,
                key.created,
                &key.access.bucket,
                key.access.writes,
            );
            transaction.execute("INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values)?;
            Ok::<_, Error>(())
        })?;
        Ok(made)
    }

    /// All keys, oldest first.
    pub fn keys(&self) -> Result<Vec<AccessKey>, Error> {
        let (keys, _) = self.inner.registry.read(|connection| {
            let sql = "SELECT id, name, created, bucket, writes FROM keys ORDER BY created, id";
            let mut select = connection.prepare(sql)?;
            let rows = select.query_map([], read_key)?;
            rows.collect()
        })?;
        Ok(keys)
    }

    /// Removes a key: whether it was there.
    pub fn delete_key(&self, id: &str) -> Result<bool, Error> {
        let (removed, _) = self.inner.registry.write(|transaction: &Transaction<'_>| {
            Ok::<_, Error>(transaction.execute("DELETE FROM keys WHERE id = ?1", [id])?)
        })?;
        Ok(removed > 0)
    }

    /// A key and its secret.
    pub fn key(&self, id: &str) -> Result<Option<(AccessKey, String)>, Error> {
        let (found, _) = self.inner.registry.read(|connection| {
            let sql = "SELECT id, name, created, bucket, writes, secret FROM keys WHERE id = ?1";
            let mut select = connection.prepare_cached(sql)?;
            select
                .query_row([id], |row| Ok((read_key(row)?, row.get(5)?)))
                .optional()
        })?;
        Ok(found)
    }
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<AccessKey> {
    Ok(AccessKey {
        id: row.get(0)?,
        name: row.get(1)?,
        created: row.get(2)?,
        access: Access {
            bucket: row.get(3)?,
            writes: row.get(4)?,
        },
    })
}
