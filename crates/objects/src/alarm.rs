//! The alarm of an object: one at most, a row of its cell, which changes with the object's
//! transaction. The index over all alarms follows at each flush, at the same moment.
//!
//! Running it: the scheduler ([`crate::Alarms`]) says that it may be time; the object's thread calls
//! [`Storage::alarm_begin`], runs the handler, and calls [`Storage::alarm_end`], which writes what
//! is next into the same transaction as the handler's last writes. Nothing is written at the
//! beginning, so after a crash the alarm runs again: at least once.

use std::time::{Duration, SystemTime};

use cellhouse_cell::Queries;
use rusqlite::OptionalExtension as _;

use crate::schema::ALARM;
use crate::{Due, Error, Storage};

/// How often a handler that fails is tried again, as Cloudflare does.
pub const MAX_RETRIES: u32 = 6;
/// The pause before the first retry, which doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Doublings of the pause, where failures do not count: about 17 minutes.
const MAX_DOUBLINGS: u32 = 9;
/// The last moment of JavaScript's `Date`, in milliseconds since 1970.
const LAST_DATE: f64 = 8.64e15;

/// Cloudflare's.
const NO_ALARMS: &str = "Facets currently cannot set alarms.";

/// What a handler is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlarmInfo {
    /// The time that it was set for, in milliseconds since 1970.
    pub scheduled: i64,
    /// How often it failed.
    pub retry_count: u32,
    /// Whether it failed before.
    pub is_retry: bool,
}

/// How a handler ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmOutcome {
    /// It returned.
    Done,
    /// It threw.
    Failed,
    /// It could not run to its end for a reason that is not its own: tried again without counting.
    Interrupted,
}

/// As it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) scheduled: i64,
    /// When it runs next: as scheduled, or later after a failure.
    pub(crate) due: i64,
    failures: u32,
    /// Tells settings apart that follow one another in a handler.
    number: u64,
}

/// The alarm whose handler runs.
#[derive(Debug, Clone, Copy)]
pub struct RunningAlarm(Alarm);

impl Alarm {
    pub(crate) fn read(queries: &mut Queries<'_>) -> Result<Option<Alarm>, Error> {
        let sql = "SELECT value FROM _cf_METADATA WHERE key = ?1";
        let mut statement = queries.prepare_cached(sql)?;
        let row: Option<Vec<u8>> = statement.query_row([ALARM], |row| row.get(0)).optional()?;
        Alarm::of_row(row)
    }

    /// Of the row that is there, if one is.
    pub(crate) fn of_row(row: Option<Vec<u8>>) -> Result<Option<Alarm>, Error> {
        let decode = |bytes: Vec<u8>| Alarm::decode(&bytes);
        row.map(|bytes| decode(bytes).ok_or_else(damaged))
            .transpose()
    }

