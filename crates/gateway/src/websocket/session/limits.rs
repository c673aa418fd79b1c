//! How long a WebSocket waits for its client: for a sign of life, for an answer to a close frame, and for
//! what was sent to be taken.
//!
//! One lazy timer serves all three. Owns no state of its own: the session's fields are looked at whenever its
//! task is woken.

use std::task::Context;

use bytes::Bytes;
use tokio::time::Instant;

use super::super::frame::Opcode;
use super::{Over, Session};
use crate::options::Options;

impl Session {
    /// Ends the connection if a side takes too long. `true` if there is something new to send.
    pub(super) fn limit(&mut self, cx: &mut Context<'_>, options: &Options) -> Result<bool, Over> {
        let now = Instant::now();
        self.limit_writing(cx, now, options)?;
        if let Some(close_by) = self.close_by {
            if now < close_by {
                self.timer.wake_by(cx, close_by);
                return Ok(false);
            }
            if self.closing {
                return Err(Over);
            }
            self.answer_close();
            return Ok(true);
        }
        self.keep_alive(cx, now, options)
    }

    fn keep_alive(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        options: &Options,
    ) -> Result<bool, Over> {
        let Some(interval) = options.websocket.ping_interval else {
            return Ok(false);
        };
        if let Some(pinged) = self.pinged {
            self.timer.wake_by(cx, pinged + interval);
            return if now < pinged + interval {
                Ok(false)
            } else {
                Err(Over)
            };
        }
        if now < self.heard + interval {
            self.timer.wake_by(cx, self.heard + interval);
            return Ok(false);
        }
        self.pinged = Some(now);
        self.outbox.push_control(Opcode::Ping, Bytes::new());
        Ok(true)
    }

    fn limit_writing(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        options: &Options,
    ) -> Result<(), Over> {
        let Some(since) = self.stall.since(self.connection.socket()) else {
            return Ok(());
        };
        self.timer.wake_by(cx, since + options.write_timeout);
        if now < since + options.write_timeout {
            Ok(())
        } else {
            Err(Over)
        }
    }
}
