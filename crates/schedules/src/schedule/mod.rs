//! When a cron expression is due. Cloudflare's are read by Cloudflare's own parser, Ploy's here. Always in
//! UTC; times are in milliseconds since 1970.

mod ploy;
mod wrapped;

use chrono::{DateTime, Utc};

use crate::Error;
use ploy::PloyCron;

/// Whose rules an expression follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Five fields; `L`, `W`, `#`, names; a day that fits one of the two day fields is enough where both
    /// are restricted.
    Cloudflare,
    /// Five fields, or six with seconds first; numbers only; all fields must fit.
    Ploy,
}

/// A cron expression that was understood.
#[derive(Debug, Clone)]
pub struct Schedule(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Cloudflare(Box<saffron::Cron>),
    Ploy(PloyCron),
}

/// The first stretch of time that is looked at for what was missed.
const FIRST_LOOK: i64 = 60_000;

impl Schedule {
    /// Reads an expression.
    ///
    /// # Errors
    /// An expression that is none. The config says more exactly what is wrong with one.
    pub fn parse(expression: &str, syntax: Syntax) -> Result<Schedule, Error> {
        let words: Vec<&str> = expression.split_whitespace().collect();
        let kind = match syntax {
            Syntax::Cloudflare => {
                let cron = wrapped::written_out(&words).parse();
                cron.ok().map(|cron| Kind::Cloudflare(Box::new(cron)))
            }
            Syntax::Ploy => PloyCron::parse(&words).map(Kind::Ploy),
        };
        let wrong = || Error::Wrong(format!("`{expression}` is not a cron expression"));
        kind.map(Schedule).ok_or_else(wrong)
    }

    /// The first due time after a moment. `None`: it is never due again.
    pub fn next_after(&self, time: i64) -> Option<i64> {
        // To the second, as expressions are; a moment within one is after its beginning.
        let time = DateTime::<Utc>::from_timestamp_millis(time)?;
        let next = match &self.0 {
            Kind::Cloudflare(cron) => cron.next_after(time),
            Kind::Ploy(cron) => cron.next_after(time),
        };
        next.map(|next| next.timestamp_millis())
    }

    /// The last due time after `after` and not after `now`.
    pub fn latest(&self, after: i64, now: i64) -> Option<i64> {
        let mut look = FIRST_LOOK;
        loop {
            let from = now.saturating_sub(look).max(after);
            let mut latest = None;
            let mut next = self.next_after(from);
            while let Some(due) = next.filter(|due| *due <= now) {
                latest = Some(due);
                next = self.next_after(due);
            }
            if latest.is_some() || from <= after {
                return latest;
            }
            look = look.saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests;