    fn encode(&self) -> [u8; 28] {
        let mut bytes = [0; 28];
        bytes[..8].copy_from_slice(&self.scheduled.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.due.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.failures.to_be_bytes());
        bytes[20..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Alarm> {
        let (scheduled, rest) = bytes.split_first_chunk()?;
        let (due, rest) = rest.split_first_chunk()?;
        let (failures, rest) = rest.split_first_chunk()?;
        Some(Alarm {
            scheduled: i64::from_be_bytes(*scheduled),
            due: i64::from_be_bytes(*due),
            failures: u32::from_be_bytes(*failures),
            number: u64::from_be_bytes(rest.try_into().ok()?),
        })
    }

    /// After one more failure at `now`; `None` when that was the last try.
    fn after_failure(&self, now: i64, counts: bool) -> Option<Alarm> {
        if counts && self.failures >= MAX_RETRIES {
            return None;
        }
        let pause = FIRST_PAUSE * 2u32.pow(self.failures.min(MAX_DOUBLINGS));
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Some(Alarm {
            due: now.saturating_add(pause),
            failures: self.failures + u32::from(counts),
            ..*self
        })
    }
}

impl Storage {
    /// The time that the alarm is set for, in milliseconds since 1970. While its handler runs, only
    /// one that was set since then.
    pub fn alarm(&mut self) -> Result<Option<i64>, Error> {
        let alarm = self.read(Alarm::read)?;
        let runs = |alarm: &Alarm| self.runs(alarm);
        Ok(alarm
            .filter(|alarm| !runs(alarm))
            .map(|alarm| alarm.scheduled))
    }

    /// Sets the alarm, in place of the one that was set. `time` is in milliseconds since 1970 and
    /// loses its fraction; a time in the past means at once.
    pub fn set_alarm(&mut self, time: f64) -> Result<(), Error> {
        if !time.is_finite() || time.abs() > LAST_DATE {
            return Err(Error::type_error(
                "The value cannot be converted because it is not a valid Date.",
            ));
        }
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        let scheduled = time as i64;
        if scheduled <= 0 {
            return Err(Error::type_error(
                "setAlarm() cannot be called with an alarm time <= 0",
            ));
        }
        if self.facet.is_some() {
            return Err(Error::refused(NO_ALARMS));
        }
        self.touch_alarm()?;
        let last = self.read(Alarm::read)?.map_or(0, |alarm| alarm.number);
        let running = self.running.map_or(0, |running| running.0.number);
        self.write_alarm(Some(Alarm {
            scheduled,
            due: scheduled,
            failures: 0,
            number: last.max(running) + 1,
        }))
    }

    /// Removes the alarm. In its handler: it is not tried again, should the handler fail.
    pub fn delete_alarm(&mut self) -> Result<(), Error> {
        if self.read(Alarm::read)?.is_none() {
            return Ok(());
        }
        self.touch_alarm()?;
        self.write_alarm(None)
    }

    /// The handler is about to run. `None`: it is not time, there is no such alarm, or its handler
    /// runs already; then it must not. What the index has of an alarm that is not there goes with
    /// the next flush.
    pub fn alarm_begin(&mut self, due: &Due) -> Result<Option<AlarmInfo>, Error> {
        let now = self.now();
        let alarm = self.read(Alarm::read)?;
        if !due.early && alarm.is_none_or(|alarm| alarm.due != due.time) {
            self.stale_alarm = Some(due.time);
            return Ok(None);
        }
        let Some(alarm) = alarm.filter(|alarm| due.early || alarm.due <= now) else {
            return Ok(None);
        };
        if self.running.is_some() {
            return Ok(None);
        }
        self.running = Some(RunningAlarm(alarm));
        Ok(Some(AlarmInfo {
            scheduled: alarm.scheduled,
            retry_count: alarm.failures,
            is_retry: alarm.failures > 0,
        }))
    }

    /// The alarm whose handler runs, if one does.
    pub fn running_alarm(&self) -> Option<RunningAlarm> {
        self.running
    }

    /// Goes on with an alarm that began in another storage of the same object, whose instance is gone: only
    /// [`Storage::alarm_end`] is left to call.
    pub fn resume_alarm(&mut self, running: RunningAlarm) {
        self.running = Some(running);
    }

    /// The handler has ended. The alarm is gone, or set for the next try, unless the handler set or
    /// deleted it; the next flush makes that durable. A no-op when no handler runs.
    pub fn alarm_end(&mut self, outcome: AlarmOutcome) -> Result<(), Error> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        let alarm = self.read(Alarm::read)?;
        if alarm.is_none_or(|alarm| alarm.number != running.0.number) {
            return Ok(());
        }
        let next = match outcome {
            AlarmOutcome::Done => None,
            AlarmOutcome::Failed => running.0.after_failure(self.now(), true),
            AlarmOutcome::Interrupted => running.0.after_failure(self.now(), false),
        };
        self.touch_alarm()?;
        self.write_alarm(next)
    }

    fn runs(&self, alarm: &Alarm) -> bool {
        self.running
            .is_some_and(|running| running.0.number == alarm.number)
    }

    /// Remembers the alarm before its first change in the transaction: that is what the index has.
    pub(crate) fn touch_alarm(&mut self) -> Result<(), Error> {
        self.begin()?;
        if self.alarm_before.is_none() {
            self.alarm_before = Some(self.read(Alarm::read)?);
        }
        Ok(())
    }

    fn write_alarm(&mut self, alarm: Option<Alarm>) -> Result<(), Error> {
        self.write(|queries| {
            match alarm {
                Some(alarm) => {
                    let sql = "INSERT INTO _cf_METADATA VALUES (?1, ?2) \
                               ON CONFLICT DO UPDATE SET value = excluded.value";
                    queries
                        .prepare_cached(sql)?
                        .execute((ALARM, &alarm.encode()[..]))?
                }
                None => {
                    let sql = "DELETE FROM _cf_METADATA WHERE key = ?1";
                    queries.prepare_cached(sql)?.execute([ALARM])?
                }
            };
            Ok(())
        })
    }

    fn now(&self) -> i64 {
        millis(self.objects.clock.now())
    }
}

/// Milliseconds since 1970; before it, 0.
pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn damaged() -> Error {
    Error::storage("storage: the alarm's record is damaged; restore the store from a backup")
}
