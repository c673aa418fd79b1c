//! Removing what nobody can reach: bodies that a commit let go of, bodies of uploads that died, multipart
//! uploads that nobody has completed.

use rusqlite::OptionalExtension as _;

use crate::bodies::BodyId;
use crate::bucket::LetGo;
use crate::parts::remove_parts;
use crate::schema::Count;
use crate::{Bucket, Error, R2, UPLOAD_LIFETIME};

/// Uploads that end in one transaction.
const UPLOADS_AT_ONCE: usize = 100;

impl R2 {
    /// Removes the bodies that may go now: their removal is durable, and nobody reads them. Cheap when there
    /// are none; meant to be called often.
    pub async fn tidy(&self) {
        for bodies in self.all_bodies() {
            bodies.tidy().await;
        }
    }

    /// Removes what crashes and forgotten uploads have left in all buckets. Reads the names of all bodies;
    /// meant for the start and then for every hour or so. What cannot be removed is logged.
    pub async fn sweep(&self) -> Result<(), Error> {
        for info in self.buckets()? {
            let bucket = self.existing(&info.name)?;
            bucket.sweep().await?;
        }
        // Of buckets that are gone. It is no loss if they stay until the next time.
        let folders = self.folders().await;
        let folders = folders.inspect_err(|error| tracing::debug!("the folders of R2: {error}"));
        for name in folders.unwrap_or_default() {
            // It may be made again meanwhile.
            let is_bucket = |_: &BodyId| Ok(self.find_bucket(&name)?.is_some());
            if self.find_bucket(&name)?.is_none() {
                self.bodies(&name).sweep(is_bucket).await?;
            }
        }
        Ok(())
    }
}

impl Bucket {
    /// As [`R2::sweep`], of one bucket. Gives how many bodies were removed that had no row.
    pub async fn sweep(&self) -> Result<usize, Error> {
        while self.end_old_uploads()? == UPLOADS_AT_ONCE {}
        self.inner.bodies.tidy().await;
        self.inner.bodies.sweep(|id| self.has_row(id)).await
    }

    pub(crate) fn has_row(&self, id: &BodyId) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM segments WHERE body = ?1)
            OR EXISTS (SELECT 1 FROM parts WHERE body = ?1)";
        let (found, _) = self.inner.cell.read(|connection| {
            connection
                .prepare_cached(sql)?
                .query_row([&id.0[..]], |row| row.get(0))
                .optional()
        })?;
        Ok(found.unwrap_or(false))
    }

    /// Aborts uploads that are too old, and forgets those that have ended long ago.
    fn end_old_uploads(&self) -> Result<usize, Error> {
        let lifetime = i64::try_from(UPLOAD_LIFETIME.as_millis()).unwrap_or(i64::MAX);
        let before = self.now_ms().saturating_sub(lifetime);
        let sql = "SELECT id FROM uploads WHERE coalesce(ended, created) < ?1 LIMIT ?2";
        let (old, _) = self.inner.cell.read(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map((before, Count::of(UPLOADS_AT_ONCE)), |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        })?;
        if old.is_empty() {
            return Ok(0);
        }
        self.change(|transaction| {
            let mut let_go = LetGo::default();
            for id in &old {
                remove_parts(transaction, id, None, &mut let_go)?;
                transaction
                    .prepare_cached("DELETE FROM uploads WHERE id = ?1")?
                    .execute([id])?;
            }
            Ok(((), let_go))
        })?;
        Ok(old.len())
    }
}
