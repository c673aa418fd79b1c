//! Making instances: one, or a batch of which all are made or none.

use cellhouse_cell::Ticket;
use rusqlite::Transaction;

use super::instance::{Instance, InstanceStatus};
use super::{InstanceError, InstanceStore, check};

/// How long an instance that has ended is kept, in milliseconds: 30 days, Cloudflare's longest.
const KEPT: i64 = 30 * 86_400_000;
/// Instances of a batch at most. Cloudflare's.
const MAX_BATCH: usize = 100;
/// The longest id. Cloudflare's.
const MAX_ID: usize = 100;

/// How long an instance is kept after it has ended, in milliseconds; 30 days where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// When it ended well.
    pub success: Option<i64>,
    /// When it did not.
    pub error: Option<i64>,
}

/// An instance to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create<'a> {
    pub id: &'a str,
    /// What its class gets.
    pub params: &'a [u8],
    pub retention: Retention,
}

impl InstanceStore {
    /// Makes an instance. Its class runs when that is durable.
    pub fn create(&self, instance: &Create<'_>) -> Result<Ticket, InstanceError> {
        verify(instance)?;
        let now = self.inner.now();
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            match insert(transaction, instance, now)? {
                true => Ok(()),
                false => Err(InstanceError::AlreadyExists),
            }
        })?;
        self.inner.changed.notify_one();
        Ok(ticket)
    }

    /// Makes all of them but those that there are already; gives the places in the list of those it made.
    pub fn create_batch(
        &self,
        instances: &[Create<'_>],
    ) -> Result<(Vec<usize>, Ticket), InstanceError> {
        match instances.len() {
            0 => return Err(InstanceError::BatchSize("least 1 instance")),
            1..=MAX_BATCH => {}
            _ => return Err(InstanceError::BatchSize("most 100 instances")),
        }
        for instance in instances {
            verify(instance)?;
        }
        let now = self.inner.now();
        let made = self.cell.write(|transaction: &Transaction<'_>| {
            let mut made = Vec::new();
            for (place, instance) in instances.iter().enumerate() {
                if insert(transaction, instance, now)? {
                    made.push(place);
                }
            }
            Ok::<_, InstanceError>(made)
        })?;
        self.inner.changed.notify_one();
        Ok(made)
    }
}

fn verify(instance: &Create<'_>) -> Result<(), InstanceError> {
    let mut bytes = instance.id.bytes();
    let starts = bytes
        .next()
        .is_some_and(|first| is_part(first) && first != b'-');
    if !starts || instance.id.len() > MAX_ID || !bytes.all(is_part) {
        return Err(InstanceError::InvalidId);
    }
    check("params", instance.params)
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether there was none.
fn insert(
    transaction: &Transaction<'_>,
    instance: &Create<'_>,
    now: i64,
) -> Result<bool, InstanceError> {
    if Instance::find(transaction, instance.id)?.is_some() {
        return Ok(false);
    }
    let sql = "INSERT INTO instances (id, status, params, created, due, keep_success, keep_error) \
               VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)";
    transaction.prepare_cached(sql)?.execute((
        instance.id,
        InstanceStatus::Queued.as_str(),
        instance.params,
        now,
        instance.retention.success.unwrap_or(KEPT),
        instance.retention.error.unwrap_or(KEPT),
    ))?;
    Ok(true)
}
