//! What a consumer's handler decided about a batch, and what that means for each message.
//!
//! The rules are those of Cloudflare's documentation: the first call about a message wins, a call about
//! one message wins over one about the whole batch, and how the handler ended counts for what is left.

use std::collections::HashMap;

use serde::Deserialize;

use crate::Batch;

/// The handler could not be run to its end by no fault of its own. Its messages are handed out again,
/// and that does not count as an attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the batch was not handled: {0}")]
pub struct NotRun(pub String);

/// How a handler ended, and what it called meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Outcome {
    /// Whether it ended without throwing.
    pub ok: bool,
    /// `batch.ackAll()` was called, and not `retryAll()` before.
    pub ack_all: bool,
    /// `batch.retryAll()` was called, and not `ackAll()` before.
    pub retry_all: Option<Retry>,
    /// Ids of messages whose `ack()` was called first.
    pub acks: Vec<String>,
    /// Messages whose `retry()` was called first.
    pub retries: HashMap<String, Retry>,
}

/// What `retry()` was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Retry {
    /// Seconds until then, if it was said.
    pub delay_seconds: Option<u32>,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It is done with.
    Ack,
    /// It has failed once more.
    Retry(Retry),
}

impl Outcome {
    /// Of a handler that failed and had decided nothing.
    pub fn failed() -> Outcome {
        Outcome::default()
    }

    /// What becomes of the messages of a batch, in their order.
    pub fn verdicts(&self, batch: &Batch) -> Vec<Verdict> {
        let verdict = |id: &str| self.verdict(id);
        batch.messages.iter().map(|m| verdict(&m.id)).collect()
    }

    fn verdict(&self, id: &str) -> Verdict {
        let batch = self.retry_all.unwrap_or_default();
        if self.acks.iter().any(|acked| acked == id) {
            return Verdict::Ack;
        }
        if let Some(retry) = self.retries.get(id) {
            let delay_seconds = retry.delay_seconds.or(batch.delay_seconds);
            return Verdict::Retry(Retry { delay_seconds });
        }
        match self.ack_all || (self.retry_all.is_none() && self.ok) {
            true => Verdict::Ack,
            false => Verdict::Retry(batch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGAIN: Verdict = Verdict::Retry(Retry {
        delay_seconds: None,
    });

    fn after(seconds: u32) -> Retry {
        Retry {
            delay_seconds: Some(seconds),
        }
    }

    fn case(ok: bool, ack_all: bool, retry_all: Option<Retry>, ack: bool, retry: bool) -> Verdict {
        let outcome = Outcome {
            ok,
            ack_all,
            retry_all,
            acks: if ack { vec!["m".to_owned()] } else { vec![] },
            retries: match retry {
                true => HashMap::from([("m".to_owned(), Retry::default())]),
                false => HashMap::new(),
            },
        };
        outcome.verdict("m")
    }

    #[test]
    fn a_message_is_acked_if_the_handler_ends_well_and_tried_again_if_it_does_not() {
        assert_eq!(case(true, false, None, false, false), Verdict::Ack);
        assert_eq!(case(false, false, None, false, false), AGAIN);
    }

    #[test]
    fn what_was_said_of_a_message_wins_over_everything_else() {
        for ok in [true, false] {
            for (ack_all, retry_all) in [(false, None), (true, None), (false, Some(after(5)))] {
                assert_eq!(case(ok, ack_all, retry_all, true, false), Verdict::Ack);
                let delay = retry_all.unwrap_or_default();
                let again = case(ok, ack_all, retry_all, false, true);
                assert_eq!(again, Verdict::Retry(delay));
            }
        }
    }

    #[test]
    fn what_was_said_of_the_batch_wins_over_how_the_handler_ended() {
        assert_eq!(case(false, true, None, false, false), Verdict::Ack);
        let again = case(true, false, Some(after(7)), false, false);
        assert_eq!(again, Verdict::Retry(after(7)));
    }
}
